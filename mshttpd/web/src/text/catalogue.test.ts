// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CATALOGUES, t, type Key, type Plural } from './catalogue';
import { changeSettings } from '../store/settings';
import { en } from './en';

const NONE = 'compose.state.changed'; // says nothing on purpose

function sources(folder: string): { path: string; text: string }[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(path) && !path.includes('.test.') ? [{ path, text: readFileSync(path, 'utf8') }] : [];
  });
}

const values = (entry: string | Plural) => [...JSON.stringify(entry).matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
const forms = (entry: string | Plural) => (typeof entry === 'string' ? [entry] : [entry.one, entry.other]);

for (const [name, catalogue] of Object.entries(CATALOGUES)) {
  test(`${name} has every string, with the same values`, () => {
    assert.deepEqual(Object.keys(catalogue).sort(), Object.keys(en).sort());
    for (const key of Object.keys(en) as Key[]) {
      assert.deepEqual(new Set(values(catalogue[key])), new Set(values(en[key])), key);
      assert.equal(typeof catalogue[key], typeof en[key], key);
      for (const form of forms(catalogue[key])) assert.ok(form !== '' || key === NONE, `${key} is empty`);
    }
  });
}

test('every key that the sources name exists, and every key is named', () => {
  const all = sources('src').filter(({ path }) => !/text.(en|de)\.ts$/.test(path)).map(({ text }) => text).join('\n');
  for (const [, key] of all.matchAll(/\bt\('([\w.]+)'/g)) assert.ok(key! in en, `${key} is missing`);
  const prefixes = [...all.matchAll(/\bt\(`([\w.]+)\$\{/g)].map((match) => match[1]!);
  for (const key of Object.keys(en)) {
    assert.ok(all.includes(`'${key}'`) || prefixes.some((prefix) => key.startsWith(prefix)), `${key} is not used`);
  }
});

test('components have no words of their own', () => {
  for (const { path, text } of sources('src/ui')) {
    const bare = text.replace(/\{\/\*.*?\*\/\}/gs, '').replace(/^\s*(\/\/|\/\*\*|\*).*$/gm, '');
    for (const [whole, words] of bare.matchAll(/>\s*([A-Za-z][A-Za-z ,.!?]{2,})\s*<\/(?!code)/g)) {
      assert.ok(words === 'Posthorn' || words === 'Ctrl' || words === 'Enter', `${path}: ${whole}`);
    }
    for (const [whole] of bare.matchAll(/\b(?:aria-label|title|placeholder|label|alt)="[^"]*[A-Za-z][^"]*"/g)) assert.fail(`${path}: ${whole}`);
  }
});

test('plurals and values are put in', () => {
  changeSettings({ language: 'en' });
  assert.equal(t('list.messages', { n: 1 }), '1 message');
  assert.equal(t('list.messages', { n: 3 }), '3 messages');
  changeSettings({ language: 'de' });
  assert.equal(t('list.messages', { n: 3 }), '3 Nachrichten');
  changeSettings({ language: '' });
});
