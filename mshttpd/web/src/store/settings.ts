// SPDX-License-Identifier: Apache-2.0
// What a person has chosen. Kept by the browser until the server has a place for it; this module is all that knows.
import { signal } from '@preact/signals';
import { read, write } from './keep';

export interface Settings {
  language: string; // '' is the browser's
  theme: 'system' | 'light' | 'dark';
  undoSeconds: number;
  rich: boolean; // new messages are written with formatting
  trusted: string[]; // addresses whose remote images are shown
}

const DEFAULTS: Settings = { language: '', theme: 'system', undoSeconds: 10, rich: true, trusted: [] };

export const settings = signal<Settings>({ ...DEFAULTS, ...read<Partial<Settings>>('settings') });

export function changeSettings(patch: Partial<Settings>): void {
  settings.value = { ...settings.value, ...patch };
  write('settings', settings.value);
}

export function isTrusted(address: string | undefined): boolean {
  return !!address && settings.value.trusted.includes(address.toLowerCase());
}

export function trust(address: string): void {
  if (!isTrusted(address)) changeSettings({ trusted: [...settings.value.trusted, address.toLowerCase()] });
}

export function distrust(address: string): void {
  changeSettings({ trusted: settings.value.trusted.filter((one) => one !== address.toLowerCase()) });
}
