// SPDX-License-Identifier: Apache-2.0
// The browser client at one host for somebody whose mail is at the other: reading, live arrival, a folder that is shared by
// somebody at this host, and a host that dies and comes back. Started by test/system/http/two_hosts_node.py, which
// does on its hosts what is asked for.
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { body, folder, logIn, newPerson, openFolder, quit, row } from './browser.mjs';

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function ask(what, argument) {
  console.log(`do ${JSON.stringify({ what, with: argument })}`);
  const { value, done } = await answers.next();
  assert.ok(!done, `nobody does: ${what}`);
  return JSON.parse(value);
}
const step = (text) => console.log(`ok Chromium: ${text}`);

const context = await newPerson();
const page = await logIn(context);
try {
  await row(page, 'for anna').click();
  await body(page).getByText('body of for anna').waitFor();
  step('logged in at host two, read a message at host one');

  await ask('deliver', 'Live from the other host');
  const acknowledged = Date.now();
  await row(page, 'Live from the other host').waitFor();
  step(`a delivery at host one appeared by itself, ${Date.now() - acknowledged} ms after it was acknowledged`);

  await page.locator('.folders h2', { hasText: 'bert' }).waitFor();
  assert.equal(await page.locator('.folders h2', { hasText: 'bert' }).count(), 1, 'one heading for the owner');
  await openFolder(page, 'Team');
  await row(page, 'for the team').click();
  await body(page).getByText('body of for the team').waitFor();
  await row(page, 'for the team').locator('.star').click();
  await row(page, 'for the team').locator('.star[aria-pressed=true]').waitFor();
  const flagged = Date.now() + 10_000;
  while (!(await ask('keywords', 'for the team')).includes('$flagged')) assert.ok(Date.now() < flagged, 'the owner sees the star');
  await ask('put', 'Live from the team');
  await row(page, 'Live from the team').waitFor();
  step('a folder of an owner at the other host: opened, read, flagged, followed live');

  await ask('withdraw');
  await folder(page, 'Team').waitFor({ state: 'detached' });
  await openFolder(page, 'Inbox');
  await ask('deliver', 'Live after all');
  await row(page, 'Live after all').waitFor();
  step('sharing withdrawn: the folder went away, the own mail goes on');

  await ask('kill');
  await page.locator('#search').fill('anna');
  await page.keyboard.press('Enter');
  await page.getByText('The server cannot do this now. Please try again in a moment.').first().waitFor();
  await page.locator('.list-pane button', { hasText: 'Try again' }).waitFor();
  step('the host died: told in words, with a button to try again');
  await ask('heal');
  await row(page, 'for anna').waitFor();
  await page.locator('[aria-label="Clear the search"]').click();
  await ask('deliver', 'Live again');
  await row(page, 'Live again').waitFor();
  step('it came back: so did the list, by itself, and push');
  assert.deepEqual(context.errors, []);
} catch (error) {
  console.log(await page.locator('body').innerText());
  throw error;
} finally {
  await quit();
}
process.exit(0);
