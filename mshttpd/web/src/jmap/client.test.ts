// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeServer } from '../../fake/server';
import { Batch } from './batch';
import { Client } from './client';
import { fillTemplate, Http, ownPath } from './http';
import { Problem } from './problem';

async function loggedIn(fake = new FakeServer()): Promise<{ fake: FakeServer; client: Client }> {
  fake.loggedIn = true;
  const http = new Http(fake.handle);
  http.csrf = fake.csrf;
  const client = new Client(http);
  await client.loadSession();
  fake.requests = [];
  return { fake, client };
}

test('a later call takes the result of an earlier one', async () => {
  const { fake, client } = await loggedIn();
  const email = fake.account.addEmail({ subject: 'Hello' });
  const batch = new Batch();
  const found = batch.call('Email/query', { accountId: fake.account.id, filter: { text: 'hello' } });
  const got = batch.call('Email/get', { accountId: fake.account.id, '#ids': found.ref('/ids') });
  await client.send(batch);
  assert.deepEqual(got.result.list.map((one) => one.id), [email.id]);
  assert.equal(fake.requests.length, 1);
});

test('batches of the same tick share a request, up to what the server takes', async () => {
  const { fake, client } = await loggedIn();
  const accountId = fake.account.id;
  await Promise.all([client.call('Mailbox/get', { accountId, ids: null }), client.call('Quota/get', { accountId, ids: null })]);
  assert.equal(fake.requests.length, 1);
  fake.maxCallsInRequest = 2;
  await client.loadSession();
  fake.requests = [];
  await Promise.all([1, 2, 3].map(() => client.call('Core/echo', { accountId })));
  assert.deepEqual(fake.requests.map((one) => one.body.methodCalls.length), [2, 1]);
});

test('only capabilities that are used and offered are named', async () => {
  const { fake, client } = await loggedIn();
  await client.call('Quota/get', { accountId: fake.account.id, ids: null });
  assert.deepEqual(fake.requests[0]?.body.using, ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:quota']);
});

test('an error of one method is the problem of its call alone', async () => {
  const { fake, client } = await loggedIn();
  const batch = new Batch();
  const wrong = batch.call('Email/changes', { accountId: fake.account.id, sinceState: 'x' });
  const right = batch.call('Mailbox/get', { accountId: fake.account.id, ids: null });
  await client.send(batch);
  assert.throws(() => wrong.result, (error: Problem) => error.type === 'cannotCalculateChanges');
  assert.equal(right.result.list.length, 6);
});

test('a request that meets a timed-out session goes on after the login', async () => {
  const { fake, client } = await loggedIn();
  fake.loggedIn = false;
  let asked = 0;
  client.http.onExpired = async () => {
    asked++;
    fake.loggedIn = true;
    fake.csrf = client.http.csrf = 'csrf-2';
  };
  const got = await client.call('Mailbox/get', { accountId: fake.account.id, ids: null });
  assert.equal(asked, 1);
  assert.equal(got.list.length, 6);
});

test('a server out of reach is a problem that may be tried again, and is told', async () => {
  const { fake, client } = await loggedIn();
  const told: boolean[] = [];
  client.http.onReached = (reached) => told.push(reached);
  fake.offline = true;
  await assert.rejects(client.call('Core/echo', {}), (error: Problem) => error.type === 'offline' && error.mayRetry);
  assert.deepEqual(told, [false]);
});

test('URLs are taken to our own origin and filled', () => {
  assert.equal(ownPath('https://mail.example.org:8991/jmap/{accountId}/x'), '/jmap/{accountId}/x');
  assert.equal(fillTemplate('/d/{accountId}/{name}?t={type}', { accountId: 'a b', name: 'ä/ö', type: 'text/plain' }), '/d/a%20b/%C3%A4%2F%C3%B6?t=text%2Fplain');
});
