// SPDX-License-Identifier: Apache-2.0
import { signal } from '@preact/signals';
import type { Id } from '../jmap/types';
import type { Folder } from '../store/state';
import { FolderNameDialog } from './FolderNameDialog';
import { MoveDialog } from './MoveDialog';
import { SettingsDialog } from './SettingsDialog';
import { ShareDialog } from './ShareDialog';
import { ShortcutSheet } from './ShortcutSheet';

export type DialogKind =
  | { kind: 'settings' }
  | { kind: 'shortcuts' }
  | { kind: 'move'; rows: readonly Id[] }
  | { kind: 'createFolder'; accountId: Id; parent: Folder | null }
  | { kind: 'renameFolder'; folder: Folder }
  | { kind: 'share'; folder: Folder };

/** The dialog that is open; there is one at most. */
export const dialog = signal<DialogKind | null>(null);

export function Dialogs() {
  const now = dialog.value;
  const close = () => (dialog.value = null);
  switch (now?.kind) {
    case 'settings':
      return <SettingsDialog onClose={close} />;
    case 'shortcuts':
      return <ShortcutSheet onClose={close} />;
    case 'move':
      return <MoveDialog rows={now.rows} onClose={close} />;
    case 'createFolder':
      return <FolderNameDialog accountId={now.accountId} parent={now.parent} folder={null} onClose={close} />;
    case 'renameFolder':
      return <FolderNameDialog accountId={now.folder.accountId} parent={null} folder={now.folder} onClose={close} />;
    case 'share':
      return <ShareDialog folder={now.folder} onClose={close} />;
    default:
      return null;
  }
}
