// SPDX-License-Identifier: Apache-2.0
import { Problem } from './problem';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Requests to our own server: the CSRF header, errors as Problems, and what happens when the session has timed out:
 *  `onExpired` is awaited (the person logs in again over the page), then the request is sent once more. */
export class Http {
  csrf = '';
  onExpired: () => Promise<void> = () => Promise.reject(new Problem('login'));
  onReached: (reached: boolean) => void = () => {};

  constructor(private readonly fetch: Fetch) {}

  async json<T>(path: string, body?: unknown): Promise<T> {
    const init: RequestInit = body === undefined
      ? {}
      : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    const response = await this.request(path, init);
    try {
      return (await response.json()) as T;
    } catch {
      throw new Problem('serverFail', 'the answer is not JSON');
    }
  }

  /** A response with a good status; throws a Problem else. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    let response = await this.once(path, init);
    if (response.status === 401) {
      await this.onExpired();
      response = await this.once(path, init);
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  /** Any response, 401 too; throws only when the server was not reached. */
  async once(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('Accept', 'application/json');
    if (init.method && init.method !== 'GET' && this.csrf) headers.set('X-CSRF-Token', this.csrf);
    try {
      const response = await this.fetch(path, { ...init, headers, credentials: 'same-origin' });
      this.onReached(true);
      return response;
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw new Problem('cancelled');
      this.onReached(false);
      throw new Problem('offline');
    }
  }
}

/** What an error response says: problem details (RFC 7807) or our own {"error", "code"}. */
export async function problemOf(response: Response): Promise<Problem> {
  let said: { type?: string; detail?: string; error?: string; code?: string; limit?: string } = {};
  try {
    said = await response.json();
  } catch {
    // A proxy's page; the status has to do.
  }
  const type = said.type?.replace(/^urn:ietf:params:jmap:error:/, '');
  const text = said.detail ?? said.error ?? '';
  if (response.status === 401) return new Problem('login', text);
  if (response.status === 403) return new Problem('forbidden', text);
  if (response.status === 413 || (type === 'limit' && said.limit?.startsWith('maxSize'))) return new Problem('tooLarge', text);
  if (response.status === 429) return new Problem('rateLimit', text);
  if (response.status >= 500) return new Problem('busy', text);
  return new Problem(type && type !== 'about:blank' ? type : 'serverFail', text);
}

/** The server names itself by absolute URLs; a proxy before it may have another name, and we speak to our origin only. */
export function ownPath(url: string): string {
  return url.replace(/^https?:\/\/[^/]+/, '');
}

/** Fills the variables of a URL template (RFC 6570, level 1). */
export function fillTemplate(template: string, values: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}
