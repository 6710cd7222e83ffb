// SPDX-License-Identifier: Apache-2.0
// What folders are called on the page.
import { t } from '../text/catalogue';
import { accountOfView, folderKey, folders, session, type Folder } from './state';

export function folderName(folder: Folder): string {
  const roles = ['inbox', 'drafts', 'sent', 'trash', 'junk', 'archive'] as const;
  const role = roles.find((one) => one === folder.role);
  return role ? t(`role.${role}`) : folder.name;
}

export function folderPath(folder: Folder): string {
  const parent = folder.parentId ? folders.value.get(folderKey(folder.accountId, folder.parentId)) : undefined;
  return parent ? `${folderPath(parent)} / ${folderName(folder)}` : folderName(folder);
}

/** Its path; of another account than the one that is looked at, whose it is too. */
export function folderLabel(folder: Folder): string {
  if (folder.accountId === accountOfView.value) return folderPath(folder);
  return t('move.of', { folder: folderPath(folder), name: session.value?.accounts[folder.accountId]?.name ?? '' });
}
