// SPDX-License-Identifier: Apache-2.0
// The messages behind rows. A selection may be larger than what the client keeps of messages.
import { Batch } from '../jmap/batch';
import type { Id } from '../jmap/types';
import { conversationOf } from './cache';
import type { Marks } from './change';
import { client } from './server';
import { emails, threads } from './state';

const MARKS: (keyof Marks)[] = ['id', 'threadId', 'mailboxIds', 'keywords'];

/** All messages of the rows' conversations, if every one of them is known here. */
export function knownConversations(rows: readonly Id[]): Marks[] | null {
  const all = rows.map((row) => (isWhole(row) ? conversationOf(row) : []));
  return all.every((one) => one.length > 0) ? all.flat() : null;
}

function isWhole(row: Id): boolean {
  const email = emails.peek().get(row);
  return email !== undefined && (threads.peek().get(email.threadId) ?? []).every((id) => emails.peek().has(id));
}

/** The same, asked of the server where the rows are not known. `progress` is told of how many rows it knows. */
export async function conversations(accountId: Id, rows: readonly Id[], progress: (rows: number) => void): Promise<Marks[]> {
  const found = new Map<Id, Marks>();
  // Each row may be a conversation of some messages; the server answers for a limited number at once.
  const most = Math.max(1, Math.floor(client.limits.maxObjectsInGet / 4));
  for (let at = 0; at < rows.length; at += most) {
    const piece = rows.slice(at, at + most);
    for (const one of knownConversations(piece) ?? (await ask(accountId, piece))) found.set(one.id, one);
    progress(Math.min(at + most, rows.length));
  }
  return [...found.values()];
}

async function ask(accountId: Id, rows: readonly Id[]): Promise<Marks[]> {
  const batch = new Batch();
  const heads = batch.call('Email/get', { accountId, ids: rows, properties: ['threadId'] });
  const all = batch.call('Thread/get', { accountId, '#ids': heads.ref('/list/*/threadId') });
  const members = batch.call('Email/get', { accountId, '#ids': all.ref('/list/*/emailIds'), properties: MARKS });
  await client.send(batch);
  if (!members.failed) return members.result.list;
  if (rows.length === 1) return members.result.list; // throws what was wrong
  // Long conversations: less at once.
  const half = Math.ceil(rows.length / 2);
  return [...(await ask(accountId, rows.slice(0, half))), ...(await ask(accountId, rows.slice(half)))];
}
