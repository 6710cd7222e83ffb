// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markedPieces } from './marked';

test('what is marked is told from what is not, and entities are characters', () => {
  assert.deepEqual(markedPieces('Tom &amp; the <mark>hedge</mark>hog'), [
    { text: 'Tom & the ', marked: false }, { text: 'hedge', marked: true }, { text: 'hog', marked: false },
  ]);
  assert.deepEqual(markedPieces('<mark>a</mark><mark>b</mark>'), [{ text: 'a', marked: true }, { text: 'b', marked: true }]);
  assert.deepEqual(markedPieces(''), []);
});

test('what is marked is in sight', () => {
  assert.deepEqual(markedPieces('a long way to the <mark>word</mark>', 4)[0], { text: '…the ', marked: false });
  assert.deepEqual(markedPieces('without any', 4), [{ text: 'without any', marked: false }]);
});

test('other markup stays text, and an entity is read once', () => {
  assert.deepEqual(markedPieces('<img src=x> &amp;lt;b&#39;'), [{ text: '<img src=x> &lt;b\'', marked: false }]);
});
