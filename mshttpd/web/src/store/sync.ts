// SPDX-License-Identifier: Apache-2.0
// Keeps the store equal to the server: asks for what has changed since the states that it knows.
import { Batch, type Call } from '../jmap/batch';
import { Problem } from '../jmap/problem';
import { openPush } from '../jmap/push';
import type { Id, Mailbox, StateChange } from '../jmap/types';
import { CAPABILITY } from '../jmap/types';
import { conversationOf, forgetEmails, forgetEverything, keepEmails, SUMMARY } from './cache';
import { refreshList } from './list';
import { checkSession, client } from './server';
import {
  accountOfView, auth, emails, folderKey, folders, identities, listing, opened, ownAccount, pushing, quotas, session, user, type Folder,
} from './state';

const POLL_MS = 60_000; // only while there is no event stream

interface States {
  mailbox: string;
  email: string;
}

/** What we know each account's state to be. */
const known = new Map<Id, States>();
let running: Promise<void> | null = null;
let again = false;

/** Folders of all accounts, identities and quota; at login. */
export async function loadAll(): Promise<void> {
  const accounts = mailAccounts();
  const batch = new Batch();
  const gets = accounts.map((accountId) => ({
    accountId,
    boxes: batch.call('Mailbox/get', { accountId, ids: null }),
    state: batch.call('Email/get', { accountId, ids: [] }),
  }));
  const own = ownAccount.peek();
  const idents = client.offers(CAPABILITY.submission) ? batch.call('Identity/get', { accountId: own, ids: null }) : null;
  const quota = client.offers(CAPABILITY.quota) ? batch.call('Quota/get', { accountId: own, ids: null }) : null;
  await client.send(batch);

  const all = new Map<string, Folder>();
  for (const { accountId, boxes, state } of gets) {
    if (accountId !== own && boxes.failed) continue; // a share that has just ended
    for (const box of boxes.result.list) put(all, accountId, box);
    known.set(accountId, { mailbox: boxes.result.state, email: state.result.state });
  }
  folders.value = all;
  if (idents && !idents.failed) identities.value = idents.result.list;
  if (quota && !quota.failed) quotas.value = quota.result.list;
}

/** Somebody shares with us, or does so no more: the session has other accounts. */
client.onSessionChanged = () => void (running ?? Promise.resolve()).then(takeSession).catch(() => {});

async function takeSession(): Promise<void> {
  session.value = await client.loadSession();
  known.clear();
  await loadAll();
  await refreshList();
}

function mailAccounts(): Id[] {
  const accounts = session.peek()?.accounts ?? {};
  return Object.keys(accounts).filter((id) => CAPABILITY.mail in (accounts[id]?.accountCapabilities ?? {}));
}

function put(map: Map<string, Folder>, accountId: Id, box: Mailbox): void {
  const key = folderKey(accountId, box.id);
  map.set(key, { ...box, accountId, key });
}

/** Asks for changes; a call while one runs makes it run once more. */
export function sync(): Promise<void> {
  if (auth.peek() !== 'in' || known.size === 0) return Promise.resolve();
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    do {
      again = false;
      await syncOnce();
    } while (again);
  })().finally(() => (running = null));
  return running;
}

async function syncOnce(): Promise<void> {
  const batch = new Batch();
  const accounts = [...known.keys()].map((accountId) => folderCalls(batch, accountId));
  const quota = client.offers(CAPABILITY.quota) ? batch.call('Quota/get', { accountId: ownAccount.peek(), ids: null }) : null;
  const shown = accountOfView.peek();
  const mail = batch.call('Email/changes', { accountId: shown, sinceState: known.get(shown)?.email ?? '', maxChanges: 400 });
  await client.send(batch);

  for (const account of accounts) await takeFolders(account).catch((error: unknown) => passOver(account.accountId, error));
  if (quota && !quota.failed) quotas.value = quota.result.list;
  await takeMail(shown, mail);
}

interface FolderCalls {
  accountId: Id;
  changes: Call<'Mailbox/changes'>;
  created: Call<'Mailbox/get'>;
  updated: Call<'Mailbox/get'>;
}

function folderCalls(batch: Batch, accountId: Id): FolderCalls {
  const changes = batch.call('Mailbox/changes', { accountId, sinceState: known.get(accountId)?.mailbox ?? '' });
  return {
    accountId,
    changes,
    created: batch.call('Mailbox/get', { accountId, '#ids': changes.ref('/created') }),
    updated: batch.call('Mailbox/get', { accountId, '#ids': changes.ref('/updated'), '#properties': changes.ref('/updatedProperties') }),
  };
}

