// SPDX-License-Identifier: Apache-2.0
// The menu of the right mouse button, a long touch or the menu key: on rows and on folders.
import { signal } from '@preact/signals';
import type { Id } from '../jmap/types';
import { moveToRole, remove, setSeen, toggleStar } from '../store/actions';
import { conversationOf } from '../store/cache';
import { toggleSelected } from '../store/selecting';
import { cursor, emails, selected } from '../store/state';
import { complain } from '../store/toasts';
import { answer, type AnswerKind } from '../store/writing';
import { t } from '../text/catalogue';
import { dialog } from './Dialogs';
import { MenuItems, type MenuItem } from './Menu';
import { openRow } from './MessageRow';

const open = signal<{ at: { x: number; y: number }; items: MenuItem[]; before: Element | null } | null>(null);

export function openMenu(event: MouseEvent, items: MenuItem[]): void {
  if (items.length === 0) return;
  event.preventDefault();
  // The menu key gives no place of its own.
  const box = (event.target as Element).getBoundingClientRect();
  const at = event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : { x: box.left + 40, y: box.top + 20 };
  open.value = { at, items, before: document.activeElement };
}

export function ContextMenu() {
  const now = open.value;
  if (!now) return null;
  const close = (focus: boolean) => {
    open.value = null;
    if (focus && now.before instanceof HTMLElement) now.before.focus();
  };
  return <MenuItems label={t('action.more')} items={now.items} at={now.at} onClose={close} />;
}

/** For the row: for the selection, too, where it is part of it. */
export function rowItems(id: Id): MenuItem[] {
  cursor.value = id;
  const rows = selected.peek().has(id) ? [...selected.peek()] : [id];
  const conversation = conversationOf(id);
  const unread = conversation.some((one) => !('$seen' in one.keywords) && !('$draft' in one.keywords));
  const email = emails.peek().get(id);
  const newest = conversation.filter((one) => !('$draft' in one.keywords)).at(-1)?.id ?? id;
  const answering = (kind: AnswerKind): MenuItem => ({ label: t(`action.${kind}`), run: () => void answer(newest, kind).catch(complain) });
  return [
    ...(rows.length === 1 && email ? [{ label: t('action.open'), run: () => openRow(email) }, answering('reply'), answering('replyAll'), answering('forward')] : []),
    { label: t('action.archive'), run: () => void moveToRole('archive', rows) },
    { label: t('action.delete'), run: () => void remove(rows) },
    { label: t('action.move'), run: () => (dialog.value = { kind: 'move', rows }) },
    { label: t('action.junk'), run: () => void moveToRole('junk', rows) },
    { label: unread ? t('action.markRead') : t('action.markUnread'), run: () => void setSeen(unread, rows) },
    { label: t('action.star'), run: () => void toggleStar(rows) },
    ...(selected.peek().has(id) ? [] : [{ label: t('action.select'), run: () => toggleSelected(id) }]),
  ];
}
