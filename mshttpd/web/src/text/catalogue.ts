// SPDX-License-Identifier: Apache-2.0
import { computed } from '@preact/signals';
import { settings } from '../store/settings';
import { de } from './de';
import { en } from './en';

export type Plural = { one: string; other: string };
export type Key = keyof typeof en;
export type Catalogue = Record<Key, string | Plural>;
export type Values = Record<string, string | number>;

export const CATALOGUES: Record<string, Catalogue> = { en, de };
export const LANGUAGES: Record<string, string> = { en: 'English', de: 'Deutsch' };

/** The language in force: the chosen one, else the browser's if there is a catalogue for it. */
export const language = computed(() => {
  const chosen = settings.value.language;
  if (chosen in CATALOGUES) return chosen;
  const wanted = typeof navigator === 'undefined' ? [] : (navigator.languages ?? []);
  return wanted.map((tag) => tag.slice(0, 2)).find((tag) => tag in CATALOGUES) ?? 'en';
});

/** How dates and numbers are written: as the browser's region does, if it speaks the language in force. */
export const locale = computed(() => {
  const wanted = typeof navigator === 'undefined' ? [] : (navigator.languages ?? []);
  return wanted.find((tag) => tag.slice(0, 2) === language.value) ?? language.value;
});

const catalogue = computed(() => CATALOGUES[language.value] ?? en);
const plurals = computed(() => new Intl.PluralRules(language.value));

/** The text of a key in the language in force. A plural is chosen by the value `n`. */
export function t(key: Key, values: Values = {}): string {
  const entry = catalogue.value[key];
  const text = typeof entry === 'string' ? entry : plurals.value.select(Number(values['n'])) === 'one' ? entry.one : entry.other;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? printed(values[name]!) : whole));
}

function printed(value: string | number): string {
  return typeof value === 'number' ? value.toLocaleString(locale.value) : value;
}
