// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import { toProblem, type Problem } from '../jmap/problem';
import type { Id } from '../jmap/types';
import { folderPath } from '../store/names';
import { createFolder, updateFolder } from '../store/folders';
import type { Folder } from '../store/state';
import { t } from '../text/catalogue';
import { problemText } from '../text/problems';
import { Dialog } from './Dialog';

/** Names a new folder (below `parent`) or `folder` anew. */
export function FolderNameDialog(props: { accountId: Id; parent: Folder | null; folder: Folder | null; onClose: () => void }) {
  const [name, setName] = useState(props.folder?.name ?? '');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      if (props.folder) await updateFolder(props.folder, { name: name.trim() });
      else await createFolder(props.accountId, props.parent?.id ?? null, name.trim());
      props.onClose();
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={props.folder ? t('folders.rename') : t('folders.create')} onClose={props.onClose}>
      <form onSubmit={(event) => void submit(event)}>
        {props.parent && <p>{t('folders.below', { folder: folderPath(props.parent) })}</p>}
        <label>{t('folders.name')}<input value={name} required maxLength={200} autofocus onInput={(event) => setName(event.currentTarget.value)} /></label>
        {problem && <p class="wrong" role="alert">{problemText(problem)}</p>}
        <button type="submit" class="primary" disabled={busy || !name.trim()}>{props.folder ? t('action.rename') : t('action.create')}</button>
      </form>
    </Dialog>
  );
}
