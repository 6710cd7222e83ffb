// SPDX-License-Identifier: Apache-2.0
// A folder of 100,000 messages in headless Chromium: the list opens, flies to its middle and its end, and the page never
// has more than the rows in sight. Ends with status 77 without Chromium.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { serve } from './node';
import { FakeServer } from './server';

const CHROMIUM = process.env['POSTHORN_CHROMIUM'] ?? '/usr/bin/chromium';
const MESSAGES = 100_000;

if (!existsSync(CHROMIUM)) {
  console.log('SKIPPED: there is no Chromium');
  process.exit(77);
}
const fake = new FakeServer();
fake.account.fill(MESSAGES);
const url = await serve(fake, 'dist');
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  await page.goto(url);
  await page.fill('[name=username]', 'anna');
  await page.fill('[name=password]', 'secret');
  await page.click('button[type=submit]');
  await page.locator('.row:not(.unknown)').first().waitFor();
  await page.locator('.total', { hasText: '100,000 conversations' }).waitFor();
  for (const place of [0.5, 0.25, 1]) {
    fake.requests = [];
    const start = Date.now();
    await page.locator('#list').evaluate((list, where) => (list.scrollTop = list.scrollHeight * where), place);
    const row = Math.min(MESSAGES, Math.floor(MESSAGES * place) + 1);
    await page.locator(`.row[aria-rowindex="${row}"]:not(.unknown)`).waitFor();
    const rows = await page.locator('.row').count();
    console.log(`row ${row} after ${Date.now() - start} ms, ${rows} rows on the page, ${fake.requests.length} requests`);
    if (rows > 60 || fake.requests.length > 4) throw new Error('more than what is in sight');
  }
  console.log('3 passed, 0 failed');
} finally {
  await browser.close();
}
process.exit(0);
