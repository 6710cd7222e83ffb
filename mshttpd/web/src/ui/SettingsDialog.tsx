// SPDX-License-Identifier: Apache-2.0
import { changeSettings, distrust, settings, type Settings } from '../store/settings';
import { LANGUAGES, t } from '../text/catalogue';
import { Dialog } from './Dialog';
import { IconButton } from './Icon';

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const now = settings.value;
  return (
    <Dialog title={t('settings.title')} onClose={onClose}>
      <label>{t('settings.language')}
        <select value={now.language} onChange={(event) => changeSettings({ language: event.currentTarget.value })}>
          <option value="">{t('settings.system')}</option>
          {Object.entries(LANGUAGES).map(([tag, name]) => <option key={tag} value={tag}>{name}</option>)}
        </select>
      </label>
      <label>{t('settings.theme')}
        <select value={now.theme} onChange={(event) => changeSettings({ theme: event.currentTarget.value as Settings['theme'] })}>
          {(['system', 'light', 'dark'] as const).map((theme) => <option key={theme} value={theme}>{t(`settings.${theme}`)}</option>)}
        </select>
      </label>
      <label>{t('settings.undo')}
        <select value={String(now.undoSeconds)} onChange={(event) => changeSettings({ undoSeconds: Number(event.currentTarget.value) })}>
          {[5, 10, 20, 30].map((n) => <option key={n} value={String(n)}>{t('settings.seconds', { n })}</option>)}
        </select>
      </label>
      <label class="check">
        <input type="checkbox" checked={now.rich} onChange={(event) => changeSettings({ rich: event.currentTarget.checked })} /> {t('settings.rich')}
      </label>
      <h3>{t('settings.trusted')}</h3>
      {now.trusted.length === 0 && <p>{t('settings.trustedNone')}</p>}
      <ul class="sharees">
        {now.trusted.map((address) => (
          <li key={address}><span>{address}</span><IconButton icon="close" label={t('settings.distrust', { address })} onClick={() => distrust(address)} /></li>
        ))}
      </ul>
    </Dialog>
  );
}
