// SPDX-License-Identifier: Apache-2.0
import { trees } from '../store/folders';
import { ownAccount, quotas } from '../store/state';
import { writeNew } from '../store/writing';
import { size } from '../mail/words';
import { t } from '../text/catalogue';
import { dialog } from './Dialogs';
import { FolderRow } from './FolderRow';
import { Icon } from './Icon';

export function FolderPane() {
  return (
    <nav class="folders" aria-label={t('folders.label')}>
      <button type="button" class="primary compose-button" onClick={writeNew}><Icon name="compose" /> {t('action.compose')}</button>
      <div class="folder-scroll">
        {trees.value.map((tree) => (
          <section key={tree.accountId}>
            {!tree.own && <h2>{t('folders.of', { name: tree.name })}</h2>}
            <ul>{tree.branches.map((branch) => <FolderRow key={branch.folder.key} branch={branch} />)}</ul>
          </section>
        ))}
        <button type="button" class="new-folder" onClick={() => (dialog.value = { kind: 'createFolder', accountId: ownAccount.value, parent: null })}>
          <Icon name="plus" /> {t('folders.create')}
        </button>
      </div>
      <QuotaBar />
    </nav>
  );
}

function QuotaBar() {
  return (
    <div class="quota">
      {quotas.value.filter((quota) => quota.hardLimit > 0).map((quota) => {
        const share = Math.min(1, quota.used / quota.hardLimit);
        const warn = quota.warnLimit ? quota.used >= quota.warnLimit : share > 0.9;
        const text = quota.resourceType === 'octets'
          ? t('quota.octets', { used: size(quota.used), limit: size(quota.hardLimit) })
          : t('quota.count', { used: quota.used, limit: quota.hardLimit });
        return (
          <div key={quota.id} class={warn ? 'warn' : ''}>
            <meter min={0} max={1} high={0.9} value={share} aria-label={text} />
            <span>{text}</span>
          </div>
        );
      })}
    </div>
  );
}
