// SPDX-License-Identifier: Apache-2.0
// What a browser loads before anybody has typed anything: index.html and all that it names, gzipped. Fails over the limit.
import { readFileSync, statSync } from 'node:fs';

const LIMIT = 150 * 1024;
const html = readFileSync('dist/index.html', 'utf8');
const named = [...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((match) => match[1]);
let total = 0;
for (const file of ['index.html', ...named]) {
  const size = statSync(`dist/${file}.gz`).size;
  total += size;
  console.log(String(size).padStart(8), file);
}
console.log(String(total).padStart(8), `first load, gzipped; the limit is ${LIMIT}`);
process.exit(total <= LIMIT ? 0 : 1);
