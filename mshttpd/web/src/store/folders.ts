// SPDX-License-Identifier: Apache-2.0
// Folders: their tree, and what a person does to them.
import { computed, signal } from '@preact/signals';
import { Batch } from '../jmap/batch';
import { fromSetError, Problem } from '../jmap/problem';
import type { Id, MailboxRight, Principal } from '../jmap/types';
import { CAPABILITY } from '../jmap/types';
import { language, t } from '../text/catalogue';
import { deferred } from './actions';
import { apply, destroy } from './change';
import { folderName } from './names';
import { show as showView } from './list';
import { client } from './server';
import { folderByRole, folderKey, folders, ownAccount, session, view, type Folder } from './state';
import { sync } from './sync';

export interface Branch {
  folder: Folder;
  depth: number;
}

const ROLES = ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash'];

/** Folders that are about to be deleted: not shown, but still there. */
const leaving = signal<ReadonlySet<string>>(new Set());

/** The tree of each account, one's own first, as a list with depths. */
export const trees = computed(() => {
  const accounts = Object.entries(session.value?.accounts ?? {});
  accounts.sort(([a], [b]) => Number(b === ownAccount.value) - Number(a === ownAccount.value));
  return accounts
    .map(([accountId, account]) => ({ accountId, name: account.name, own: accountId === ownAccount.value, branches: treeOf(accountId) }))
    .filter((tree) => tree.branches.length > 0);
});

function treeOf(accountId: Id): Branch[] {
  const children = new Map<Id | null, Folder[]>();
  for (const folder of folders.value.values()) {
    if (folder.accountId !== accountId || leaving.value.has(folder.key)) continue;
    const parent = folder.parentId && folders.value.has(folderKey(accountId, folder.parentId)) ? folder.parentId : null;
    children.set(parent, [...(children.get(parent) ?? []), folder]);
  }
  const order = new Intl.Collator(language.value, { numeric: true });
  const rank = (folder: Folder) => (ROLES.includes(folder.role ?? '') ? ROLES.indexOf(folder.role ?? '') : ROLES.length);
  const branches: Branch[] = [];
  const walk = (parent: Id | null, depth: number) => {
    const row = children.get(parent) ?? [];
    row.sort((a, b) => rank(a) - rank(b) || a.sortOrder - b.sortOrder || order.compare(a.name, b.name));
    for (const folder of row) {
      branches.push({ folder, depth });
      walk(folder.id, depth + 1);
    }
  };
  walk(null, 0);
  return branches;
}

export async function createFolder(accountId: Id, parentId: Id | null, name: string): Promise<Id> {
  const made = await client.call('Mailbox/set', { accountId, create: { new: { name, parentId, isSubscribed: true } } });
  const refused = made.notCreated?.['new'];
  if (refused) throw named(refused);
  await sync();
  return made.created?.['new']?.id ?? '';
}

export async function updateFolder(folder: Folder, patch: Record<string, unknown>): Promise<void> {
  const { accountId, id } = folder;
  const done = await client.call('Mailbox/set', { accountId, update: { [id]: patch } });
  const refused = done.notUpdated?.[id];
  if (refused) throw named(refused);
  await sync();
}

/** The server says of a name that is taken only that it is invalid (RFC 8621 2.5 has no error of its own). */
function named(error: Parameters<typeof fromSetError>[0]): Problem {
  const name = error.type === 'alreadyExists' || (error.type === 'invalidProperties' && error.properties?.includes('name'));
  return name ? new Problem('nameTaken', error.description ?? '', error) : fromSetError(error);
}

/** The folder and the folders below it go, with their mail; hidden at once, deleted when the time for undo has gone. */
export function deleteFolder(folder: Folder): void {
  const below = branchesBelow(folder);
  const keys = below.map((one) => one.key);
  leaving.value = new Set([...leaving.value, ...keys]);
  const comeBack = () => (leaving.value = new Set([...leaving.value].filter((key) => !keys.includes(key))));
  const now = view.peek();
  const inbox = folderByRole('inbox', folder.accountId);
  if (now?.kind === 'folder' && inbox && below.some((one) => one.id === now.mailboxId)) {
    showView({ kind: 'folder', accountId: folder.accountId, mailboxId: inbox.id });
  }
  deferred(t('done.folderDeleted', { folder: folderName(folder) }), async () => {
    // Children first: a folder with folders in it cannot be destroyed.
    const batch = new Batch();
    const calls = [...below].reverse().map((one) =>
      batch.call('Mailbox/set', { accountId: one.accountId, destroy: [one.id], onDestroyRemoveEmails: true }));
    await client.send(batch);
    for (const call of calls) {
      const refused = Object.values(call.result.notDestroyed ?? {})[0];
      if (refused) throw fromSetError(refused);
    }
    await sync();
    comeBack();
  }, comeBack);
}

