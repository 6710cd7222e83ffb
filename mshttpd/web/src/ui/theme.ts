// SPDX-License-Identifier: Apache-2.0
import { computed, effect, signal } from '@preact/signals';
import { settings } from '../store/settings';

const preference = matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(preference.matches);
preference.addEventListener('change', () => (systemDark.value = preference.matches));

export const dark = computed(() => settings.value.theme === 'dark' || (settings.value.theme === 'system' && systemDark.value));

export function followTheme(): void {
  effect(() => {
    document.documentElement.dataset['theme'] = dark.value ? 'dark' : 'light';
  });
}
