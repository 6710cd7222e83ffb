// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const COMPRESSED = /\.(html|js|css|svg|json)$/;

// Beside each text file its .gz and .br, so that the server compresses nothing.
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    closeBundle() {
      for (const file of filesBelow('dist')) {
        if (!COMPRESSED.test(file)) continue;
        const content = readFileSync(file);
        writeFileSync(`${file}.gz`, zlib.gzipSync(content, { level: 9 }));
        writeFileSync(`${file}.br`, zlib.brotliCompressSync(content));
      }
    },
  };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

export default defineConfig({
  plugins: [precompress()],
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  build: {
    target: 'es2022',
    // Inlined files would be data: URLs in scripts and styles, which the policy of the page does not allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