/** All that is in a folder goes for good, when the time for undo has gone. */
export function emptyFolder(folder: Folder): void {
  deferred(t('done.emptied', { folder: folderName(folder) }), async () => {
    await eachOf(folder, {}, (ids) => destroy(folder.accountId, ids));
    await sync();
  }, () => {});
}

export async function markAllRead(folder: Folder): Promise<void> {
  await eachOf(folder, { notKeyword: '$seen' }, (ids) => apply(folder.accountId, new Map(ids.map((id) => [id, { keywords: { $seen: true } }]))));
  await sync();
}

/** Works through the messages of a folder that match; each piece of work makes them match no more. */
async function eachOf(folder: Folder, filter: Record<string, unknown>, work: (ids: Id[]) => Promise<void>): Promise<void> {
  const { accountId, id } = folder;
  for (let last = ''; ;) {
    const { ids } = await client.call('Email/query', { accountId, filter: { inMailbox: id, ...filter }, limit: client.limits.maxObjectsInSet });
    // Nothing left, or what is left does not change.
    if (ids.length === 0 || ids[0] === last) return;
    last = ids[0] ?? '';
    await work(ids);
  }
}

function branchesBelow(folder: Folder): Folder[] {
  const children = [...folders.peek().values()].filter((one) => one.accountId === folder.accountId && one.parentId === folder.id);
  return [folder, ...children.flatMap(branchesBelow)];
}

// ---- sharing (RFC 9670)

export type Level = 'read' | 'write' | 'manage';

const READ: MailboxRight[] = ['mayReadItems'];
const WRITE: MailboxRight[] = [...READ, 'mayAddItems', 'mayRemoveItems', 'maySetSeen', 'maySetKeywords', 'maySubmit'];
const MANAGE: MailboxRight[] = [...WRITE, 'mayCreateChild', 'mayRename', 'mayDelete'];
export const LEVELS: Record<Level, MailboxRight[]> = { read: READ, write: WRITE, manage: MANAGE };

export function levelOf(rights: Partial<Record<MailboxRight, boolean>>): Level {
  if (rights.mayRename || rights.mayDelete || rights.mayCreateChild) return 'manage';
  return rights.mayAddItems || rights.mayRemoveItems ? 'write' : 'read';
}

/** The account that has the people whom one can share with. */
function principalsAccount(): Id | null {
  return session.peek()?.primaryAccounts[CAPABILITY.principals] ?? null;
}

export function maySharing(): boolean {
  return principalsAccount() !== null;
}

export async function findPeople(text: string): Promise<Principal[]> {
  const accountId = principalsAccount();
  if (!accountId) return [];
  const batch = new Batch();
  const found = batch.call('Principal/query', { accountId, filter: { text }, limit: 10 });
  const people = batch.call('Principal/get', { accountId, '#ids': found.ref('/ids') });
  await client.send(batch);
  return people.result.list;
}

export async function sharees(folder: Folder): Promise<{ person: Principal; level: Level }[]> {
  const { accountId, id } = folder;
  const got = await client.call('Mailbox/get', { accountId, ids: [id], properties: ['id', 'shareWith'] });
  const shareWith = got.list[0]?.shareWith ?? {};
  const ids = Object.keys(shareWith);
  const principals = principalsAccount();
  if (ids.length === 0 || !principals) return [];
  const people = await client.call('Principal/get', { accountId: principals, ids });
  return people.list.map((person) => ({ person, level: levelOf(shareWith[person.id] ?? {}) }));
}

/** Null: not shared with that person any more. */
export function share(folder: Folder, person: Principal, level: Level | null): Promise<void> {
  const rights = level && Object.fromEntries(LEVELS[level].map((right) => [right, true]));
  return updateFolder(folder, { [`shareWith/${person.id}`]: rights });
}