async function takeFolders({ accountId, changes, created, updated }: FolderCalls): Promise<void> {
  if (changes.failed || created.failed || updated.failed || changes.result.hasMoreChanges) return reloadFolders(accountId);
  const { newState, destroyed } = changes.result;
  const states = known.get(accountId);
  if (!states || states.mailbox === newState) return undefined;
  const map = new Map(folders.peek());
  for (const id of destroyed) map.delete(folderKey(accountId, id));
  for (const box of created.result.list) put(map, accountId, box);
  for (const box of updated.result.list) {
    const old = map.get(folderKey(accountId, box.id));
    put(map, accountId, { ...old, ...box } as Mailbox);
  }
  folders.value = map;
  states.mailbox = newState;
  return undefined;
}

/** Whose share has ended, or whose host does not answer now, does not keep the rest from being told. */
function passOver(accountId: Id, error: unknown): void {
  if (accountId === ownAccount.peek() || !(error instanceof Problem)) throw error;
  if (error.type !== 'accountNotFound') return;
  known.delete(accountId);
  folders.value = new Map([...folders.peek()].filter(([, folder]) => folder.accountId !== accountId));
}

async function reloadFolders(accountId: Id): Promise<void> {
  const got = await client.call('Mailbox/get', { accountId, ids: null });
  const map = new Map([...folders.peek()].filter(([, folder]) => folder.accountId !== accountId));
  for (const box of got.list) put(map, accountId, box);
  folders.value = map;
  const states = known.get(accountId);
  if (states) states.mailbox = got.state;
}

async function takeMail(accountId: Id, changes: Call<'Email/changes'>): Promise<void> {
  const states = known.get(accountId);
  if (!states) return;
  if (changes.failed || changes.result.hasMoreChanges) {
    // Too much, or too long ago: begin anew with what is seen.
    states.email = (await client.call('Email/get', { accountId, ids: [] })).state;
    forgetEverything();
    await refreshList();
    await refreshOpened();
    return;
  }
  const { newState, created, updated, destroyed } = changes.result;
  if (newState === states.email && listing.peek().loaded) return;
  states.email = newState;
  const stale = updated.filter((id) => emails.peek().has(id));
  if (stale.length > 0) keepEmails((await client.call('Email/get', { accountId, ids: stale, properties: SUMMARY })).list);
  forgetEmails(destroyed);
  if (created.length + updated.length + destroyed.length > 0) await refreshList();
  if (created.length > 0) await refreshOpened();
}

/** The conversation that is read may have got a new message. */
async function refreshOpened(): Promise<void> {
  const id = opened.peek();
  if (!id) return;
  const threadId = emails.peek().get(id)?.threadId ?? conversationOf(id)[0]?.threadId;
  if (threadId) await loadThread(threadId);
}

/** All messages of a conversation, from all folders. */
export async function loadThread(threadId: Id): Promise<void> {
  const accountId = accountOfView.peek();
  const batch = new Batch();
  const thread = batch.call('Thread/get', { accountId, ids: [threadId] });
  const members = batch.call('Email/get', { accountId, '#ids': thread.ref('/list/*/emailIds'), properties: SUMMARY });
  await client.send(batch);
  keepEmails(members.result.list, thread.result.list);
}

/** Live updates from now on. Returns what ends them. */
export function follow(): () => void {
  const template = client.session?.eventSourceUrl;
  const quietly = () => void sync().catch(() => {});
  const timer = setInterval(() => !pushing.peek() && quietly(), POLL_MS);
  const stop = template
    ? openPush(template, user.peek(), {
        changed: (change) => concernsUs(change) && quietly(),
        connected: (is) => {
          pushing.value = is;
          if (is) quietly();
          else void checkSession();
        },
      })
    : () => {};
  window.addEventListener('online', quietly);
  const looked = () => document.visibilityState === 'visible' && quietly();
  document.addEventListener('visibilitychange', looked);
  return () => {
    clearInterval(timer);
    window.removeEventListener('online', quietly);
    document.removeEventListener('visibilitychange', looked);
    stop();
  };
}

function concernsUs(change: StateChange): boolean {
  return Object.entries(change.changed).some(([accountId, types]) => {
    const states = known.get(accountId);
    if (!states) return false;
    return types['Email'] !== states.email || types['Mailbox'] !== states.mailbox;
  });
}

export function forgetStates(): void {
  known.clear();
}
