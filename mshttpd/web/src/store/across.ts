// SPDX-License-Identifier: Apache-2.0
// From one account to another, as into a folder that somebody shares: messages are copied there and then taken away here
// (Email/copy, RFC 8621 4.7). What cannot be copied stays where it is.
import { Batch, type Call } from '../jmap/batch';
import { fromSetError, Problem } from '../jmap/problem';
import type { Id, SetError } from '../jmap/types';
import { apply, destroy, pieces, type Marks } from './change';
import { client } from './server';
import { folderKey, folders, type Folder } from './state';

const AT_ONCE = 50; // each is read and written whole

export interface Across {
  undo: () => Promise<void>;
  moved: number;
  problem: Problem | null; // why the others stayed
}

/** `leaving` is the folder that they leave; null: whichever they are in. */
export async function moveAcross(
  from: Id, list: readonly Marks[], leaving: Id | null, target: Folder, progress: (done: number) => void,
): Promise<Across> {
  if (!list.every((email) => mayLeave(from, leaving ? [leaving] : Object.keys(email.mailboxIds)))) throw new Problem('forbidden');
  // A message that is in other folders, too, leaves this one alone.
  const stays = (email: Marks) => leaving !== null && Object.keys(email.mailboxIds).length > 1;
  const copies = new Map<Id, Id>();
  let problem: Problem | null = null;
  for (const [group, destroyOriginal] of [[list.filter((one) => !stays(one)), true], [list.filter(stays), false]] as const) {
    for (const piece of pieces(group, AT_ONCE)) {
      const boxes = new Map(piece.map((email) => [email.id, { [target.id]: true as const }]));
      problem = (await copy(from, target.accountId, boxes, destroyOriginal, copies)) ?? problem;
      progress(copies.size);
    }
  }
  const moved = list.filter((email) => copies.has(email.id));
  const left = moved.filter(stays);
  if (leaving !== null) await apply(from, new Map(left.map((email) => [email.id, { mailboxes: { [leaving]: false } }])));

  const undo = async () => {
    const gone = moved.filter((email) => !stays(email));
    for (const piece of pieces(gone, AT_ONCE)) {
      const boxes = new Map(piece.map((email) => [copies.get(email.id) ?? '', email.mailboxIds]));
      const wrong = await copy(target.accountId, from, boxes, true, new Map());
      if (wrong) throw wrong;
    }
    if (leaving === null || left.length === 0) return;
    await apply(from, new Map(left.map((email) => [email.id, { mailboxes: { [leaving]: true } }])));
    await destroy(target.accountId, left.map((email) => copies.get(email.id) ?? ''));
  };
  return { undo, moved: moved.length, problem };
}

function mayLeave(account: Id, mailboxes: readonly Id[]): boolean {
  return mailboxes.every((id) => folders.peek().get(folderKey(account, id))?.myRights.mayRemoveItems !== false);
}

/** Copies, and notes the copies by their originals. Returns what was wrong with those that it could not copy or remove. */
async function copy(
  from: Id, to: Id, boxes: ReadonlyMap<Id, Record<Id, true>>, destroyOriginal: boolean, copies: Map<Id, Id>,
): Promise<Problem | null> {
  const batch = new Batch();
  const create = Object.fromEntries([...boxes].map(([id, mailboxIds], index) => [`c${index}`, { id, mailboxIds }]));
  const call = batch.call('Email/copy', { fromAccountId: from, accountId: to, create, onSuccessDestroyOriginal: destroyOriginal });
  await client.send(batch);
  [...boxes.keys()].forEach((id, index) => {
    const made = call.result.created?.[`c${index}`]?.id;
    if (made) copies.set(id, made);
  });
  const refused = Object.values(call.result.notCreated ?? {})[0] ?? notRemoved(call);
  return refused ? fromSetError(refused) : null;
}

function notRemoved(call: Call<'Email/copy'>): SetError | undefined {
  return Object.values(call.implied('Email/set')?.notDestroyed ?? {}).find((one) => one.type !== 'notFound');
}
