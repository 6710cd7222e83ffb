// SPDX-License-Identifier: Apache-2.0
// Messages that are being written. Each change is kept in the browser at once and at the server a little later, so that
// neither a crash nor a lost connection nor a session that timed out costs a word.
import { signal } from '@preact/signals';
import { Batch } from '../jmap/batch';
import { fromSetError, Problem, toProblem } from '../jmap/problem';
import type { Id, Identity } from '../jmap/types';
import { isEmpty, toEmail, type Draft } from '../mail/draft';
import { htmlToPlain } from '../mail/plain';
import { asTrusted } from '../mail/trusted';
import { forget, keysBelow, read, write } from './keep';
import { client, leaving } from './server';
import { folderForRole } from './roles';
import { identities, ownAccount, user } from './state';

export type SaveState = 'saved' | 'changed' | 'saving' | 'local'; // 'local': only in this browser so far

export const drafts = signal<readonly Draft[]>([]);
export const saveStates = signal<ReadonlyMap<string, SaveState>>(new Map());
/** Drafts of an earlier window that ended without closing them. */
export const recovered = signal<readonly Draft[]>([]);

const SAVE_AFTER = 2_500;
const timers = new Map<string, ReturnType<typeof setTimeout>>();
const savings = new Map<string, Promise<void>>();
const releases = new Map<string, () => void>();

const localKey = (id: string) => `draft.${user.peek()}.${id}`;

export function newDraftId(): string {
  const random = new Uint8Array(12);
  crypto.getRandomValues(random);
  return [...random].map((octet) => octet.toString(16).padStart(2, '0')).join('');
}

export function draft(id: string): Draft | undefined {
  return drafts.value.find((one) => one.id === id);
}

export function openDraft(one: Draft): void {
  const there = one.serverId && drafts.peek().find((other) => other.serverId === one.serverId);
  if (there) {
    drafts.value = [...drafts.peek().filter((other) => other !== there), there];
    return;
  }
  drafts.value = [...drafts.peek(), one];
  hold(one.id);
  if (!isEmpty(one) && !one.untouched && one.savedAt === 0) keepLocally(one);
}

export function change(id: string, patch: Partial<Draft>): void {
  const next = drafts.peek().map((one) => (one.id === id ? { ...one, ...patch, untouched: false, changedAt: Math.max(Date.now(), one.changedAt + 1) } : one));
  drafts.value = next;
  const mine = next.find((one) => one.id === id);
  if (!mine) return;
  keepLocally(mine);
  setState(id, 'changed');
  clearTimeout(timers.get(id));
  timers.set(id, setTimeout(() => void save(id).catch(() => {}), SAVE_AFTER));
}

function keepLocally(one: Draft): void {
  write(localKey(one.id), one);
}

function setState(id: string, state: SaveState): void {
  saveStates.value = new Map(saveStates.peek()).set(id, state);
}

/** Saves to Drafts what is there now; one save after the other. */
export function save(id: string): Promise<void> {
  clearTimeout(timers.get(id));
  const before = savings.get(id) ?? Promise.resolve();
  const next = before.catch(() => {}).then(() => saveNow(id));
  savings.set(id, next);
  return next;
}

async function saveNow(id: string): Promise<void> {
  const now = drafts.peek().find((one) => one.id === id);
  if (!now || (now.savedAt >= now.changedAt && now.serverId) || isEmpty(now) || now.untouched) return;
  setState(id, 'saving');
  try {
    const serverId = await store(now);
    const savedAt = now.changedAt;
    drafts.value = drafts.peek().map((one) => (one.id === id ? { ...one, serverId, savedAt } : one));
    const later = drafts.peek().find((one) => one.id === id);
    if (later) keepLocally(later);
    setState(id, later && later.changedAt > savedAt ? 'changed' : 'saved');
  } catch (error) {
    setState(id, 'local');
    const problem = toProblem(error);
    // Tried again by itself; the text is safe in the browser meanwhile.
    if (problem.mayRetry) timers.set(id, setTimeout(() => void save(id).catch(() => {}), 4 * SAVE_AFTER));
    throw problem;
  }
}

