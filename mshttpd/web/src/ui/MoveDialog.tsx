// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import type { Id } from '../jmap/types';
import { moveTo } from '../store/actions';
import { folderLabel } from '../store/names';
import { trees } from '../store/folders';
import { accountOfView, folderOfView } from '../store/state';
import { t } from '../text/catalogue';
import { Dialog } from './Dialog';

/** Type a part of the folder's name, Enter moves to the first. Folders of the account that is looked at come first. */
export function MoveDialog({ rows, onClose }: { rows: readonly Id[]; onClose: () => void }) {
  const [text, setText] = useState('');
  const here = (accountId: Id) => Number(accountId === accountOfView.value);
  const folders = [...trees.value].sort((a, b) => here(b.accountId) - here(a.accountId))
    .flatMap((tree) => tree.branches.map((branch) => branch.folder))
    .filter((folder) => folder.myRights.mayAddItems && folder.key !== folderOfView.value?.key)
    .filter((folder) => folderLabel(folder).toLowerCase().includes(text.toLowerCase()));
  const move = (index: number) => {
    const folder = folders[index];
    if (!folder) return;
    onClose();
    void moveTo(folder, rows);
  };
  return (
    <Dialog title={t('move.title', { n: rows.length })} onClose={onClose}>
      <form onSubmit={(event) => {
        event.preventDefault();
        move(0);
      }}>
        <label>{t('move.to')}<input value={text} autofocus autocomplete="off" onInput={(event) => setText(event.currentTarget.value)} /></label>
        <ul class="choices">
          {folders.map((folder, index) => <li key={folder.key}><button type="button" onClick={() => move(index)}>{folderLabel(folder)}</button></li>)}
        </ul>
        {folders.length === 0 && <p>{t('move.none')}</p>}
      </form>
    </Dialog>
  );
}
