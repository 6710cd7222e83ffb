// SPDX-License-Identifier: Apache-2.0
// From end to end: through the real mail server, over several windows, past the end of a session.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { body, facts, folder, logIn, newPerson, openFolder, quit, row, toast, typeBody, until } from './browser.mjs';

after(quit);

async function write(page, { to, subject, text }) {
  await page.locator('.compose-button').click();
  await page.locator('.compose .recipients-field input').first().fill(`${to},`);
  await page.locator('.compose .field', { hasText: 'Subject' }).locator('input').fill(subject);
  await typeBody(page, text);
}

test('a message with an attachment goes out through the mail server and appears live in the other\'s window', async () => {
  const [annas, berts] = [await newPerson(), await newPerson()];
  const anna = await logIn(annas, 'anna');
  const bert = await logIn(berts, 'bert');
  await bert.waitForTimeout(500); // his event stream is open by now; a late one would only make this slower

  await write(anna, { to: `bert@${facts.domain}`, subject: 'Live across', text: 'Do you see this at once?' });
  await anna.setInputFiles('.compose input[type=file]', { name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('The plan\n') });
  await anna.locator('.compose progress').waitFor({ state: 'detached' });
  await anna.keyboard.press('Control+Enter');
  await toast(anna, /^Sent/).waitFor();

  // Nobody touches Bert's window.
  await row(bert, 'Live across').waitFor();
  await row(bert, 'Live across').click();
  await body(bert).getByText('Do you see this at once?').waitFor();
  await bert.locator('.attachment', { hasText: 'plan.txt' }).click();
  await bert.locator('dialog .preview-text', { hasText: 'The plan' }).waitFor();
  await bert.keyboard.press('Escape');
  await openFolder(anna, 'Sent');
  await row(anna, 'Live across').waitFor();
  assert.deepEqual([...annas.errors, ...berts.errors], []);
  await annas.close();
  await berts.close();
});

test('two windows of one user stay equal', async () => {
  const context = await newPerson();
  const first = await logIn(context);
  const second = await context.newPage();
  await second.goto(facts.url);
  await row(second, 'Minutes').waitFor();

  const name = await row(first, 'Minutes').getAttribute('id');
  await first.locator(`#${name} .star`).click();
  await second.locator(`#${name} .star[aria-pressed=true]`).waitFor();
  await second.locator(`#${name} .star`).click();
  await first.locator(`#${name} .star[aria-pressed=false]`).waitFor();

  await first.locator(`#${name} input`).click();
  await first.locator('.list-pane [aria-label="Delete"]').click();
  await second.locator(`#${name}`).waitFor({ state: 'detached' });
  await toast(first, 'Moved to Trash').getByText('Undo').click();
  await second.locator(`#${name}`).waitFor();

  await first.locator('.new-folder').click();
  await first.fill('dialog input', 'Seen twice');
  await first.keyboard.press('Enter');
  await folder(second, 'Seen twice').waitFor();
  await first.locator('[aria-label="Actions for Seen twice"]').click();
  await first.getByRole('menuitem', { name: 'Delete folder' }).click();
  await folder(second, 'Seen twice').waitFor({ state: 'detached' });
  assert.deepEqual(context.errors, []);
  await context.close();
});

/** The family's http.sessiontimeout is a minute, the least that there is; a page that is open and silent does not lengthen it. */
test('the session times out and the draft is still there after logging in again', { timeout: 150_000 }, async () => {
  const context = await newPerson();
  const page = await logIn(context);
  await write(page, { to: `bert@${facts.domain}`, subject: 'Half a thought', text: 'This must not be lost' });
  await page.locator('.save-state', { hasText: 'Saved in Drafts' }).waitFor();
  const [cookie] = await context.cookies();
  // The server ends the event stream with the session, and the page hears of it by itself.
  await page.locator('dialog', { hasText: 'Please log in again' }).waitFor({ timeout: 120_000 });
  assert.equal((await context.request.get(`${facts.url}session`)).status(), 401, 'it is over at the server');
  assert.match(await page.locator('.editor-text').textContent(), /This must not be lost/);
  await logInAgain(page);
  assert.notEqual((await context.cookies())[0].value, cookie.value);
  await typeBody(page, 'NEVER ');
  await page.locator('.save-state', { hasText: 'Saved in Drafts' }).waitFor();

  // And when it is lost while one writes.
  await context.clearCookies();
  await typeBody(page, 'EVER ');
  await page.locator('dialog', { hasText: 'Please log in again' }).waitFor();
  assert.match(await page.locator('.editor-text').textContent(), /EVER/);
  await logInAgain(page);
  await page.locator('.save-state', { hasText: 'Saved in Drafts' }).waitFor();
  assert.match(await page.locator('.editor-text').textContent(), /EVER NEVER This must not be lost/);
  await page.locator('[aria-label="Save and close"]').click();
  await openFolder(page, 'Drafts');
  await row(page, 'Half a thought').click();
  await until('the draft is open again', async () => /EVER NEVER This must not be lost/.test((await page.locator('.editor-text').textContent()) ?? ''));
  await page.locator('[aria-label="Discard draft"]').click();
  assert.deepEqual(context.errors, []);
  await context.close();
});

async function logInAgain(page) {
  await page.fill('dialog [name=password]', facts.password);
  await page.click('dialog button[type=submit]');
  await page.locator('dialog').waitFor({ state: 'detached' });
}

test('a window that dies leaves its draft to the next', async () => {
  const context = await newPerson();
  const page = await logIn(context);
  await page.waitForTimeout(2_000); // the editor is fetched in the background by now
  await context.setOffline(true);
  await write(page, { to: `bert@${facts.domain}`, subject: 'Before the crash', text: 'Every word' });
  await page.close({ runBeforeUnload: false });
  await context.setOffline(false);
  const next = await context.newPage();
  await next.goto(facts.url);
  await next.locator('.notice', { hasText: 'Before the crash' }).getByText('Open').click();
  await until('the text is there', async () => /Every word/.test((await next.locator('.editor-text').textContent()) ?? ''));
  await next.locator('[aria-label="Discard draft"]').click();
  await toast(next, 'Draft discarded').waitFor();
  await context.close();
});
