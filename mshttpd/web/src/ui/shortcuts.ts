// SPDX-License-Identifier: Apache-2.0
// Keys, as a table; the sheet behind "?" is printed from it.
import { batch } from '@preact/signals';
import { moveToRole, remove, setSeen, toggleStar } from '../store/actions';
import { extendSelection, moveCursor, selectAll, targets, toggleSelected } from '../store/selecting';
import { conversationOf } from '../store/cache';
import { drafts } from '../store/drafts';
import { show } from '../store/list';
import { close, open } from '../store/reading';
import { cursor, emails, folderByRole, opened, selected } from '../store/state';
import { complain, takeBackLast } from '../store/toasts';
import { answer, writeNew, type AnswerKind } from '../store/writing';
import type { Key } from '../text/catalogue';
import { dialog } from './Dialogs';
import { openRow } from './MessageRow';

export interface Shortcut {
  keys: string; // one key, or two one after the other
  text: Key;
  run: () => void;
}

function goTo(role: string): void {
  const folder = folderByRole(role);
  if (folder) show({ kind: 'folder', accountId: folder.accountId, mailboxId: folder.id });
}

function step(by: 1 | -1): void {
  const reading = opened.peek() !== null;
  const next = moveCursor(by);
  if (reading && next) void open(next);
}

function answerNewest(kind: AnswerKind): void {
  const row = targets()[0];
  if (!row) return;
  const newest = conversationOf(row).filter((email) => !('$draft' in email.keywords)).at(-1)?.id ?? row;
  void answer(newest, kind).catch(complain);
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: 'j', text: 'keys.next', run: () => step(1) },
  { keys: 'k', text: 'keys.previous', run: () => step(-1) },
  { keys: 'Enter', text: 'keys.open', run: () => void (emails.peek().get(cursor.peek() ?? '') && openRow(emails.peek().get(cursor.peek()!)!)) },
  { keys: 'u', text: 'keys.back', run: close },
  { keys: 'x', text: 'keys.select', run: () => void (cursor.peek() && toggleSelected(cursor.peek()!)) },
  { keys: 'J', text: 'keys.selectNext', run: () => void extendSelection(1) },
  { keys: 'K', text: 'keys.selectPrevious', run: () => void extendSelection(-1) },
  { keys: '*', text: 'keys.selectAll', run: () => void selectAll() },
  { keys: 'e', text: 'keys.archive', run: () => void moveToRole('archive') },
  { keys: '#', text: 'keys.delete', run: () => void remove() },
  { keys: '!', text: 'keys.junk', run: () => void moveToRole('junk') },
  { keys: 'v', text: 'keys.move', run: () => void (targets().length > 0 && (dialog.value = { kind: 'move', rows: targets() })) },
  { keys: 's', text: 'keys.star', run: () => void toggleStar() },
  { keys: 'm', text: 'keys.markRead', run: () => void setSeen(true) },
  { keys: 'n', text: 'keys.markUnread', run: () => void setSeen(false) },
  { keys: 'r', text: 'keys.reply', run: () => answerNewest('reply') },
  { keys: 'a', text: 'keys.replyAll', run: () => answerNewest('replyAll') },
  { keys: 'f', text: 'keys.forward', run: () => answerNewest('forward') },
  { keys: 'c', text: 'keys.compose', run: writeNew },
  { keys: 'z', text: 'keys.undo', run: takeBackLast },
  { keys: '/', text: 'keys.search', run: () => document.getElementById('search')?.focus() },
  { keys: 'g i', text: 'keys.inbox', run: () => goTo('inbox') },
  { keys: 'g d', text: 'keys.drafts', run: () => goTo('drafts') },
  { keys: 'g s', text: 'keys.sent', run: () => goTo('sent') },
  { keys: 'g t', text: 'keys.trash', run: () => goTo('trash') },
  { keys: 'Escape', text: 'keys.escape', run: () => batch(() => (selected.peek().size > 0 ? (selected.value = new Set()) : close())) },
  { keys: '?', text: 'keys.help', run: () => void (dialog.value = { kind: 'shortcuts' }) },
];

const SAME: Record<string, string> = { ArrowDown: 'j', ArrowUp: 'k', Delete: '#', o: 'Enter' };
const PREFIX_MS = 1_500;

let prefix = { key: '', at: 0 };

export function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || dialog.peek() || isTyping(event)) return;
  const plain = SAME[event.key] ?? event.key;
  const key = event.shiftKey && event.key.startsWith('Arrow') ? plain.toUpperCase() : plain;
  const first = Date.now() - prefix.at < PREFIX_MS ? `${prefix.key} ` : '';
  prefix = { key: '', at: 0 };
  const found = SHORTCUTS.find((one) => one.keys === first + key) ?? SHORTCUTS.find((one) => one.keys === key);
  if (found) {
    event.preventDefault();
    found.run();
  } else if (SHORTCUTS.some((one) => one.keys.startsWith(`${key} `))) {
    prefix = { key, at: Date.now() };
  }
}

/** Fields and editors keep their keys; so do buttons the ones that press them. */
function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches('textarea, select, input:not([type=checkbox])')) return true;
  if (target.matches('button, a, summary, input') && (event.key === 'Enter' || event.key === ' ')) return true;
  return drafts.peek().length > 0 && target.closest('.compose') !== null;
}
