// SPDX-License-Identifier: Apache-2.0
// The five tasks of a stranger, timed, in light, dark and on a phone, with a picture of each:
// log in, find a message by a word, answer it with an attachment, move ten messages and undo, share a folder.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { body, facts, folder, LOOKS, logIn, newPerson, openFolder, quit, row, toast, typeBody, until } from './browser.mjs';

// What is there; the instance of tools/quickstart has its own mail.
const { subject = 'Garden party', word = 'hedgehog', target = 'Projects' } = facts;
const times = {};
const LIMIT_MS = 15_000; // each task; a person would have gone long before

after(async () => {
  await quit();
  const lines = Object.entries(times).map(([task, took]) => `${task.padEnd(36)} ${Object.entries(took).map(([look, ms]) => `${look} ${ms} ms`).join('   ')}`);
  console.log(`\nTasks, milliseconds by script in headless Chromium:\n${lines.join('\n')}`);
  if (facts.pictures) writeFileSync(`${facts.pictures}/times.txt`, `${lines.join('\n')}\n`);
});

async function timed(page, look, number, task, work) {
  const start = Date.now();
  await work();
  const took = Date.now() - start;
  (times[task] ??= {})[look] = took;
  if (facts.pictures) {
    mkdirSync(facts.pictures, { recursive: true });
    await page.screenshot({ path: `${facts.pictures}/${number}-${task.replaceAll(' ', '-')}-${look}.png` });
  }
  assert.ok(took < LIMIT_MS, `${task} took ${took} ms`);
}

/** Tab until the element that is wanted has the focus. */
async function tabTo(page, selector, most = 80) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  throw new Error(`the Tab key does not lead to ${selector}`);
}

test('the five tasks by keys alone', async () => {
  const context = await newPerson();
  const page = await context.newPage();
  const start = Date.now();
  await page.goto(facts.url);
  await page.locator('[name=username]:focus').waitFor();
  await page.keyboard.type('anna');
  await page.keyboard.press('Tab');
  await page.keyboard.type(`${facts.password}\n`);
  await row(page, 'Garden party').waitFor();

  await page.keyboard.press('/');
  await page.keyboard.type('hedgehog\n');
  await until('only what was looked for is listed', async () => (await page.locator('.row:not(.unknown)').count()) === 1);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.locator('.card.open').first().waitFor();

  await page.keyboard.press('r');
  await page.locator('.editor-text:focus').waitFor();
  await page.keyboard.type('By keys alone.');
  const chooser = page.waitForEvent('filechooser'); // early: the browser is told of it meanwhile
  await tabTo(page, '.compose [aria-label="Attach files"]');
  await page.keyboard.press('Enter');
  await (await chooser).setFiles({ name: 'keys.txt', mimeType: 'text/plain', buffer: Buffer.from('a b c\n') });
  await page.locator('.compose .attachments li', { hasText: 'keys.txt' }).waitFor();
  await page.locator('.compose progress').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+Enter');
  await toast(page, 'Sending').waitFor();
  await toast(page, /^Sent/).waitFor();

  await page.keyboard.press('g');
  await page.keyboard.press('i');
  await row(page, 'Photos').waitFor();
  const before = await page.locator('.list-pane .toolbar .total').textContent();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  for (let i = 0; i < 9; i++) await page.keyboard.press('Shift+ArrowDown');
  await page.locator('.total', { hasText: '10 selected' }).waitFor();
  await page.keyboard.press('v');
  await page.keyboard.type('Projects\n');
  await toast(page, '10 conversations moved to Projects').waitFor();
  await page.keyboard.press('z');
  await until('all are back', async () => (await page.locator('.list-pane .toolbar .total').textContent()) === before);

  await tabTo(page, '[aria-label="Actions for Projects"]');
  await page.keyboard.press('Enter');
  await until('the menu is there', async () => (await page.locator('[role=menuitem]:focus').count()) === 1);
  while (!/Share/.test((await page.locator('[role=menuitem]:focus').textContent()) ?? '')) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('dialog input:focus').waitFor();
  await page.keyboard.type('bert');
  await page.locator('dialog .choices button', { hasText: 'bert' }).first().waitFor();
  await tabTo(page, 'dialog .choices button');
  await page.keyboard.press('Enter');
  await page.locator('dialog .sharees li', { hasText: 'bert' }).waitFor();
  await tabTo(page, 'dialog .sharees [aria-label^="Do not share"]');
  await page.keyboard.press('Enter');
  await page.locator('dialog .sharees li').waitFor({ state: 'detached' });
  times['all five by keys alone'] = { light: Date.now() - start };
  assert.deepEqual(context.errors, []);
  await context.close();
});

