// SPDX-License-Identifier: Apache-2.0
// Changes of messages: shown at once, sent in pieces that the server takes, taken back when it refuses.
import { batch as atOnce } from '@preact/signals';
import { fromSetError } from '../jmap/problem';
import type { EmailSummary, Id, SetResponse } from '../jmap/types';
import { emails, folderKey, folders } from './state';
import { client } from './server';

/** What becomes of one message; both maps name only what changes. */
export interface Change {
  keywords?: Record<string, boolean>;
  mailboxes?: Record<Id, boolean>;
}
export type Changes = ReadonlyMap<Id, Change>;

/** What a change has to know of a message. */
export type Marks = Pick<EmailSummary, 'id' | 'threadId' | 'mailboxIds' | 'keywords'>;

/** The changes that take these back, from what the messages were. */
export function inverse(changes: Changes, list: Iterable<Marks>): Changes {
  const back = new Map<Id, Change>();
  for (const email of list) {
    const change = changes.get(email.id);
    if (!change) continue;
    back.set(email.id, {
      ...(change.keywords && { keywords: previous(change.keywords, email.keywords) }),
      ...(change.mailboxes && { mailboxes: previous(change.mailboxes, email.mailboxIds) }),
    });
  }
  return back;
}

function previous(changed: Record<string, boolean>, now: Record<string, true>): Record<string, boolean> {
  return Object.fromEntries(Object.keys(changed).map((key) => [key, key in now]));
}

/** `progress` is told how many messages the server has changed. */
export async function apply(accountId: Id, changes: Changes, progress: (done: number) => void = () => {}): Promise<void> {
  if (changes.size === 0) return;
  const back = inverse(changes, [...changes.keys()].flatMap((id) => emails.peek().get(id) ?? []));
  showChanges(accountId, changes);
  const all = [...changes];
  let done = 0;
  try {
    for (const piece of pieces(all, client.limits.maxObjectsInSet)) {
      const update = Object.fromEntries(piece.map(([id, change]) => [id, patchOf(change)]));
      failOnRefusal(await client.call('Email/set', { accountId, update }));
      done += piece.length;
      progress(done);
    }
  } catch (error) {
    const undone = all.slice(done).map(([id]) => id);
    showChanges(accountId, new Map(undone.flatMap((id) => (back.has(id) ? [[id, back.get(id)!]] : []))));
    throw error;
  }
}

export async function destroy(accountId: Id, ids: readonly Id[]): Promise<void> {
  for (const piece of pieces(ids, client.limits.maxObjectsInSet)) {
    failOnRefusal(await client.call('Email/set', { accountId, destroy: piece }));
  }
}

function failOnRefusal(answer: SetResponse): void {
  const refused = { ...answer.notUpdated, ...answer.notDestroyed };
  // What is not there any more needs no change.
  const error = Object.values(refused).find((one) => one.type !== 'notFound');
  if (error) throw fromSetError(error);
}

function patchOf(change: Change): Record<string, true | null> {
  const patch: Record<string, true | null> = {};
  for (const [keyword, on] of Object.entries(change.keywords ?? {})) patch[`keywords/${escaped(keyword)}`] = on || null;
  for (const [id, on] of Object.entries(change.mailboxes ?? {})) patch[`mailboxIds/${escaped(id)}`] = on || null;
  return patch;
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

export function pieces<T>(all: readonly T[], most: number): T[][] {
  const found: T[][] = [];
  for (let i = 0; i < all.length; i += most) found.push(all.slice(i, i + most));
  return found;
}

/** In the store: the messages, and the counts of their folders. */
function showChanges(accountId: Id, changes: Changes): void {
  const nextEmails = new Map(emails.peek());
  const counts = new Map<Id, { total: number; unread: number }>();
  const count = (email: EmailSummary, sign: 1 | -1) => {
    const unread = '$seen' in email.keywords || '$draft' in email.keywords ? 0 : 1;
    for (const id of Object.keys(email.mailboxIds)) {
      const now = counts.get(id) ?? { total: 0, unread: 0 };
      counts.set(id, { total: now.total + sign, unread: now.unread + sign * unread });
    }
  };
  for (const [id, change] of changes) {
    const email = nextEmails.get(id);
    if (!email) continue;
    const next = {
      ...email,
      keywords: changed(email.keywords, change.keywords),
      mailboxIds: changed(email.mailboxIds, change.mailboxes),
    };
    count(email, -1);
    count(next, 1);
    nextEmails.set(id, next);
  }
  atOnce(() => {
    emails.value = nextEmails;
    const nextFolders = new Map(folders.peek());
    for (const [id, { total, unread }] of counts) {
      const key = folderKey(accountId, id);
      const folder = nextFolders.get(key);
      if (!folder) continue;
      nextFolders.set(key, {
        ...folder,
        totalEmails: Math.max(0, folder.totalEmails + total),
        unreadEmails: Math.max(0, folder.unreadEmails + unread),
      });
    }
    folders.value = nextFolders;
  });
}

function changed(old: Record<string, true>, change: Record<string, boolean> = {}): Record<string, true> {
  const next = { ...old };
  for (const [key, on] of Object.entries(change)) {
    if (on) next[key] = true;
    else delete next[key];
  }
  return next;
}
