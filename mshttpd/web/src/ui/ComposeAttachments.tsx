// SPDX-License-Identifier: Apache-2.0
import type { Draft } from '../mail/draft';
import { size } from '../mail/words';
import { mayRetryUpload, removeAttachment, retryUpload } from '../store/attaching';
import { t } from '../text/catalogue';
import { Icon, IconButton } from './Icon';

export function ComposeAttachments({ draft }: { draft: Draft }) {
  const shown = draft.attachments.filter((one) => !one.cid);
  if (shown.length === 0) return null;
  return (
    <ul class="attachments" aria-label={t('attachments.title', { n: shown.length })}>
      {shown.map((one) => (
        <li key={one.key} class={one.failed ? 'failed' : ''}>
          <span class="attachment">
            <Icon name="attach" />
            <span class="attachment-name">{one.name || t('attachments.unnamed')}</span>
            <span class="attachment-size">{size(one.size)}</span>
          </span>
          {one.blobId === null && !one.failed && <progress value={one.progress} max={1} aria-label={t('compose.uploading', { name: one.name })} />}
          {one.failed && <span class="wrong">{t('compose.uploadFailed')}</span>}
          {one.failed && mayRetryUpload(one.key) && <button type="button" onClick={() => retryUpload(draft.id, one.key)}>{t('action.retry')}</button>}
          <IconButton icon="close" label={t('compose.removeAttachment', { name: one.name })} onClick={() => removeAttachment(draft.id, one.key)} />
        </li>
      ))}
    </ul>
  );
}
