// SPDX-License-Identifier: Apache-2.0
import type { EmailSummary, Id } from '../jmap/types';
import { markedPieces } from '../mail/marked';
import { participants, shortDate } from '../mail/words';
import { setSeen, toggleStar } from '../store/actions';
import { selectTo, toggleSelected } from '../store/selecting';
import { conversationOf } from '../store/cache';
import { open } from '../store/reading';
import { cursor, emails, folderOfView, folders, folderKey, identities, opened, selected, snippets, view } from '../store/state';
import { folderName } from '../store/names';
import { editDraft } from '../store/writing';
import { complain } from '../store/toasts';
import { t } from '../text/catalogue';
import { dragged } from './drag';
import { Count } from './Count';
import { Icon, IconButton } from './Icon';

const MOST_BEFORE = 24; // characters of a snippet before what is marked, so that it is in sight
export const ROW_HEIGHT = 68; // .row in list.css

export function MessageRow({ id, index }: { id: Id | undefined; index: number }) {
  const email = id ? emails.value.get(id) : undefined;
  const style = { transform: `translateY(${index * ROW_HEIGHT}px)` };
  if (!id || !email) {
    return <div class="row unknown" role="row" aria-rowindex={index + 1} style={style}><div role="gridcell">{t('app.loading')}</div></div>;
  }
  const conversation = conversationOf(id);
  const unread = conversation.some((one) => !('$seen' in one.keywords) && !('$draft' in one.keywords));
  const starred = conversation.some((one) => '$flagged' in one.keywords);
  const isSelected = selected.value.has(id);
  const snippet = view.value?.kind === 'search' ? snippets.value.get(id) : undefined;
  const classes = ['row', unread && 'unread', isSelected && 'selected', cursor.value === id && 'cursor', opened.value === id && 'opened'];

  const click = (event: MouseEvent) => {
    if (event.shiftKey) return void selectTo(id);
    if (event.ctrlKey || event.metaKey) return toggleSelected(id);
    openRow(email);
  };
  return (
    <div id={`row-${id}`} class={classes.filter(Boolean).join(' ')} role="row" aria-rowindex={index + 1} aria-selected={isSelected} style={style}
      draggable onClick={click} onDragStart={(event) => startDrag(event, id)} onDragEnd={() => (dragged.value = [])}>
      <div role="gridcell" class="row-select" onClick={(event) => event.stopPropagation()}>
        <input type="checkbox" tabIndex={-1} checked={isSelected} aria-label={t('list.select', { subject: email.subject ?? '' })}
          onClick={(event) => void (event.shiftKey ? selectTo(id) : toggleSelected(id))} />
      </div>
      <div role="gridcell" class="row-text">
        <span class="row-who">{unread && <span class="dot" role="img" aria-label={t('list.unread')} />}{who(email, conversation)}
          {conversation.length > 1 && <Count n={conversation.length} text={t('list.messages', { n: conversation.length })} class="row-count" />}
        </span>
        <time dateTime={email.receivedAt}>{shortDate(email.receivedAt)}</time>
        <span class="row-subject">{marked(snippet?.subject) ?? (email.subject || t('list.noSubject'))}</span>
        <span class="row-preview">{placeOf(email)}{marked(snippet?.preview) ?? email.preview}</span>
      </div>
      <div role="gridcell" class="row-marks" onClick={(event) => event.stopPropagation()}>
        {conversation.some((one) => one.hasAttachment) && <span role="img" aria-label={t('list.hasAttachment')}><Icon name="attach" /></span>}
        <IconButton icon="star" filled={starred} pressed={starred} label={t('action.star')} tabIndex={-1} class="star" onClick={() => void toggleStar([id])} />
        <IconButton icon="unread" class="on-hover" tabIndex={-1} label={unread ? t('action.markRead') : t('action.markUnread')}
          onClick={() => void setSeen(unread, [id])} />
      </div>
    </div>
  );
}

export function openRow(email: EmailSummary): void {
  // A draft alone is there to be written on.
  const alone = conversationOf(email.id).every((one) => '$draft' in one.keywords);
  if (alone && '$draft' in email.keywords) {
    cursor.value = email.id;
    void editDraft(email.id).catch(complain);
  } else {
    void open(email.id);
  }
}

function who(email: EmailSummary, conversation: readonly EmailSummary[]) {
  const own = new Set(identities.value.map((one) => one.email.toLowerCase()));
  const role = folderOfView.value?.role;
  const draft = conversation.some((one) => '$draft' in one.keywords) && <em class="draft-mark">{t('list.draft')} </em>;
  if (role === 'sent' || role === 'drafts') return <>{draft}{t('list.to', { names: participants(email.to ?? [], own) })}</>;
  const senders = conversation.filter((one) => !('$draft' in one.keywords)).flatMap((one) => one.from ?? []);
  return <>{draft}{participants(senders.length > 0 ? senders : (email.from ?? []), own)}</>;
}

/** What was searched for, marked. */
function marked(snippet: string | null | undefined) {
  return snippet ? markedPieces(snippet, MOST_BEFORE).map((piece, index) => (piece.marked ? <mark key={index}>{piece.text}</mark> : piece.text)) : null;
}

/** In search results: where it is. */
function placeOf(email: EmailSummary) {
  if (view.value?.kind !== 'search') return null;
  const accountId = view.value.accountId;
  const names = Object.keys(email.mailboxIds).flatMap((id) => folders.value.get(folderKey(accountId, id)) ?? []).map(folderName);
  return names.length > 0 && <span class="place">{names.join(', ')}</span>;
}

function startDrag(event: DragEvent, id: Id): void {
  const rows = selected.peek().has(id) ? [...selected.peek()] : [id];
  dragged.value = rows;
  event.dataTransfer?.setData('text/plain', t('list.conversations', { n: rows.length }));
  if (!event.dataTransfer) return;
  event.dataTransfer.effectAllowed = 'move';
  if (rows.length > 1) event.dataTransfer.setDragImage(dragLabel(t('list.conversations', { n: rows.length })), -12, -12);
}

/** What hangs on the pointer while several are dragged; the browser takes its picture at once. */
function dragLabel(text: string): HTMLElement {
  const label = document.createElement('div');
  label.className = 'drag-label';
  label.textContent = text;
  document.body.append(label);
  setTimeout(() => label.remove());
  return label;
}
