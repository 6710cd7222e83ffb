// SPDX-License-Identifier: Apache-2.0
// Bundles every src/**/*.test.ts for node and runs them with node's own test runner. Arguments are words of file names.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

const OUT = 'unit-out';
const words = process.argv.slice(2);

function testsBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return testsBelow(path);
    return /\.test\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

const tests = testsBelow('src').filter((path) => words.every((word) => path.includes(word)));
if (tests.length === 0) {
  console.error('no test has such a name');
  process.exit(1);
}
rmSync(OUT, { recursive: true, force: true });
await build({
  configFile: false,
  logLevel: 'warn',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  ssr: { noExternal: true },
  build: {
    ssr: true,
    outDir: OUT,
    target: 'node18',
    rollupOptions: { input: Object.fromEntries(tests.map((path) => [path.replace(/[/\\]/g, '_').replace(/\.tsx?$/, ''), path])) },
  },
});
const files = readdirSync(OUT).filter((name) => name.includes('.test')).map((name) => join(OUT, name));
process.exit(spawnSync(process.execPath, ['--test', ...files], { stdio: 'inherit' }).status ?? 1);
