// SPDX-License-Identifier: Apache-2.0
// Shows the corpus of hostile messages in headless Chromium, under the policies that mshttpd sends, and fails when one of
// them keeps something dangerous, runs anything, or reaches for another server. Ends with status 77 without Chromium.
import { existsSync, mkdirSync, copyFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { build } from 'vite';

const CHROMIUM = process.env.POSTHORN_CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(CHROMIUM)) {
  console.log('SKIPPED: there is no Chromium');
  process.exit(77);
}
const OUT = 'unit-out/corpus';
await build({ configFile: false, logLevel: 'warn', publicDir: false, build: { outDir: OUT, lib: { entry: 'fake/corpus-page.ts', formats: ['es'], fileName: 'page' } } });
await build({ configFile: false, logLevel: 'warn', ssr: { noExternal: true }, publicDir: false, build: { outDir: 'unit-out/corpus-server', ssr: 'fake/node.ts', target: 'node18' } });
mkdirSync(OUT, { recursive: true });
for (const file of ['frame.html', 'frame.css']) copyFileSync(`public/${file}`, `${OUT}/${file}`);
writeFileSync(`${OUT}/index.html`, '<!doctype html><title>corpus</title><body><script type="module" src="/page.js"></script></body>');

const { serve } = await import(new URL('../unit-out/corpus-server/node.js', import.meta.url));
const url = await serve({ account: {}, handle: async () => new Response('', { status: 404 }) }, OUT);
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
let failed = 0;
try {
  const page = await browser.newPage();
  const reached = [];
  page.on('dialog', (dialog) => (reached.push(`dialog ${dialog.message()}`), dialog.dismiss()));
  page.on('popup', (popup) => reached.push(`popup ${popup.url()}`));
  // What the policy refuses does not come this far.
  await page.route((address) => !String(address).startsWith(url), (route) => {
    reached.push(route.request().url());
    return route.abort();
  });
  await page.goto(url);
  await page.waitForFunction('window.corpus');
  const results = await page.evaluate('corpus()');
  for (const { name, wrong } of results) {
    if (wrong.length > 0) failed++;
    console.log(`${wrong.length > 0 ? 'FAILED' : 'ok'} ${name}${wrong.map((one) => `\n    ${one}`).join('')}`);
  }
  for (const address of reached) console.log(`FAILED reached ${address}`);
  failed += reached.length;
  if (await page.evaluate('window.pwned !== undefined')) {
    failed++;
    console.log('FAILED something ran');
  }
  console.log(`${results.length - failed} passed, ${failed} failed`);
} finally {
  await browser.close();
}
process.exit(failed > 0 ? 1 : 0);
