// SPDX-License-Identifier: Apache-2.0
// Many at once, by mouse and by keys, and from one account to another.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { folder, logIn, newPerson, openFolder, quit, row, toast, until } from './browser.mjs';

let context;
let page;
let berts;
let bert;

/** Bert shares a folder with Anna; then she logs in. */
before(async () => {
  berts = await newPerson();
  bert = await logIn(berts, 'bert');
  await bert.locator('.new-folder').click();
  await bert.fill('dialog input', 'Team');
  await bert.keyboard.press('Enter');
  await folder(bert, 'Team').click({ button: 'right' });
  await bert.getByRole('menuitem', { name: 'Share' }).click();
  await bert.fill('dialog input[type=search]', 'anna');
  await bert.locator('dialog .choices button', { hasText: 'anna' }).first().click();
  await bert.locator('dialog .sharees li', { hasText: 'Anna' }).locator('select').selectOption('write');
  await bert.keyboard.press('Escape');
  context = await newPerson();
  page = await logIn(context);
  // Who shares with Anna is remembered for half a minute, from an earlier login of hers.
  await until('the folder is there', async () => {
    if ((await folder(page, 'Team').count()) > 0) return true;
    await page.waitForTimeout(2000);
    await page.reload();
    await page.waitForSelector('.folder', { state: 'attached' });
    await page.locator('.list-note[aria-busy]').waitFor({ state: 'detached' });
    return (await folder(page, 'Team').count()) > 0;
  }, 60_000);
});
after(async () => {
  await quit();
  assert.deepEqual([...context.errors, ...berts.errors], []);
});

const nth = (index) => page.locator(`.row[aria-rowindex="${index}"]`);
const total = () => page.locator('.list-pane .toolbar .total').textContent();
const seen = (who) => who.locator('.row:not(.unknown)').count();

async function drag(what, where) {
  await what.hover();
  await page.mouse.down();
  await where.hover();
  await where.hover({ position: { x: 40, y: 10 } }); // the first move begins the drag, this one is over
  await page.locator('.folder.over').waitFor();
  await page.mouse.up();
}

test('the shift key selects a span, with mouse and keys, and several are dragged at once', async () => {
  const before = await total();
  await nth(10).locator('input').click();
  await nth(14).click({ modifiers: ['Shift'] });
  await page.locator('.total', { hasText: '5 selected' }).waitFor();
  await nth(12).click({ modifiers: ['Control'] });
  await page.locator('.total', { hasText: '4 selected' }).waitFor();
  await drag(nth(11), folder(page, 'Projects'));
  await toast(page, '4 conversations moved to Projects').getByText('Undo').click();
  await until('all are back', async () => (await total()) === before);

  await page.locator('#list').focus();
  await nth(5).locator('input').click();
  await page.keyboard.press('x');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+J');
  await page.locator('.total', { hasText: '3 selected' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('*');
  await page.locator('.total', { hasText: 'selected' }).waitFor();
  await page.keyboard.press('Escape');
  await until('nothing is selected', async () => (await total()) === before);
});

test('rows and folders have a menu of their own, which keys work, too', async () => {
  await nth(8).click({ button: 'right' });
  const menu = page.locator('.menu-items.free');
  await menu.getByRole('menuitem', { name: 'Star' }).click();
  await nth(8).locator('.star[aria-pressed=true]').waitFor();
  await nth(8).click({ button: 'right' });
  await menu.locator('[role=menuitem]:focus').waitFor();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await nth(8).locator('.star[aria-pressed=false]').waitFor();
  await folder(page, 'Projects').click({ button: 'right' });
  await menu.getByRole('menuitem', { name: 'New folder in it' }).waitFor();
  await page.keyboard.press('Escape');
  await menu.waitFor({ state: 'detached' });
});

test('to a folder of somebody else by drag, by key, and back by undo', async () => {
  await openFolder(bert, 'Team');

  const team = folder(page, 'Team');
  const before = await total();
  const id = await nth(7).getAttribute('id');
  await drag(nth(7), team);
  await toast(page, 'Moved to Team').waitFor();
  await until('Bert has it', async () => (await seen(bert)) === 1);
  await until('it is gone here', async () => (await page.locator(`#${id}`).count()) === 0);
  await toast(page, 'Moved to Team').getByText('Undo').click();
  await until('it is back', async () => (await total()) === before);
  await until('Bert has it no more', async () => (await seen(bert)) === 0);

  await nth(7).locator('input').click();
  await nth(8).locator('input').click();
  await page.keyboard.press('v');
  await page.fill('dialog input', 'team');
  await page.locator('dialog .choices', { hasText: 'shared by' }).waitFor();
  await page.keyboard.press('Enter');
  await toast(page, '2 conversations moved to Team').waitFor();
  await until('Bert has both', async () => (await seen(bert)) === 2);

  // And home again, out of the shared folder.
  await openFolder(page, 'Team');
  await until('both are there', async () => (await seen(page)) === 2);
  await page.locator('.list-pane .toolbar input').click();
  await page.keyboard.press('v');
  await page.fill('dialog input', 'inbox');
  await page.keyboard.press('Enter');
  await until('Bert has none', async () => (await seen(bert)) === 0);
  await openFolder(page, 'Inbox');
  await until('all are home', async () => (await total()) === before);
});

test('the trash is emptied after the time for undo', async () => {
  await nth(20).locator('input').click();
  await page.keyboard.press('#');
  await toast(page, 'Moved to Trash').waitFor();
  await openFolder(page, 'Trash');
  await until('it is there', async () => (await seen(page)) === 1);
  await folder(page, 'Trash').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Empty folder' }).click();
  await toast(page, 'Folder Trash is emptied').waitFor();
  await page.locator('.list-empty', { hasText: 'The trash is empty.' }).waitFor();
  await openFolder(page, 'Inbox');
});

test('what may not be changed is refused in words, and stays', async () => {
  await folder(bert, 'Team').click({ button: 'right' });
  await bert.getByRole('menuitem', { name: 'Share' }).click();
  await bert.locator('dialog .sharees li', { hasText: 'Anna' }).locator('select').selectOption('read');
  await bert.keyboard.press('Escape');
  await page.reload();
  await folder(page, 'Team').waitFor();
  await nth(4).locator('input').click();
  await page.keyboard.press('v');
  await page.fill('dialog input', 'team');
  await page.locator('dialog', { hasText: 'No folder has such a name.' }).waitFor();
  await page.keyboard.press('Escape');
});
