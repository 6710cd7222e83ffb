// SPDX-License-Identifier: Apache-2.0
// What the browser tests have in common: Chromium, logged-in pages, and what people look for on them. The family that
// they talk to was started by browser_test.py, which says where it is in POSTHORN_BROWSER.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export const facts = JSON.parse(process.env.POSTHORN_BROWSER ?? '{}');
const packages = createRequire(`${facts.web}/package.json`);
const { chromium } = packages('playwright-core');

export const WAIT = 20_000;
export const LOOKS = {
  light: { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 780 }, colorScheme: 'light', hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
};

let browser = null;

export async function launch() {
  browser ??= await chromium.launch({ executablePath: facts.chromium, args: ['--no-sandbox'] });
  return browser;
}

export async function quit() {
  await browser?.close();
  browser = null;
}

/** A browser of its own: cookies and storage are nobody else's. Errors of its pages are kept in `errors`. */
export async function newPerson(look = 'light', more = {}) {
  const context = await (await launch()).newContext({ locale: 'en-GB', ...LOOKS[look], ...more });
  context.setDefaultTimeout(WAIT);
  context.errors = [];
  context.on('weberror', (error) => context.errors.push(String(error.error().stack ?? error.error())));
  return context;
}

export async function logIn(context, user = 'anna') {
  const page = await context.newPage();
  await page.goto(facts.url);
  await page.fill('[name=username]', user);
  await page.fill('[name=password]', facts.password);
  await page.click('button[type=submit]');
  await page.waitForSelector('.folder', { state: 'attached' });
  await page.locator('.list-note[aria-busy]').waitFor({ state: 'detached' });
  return page;
}

export const row = (page, text) => page.locator('.row:not(.unknown)', { hasText: text }).first();
export const folder = (page, name) => page.locator('.folder', { has: page.locator('.name', { hasText: new RegExp(`^${name}$`) }) });
export const toast = (page, text) => page.locator('.toast', { hasText: text });
export const body = (page, index = 0) => page.frameLocator('.body-frame iframe').nth(index).frameLocator('iframe').locator('body');

/** Opens the folders first where they are hidden. */
export async function openFolder(page, name) {
  const menu = page.locator('.topbar [aria-label="Folders"]');
  if (await menu.isVisible()) await menu.click();
  await folder(page, name).locator('.folder-name').click();
  await page.locator('.toolbar h1', { hasText: name }).waitFor();
}

export async function typeBody(page, text) {
  await page.locator('.editor-text').click({ position: { x: 20, y: 14 } });
  await page.keyboard.type(text);
}

/** Serious and critical findings of axe, as lines. */
export async function accessibilityFaults(page) {
  const axe = readFileSync(packages.resolve('axe-core/axe.min.js'), 'utf8');
  // The page's policy keeps foreign scripts out; the debugger's way in does not ask it.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { iframes: false }));
  return violations
    .filter((one) => one.impact === 'serious' || one.impact === 'critical')
    .map((one) => `${one.impact} ${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
}

export async function until(what, holds, most = WAIT) {
  const end = Date.now() + most;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it never came to that: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
