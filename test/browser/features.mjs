// SPDX-License-Identifier: Apache-2.0
// One test for each thing that a person can do besides the five tasks.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFaults, body, facts, folder, LOOKS, logIn, newPerson, openFolder, quit, row, toast, typeBody, until } from './browser.mjs';

let context;
let page;

before(async () => {
  context = await newPerson();
  page = await logIn(context);
});
after(async () => {
  await quit();
  assert.deepEqual(context.errors, []);
});

test('a wrong password is told in words', async () => {
  const other = await newPerson();
  const login = await other.newPage();
  await login.goto(facts.url);
  await login.fill('[name=username]', 'anna');
  await login.fill('[name=password]', 'not this');
  await login.click('button[type=submit]');
  await login.locator('[role=alert]', { hasText: 'The user name or the password is wrong.' }).waitFor();
  await other.close();
});

test('a conversation shows one\'s own answer between the others', async () => {
  await row(page, 'Garden party').click();
  await page.locator('.card').nth(2).waitFor();
  const names = await page.locator('.card-from').allTextContents();
  assert.deepEqual(names.map((name) => name.split(' ')[0]), ['Clara', 'Anna', 'Clara']);
});

test('remote images are blocked until the sender is trusted, then they stay shown', async () => {
  await row(page, 'Newsletter').click();
  await page.locator('.body-note', { hasText: 'not shown' }).waitFor();
  assert.equal(await body(page).locator('img[src^="https:"]').count(), 0);
  await page.getByText('Always show from').click();
  await until('the image is there', async () => (await body(page).locator('img[src^="https:"]').count()) === 1);
  await page.reload();
  await row(page, 'Newsletter').click();
  await until('it is there still', async () => (await body(page).locator('img[src^="https:"]').count()) === 1);
  await page.locator('[aria-label="Settings"]').click();
  await page.locator('[aria-label^="Do not show images from"]').click();
  await page.keyboard.press('Escape');
});

test('a message\'s own styles reach its frame, its scripts do not', async () => {
  await row(page, 'Newsletter').click();
  const colour = await body(page).locator('.claim').evaluate((element) => getComputedStyle(element).color);
  assert.equal(colour, 'rgb(10, 110, 60)');
  assert.equal(await page.evaluate('window.pwned'), undefined);
  const inner = await page.locator('.body-frame iframe').first().elementHandle();
  const sandbox = await (await inner.contentFrame()).locator('iframe').getAttribute('sandbox');
  assert.equal(sandbox, 'allow-popups allow-popups-to-escape-sandbox');
});

test('inline images are shown, attachments are listed with previews', async () => {
  await row(page, 'Photos').click();
  await until('the inline image is there', async () => (await body(page).locator('img[src^="data:image/png"]').count()) === 1);
  const attachment = page.locator('.attachments li', { hasText: 'notes.txt' });
  await attachment.locator('.attachment').click();
  await page.locator('.preview-text', { hasText: 'Notes of the trip' }).waitFor();
  await page.keyboard.press('Escape');
  const [download] = await Promise.all([page.waitForEvent('download'), attachment.locator('[aria-label^="Download"]').click()]);
  assert.equal(download.suggestedFilename(), 'notes.txt');
});

test('quoted text is folded, and unfolds', async () => {
  await row(page, 'Quoting').click();
  const quoted = body(page).getByText('the old words');
  await body(page).locator('summary').waitFor();
  assert.equal(await quoted.isVisible(), false);
  await body(page).locator('summary').click();
  assert.equal(await quoted.isVisible(), true);
});

test('search: chips narrow and widen, operators work over all folders', async () => {
  await page.fill('#search', 'subject:minutes from:bert');
  await page.keyboard.press('Enter');
  await row(page, 'Minutes').waitFor();
  const few = await page.locator('.toolbar .total').textContent();
  await page.locator('.list-pane .chip', { hasText: 'Subject' }).locator('button').click();
  await until('there are more', async () => (await page.locator('.toolbar .total').textContent()) !== few);
  await page.fill('#search', 'surelynothinghasthisword');
  await page.keyboard.press('Enter');
  await page.getByText('Nothing was found.').waitFor();
  await page.locator('[aria-label="Clear the search"]').click();
  await page.locator('.toolbar h1', { hasText: 'Inbox' }).waitFor();
});

