// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSearch, printSearch, toFilter } from './search';

const FOLDERS = [
  { id: 'm1', name: 'Inbox', role: 'inbox' }, { id: 'm2', name: 'Trash', role: 'trash' }, { id: 'm3', name: 'Junk', role: 'junk' },
  { id: 'm4', name: 'Projects 2026', role: null },
];

test('words, phrases, operators and negation are told apart', () => {
  assert.deepEqual(parseSearch('lunch from:anna -"no thanks" subject:"big plan"'), [
    { operator: null, value: 'lunch', not: false },
    { operator: 'from', value: 'anna', not: false },
    { operator: null, value: 'no thanks', not: true },
    { operator: 'subject', value: 'big plan', not: false },
  ]);
});

test('what is no operator is a word: a URL, a time, a value without sense', () => {
  for (const text of ['https://example.org/x', '10:30', 'is:purple', 'before:soon', 'larger:much']) {
    assert.deepEqual(parseSearch(text), [{ operator: null, value: text, not: false }]);
  }
});

test('printing what was parsed gives the same search', () => {
  const text = 'lunch -from:anna subject:"big plan" has:attachment';
  assert.equal(printSearch(parseSearch(text)), text);
});

test('all folders are searched but trash and junk, unless one is named', () => {
  assert.deepEqual(toFilter('lunch', FOLDERS), { operator: 'AND', conditions: [{ text: 'lunch' }, { inMailboxOtherThan: ['m2', 'm3'] }] });
  assert.deepEqual(toFilter('lunch in:trash', FOLDERS), { operator: 'AND', conditions: [{ text: 'lunch' }, { inMailbox: 'm2' }] });
  assert.deepEqual(toFilter('in:proj', FOLDERS), { inMailbox: 'm4' });
});

test('each operator becomes its condition', () => {
  const one = (text: string) => toFilter(text, []);
  assert.deepEqual(one('is:unread'), { notKeyword: '$seen' });
  assert.deepEqual(one('has:attachment'), { hasAttachment: true });
  assert.deepEqual(one('larger:2M'), { minSize: 2 * 1024 * 1024 });
  assert.deepEqual(one('smaller:10k'), { maxSize: 10240 });
  assert.deepEqual(one('-to:bert'), { operator: 'NOT', conditions: [{ to: 'bert' }] });
  assert.match(String(one('after:2026-01-31')['after']), /^2026-01-3[01]T\d\d:\d\d:\d\dZ$/);
});

test('a folder that there is not has no messages', () => {
  assert.deepEqual(toFilter('in:nowhere', FOLDERS), { operator: 'NOT', conditions: [{ minSize: 0 }] });
});