/** A message never changes (RFC 8621 4): a new one takes the old one's place in the same request. */
async function store(now: Draft): Promise<Id> {
  const accountId = ownAccount.peek();
  const folder = (await folderForRole('drafts', accountId)).id;
  const email = toEmail(now, identityOf(now), folder, plainOf(now));
  const batch = new Batch();
  const made = batch.call('Email/set', { accountId, create: { draft: email } });
  await client.send(batch);
  const refused = made.result.notCreated?.['draft'];
  if (refused) throw fromSetError(refused);
  const serverId = made.result.created?.['draft']?.id;
  if (!serverId) throw new Problem('serverFail');
  // Only when the new one is there.
  if (now.serverId) void client.call('Email/set', { accountId, destroy: [now.serverId] }).catch(() => {});
  return serverId;
}

export function identityOf(one: Draft): Identity | undefined {
  return identities.peek().find((identity) => identity.id === one.identityId) ?? identities.peek()[0];
}

export function plainOf(one: Draft): string {
  if (!one.rich) return one.text;
  return htmlToPlain(new DOMParser().parseFromString(asTrusted(one.html), 'text/html').body);
}

/** Closes the window; what is written stays in Drafts. */
export async function closeDraft(id: string): Promise<void> {
  const now = drafts.peek().find((one) => one.id === id);
  if (!now) return;
  if (!isEmpty(now) && !now.untouched) await save(id);
  drop(id);
}

/** Throws it away, the server's copy too. Gives it back for undo. */
export async function discard(id: string): Promise<Draft | undefined> {
  clearTimeout(timers.get(id));
  await savings.get(id)?.catch(() => {});
  const now = drafts.peek().find((one) => one.id === id);
  drop(id);
  if (now?.serverId) await client.call('Email/set', { accountId: ownAccount.peek(), destroy: [now.serverId] });
  return now && { ...now, serverId: null, savedAt: 0 };
}

/** Not on the page and not in the browser any more. */
export function drop(id: string): void {
  clearTimeout(timers.get(id));
  drafts.value = drafts.peek().filter((one) => one.id !== id);
  const states = new Map(saveStates.peek());
  states.delete(id);
  saveStates.value = states;
  savings.delete(id);
  forget(localKey(id));
  releases.get(id)?.();
  releases.delete(id);
}

// ---- before logging out

/** While the session still stands: the server gets what it has not, and the browser, in which somebody else may log in next,
 *  keeps nothing that the server has. */
leaving.before = async () => {
  await Promise.allSettled(drafts.peek().map((one) => save(one.id)));
  for (const one of drafts.peek()) {
    clearTimeout(timers.get(one.id));
    if (one.serverId && one.savedAt >= one.changedAt) forget(localKey(one.id));
    releases.get(one.id)?.();
    releases.delete(one.id);
  }
};

// ---- after a crash

/** Browsers have locks in secure contexts only (TLS, or the machine itself). */
const locks = (globalThis.navigator as Navigator | undefined)?.locks as LockManager | undefined;

/** A window holds a lock for each draft that it shows; a local copy without one was left behind. */
function hold(id: string): void {
  void locks?.request(localKey(id), () => new Promise<void>((resolve) => releases.set(id, resolve)));
}

export async function findLeftBehind(): Promise<void> {
  const left: Draft[] = [];
  const prefix = `draft.${user.peek()}.`;
  for (const key of keysBelow(prefix)) {
    // Of "anna.miller", not of "anna".
    if (key.slice(prefix.length).includes('.')) continue;
    const copy = read<Draft>(key);
    if (!copy || isEmpty(copy)) forget(key);
    else if (!(await isHeld(key))) left.push(copy);
  }
  recovered.value = left.sort((a, b) => b.changedAt - a.changedAt);
}

async function isHeld(key: string): Promise<boolean> {
  return (await locks?.query())?.held?.some((lock) => lock.name === key) ?? false;
}

export function takeUp(one: Draft): void {
  recovered.value = recovered.peek().filter((other) => other.id !== one.id);
  // Uploads that had not come through are lost with their window; the person sees them marked.
  openDraft({ ...one, attachments: one.attachments.map((a) => (a.blobId ? a : { ...a, failed: true })) });
  change(one.id, {});
}
