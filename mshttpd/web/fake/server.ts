// SPDX-License-Identifier: Apache-2.0
// A JMAP server in one process: login, session, API with back references, blobs. handle() is shaped like fetch().
import { CAPABILITY } from '../src/jmap/types';
import { FakeAccount } from './mail';
import { METHODS } from './methods';

type Json = Record<string, any>;

export class FakeServer {
  readonly account: FakeAccount;
  csrf = 'csrf-1';
  loggedIn = false;
  offline = false;
  shared: FakeAccount | null = null; // of somebody who shares
  dead = new Set<string>(); // accounts whose host does not answer
  requests: { path: string; body: any }[] = [];
  maxCallsInRequest = 16;

  constructor(readonly user = 'anna', readonly password = 'secret') {
    this.account = new FakeAccount(`a-${user}`, user);
  }

  private get state(): string {
    return this.shared ? '2' : '1';
  }

  session(): Json {
    const mail = { [CAPABILITY.mail]: {}, [CAPABILITY.submission]: {}, [CAPABILITY.quota]: {}, [CAPABILITY.principals]: {} };
    return {
      username: this.user, state: this.state, apiUrl: 'http://fake.test/jmap/api', downloadUrl: 'http://fake.test/jmap/download/{accountId}/{blobId}/{name}?type={type}',
      uploadUrl: 'http://fake.test/jmap/upload/{accountId}', eventSourceUrl: 'http://fake.test/jmap/events?types={types}&closeafter={closeafter}&ping={ping}',
      capabilities: { ...mail, [CAPABILITY.core]: { maxSizeUpload: 50_000_000, maxCallsInRequest: this.maxCallsInRequest, maxObjectsInGet: 500, maxObjectsInSet: 500 } },
      accounts: {
        [this.account.id]: { name: this.user, isPersonal: true, isReadOnly: false, accountCapabilities: mail },
        ...(this.shared && { [this.shared.id]: { name: this.shared.id, isPersonal: false, isReadOnly: false, accountCapabilities: mail } }),
      },
      primaryAccounts: Object.fromEntries(Object.keys(mail).map((capability) => [capability, this.account.id])),
    };
  }

  handle = async (path: string, init: RequestInit = {}): Promise<Response> => {
    if (this.offline) throw new TypeError('fetch failed');
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : init.body;
    this.requests.push({ path, body });
    if (path === '/login') return this.logIn(body);
    if (!this.loggedIn) return json({ error: 'not logged in', code: 'session' }, 401);
    if (path === '/session') return json({ user: this.user, csrf: this.csrf });
    if (path === '/.well-known/jmap') return json(this.session());
    if (init.method === 'POST' && new Headers(init.headers).get('X-CSRF-Token') !== this.csrf) return json({ error: 'csrf' }, 403);
    if (path === '/logout') {
      this.loggedIn = false;
      return json({ ok: true });
    }
    if (path === '/jmap/api') return json(this.api(body));
    if (path.startsWith('/jmap/upload/')) return this.upload(init);
    const blob = this.account.blobs.get(decodeURIComponent(path.split('/')[4] ?? ''));
    return blob ? new Response(blob.data as BodyInit, { headers: { 'Content-Type': blob.type } }) : json({ type: 'about:blank' }, 404);
  };

  private logIn(body: Json): Response {
    if (body['user'] !== this.user || body['password'] !== this.password) return json({ error: 'The user name or the password is wrong.', code: 'login' }, 401);
    this.loggedIn = true;
    return json({ ok: true, csrf: this.csrf });
  }

  private upload(init: RequestInit): Response {
    const data = init.body as Uint8Array;
    const type = new Headers(init.headers).get('Content-Type') ?? '';
    return json({ accountId: this.account.id, blobId: this.account.addBlob(data, type), type, size: data.length }, 201);
  }

  private api(request: Json): Json {
    const responses: [string, Json, string][] = [];
    for (const [name, args, id] of request['methodCalls'] as [string, Json, string][]) {
      try {
        const method = METHODS[name];
        if (!method) throw { type: 'unknownMethod' };
        const resolved = resolveReferences(args, responses);
        const find = (wanted: string) => [this.account, this.shared].find((one) => one?.id === wanted) ?? undefined;
        const account = find(resolved['accountId'] ?? this.account.id);
        if (!account) throw { type: 'accountNotFound' };
        if (this.dead.has(account.id)) throw { type: 'serverUnavailable' };
        const answer = method(account, resolved, find);
        const [first, ...more] = Array.isArray(answer) ? answer : [answer];
        responses.push([name, first as Json, id], ...(more as [string, Json][]).map(([other, value]): [string, Json, string] => [other, value, id]));
      } catch (error) {
        responses.push(['error', (error as Json)['type'] ? (error as Json) : { type: 'serverFail', description: String(error) }, id]);
      }
    }
    return { methodResponses: responses, sessionState: this.state };
  }
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
}

function resolveReferences(args: Json, responses: readonly [string, Json, string][]): Json {
  const resolved: Json = {};
  for (const [name, value] of Object.entries(args)) {
    if (!name.startsWith('#')) {
      resolved[name] = value;
      continue;
    }
    const response = responses.find(([method, , id]) => id === value.resultOf && method === value.name);
    if (!response) throw { type: 'invalidResultReference' };
    resolved[name.slice(1)] = evaluate(response[1], value.path.split('/').slice(1));
  }
  return resolved;
}

/** A JSON pointer with "*" for all of an array (RFC 8620 3.7). */
function evaluate(value: any, steps: readonly string[]): any {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (step === '*') return (value as any[]).flatMap((one) => evaluate(one, rest));
  return evaluate(value[step], rest);
}
