// SPDX-License-Identifier: Apache-2.0
// What stays in a browser in which somebody else may log in next.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeServer } from '../../fake/server';
import { emptyDraft } from '../mail/draft';
import * as drafts from './drafts';
import { forget, keysBelow, write } from './keep';
import { logIn, logOut } from './server';
import { auth } from './state';
import { loadAll } from './sync';

let fake: FakeServer;

beforeEach(async () => {
  fake = new FakeServer();
  globalThis.fetch = fake.handle as typeof fetch;
  auth.value = 'starting';
  drafts.drafts.value = [];
  for (const key of keysBelow('')) forget(key);
  await logIn('anna', 'secret');
  await loadAll();
});

function begun(text: string): void {
  drafts.openDraft(emptyDraft('d1', undefined, false));
  drafts.change('d1', { subject: 'Plan', text });
}

test('logging out keeps the last words at the server, and none in the browser', async () => {
  begun('One');
  assert.deepEqual(keysBelow('draft.'), ['draft.anna.d1']);
  await logOut();
  assert.equal(fake.account.byRole('drafts').totalEmails, 1);
  assert.deepEqual(keysBelow('draft.'), []);
});

test('what the server did not take stays in the browser', async () => {
  begun('One');
  fake.offline = true;
  await logOut().catch(() => {});
  assert.deepEqual(keysBelow('draft.'), ['draft.anna.d1']);
});

test('nobody takes up what another user of this browser has written', async () => {
  write('draft.anna.miller.d7', { ...emptyDraft('d7', undefined, false), subject: 'Of another Anna', text: 'Secret' });
  write('draft.anna.d8', { ...emptyDraft('d8', undefined, false), subject: 'Mine', text: 'One' });
  await drafts.findLeftBehind();
  assert.deepEqual(drafts.recovered.value.map((one) => one.subject), ['Mine']);
  assert.ok(keysBelow('draft.').includes('draft.anna.miller.d7'), 'it is kept for its own');
});
