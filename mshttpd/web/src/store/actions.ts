// SPDX-License-Identifier: Apache-2.0
// What a person does to conversations. Each act that takes something away offers to take itself back.
import type { EmailSummary, Id } from '../jmap/types';
import { t } from '../text/catalogue';
import { conversationOf } from './cache';
import { apply, destroy, inverse, type Change, type Changes } from './change';
import { refreshList, removeRows } from './list';
import { folderForRole } from './roles';
import { cursor, emails, folderKey, folderOfView, folders, listing, opened, selected, view, type Folder } from './state';
import { complain, dismiss, show } from './toasts';
import { settings } from './settings';

/** The rows that an act is for: the selected ones, else the opened, else the one under the cursor. */
export function targets(): Id[] {
  if (selected.peek().size > 0) return [...selected.peek()];
  const one = opened.peek() ?? cursor.peek();
  return one ? [one] : [];
}

/** The messages of rows that an act in this view moves: those in its folder, or all that were found by a search. */
function members(rows: readonly Id[]): EmailSummary[] {
  const folder = folderOfView.peek();
  return rows.flatMap((row) => {
    const all = conversationOf(row);
    return folder ? all.filter((email) => folder.id in email.mailboxIds) : all.filter((email) => !isDraft(email));
  });
}

const isDraft = (email: EmailSummary) => '$draft' in email.keywords;

function accountId(): Id {
  return view.peek()?.accountId ?? '';
}

function patches(list: readonly EmailSummary[], change: (email: EmailSummary) => Change): Changes {
  return new Map(list.map((email) => [email.id, change(email)]));
}

/** Moves to a folder; in a search from wherever each message is. */
export async function moveTo(target: Folder, rows: readonly Id[] = targets()): Promise<void> {
  const from = folderOfView.peek();
  if (rows.length === 0 || target.key === from?.key) return;
  const list = members(rows);
  const changes = patches(list, (email) => {
    const mailboxes: Record<Id, boolean> = {};
    for (const id of from ? [from.id] : Object.keys(email.mailboxIds)) mailboxes[id] = false;
    return { mailboxes: { ...mailboxes, [target.id]: true } };
  });
  await act(changes, rows, from !== null, t('done.moved', { n: rows.length, folder: folderName(target) }));
}

export async function moveToRole(role: 'archive' | 'junk', rows: readonly Id[] = targets()): Promise<void> {
  try {
    if (rows.length > 0) await moveTo(await folderForRole(role, accountId()), rows);
  } catch (error) {
    complain(error);
  }
}

/** To the trash; out of the trash for good, after time to think again. */
export async function remove(rows: readonly Id[] = targets()): Promise<void> {
  if (rows.length === 0) return;
  if (folderOfView.peek()?.role !== 'trash') {
    try {
      await moveTo(await folderForRole('trash', accountId()), rows);
    } catch (error) {
      complain(error);
    }
    return;
  }
  const ids = members(rows).map((email) => email.id);
  leaveRows(rows);
  removeRows(new Set(rows));
  const account = accountId();
  deferred(t('done.destroyed', { n: rows.length }), () => destroy(account, ids), () => void refreshList());
}

/** Done after the time for undo has gone; until then nothing has happened but in this window. */
export function deferred(text: string, commit: () => Promise<void>, takeBack: () => void): void {
  const timer = setTimeout(() => {
    dismiss(toast);
    commit().catch((error: unknown) => {
      takeBack();
      complain(error);
    });
  }, settings.peek().undoSeconds * 1000);
  const undo = () => {
    clearTimeout(timer);
    dismiss(toast);
    takeBack();
  };
  const toast = show({ text, kind: 'done', action: { label: t('action.undo'), run: undo } }, 0);
}

export async function setSeen(seen: boolean, rows: readonly Id[] = targets()): Promise<void> {
  const list = rows.flatMap(conversationOf).filter((email) => ('$seen' in email.keywords) !== seen);
  await quietly(patches(list, () => ({ keywords: { $seen: seen } })));
}

/** One star for a conversation: on its newest message, off of all. */
export async function toggleStar(rows: readonly Id[] = targets()): Promise<void> {
  const starred = rows.every((row) => conversationOf(row).some((email) => '$flagged' in email.keywords));
  const list = starred
    ? rows.flatMap(conversationOf).filter((email) => '$flagged' in email.keywords)
    : rows.flatMap((row) => emails.peek().get(row) ?? []);
  await quietly(patches(list, () => ({ keywords: { $flagged: !starred } })));
}

export async function setKeyword(emailId: Id, keyword: string, on: boolean): Promise<void> {
  await quietly(new Map([[emailId, { keywords: { [keyword]: on } }]]));
}

async function quietly(changes: Changes): Promise<void> {
  try {
    await apply(accountId(), changes);
  } catch (error) {
    complain(error, { label: t('action.retry'), run: () => void quietly(changes) });
  }
}

async function act(changes: Changes, rows: readonly Id[], leavesView: boolean, text: string): Promise<void> {
  const account = accountId();
  const back = inverse(changes);
  leaveRows(rows);
  if (leavesView) removeRows(new Set(rows));
  const undo = async () => {
    dismiss(toast);
    try {
      await apply(account, back);
    } catch (error) {
      complain(error, { label: t('action.retry'), run: () => void undo() });
    }
    await refreshList();
  };
  // The way back waits for the way there.
  const done = apply(account, changes);
  const toast = show({ text, kind: 'done', action: { label: t('action.undo'), run: () => void done.then(undo, () => {}) } });
  try {
    await done;
  } catch (error) {
    dismiss(toast);
    complain(error, { label: t('action.retry'), run: () => void act(changes, rows, leavesView, text) });
    await refreshList();
  }
}

/** The cursor goes on to the next row; a conversation that goes is not read any more. */
function leaveRows(rows: readonly Id[]): void {
  const gone = new Set(rows);
  selected.value = new Set();
  if (opened.peek() && gone.has(opened.peek() as Id)) opened.value = null;
}

export function moveCursor(step: 1 | -1): Id | null {
  const ids = listing.peek().ids;
  const at = cursor.peek() ? ids.indexOf(cursor.peek() as Id) : -1;
  const next = ids[Math.min(Math.max(at + step, 0), ids.length - 1)] ?? null;
  cursor.value = next;
  return next;
}

export function toggleSelected(row: Id): void {
  const next = new Set(selected.peek());
  if (!next.delete(row)) next.add(row);
  selected.value = next;
}

/** From the cursor to the row, as with the shift key. */
export function selectTo(row: Id): void {
  const ids = listing.peek().ids;
  const from = Math.max(0, cursor.peek() ? ids.indexOf(cursor.peek() as Id) : 0);
  const to = ids.indexOf(row);
  const span = ids.slice(Math.min(from, to), Math.max(from, to) + 1);
  selected.value = new Set([...selected.peek(), ...span.filter((id): id is Id => id !== undefined)]);
}

export function folderName(folder: Folder): string {
  const roles = ['inbox', 'drafts', 'sent', 'trash', 'junk', 'archive'] as const;
  const role = roles.find((one) => one === folder.role);
  return role ? t(`role.${role}`) : folder.name;
}

export function folderPath(folder: Folder): string {
  const parent = folder.parentId ? folders.value.get(folderKey(folder.accountId, folder.parentId)) : undefined;
  return parent ? `${folderPath(parent)} / ${folderName(folder)}` : folderName(folder);
}