test('folders: created, nested, renamed, deleted with undo, deleted', async () => {
  await page.locator('.new-folder').click();
  await page.fill('dialog input', 'Travel');
  await page.keyboard.press('Enter');
  await folder(page, 'Travel').waitFor();
  await page.locator('.new-folder').click();
  await page.fill('dialog input', 'Travel');
  await page.keyboard.press('Enter');
  await page.locator('dialog [role=alert]').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('[aria-label="Actions for Travel"]').click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.fill('dialog input', 'Journeys');
  await page.keyboard.press('Enter');
  await folder(page, 'Journeys').waitFor();
  await page.locator('[aria-label="Actions for Journeys"]').click();
  await page.getByRole('menuitem', { name: 'Delete folder' }).click();
  await folder(page, 'Journeys').waitFor({ state: 'detached' });
  await toast(page, 'Folder Journeys').getByText('Undo').click();
  await folder(page, 'Journeys').waitFor();
  await page.locator('[aria-label="Actions for Journeys"]').click();
  await page.getByRole('menuitem', { name: 'Delete folder' }).click();
  await toast(page, 'Folder Journeys').waitFor();
  await toast(page, 'Folder Journeys').waitFor({ state: 'detached' });
  await page.reload();
  await folder(page, 'Inbox').waitFor();
  assert.equal(await folder(page, 'Journeys').count(), 0);
});

test('a conversation is dragged to a folder, and comes back', async () => {
  const one = row(page, 'Invoice');
  const id = await one.getAttribute('id');
  await one.hover();
  await page.mouse.down();
  await folder(page, 'Projects').hover();
  await folder(page, 'Projects').hover({ position: { x: 40, y: 10 } }); // the first move begins the drag, this one is over
  await page.locator('.folder.over').waitFor(); // the folder says that it takes what is over it
  await page.mouse.up();
  await toast(page, 'Moved to Projects').waitFor();
  await page.locator(`#${id}`).waitFor({ state: 'detached' });
  await toast(page, 'Moved to Projects').getByText('Undo').click();
  await page.locator(`#${id}`).waitFor();
});

