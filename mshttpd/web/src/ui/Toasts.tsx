// SPDX-License-Identifier: Apache-2.0
import { dismiss, toasts } from '../store/toasts';
import { t } from '../text/catalogue';
import { IconButton } from './Icon';

export function Toasts() {
  return (
    <div class="toasts" role="region" aria-live="polite" aria-label={t('app.messages')}>
      {toasts.value.map((toast) => (
        <div key={toast.id} class={`toast ${toast.kind}`} role={toast.kind === 'wrong' ? 'alert' : 'status'}>
          <span>{toast.text}</span>
          {toast.action && (
            <button type="button" onClick={() => {
              dismiss(toast.id);
              toast.action?.run();
            }}>{toast.action.label}</button>
          )}
          <IconButton icon="close" label={t('action.close')} onClick={() => dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
}
