// SPDX-License-Identifier: Apache-2.0
// The one connection to the server, and logging in and out of it.
import { Client } from '../jmap/client';
import { Http, problemOf } from '../jmap/http';
import { Problem } from '../jmap/problem';
import { auth, reachable, session, user } from './state';

const LAST_WORDS = 5_000; // milliseconds

interface LoginAnswer {
  user?: string;
  csrf: string;
}

export const http = new Http((url, init) => fetch(url, init));
export const client = new Client(http);

http.onReached = (reached) => (reachable.value = reached);
http.onExpired = () => {
  if (auth.peek() === 'in') auth.value = 'expired';
  if (auth.peek() !== 'expired') return Promise.reject(new Problem('login'));
  return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
};

/** Requests that met a timed-out session; they go on when the person is logged in again. */
let waiting: { resolve: () => void; reject: (error: Problem) => void }[] = [];

/** True when the cookie that the browser has is still good. */
export async function resume(): Promise<boolean> {
  const response = await http.once('/session');
  if (response.status === 401) return false;
  if (!response.ok) throw await problemOf(response);
  const answer = (await response.json()) as LoginAnswer;
  await enter(answer.user ?? '', answer.csrf);
  return true;
}

export async function logIn(name: string, password: string): Promise<void> {
  const response = await http.once('/login', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user: name, password }),
  });
  if (!response.ok) throw await problemOf(response);
  const answer = (await response.json()) as LoginAnswer;
  await enter(answer.user ?? name, answer.csrf);
}

async function enter(name: string, csrf: string): Promise<void> {
  http.csrf = csrf;
  const loaded = await client.loadSession();
  const again = auth.peek() === 'expired';
  if (again && loaded.username !== session.peek()?.username) {
    // Somebody else: nothing of the page is his.
    location.reload();
    return;
  }
  session.value = loaded;
  user.value = name || loaded.username;
  auth.value = 'in';
  const resumed = waiting;
  waiting = [];
  for (const one of resumed) one.resolve();
}

export async function logOut(): Promise<void> {
  try {
    // Nobody who wants to leave waits for a server that is slow, or asks for a login first.
    if (auth.peek() === 'in') await atMost(LAST_WORDS, leaving.before());
    await http.once('/logout', { method: 'POST' });
  } finally {
    auth.value = 'out';
    http.csrf = '';
    session.value = null;
    for (const one of waiting) one.reject(new Problem('login'));
    waiting = [];
  }
}

async function atMost(wait: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, wait)))]);
  clearTimeout(timer);
}

/** Set by what has something to do while the session still stands. */
export const leaving = { before: (): Promise<void> => Promise.resolve() };

/** Asks whether the session still stands, after the event stream was refused. */
export async function checkSession(): Promise<void> {
  if (auth.peek() !== 'in') return;
  try {
    if ((await http.once('/session')).status === 401) auth.value = 'expired';
  } catch {
    // Not reached: `reachable` has it.
  }
}
