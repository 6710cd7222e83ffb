// SPDX-License-Identifier: Apache-2.0
// A folder of very many messages on a real family: the first list, jumps, the whole way down, selection, search, and what
// the page holds of it all. How many, browser_test.py was told.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { facts, logIn, newPerson, openFolder, quit, toast, until } from './browser.mjs';

const MESSAGES = facts.messages;
const MOST_ROWS = 60; // on the page at once
const PATIENCE = { list: 5_000, jump: 3_000, search: 10_000 + MESSAGES / 5, heapMB: 60 };
const times = {};

let context;
let page;

before(async () => {
  context = await newPerson();
});
after(async () => {
  await quit();
  console.log(`\n${MESSAGES} messages: ${Object.entries(times).map(([what, took]) => `${what} ${took}`).join(', ')}`);
  assert.deepEqual(context.errors, []);
});

const rowAt = (index) => page.locator(`.row[aria-rowindex="${index}"]:not(.unknown)`);
const total = (text) => page.locator('.list-pane .toolbar .total', { hasText: text });
const printed = (n) => n.toLocaleString('en-GB');

async function timed(what, most, work) {
  const start = Date.now();
  await work();
  const took = Date.now() - start;
  times[what] = `${took} ms`;
  assert.ok(took < most, `${what} took ${took} ms`);
}

const scrollTo = (share) => page.locator('#list').evaluate((list, where) => (list.scrollTop = (list.scrollHeight - list.clientHeight) * where), share);

test('the list opens', async () => {
  const start = Date.now();
  page = await logIn(context, 'clara');
  await rowAt(1).waitFor();
  times['login to first list'] = `${Date.now() - start} ms`;
  await total(printed(MESSAGES)).waitFor();
  await timed('reload to first list', PATIENCE.list, async () => {
    await page.reload();
    await rowAt(1).waitFor();
  });
});

test('it flies to any place', async () => {
  for (const share of [0.5, 0.25, 0.9, 1]) {
    await timed(`jump to ${share * 100} %`, PATIENCE.jump, async () => {
      await scrollTo(share);
      const first = await page.locator('#list').evaluate((list) => Math.floor(list.scrollTop / 68) + 2);
      await rowAt(first).waitFor();
    });
  }
  // The oldest is the last: nothing is missing at the end.
  await rowAt(MESSAGES).locator('.row-subject', { hasText: /^message 1$/ }).waitFor();
  assert.ok((await page.locator('.row').count()) <= MOST_ROWS);
});

test('it is scrolled from end to end, and the page stays small', async () => {
  const start = Date.now();
  const steps = 60;
  for (let step = steps; step >= 0; step--) {
    await scrollTo(step / steps);
    if (step % 10 === 0) await until('rows are there', async () => (await page.locator('.row.unknown').count()) === 0);
  }
  times['end to end'] = `${Date.now() - start} ms`;
  assert.ok((await page.locator('.row').count()) <= MOST_ROWS);
  const session = await context.newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  times['heap'] = `${Math.round(usedSize / 1e6)} MB`;
  assert.ok(usedSize < PATIENCE.heapMB * 1e6, `${usedSize} octets of heap`);
  await rowAt(1).waitFor();
});

test('keys move through it, and a place that was left is there again', async () => {
  await page.locator('#list').focus();
  for (let i = 0; i < 30; i++) await page.keyboard.press('j');
  await page.locator('.row.cursor[aria-rowindex="30"]').waitFor();
});

test('all of it is selected and marked as read, with the shift key a part', async () => {
  await scrollTo(0);
  await rowAt(2).locator('input').click();
  await scrollTo(0.04);
  const far = await page.locator('#list').evaluate((list) => Math.floor(list.scrollTop / 68) + 3);
  await rowAt(far).click({ modifiers: ['Shift'] });
  await total(`${printed(far - 1)} selected`).waitFor();
  await page.locator('#list').focus();
  await page.keyboard.press('Escape');
  await page.locator('.list-pane .toolbar input').click();
  await timed('select all', PATIENCE.search, async () => {
    await page.locator('.list-more button').click();
    await total(`${printed(MESSAGES)} selected`).waitFor();
  });
  await page.locator('#list').focus();
  await page.keyboard.press('Escape');
});

test('a great many are moved, and come back', async () => {
  await page.locator('.new-folder').click();
  await page.fill('dialog input', 'Heap');
  await page.keyboard.press('Enter');
  await page.locator('.folder', { hasText: 'Heap' }).waitFor();
  await scrollTo(0);
  await rowAt(1).locator('input').click();
  await scrollTo(2_000 / MESSAGES);
  const far = await page.locator('#list').evaluate((list) => Math.floor(list.scrollTop / 68) + 3);
  await rowAt(far).click({ modifiers: ['Shift'] });
  await total(`${printed(far)} selected`).waitFor();
  const start = Date.now();
  await page.keyboard.press('v');
  await page.fill('dialog input', 'Heap');
  await page.keyboard.press('Enter');
  await toast(page, 'moved to Heap').waitFor();
  await toast(page, ' of ').waitFor({ state: 'detached', timeout: 60_000 });
  times[`move ${far}`] = `${Date.now() - start} ms`;
  await total(`${printed(MESSAGES - far)} conversations`).waitFor({ timeout: 60_000 });
  await toast(page, 'moved to Heap').getByText('Undo').click();
  await total(`${printed(MESSAGES)} conversations`).waitFor({ timeout: 60_000 });
});

test('a word is found', async () => {
  await timed('search for a word in subjects', PATIENCE.search, async () => {
    await page.fill('#search', 'subject:"message 4321"');
    await page.keyboard.press('Enter');
    await page.locator('.row-subject', { hasText: 'message 4321' }).first().waitFor();
  });
  await timed('search for a word in all', 4 * PATIENCE.search, async () => {
    await page.fill('#search', '12345');
    await page.keyboard.press('Enter');
    await page.locator('.row-subject mark', { hasText: '12345' }).first().waitFor({ timeout: 4 * PATIENCE.search });
  });
  await openFolder(page, 'Inbox');
});
