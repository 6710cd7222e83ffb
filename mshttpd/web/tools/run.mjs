// SPDX-License-Identifier: Apache-2.0
// Runs a TypeScript file with node: node tools/run.mjs fake/demo.ts
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

const [file] = process.argv.slice(2);
const out = `unit-out/run-${basename(file, '.ts')}`;
await build({
  configFile: false,
  logLevel: 'warn',
  ssr: { noExternal: true, external: ['playwright-core'] },
  build: { ssr: file, outDir: out, target: 'node18' },
});
await import(pathToFileURL(resolve(out, `${basename(file, '.ts')}.js`)).href);
