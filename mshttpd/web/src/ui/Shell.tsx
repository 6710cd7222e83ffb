// SPDX-License-Identifier: Apache-2.0
import { useEffect } from 'preact/hooks';
import { drafts } from '../store/drafts';
import { opened } from '../store/state';
import { writeNew } from '../store/writing';
import { t } from '../text/catalogue';
import { ComposeWindow } from './ComposeWindow';
import { ContextMenu } from './ContextMenu';
import { Conversation } from './Conversation';
import { dialog, Dialogs } from './Dialogs';
import { FolderPane } from './FolderPane';
import { Icon } from './Icon';
import { MessageList } from './MessageList';
import { Notices } from './Notices';
import { fetchEditor } from './RichText';
import { onKey } from './shortcuts';
import { Toasts } from './Toasts';
import { TopBar } from './TopBar';
import { foldersShown } from './panes';

const EDITOR_AFTER = 1_000; // the list comes first

/** The page of somebody who is logged in: folders, list, conversation, windows to write in. */
export function Shell() {
  useEffect(() => {
    addEventListener('keydown', onKey);
    if (document.activeElement === document.body) document.getElementById('list')?.focus({ preventScroll: true });
    setTimeout(() => void fetchEditor().catch(() => {}), EDITOR_AFTER);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <div class="shell" data-reading={opened.value ? 'yes' : 'no'} data-folders={foldersShown.value ? 'yes' : 'no'}>
      <a class="skip" href="#list" onClick={focusList}>{t('app.skip')}</a>
      <TopBar />
      <Notices />
      <div class="panes">
        <FolderPane />
        <div class="scrim" onClick={() => (foldersShown.value = false)} />
        <main class="main">
          <MessageList />
          <Conversation />
        </main>
      </div>
      <button type="button" class="primary float-compose" aria-label={t('action.compose')} onClick={writeNew}><Icon name="compose" /></button>
      <div class="compose-dock">
        {drafts.value.map((one, index) => <ComposeWindow key={one.id} id={one.id} front={index === drafts.value.length - 1} />)}
      </div>
      <ContextMenu />
      {dialog.value && <Dialogs />}
      <Toasts />
    </div>
  );
}

function focusList(event: Event): void {
  event.preventDefault();
  document.getElementById('list')?.focus();
}
