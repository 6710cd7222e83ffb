// SPDX-License-Identifier: Apache-2.0
import { logOut } from '../store/server';
import { user } from '../store/state';
import { complain } from '../store/toasts';
import { t } from '../text/catalogue';
import { dialog } from './Dialogs';
import { IconButton } from './Icon';
import { foldersShown } from './panes';
import { SearchBox } from './SearchBox';

export function TopBar() {
  return (
    <header class="topbar">
      <IconButton icon="menu" class="only-narrow" label={t('action.folders')} onClick={() => (foldersShown.value = !foldersShown.value)} />
      <span class="brand"><img src="/icon.svg" alt="" width="26" height="26" /> <span>Posthorn</span></span>
      <SearchBox />
      <span class="who">{user.value}</span>
      <IconButton icon="settings" label={t('action.settings')} onClick={() => (dialog.value = { kind: 'settings' })} />
      <IconButton icon="logout" label={t('action.logout')} onClick={() => void logOut().catch(complain)} />
    </header>
  );
}
