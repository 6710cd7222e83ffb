// SPDX-License-Identifier: Apache-2.0
// The fake server on a port, with the built page and the policy that mshttpd sends: for work on the page alone.
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { FakeServer } from './server';

export const SHELL_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; frame-src 'self' blob:; "
  + "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
export const FRAME_POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data: https:; frame-src 'self'; base-uri 'none'; form-action 'none'; "
  + "frame-ancestors 'self'";
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** Listens on 127.0.0.1; resolves with the address. */
export function serve(fake: FakeServer, folder: string, port = 0): Promise<string> {
  const streams = new Set<ServerResponse>();
  fake.account.changed = (state) => {
    const types = { Email: state, Mailbox: state, Thread: state };
    const data = JSON.stringify({ '@type': 'StateChange', changed: { [fake.account.id]: types } });
    for (const stream of streams) stream.write(`event: state\ndata: ${data}\n\n`);
  };
  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => void (async () => {
      if (url.startsWith('/jmap/events') && fake.loggedIn && !fake.offline) {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write(': ready\n\n');
        streams.add(response);
        request.on('close', () => streams.delete(response));
        return;
      }
      const file = fileFor(folder, url);
      if (request.method === 'GET' && file) {
        response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
          'Content-Security-Policy': url === '/frame.html' ? FRAME_POLICY : SHELL_POLICY });
        response.end(readFileSync(file));
        return;
      }
      const body = Buffer.concat(chunks);
      const isJson = String(request.headers['content-type']).startsWith('application/json');
      try {
        const answer = await fake.handle(url, { method: request.method, headers: request.headers as Record<string, string>, body: (isJson ? body.toString() : body) as BodyInit });
        response.writeHead(answer.status, Object.fromEntries(answer.headers));
        response.end(Buffer.from(await answer.arrayBuffer()));
      } catch {
        request.socket.destroy();
      }
    })());
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => {
    const address = server.address();
    resolve(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : port}`);
  }));
}

function fileFor(folder: string, url: string): string | null {
  const path = normalize(decodeURIComponent(url.split('?')[0] ?? '/'));
  const file = join(folder, path === '/' ? 'index.html' : path);
  try {
    readFileSync(file);
    return file;
  } catch {
    return null;
  }
}
