// SPDX-License-Identifier: Apache-2.0
import { Batch, capabilitiesOf, type Args, type Call, type Invocation } from './batch';
import { fillTemplate, ownPath, type Http } from './http';
import { Problem } from './problem';
import type { CoreLimits, Id, MethodName, Methods, Session } from './types';
import { CAPABILITY } from './types';

interface ApiResponse {
  methodResponses: Invocation[];
  sessionState: string;
}

interface Waiting {
  batch: Batch;
  resolve: () => void;
  reject: (error: unknown) => void;
}

const FALLBACK_LIMITS: CoreLimits = { maxSizeUpload: 50_000_000, maxCallsInRequest: 16, maxObjectsInGet: 500, maxObjectsInSet: 500 };

/** JMAP over one Http. Batches that are sent in the same tick share a request. */
export class Client {
  session: Session | null = null;
  /** The server says that the session is another than ours: accounts have come or gone (RFC 8620 2). */
  onSessionChanged: () => void = () => {};
  private toldState = '';
  private waiting: Waiting[] = [];

  constructor(readonly http: Http) {}

  async loadSession(): Promise<Session> {
    const session = await this.http.json<Session>('/.well-known/jmap');
    for (const name of ['apiUrl', 'downloadUrl', 'uploadUrl', 'eventSourceUrl'] as const) session[name] = ownPath(session[name]);
    this.session = session;
    return session;
  }

  get limits(): CoreLimits {
    return { ...FALLBACK_LIMITS, ...(this.session?.capabilities[CAPABILITY.core] as Partial<CoreLimits> | undefined) };
  }

  offers(capability: string): boolean {
    return capability in (this.session?.capabilities ?? {});
  }

  /** Sends the batch and fills its calls. Rejects only when the request failed as a whole. */
  send(batch: Batch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ batch, resolve, reject });
      if (this.waiting.length === 1) queueMicrotask(() => this.flush());
    });
  }

  /** One call alone. */
  async call<N extends MethodName>(name: N, args: Args): Promise<Methods[N]> {
    const batch = new Batch();
    const call = batch.call(name, args);
    await this.send(batch);
    return call.result;
  }

  private flush(): void {
    const waiting = this.waiting;
    this.waiting = [];
    const most = this.limits.maxCallsInRequest;
    let group: Waiting[] = [];
    let count = 0;
    for (const one of waiting) {
      if (group.length > 0 && count + one.batch.calls.length > most) {
        void this.request(group);
        group = [];
        count = 0;
      }
      group.push(one);
      count += one.batch.calls.length;
    }
    if (group.length > 0) void this.request(group);
  }

  private async request(group: Waiting[]): Promise<void> {
    const calls = group.flatMap((one) => one.batch.calls);
    try {
      if (!this.session) throw new Problem('login');
      const response = await this.http.json<ApiResponse>(this.session.apiUrl, {
        using: capabilitiesOf(calls).filter((capability) => this.offers(capability)),
        methodCalls: calls.map((call) => [call.name, call.args, call.id]),
      });
      deliver(calls, response.methodResponses);
      for (const one of group) one.resolve();
      const state = response.sessionState;
      if (state === this.session.state || state === this.toldState) return;
      this.toldState = state; // once for each
      this.onSessionChanged();
    } catch (error) {
      for (const one of group) one.reject(error);
    }
  }

  downloadUrl(accountId: Id, blobId: Id, name: string, type: string): string {
    return fillTemplate(this.session?.downloadUrl ?? '', { accountId, blobId, name, type });
  }

  uploadUrl(accountId: Id): string {
    return fillTemplate(this.session?.uploadUrl ?? '', { accountId });
  }

  async blob(accountId: Id, blobId: Id, name: string, type: string): Promise<Blob> {
    const response = await this.http.request(this.downloadUrl(accountId, blobId, name, type));
    return response.blob();
  }
}

function deliver(calls: readonly Call[], responses: readonly Invocation[]): void {
  const byId = new Map(calls.map((call) => [call.id, call]));
  for (const response of responses) byId.get(response[2])?.answer(response);
}
