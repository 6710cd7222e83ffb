// SPDX-License-Identifier: Apache-2.0
// What a person does to conversations. Each act that takes something away offers to take itself back.
import type { Id } from '../jmap/types';
import { t } from '../text/catalogue';
import { moveAcross } from './across';
import { apply, destroy, inverse, type Change, type Changes, type Marks } from './change';
import { refreshList, removeRows } from './list';
import { conversations, knownConversations } from './members';
import { folderName } from './names';
import { folderForRole } from './roles';
import { targets } from './selecting';
import { settings } from './settings';
import { emails, folderOfView, opened, selected, view, type Folder } from './state';
import { complain, dismiss, dismissLater, reword, show } from './toasts';

const MANY = 400; // rows: from here on it takes a while, and how far it is is shown

const isDraft = (email: Marks) => '$draft' in email.keywords;

function accountId(): Id {
  return view.peek()?.accountId ?? '';
}

/** The messages of rows that an act in this view moves: those in its folder, or all that were found by a search. */
function members(list: readonly Marks[], folder: Folder | null): Marks[] {
  return list.filter((email) => (folder ? folder.id in email.mailboxIds : !isDraft(email)));
}

function patches(list: readonly Marks[], change: (email: Marks) => Change): Changes {
  return new Map(list.map((email) => [email.id, change(email)]));
}

/** Moves to a folder; in a search from wherever each message is. */
export async function moveTo(target: Folder, rows: readonly Id[] = targets()): Promise<void> {
  const from = folderOfView.peek();
  const account = accountId();
  if (rows.length === 0 || target.key === from?.key) return;
  const text = t('done.moved', { n: rows.length, folder: folderName(target) });
  await act(rows, from !== null || target.accountId !== account, text, async (all, progress) => {
    const list = members(all, from);
    if (target.accountId !== account) {
      const { undo, moved, problem } = await moveAcross(account, list, from?.id ?? null, target, progress);
      if (problem && moved === 0) throw problem;
      if (problem) {
        complain(problem);
        void refreshList(); // those that stayed are shown again
      }
      return undo;
    }
    const changes = patches(list, (email) => {
      const mailboxes: Record<Id, boolean> = {};
      for (const id of from ? [from.id] : Object.keys(email.mailboxIds)) mailboxes[id] = false;
      return { mailboxes: { ...mailboxes, [target.id]: true } };
    });
    const back = inverse(changes, list);
    await apply(account, changes, progress);
    return () => apply(account, back);
  });
}

export async function moveToRole(role: 'archive' | 'junk' | 'trash', rows: readonly Id[] = targets()): Promise<void> {
  try {
    if (rows.length > 0) await moveTo(await folderForRole(role, accountId()), rows);
  } catch (error) {
    complain(error);
  }
}

/** To the trash; out of the trash for good, after time to think again. */
export async function remove(rows: readonly Id[] = targets()): Promise<void> {
  const trash = folderOfView.peek();
  if (rows.length === 0) return;
  if (trash?.role !== 'trash') return moveToRole('trash', rows);
  const account = accountId();
  leaveRows(rows);
  removeRows(new Set(rows));
  deferred(t('done.destroyed', { n: rows.length }), async () => {
    const all = await conversations(account, rows, () => {});
    await destroy(account, members(all, trash).map((email) => email.id));
  }, () => void refreshList());
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
  await quietly(rows, (all) => patches(all.filter((email) => ('$seen' in email.keywords) !== seen), () => ({ keywords: { $seen: seen } })));
}

/** One star for a conversation: on its newest message, off of all. */
export async function toggleStar(rows: readonly Id[] = targets()): Promise<void> {
  await quietly(rows, (all) => {
    const starred = new Set(all.filter((email) => '$flagged' in email.keywords).map((email) => email.threadId));
    const on = all.some((email) => !starred.has(email.threadId));
    const list = on ? all.filter((email) => rows.includes(email.id)) : all.filter((email) => '$flagged' in email.keywords);
    return patches(list, () => ({ keywords: { $flagged: on } }));
  });
}

export async function setKeyword(emailId: Id, keyword: string, on: boolean): Promise<void> {
  const email = emails.peek().get(emailId);
  if (email) await quietly([emailId], () => patches([email], () => ({ keywords: { [keyword]: on } })));
}

/** An act that the page itself shows, and that the same act takes back. */
async function quietly(rows: readonly Id[], changesOf: (all: readonly Marks[]) => Changes): Promise<void> {
  const account = accountId();
  const far = farAlong(rows.length);
  try {
    const all = knownConversations(rows) ?? (await conversations(account, rows, () => {}));
    await apply(account, changesOf(all), far.progress);
  } catch (error) {
    complain(error, { label: t('action.retry'), run: () => void quietly(rows, changesOf) });
  } finally {
    far.end();
  }
}

type Work = (all: readonly Marks[], progress: (done: number) => void) => Promise<() => Promise<void>>;

/** An act whose rows go: shown at once, with the way back that `work` gives. */
async function act(rows: readonly Id[], leavesView: boolean, text: string, work: Work): Promise<void> {
  const account = accountId();
  const known = knownConversations(rows); // before the page forgets them
  leaveRows(rows);
  if (leavesView) removeRows(new Set(rows));
  const far = farAlong(rows.length);
  const done = (async () => work(known ?? (await conversations(account, rows, () => {})), far.progress))();
  const undo = async (back: () => Promise<void>) => {
    dismiss(toast);
    try {
      await back();
    } catch (error) {
      complain(error, { label: t('action.retry'), run: () => void undo(back) });
    }
    await refreshList();
  };
  // The way back waits for the way there.
  const toast = show({ text, kind: 'done', action: { label: t('action.undo'), run: () => void done.then(undo, () => {}) } }, 0);
  try {
    await done;
    dismissLater(toast);
  } catch (error) {
    dismiss(toast);
    complain(error, { label: t('action.retry'), run: () => void act(rows, leavesView, text, work) });
    await refreshList();
  } finally {
    far.end();
  }
}

/** Of a great number, how far it has come. */
function farAlong(total: number): { progress: (done: number) => void; end: () => void } {
  if (total < MANY) return { progress: () => {}, end: () => {} };
  const words = (n: number) => t('done.working', { done: n, total });
  const toast = show({ text: words(0), kind: 'done' }, 0);
  return { progress: (done) => reword(toast, words(Math.min(done, total))), end: () => dismiss(toast) };
}

/** A conversation that goes is not selected and not read any more. */
function leaveRows(rows: readonly Id[]): void {
  const gone = new Set(rows);
  selected.value = new Set();
  if (opened.peek() && gone.has(opened.peek() as Id)) opened.value = null;
}
