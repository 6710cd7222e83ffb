// SPDX-License-Identifier: Apache-2.0
import { fillTemplate } from './http';
import type { StateChange } from './types';

const RETRY_FIRST = 1_000;
const RETRY_MOST = 60_000;

export interface PushEvents {
  changed(change: StateChange): void;
  /** True with each (re)connection: what happened meanwhile is not told, so ask. */
  connected(is: boolean): void;
}

/** One event stream for all windows of a browser: who holds the lock reads the stream and tells the others. Without
 *  locks (plain HTTP from another host) each window has its own. Returns what ends it. */
export function openPush(template: string, user: string, events: PushEvents): () => void {
  const channel = new BroadcastChannel(`posthorn-push-${user}`);
  let stop: (() => void) | null = null;
  let ended = false;

  channel.onmessage = (event: MessageEvent<{ change?: StateChange; connected?: boolean }>) => {
    if (event.data.change) events.changed(event.data.change);
    if (event.data.connected !== undefined) events.connected(event.data.connected);
  };
  const lead = () => {
    stop = readStream(template, {
      changed: (change) => {
        events.changed(change);
        channel.postMessage({ change });
      },
      connected: (is) => {
        events.connected(is);
        channel.postMessage({ connected: is });
      },
    });
  };

  const release = takeLead(`posthorn-push-${user}`, () => !ended && lead());
  return () => {
    ended = true;
    release();
    stop?.();
    channel.close();
  };
}

/** Calls `lead` when nobody else leads (any more). Returns what gives the lead up. */
function takeLead(name: string, lead: () => void): () => void {
  if (!('locks' in navigator)) {
    lead();
    return () => {};
  }
  const waiting = new AbortController();
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  navigator.locks.request(name, { signal: waiting.signal }, () => {
    lead();
    return held;
  }).catch(() => {});
  return () => {
    waiting.abort();
    release();
  };
}

function readStream(template: string, events: PushEvents): () => void {
  const url = fillTemplate(template, { types: 'Email,Mailbox', closeafter: 'no', ping: '30' });
  let source: EventSource | null = null;
  let timer = 0;
  let wait = RETRY_FIRST;

  const open = () => {
    source = new EventSource(url);
    source.onopen = () => {
      wait = RETRY_FIRST;
      events.connected(true);
    };
    source.addEventListener('state', (event) => events.changed(JSON.parse((event as MessageEvent<string>).data)));
    source.onerror = () => {
      events.connected(false);
      // While the browser reconnects by itself it is CONNECTING; CLOSED is an answer that is no stream: a lost session.
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = window.setTimeout(open, wait);
      wait = Math.min(wait * 2, RETRY_MOST);
    };
  };
  open();
  return () => {
    window.clearTimeout(timer);
    source?.close();
  };
}
