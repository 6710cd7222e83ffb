// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'preact/hooks';
import { moveToRole, remove, setSeen, toggleStar } from '../store/actions';
import { conversationOf } from '../store/cache';
import { close } from '../store/reading';
import { folderByRole, folderOfView, opened } from '../store/state';
import { answer } from '../store/writing';
import { complain } from '../store/toasts';
import { t } from '../text/catalogue';
import { dialog } from './Dialogs';
import { Icon, IconButton } from './Icon';
import { MessageCard } from './MessageCard';
import type { EmailSummary } from '../jmap/types';

/** The conversation that is read: all its messages from all folders, one's own answers among them. */
export function Conversation() {
  const row = opened.value;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [row]);
  if (!row) return <section class="reading-pane empty" aria-label={t('reading.label')}><Icon name="inbox" /><p>{t('reading.nothing')}</p><p class="quiet">{t('reading.keys', { key: '?' })}</p></section>;

  const shown = visible(conversationOf(row));
  const subject = shown[0]?.subject || t('list.noSubject');
  const last = shown.filter((email) => !('$draft' in email.keywords)).at(-1);
  return (
    <section class="reading-pane" aria-label={t('reading.label')}>
      <div class="toolbar" role="toolbar" aria-label={t('reading.toolbar')}>
        <IconButton icon="back" label={t('action.back')} onClick={close} />
        <IconButton icon="archive" label={t('action.archive')} onClick={() => void moveToRole('archive', [row])} />
        <IconButton icon="trash" label={t('action.delete')} onClick={() => void remove([row])} />
        <IconButton icon="junk" label={t('action.junk')} onClick={() => void moveToRole('junk', [row])} />
        <IconButton icon="folder" label={t('action.move')} onClick={() => (dialog.value = { kind: 'move', rows: [row] })} />
        <IconButton icon="unread" label={t('action.markUnread')} onClick={() => {
          void setSeen(false, [row]);
          close();
        }} />
        <IconButton icon="star" label={t('action.star')} onClick={() => void toggleStar([row])} />
      </div>
      <h1 class="subject" ref={heading} tabIndex={-1}>{subject}</h1>
      <div class="cards">
        {shown.map((email) => <MessageCard key={email.id} email={email} />)}
        {last && (
          <div class="answers">
            <AnswerButton email={last} kind="reply" />
            <AnswerButton email={last} kind="replyAll" />
            <AnswerButton email={last} kind="forward" />
          </div>
        )}
      </div>
    </section>
  );
}

function AnswerButton({ email, kind }: { email: EmailSummary; kind: 'reply' | 'replyAll' | 'forward' }) {
  return (
    <button type="button" onClick={() => void answer(email.id, kind).catch(complain)}>
      <Icon name={kind} /> {t(`action.${kind}`)}
    </button>
  );
}

/** What is in the trash is shown there only, as RFC 8621 (2, unreadThreads) expects of clients. */
function visible(conversation: readonly EmailSummary[]): EmailSummary[] {
  const trash = folderByRole('trash');
  if (!trash) return [...conversation];
  const inTrash = folderOfView.value?.key === trash.key;
  const shown = conversation.filter((email) => (trash.id in email.mailboxIds) === inTrash);
  return shown.length > 0 ? shown : [...conversation];
}
