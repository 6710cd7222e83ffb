// SPDX-License-Identifier: Apache-2.0
// Folders with a purpose. An account that has never been used by such a client may lack them; they are made when needed,
// under the names that mail programs know.
import { fromSetError, Problem } from '../jmap/problem';
import type { Id } from '../jmap/types';
import { client } from './server';
import { folderByRole, folderKey, folders, ownAccount, type Folder } from './state';

export type Role = 'archive' | 'drafts' | 'junk' | 'sent' | 'trash';

const NAMES: Record<Role, string> = { archive: 'Archive', drafts: 'Drafts', junk: 'Junk', sent: 'Sent', trash: 'Trash' };

const making = new Map<string, Promise<Folder>>();

export function folderForRole(role: Role, accountId: Id): Promise<Folder> {
  const there = folderByRole(role, accountId);
  if (there) return Promise.resolve(there);
  // Somebody who shares a folder does not share his trash; then it is one's own.
  if (accountId !== ownAccount.peek()) return folderForRole(role, ownAccount.peek());
  const key = folderKey(accountId, role);
  const made = making.get(key) ?? make(role, accountId).finally(() => making.delete(key));
  making.set(key, made);
  return made;
}

async function make(role: Role, accountId: Id): Promise<Folder> {
  const create = { new: { name: NAMES[role], role, parentId: null, isSubscribed: true } };
  const answer = await client.call('Mailbox/set', { accountId, create });
  const refused = answer.notCreated?.['new'];
  if (refused) throw fromSetError(refused);
  const got = await client.call('Mailbox/get', { accountId, ids: [answer.created?.['new']?.id ?? ''] });
  const box = got.list[0];
  if (!box) throw new Problem('notFound');
  const folder = { ...box, accountId, key: folderKey(accountId, box.id) };
  folders.value = new Map(folders.peek()).set(folder.key, folder);
  return folder;
}