for (const look of Object.keys(LOOKS)) {
  test(`the five tasks, ${look}`, async () => {
    const context = await newPerson(look);
    let page;
    const start = Date.now();
    page = await logIn(context);
    await row(page, subject).waitFor();
    await timed(page, look, 1, 'log in', async () => {});
    times['log in'][look] = Date.now() - start;

    await timed(page, look, 2, 'find a message by a word', async () => {
      await page.fill('#search', word);
      await page.keyboard.press('Enter');
      await until('only what was looked for is listed', async () => (await page.locator('.row:not(.unknown)').count()) === 1);
      await row(page, subject).click();
      // In a later look one's own answer is the newest, and the word stands in its folded quote.
      await body(page).getByText(word).waitFor({ state: 'attached' });
    });

    await timed(page, look, 3, 'answer it with an attachment', async () => {
      await page.locator('.answers button', { hasText: /^\s*Reply$/ }).click();
      await page.locator('.editor-text').waitFor();
      await typeBody(page, `I will come, on foot (${look}). `);
      await page.setInputFiles('.compose input[type=file]', { name: 'way.txt', mimeType: 'text/plain', buffer: Buffer.from('Left, then right.\n') });
      await page.locator('.compose .attachments li', { hasText: 'way.txt' }).waitFor();
      await page.locator('.compose progress').waitFor({ state: 'detached' });
      await page.locator('.save-state', { hasText: 'Saved in Drafts' }).waitFor();
      if (facts.pictures) await page.screenshot({ path: `${facts.pictures}/3-writing-${look}.png` });
      await page.locator('.compose-foot .primary').click();
      await toast(page, 'Sending').waitFor();
    });
    await toast(page, /^Sent/).waitFor();

    await openFolder(page, 'Inbox');
    await row(page, subject).waitFor();
    if ((await folder(page, target).count()) === 0) {
      await page.locator('.new-folder').click();
      await page.fill('dialog input', target);
      await page.keyboard.press('Enter');
      await folder(page, target).waitFor();
    }
    const before = await page.locator('.toolbar .total').textContent();
    await timed(page, look, 4, 'move ten messages and undo', async () => {
      for (let i = 2; i < 12; i++) await page.locator(`.row[aria-rowindex="${i}"] input`).click();
      await page.locator('.list-pane [aria-label="Move to folder"]').click();
      await page.fill('dialog input', target);
      await page.keyboard.press('Enter');
      await toast(page, `10 conversations moved to ${target}`).waitFor();
      if (facts.pictures) await page.screenshot({ path: `${facts.pictures}/4-moved-${look}.png` });
      await toast(page, '10 conversations moved').getByText('Undo').click();
      await until('all are back', async () => (await page.locator('.toolbar .total').textContent()) === before);
    });

    await timed(page, look, 5, 'share a folder', async () => {
      const menu = page.locator('.topbar [aria-label="Folders"]');
      if (await menu.isVisible()) await menu.click();
      await page.locator(`[aria-label="Actions for ${target}"]`).click();
      await page.getByRole('menuitem', { name: 'Share' }).click();
      await page.fill('dialog input[type=search]', 'bert');
      await page.locator('dialog .choices button', { hasText: 'bert' }).first().click();
      await page.locator('dialog .sharees li', { hasText: 'bert' }).waitFor();
    });
    await page.locator('dialog .sharees [aria-label^="Do not share"]').click();
    await page.locator('dialog .sharees li').waitFor({ state: 'detached' });
    assert.deepEqual(context.errors, []);
    await context.close();
  });
}
