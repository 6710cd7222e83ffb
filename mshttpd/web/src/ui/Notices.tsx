// SPDX-License-Identifier: Apache-2.0
// Lines under the top bar: what the person should know as long as it is so.
import { openDraft, recovered, takeUp } from '../store/drafts';
import { pushing, reachable } from '../store/state';
import { sync } from '../store/sync';
import { complain } from '../store/toasts';
import { discardWithUndo } from '../store/writing';
import { t } from '../text/catalogue';

export function Notices() {
  return (
    <div class="notices">
      {!reachable.value && (
        <p class="notice wrong" role="status">
          {t('notice.offline')}
          <button type="button" onClick={() => void sync().catch(complain)}>{t('action.retry')}</button>
        </p>
      )}
      {reachable.value && !pushing.value && <p class="notice" role="status">{t('notice.noPush')}</p>}
      {recovered.value.map((one) => (
        <p class="notice" role="status" key={one.id}>
          {t('notice.recovered', { subject: one.subject || t('list.noSubject') })}
          <button type="button" onClick={() => takeUp(one)}>{t('action.openDraft')}</button>
          <button type="button" onClick={() => dismissRecovered(one.id)}>{t('action.discard')}</button>
        </p>
      ))}
    </div>
  );
}

function dismissRecovered(id: string): void {
  const one = recovered.value.find((other) => other.id === id);
  if (!one) return;
  recovered.value = recovered.value.filter((other) => other !== one);
  openDraft(one);
  void discardWithUndo(id);
}