test('keys alone: move about, open, star, delete and undo, the sheet of keys', async () => {
  await page.locator('#list').focus();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.locator('.row.cursor').waitFor();
  const id = await page.locator('.row.cursor').getAttribute('id');
  await page.keyboard.press('s');
  await page.locator(`#${id} .star[aria-pressed=true]`).waitFor();
  await page.keyboard.press('s');
  await page.keyboard.press('Enter');
  await page.locator('.card.open').waitFor();
  await page.keyboard.press('#');
  await page.locator(`#${id}`).waitFor({ state: 'detached' });
  await toast(page, 'Moved to Trash').getByText('Undo').click();
  await page.locator(`#${id}`).waitFor();
  await page.keyboard.press('?');
  await page.locator('dialog', { hasText: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.locator('.toolbar h1', { hasText: 'Sent' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('i');
  await page.locator('.toolbar h1', { hasText: 'Inbox' }).waitFor();
});

test('people are suggested, files are dropped in, sending is taken back, the draft is kept', async () => {
  await page.locator('.compose-button').click();
  const to = page.locator('.compose .recipients-field input').first();
  await until('somebody is suggested', async () => {
    await to.fill('');
    await to.pressSequentially('ber');
    return (await page.locator('.suggestions li').count()) > 0;
  });
  await page.keyboard.press('Enter');
  await page.locator('.compose .chip', { hasText: /bert/i }).waitFor();
  await page.locator('.compose .field', { hasText: 'Subject' }).locator('input').fill('Taken back');
  await typeBody(page, 'Not yet');
  const transfer = await page.evaluateHandle(() => {
    const made = new DataTransfer();
    made.items.add(new File(['dropped'], 'dropped.txt', { type: 'text/plain' }));
    return made;
  });
  await page.dispatchEvent('.compose', 'dragover', { dataTransfer: transfer });
  await page.locator('.drop-here').waitFor();
  await page.dispatchEvent('.compose', 'drop', { dataTransfer: transfer });
  await page.locator('.compose .attachments li', { hasText: 'dropped.txt' }).waitFor();
  await page.locator('.compose progress').waitFor({ state: 'detached' });
  await page.locator('.compose-foot .primary').click();
  await toast(page, 'Sending').getByText('Undo and edit').click();
  await until('it is there again', async () => /Not yet/.test((await page.locator('.editor-text').textContent()) ?? ''));
  await page.getByText('Plain text', { exact: true }).click();
  assert.match(await page.locator('.plain-editor').inputValue(), /Not yet/);
  await page.locator('[aria-label="Discard draft"]').click();
  await toast(page, 'Draft discarded').waitFor();
});

test('a server out of reach is told by a banner, and nothing typed is lost', async () => {
  await page.locator('.compose-button').click();
  await page.locator('.compose .field', { hasText: 'Subject' }).locator('input').fill('Without a line');
  await context.setOffline(true);
  await typeBody(page, 'Typed offline');
  await page.locator('.notice', { hasText: 'cannot be reached' }).waitFor();
  await page.locator('.save-state', { hasText: 'Kept in this browser' }).waitFor();
  await context.setOffline(false);
  await page.locator('.notice', { hasText: 'cannot be reached' }).waitFor({ state: 'detached' });
  await page.locator('.save-state', { hasText: 'Saved in Drafts' }).waitFor();
  await page.locator('[aria-label="Discard draft"]').click();
});

test('German is spoken, too', async () => {
  await page.locator('[aria-label="Settings"]').click();
  await page.selectOption('dialog select >> nth=0', 'de');
  await page.locator('.compose-button', { hasText: 'Schreiben' }).waitFor();
  assert.equal(await page.evaluate('document.documentElement.lang'), 'de');
  await page.selectOption('dialog select >> nth=0', '');
  await page.keyboard.press('Escape');
});

test('the quota bar says what is used', async () => {
  assert.match((await page.locator('.quota').textContent()) ?? '', /of .* used/);
});

for (const look of Object.keys(LOOKS)) {
  test(`axe finds nothing serious, ${look}`, async () => {
    const other = await newPerson(look);
    const login = await other.newPage();
    await login.goto(facts.url);
    await login.locator('[name=username]').waitFor();
    assert.deepEqual(await accessibilityFaults(login), []);
    await login.close();
    const view = await logIn(other);
    await row(view, 'Garden party').waitFor();
    assert.deepEqual(await accessibilityFaults(view), []);
    await row(view, 'Garden party').click();
    await view.locator('.card.open').first().waitFor();
    assert.deepEqual(await accessibilityFaults(view), []);
    await view.locator('.answers button').first().click();
    await view.locator('.editor-text').waitFor();
    assert.deepEqual(await accessibilityFaults(view), []);
    await view.locator('[aria-label="Discard draft"]').click();
    if (look === 'phone') await view.locator('[aria-label="Back to the list"]').click();
    await view.locator('[aria-label="Settings"]').click();
    await view.locator('dialog').waitFor();
    assert.deepEqual(await accessibilityFaults(view), []);
    await view.keyboard.press('Escape');
    await view.keyboard.press('?');
    await view.locator('dialog .keys').waitFor();
    assert.deepEqual(await accessibilityFaults(view), []);
    await view.keyboard.press('Escape');
    await row(view, 'Minutes').locator('.row-who').click({ button: 'right' });
    await view.locator('.menu-items.free').waitFor();
    assert.deepEqual(await accessibilityFaults(view), []);
    await view.keyboard.press('Escape');
    if (look === 'phone') await view.locator('.topbar [aria-label="Folders"]').click();
    await view.locator('[aria-label="Actions for Projects"]').click();
    await view.getByRole('menuitem', { name: 'Share' }).click();
    await view.fill('dialog input[type=search]', 'bert');
    await view.locator('dialog .choices button').first().waitFor();
    assert.deepEqual(await accessibilityFaults(view), []);
    await view.locator('dialog [aria-label="Close"]').click();
    if (look === 'phone') await view.locator('.scrim').click({ position: { x: 370, y: 400 } });
    await view.locator('#search').fill('minutes in:inbox');
    await view.keyboard.press('Enter');
    await view.locator('.list-pane .chip').first().waitFor();
    assert.deepEqual(await accessibilityFaults(view), []);
    await openFolder(view, 'Inbox');
    await other.close();
  });
}
