// SPDX-License-Identifier: Apache-2.0
import { t } from '../text/catalogue';
import { Dialog } from './Dialog';
import { SHORTCUTS } from './shortcuts';

export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t('keys.title')} onClose={onClose} class="wide">
      <dl class="keys">
        {SHORTCUTS.map(({ keys, text }) => (
          <div key={keys}>
            <dt>{keys.split(' ').map((key) => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
        <div><dt><kbd>Ctrl</kbd><kbd>Enter</kbd></dt><dd>{t('keys.send')}</dd></div>
      </dl>
    </Dialog>
  );
}
