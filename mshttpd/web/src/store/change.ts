// SPDX-License-Identifier: Apache-2.0
// Changes of messages: shown at once, sent in pieces that the server takes, taken back when it refuses.
import { batch as atOnce } from '@preact/signals';
import { Batch, type Call } from '../jmap/batch';
import { fromSetError } from '../jmap/problem';
import type { EmailSummary, Id } from '../jmap/types';
import { emails, folderKey, folders } from './state';
import { client } from './server';

/** What becomes of one message; both maps name only what changes. */
export interface Change {
  keywords?: Record<string, boolean>;
  mailboxes?: Record<Id, boolean>;
}
export type Changes = ReadonlyMap<Id, Change>;

/** The changes that take these back, from what is known of the messages now. */
export function inverse(changes: Changes): Changes {
  const back = new Map<Id, Change>();
  for (const [id, change] of changes) {
    const email = emails.peek().get(id);
    if (!email) continue;
    back.set(id, {
      ...(change.keywords && { keywords: previous(change.keywords, email.keywords) }),
      ...(change.mailboxes && { mailboxes: previous(change.mailboxes, email.mailboxIds) }),
    });
  }
  return back;
}

function previous(changed: Record<string, boolean>, now: Record<string, true>): Record<string, boolean> {
  return Object.fromEntries(Object.keys(changed).map((key) => [key, key in now]));
}

export async function apply(accountId: Id, changes: Changes): Promise<void> {
  if (changes.size === 0) return;
  const back = inverse(changes);
  showChanges(accountId, changes);
  const batch = new Batch();
  const calls = pieces([...changes], client.limits.maxObjectsInSet).map((piece) =>
    batch.call('Email/set', { accountId, update: Object.fromEntries(piece.map(([id, change]) => [id, patchOf(change)])) }));
  try {
    await client.send(batch);
    failOnRefusal(calls);
  } catch (error) {
    showChanges(accountId, back);
    throw error;
  }
}

export async function destroy(accountId: Id, ids: readonly Id[]): Promise<void> {
  const batch = new Batch();
  const calls = pieces(ids, client.limits.maxObjectsInSet).map((piece) => batch.call('Email/set', { accountId, destroy: piece }));
  await client.send(batch);
  failOnRefusal(calls);
}

function failOnRefusal(calls: readonly Call<'Email/set'>[]): void {
  for (const call of calls) {
    const refused = { ...call.result.notUpdated, ...call.result.notDestroyed };
    // What is not there any more needs no change.
    const error = Object.values(refused).find((one) => one.type !== 'notFound');
    if (error) throw fromSetError(error);
  }
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

function pieces<T>(all: readonly T[], most: number): T[][] {
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
