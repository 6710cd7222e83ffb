// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import { moveTo } from '../store/actions';
import { folderName } from '../store/names';
import { deleteFolder, emptyFolder, markAllRead, maySharing, type Branch } from '../store/folders';
import { show } from '../store/list';
import { folderOfView, type Folder } from '../store/state';
import { complain } from '../store/toasts';
import { t } from '../text/catalogue';
import { openMenu } from './ContextMenu';
import { dialog } from './Dialogs';
import { dragged } from './drag';
import { Count } from './Count';
import { Icon, type IconName } from './Icon';
import { Menu, type MenuItem } from './Menu';
import { foldersShown } from './panes';

const ICONS: Record<string, IconName> = { inbox: 'inbox', drafts: 'draft', sent: 'send', trash: 'trash', junk: 'junk', archive: 'archive' };

export function FolderRow({ branch: { folder, depth } }: { branch: Branch }) {
  const [over, setOver] = useState(false);
  const current = folderOfView.value?.key === folder.key;
  const accepts = () => dragged.value.length > 0 && folder.myRights.mayAddItems && folderOfView.peek()?.key !== folder.key;
  const go = () => {
    show({ kind: 'folder', accountId: folder.accountId, mailboxId: folder.id });
    foldersShown.value = false;
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (accepts()) void moveTo(folder, dragged.value);
  };
  const count = folder.role === 'drafts' ? folder.totalEmails : folder.unreadEmails;
  return (
    <li class={`folder depth-${Math.min(depth, 6)} ${current ? 'current' : ''} ${over ? 'over' : ''}`} data-role={folder.role ?? ''}
      onDragOver={(event) => {
        if (!accepts()) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)} onDrop={drop} onContextMenu={(event) => openMenu(event, itemsFor(folder))}>
      <button type="button" class="folder-name" aria-current={current ? 'page' : undefined} onClick={go}
        disabled={!folder.myRights.mayReadItems}>
        <Icon name={ICONS[folder.role ?? ''] ?? 'folder'} />
        <span class="name">{folderName(folder)}</span>
        {folder.shareWith && Object.keys(folder.shareWith).length > 0 && <Icon name="share" />}
        {count > 0 && <Count n={count} text={t('folders.unread', { n: count })} class="count" />}
      </button>
      <Menu label={t('folders.actions', { folder: folderName(folder) })} items={itemsFor(folder)} />
    </li>
  );
}

function itemsFor(folder: Folder): MenuItem[] {
  const { mayCreateChild, mayRename, mayDelete, mayShare } = folder.myRights;
  const items: MenuItem[] = [];
  if (mayCreateChild) {
    items.push({ label: t('folders.createBelow'), run: () => (dialog.value = { kind: 'createFolder', accountId: folder.accountId, parent: folder }) });
  }
  if (folder.unreadEmails > 0 && folder.myRights.maySetSeen) {
    items.push({ label: t('folders.readAll'), run: () => void markAllRead(folder).catch(complain) });
  }
  if ((folder.role === 'trash' || folder.role === 'junk') && folder.totalEmails > 0) {
    items.push({ label: t('folders.empty'), run: () => emptyFolder(folder) });
  }
  if (maySharing() && mayShare !== false) items.push({ label: t('folders.share'), run: () => (dialog.value = { kind: 'share', folder }) });
  if (mayRename && !folder.role) items.push({ label: t('folders.rename'), run: () => (dialog.value = { kind: 'renameFolder', folder }) });
  if (mayDelete && !folder.role) items.push({ label: t('folders.delete'), run: () => deleteFolder(folder) });
  return items;
}
