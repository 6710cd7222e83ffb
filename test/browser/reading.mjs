// SPDX-License-Identifier: Apache-2.0
// What is read: how high bodies are, what searches mark, addresses that lead to messages, paper; and images in the text.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { body, facts, folder, logIn, newPerson, openFolder, quit, row, toast, typeBody, until } from './browser.mjs';

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

/** How much the frame of the opened body is higher than what it shows. */
async function spare(index = 0) {
  const frame = await page.locator('.body-frame').nth(index).boundingBox();
  const shown = await body(page, index).evaluate((element) => element.ownerDocument.documentElement.scrollHeight);
  const content = await body(page, index).evaluate((element) => element.getBoundingClientRect().height + 24);
  return { scrolls: shown > Math.ceil(frame.height), blank: frame.height - content };
}

for (const subject of ['Garden party', 'Quoting', 'Long words', 'A table', 'Own sheet']) {
  test(`a body has the room that it needs: ${subject}`, async () => {
    await row(page, subject).click();
    await page.locator('.card.open').first().waitFor();
    await body(page).locator(':scope > :not(style)').first().waitFor();
    await until('its frame fits', async () => {
      const { scrolls, blank } = await spare();
      return !scrolls && blank < 90;
    }, 5_000).catch(async (error) => assert.fail(`${error.message}: ${JSON.stringify(await spare())}`));
  });
}

test('where the words of a search stand is marked', async () => {
  await page.fill('#search', 'hedgehog');
  await page.keyboard.press('Enter');
  const marked = row(page, 'Garden party').locator('mark');
  await marked.first().waitFor();
  assert.equal((await marked.first().textContent()).toLowerCase(), 'hedgehog');
  await page.fill('#search', 'subject:minutes');
  await page.keyboard.press('Enter');
  await page.locator('.row-subject mark', { hasText: 'Minutes' }).first().waitFor();
  await openFolder(page, 'Inbox');
});

test('back and forward lead through folders and messages', async () => {
  await openFolder(page, 'Inbox');
  await row(page, 'Photos').click();
  await page.locator('h1.subject', { hasText: 'Photos' }).waitFor();
  await openFolder(page, 'Sent');
  await page.goBack();
  await page.locator('h1.subject', { hasText: 'Photos' }).waitFor();
  await page.goBack();
  await page.locator('.reading-pane.empty').waitFor();
  await page.goForward();
  await page.locator('h1.subject', { hasText: 'Photos' }).waitFor();
});

test('an address leads to its message, in another browser after the login; it has no secret in it', async () => {
  await row(page, 'Photos').click();
  await page.locator('h1.subject', { hasText: 'Photos' }).waitFor();
  const address = page.url();
  assert.match(address, /#\/folder\/[\w-]+\/[\w-]+$/);
  for (const { value } of await context.cookies()) assert.ok(!address.includes(value));
  const other = await newPerson();
  const fresh = await other.newPage();
  await fresh.goto('about:blank');
  await fresh.goto(address);
  await fresh.fill('[name=username]', 'anna');
  await fresh.fill('[name=password]', facts.password);
  await fresh.keyboard.press('Enter');
  await fresh.locator('h1.subject', { hasText: 'Photos' }).waitFor();
  assert.equal(fresh.url(), address);
  await other.close();
});

test('the title says the folder and how many are unread', async () => {
  await openFolder(page, 'Inbox');
  const unread = Number(await folder(page, 'Inbox').locator('.count [aria-hidden]').textContent());
  assert.ok(unread > 0);
  assert.equal(await page.title(), `(${unread}) Inbox – Posthorn`);
});

test('on paper there is the conversation alone, all of it', async () => {
  await row(page, 'Garden party').click();
  await page.locator('.card.open').first().waitFor();
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await page.emulateMedia({ media: 'print' });
  for (const hidden of ['.topbar', '.folders', '.list-pane', '.toolbar', '.answers']) {
    assert.equal(await page.locator(hidden).first().isVisible(), false, hidden);
  }
  assert.ok(await page.locator('h1.subject').isVisible());
  assert.ok((await page.pdf()).length > 1_000);
  await page.emulateMedia({ media: null });
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
});

test('images and text are looked at here, a PDF is kept apart', async () => {
  await row(page, 'Papers').click();
  const attachments = page.locator('.attachments li');
  await attachments.filter({ hasText: 'dot.png' }).locator('img.thumbnail').waitFor();
  await attachments.filter({ hasText: 'dot.png' }).locator('.attachment').click();
  await page.locator('dialog img.preview-image').waitFor();
  await page.keyboard.press('Escape');
  const [download] = await Promise.all([page.waitForEvent('download'), attachments.filter({ hasText: 'paper.pdf' }).locator('.attachment').click()]);
  assert.equal(download.suggestedFilename(), 'paper.pdf');
  const [page2] = await Promise.all([page.waitForEvent('download'), attachments.filter({ hasText: 'page.html' }).locator('.attachment').click()]);
  assert.equal(page2.suggestedFilename(), 'page.html');
});

test('an image is pasted into the text, goes out in it, and is shown there', async () => {
  await page.locator('.compose-button').click();
  await page.locator('.compose .recipients-field input').first().fill(`anna@${facts.domain},`);
  await page.locator('.compose .field', { hasText: 'Subject' }).locator('input').fill('With a dot');
  await typeBody(page, 'See: ');
  await page.evaluate(() => {
    const bytes = Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='), (c) => c.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], 'dot.png', { type: 'image/png' }));
    document.querySelector('.editor-text').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  });
  await page.locator('.editor-text img[data-cid]').waitFor();
  await until('it is shown', () => page.locator('.editor-text img[data-cid]').evaluate((image) => image.complete && image.naturalWidth === 1));
  await until('it is saved', async () => (await page.locator('.save-state').textContent()) === 'Saved in Drafts');
  // As a draft that is opened again it has its image still.
  await page.locator('[aria-label="Save and close"]').click();
  await openFolder(page, 'Drafts');
  await row(page, 'With a dot').click();
  await until('it is shown again', () => page.locator('.editor-text img[data-cid]').evaluate((image) => image.complete && image.naturalWidth === 1));
  await page.keyboard.press('Control+Enter');
  await toast(page, /^Sent/).waitFor();
  await openFolder(page, 'Inbox');
  await row(page, 'With a dot').click();
  await until('the reader has it', async () => (await body(page).locator('img[src^="data:image/png"]').count()) === 1);
  assert.equal(await page.locator('.attachments li').count(), 0, 'it is no attachment besides');
});

test('an answer that is begun and left leaves nothing', async () => {
  await row(page, 'Photos').click();
  await page.locator('.answers button').first().click();
  await page.locator('.editor-text').waitFor();
  await page.locator('.editor-text', { hasText: 'wrote:' }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.compose').waitFor({ state: 'detached' });
  assert.equal(await folder(page, 'Drafts').locator('.count').count(), 0);
});
