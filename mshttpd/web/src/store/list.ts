// SPDX-License-Identifier: Apache-2.0
// The rows of the view. Only what is seen is fetched; a change asks again for what is seen and forgets the rest.
import { batch as atOnce } from '@preact/signals';
import { Batch } from '../jmap/batch';
import { toProblem } from '../jmap/problem';
import type { Id } from '../jmap/types';
import { toFilter } from '../mail/search';
import { forgetEverything, keepEmails, SUMMARY } from './cache';
import { client } from './server';
import { cursor, emails, EMPTY_LISTING, folders, listing, opened, selected, snippets, view, type View } from './state';
import { complain } from './toasts';

const PAGE = 40;
const MOST_ROWS = 260_000; // of 68 pixels: the height that every browser's layout can count to; beyond it is search's
const MOST_IDS = 10_000; // asked for at once when all are wanted

let range = { first: 0, last: PAGE - 1 }; // what the person sees
let generation = 0; // grows with each view, so that late answers are dropped
let inFlight = new Set<number>();
let lacking = new Set<Id>(); // listed by the server and yet not there: just being destroyed

/** How long a list that failed waits until it is asked for again; tests have less. */
export const patience = { first: 2_000, most: 60_000 };
let retries = 0;

export function show(next: View): void {
  const before = view.peek();
  if (JSON.stringify(before) === JSON.stringify(next)) return;
  if (before && before.accountId !== next.accountId) forgetEverything();
  beginAnew();
  range = { first: 0, last: PAGE - 1 };
  atOnce(() => {
    view.value = next;
    listing.value = EMPTY_LISTING;
    snippets.value = new Map();
    selected.value = new Set();
    cursor.value = null;
    opened.value = null;
  });
  void ensureRange(range.first, range.last);
}

/** Answers that are under way are of no use any more. */
function beginAnew(): void {
  generation++;
  inFlight = new Set();
  lacking = new Set();
}

/** Fetches the rows from `first` to `last` that are missing. */
export async function ensureRange(first: number, last: number): Promise<void> {
  range = { first, last };
  const { ids, loaded } = listing.peek();
  const pages: number[] = [];
  for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page++) {
    const missing = !loaded || ids.slice(page * PAGE, (page + 1) * PAGE).some(isMissing);
    if (missing && !inFlight.has(page)) pages.push(page);
  }
  await Promise.all(pages.map((page) => load(page, 1, false)));
}

/** Not asked for yet, or so long ago that the cache has let it go. */
function isMissing(id: Id | undefined): boolean {
  return id === undefined || (!emails.peek().has(id) && !lacking.has(id));
}

/** Only the ids of the rows from `first` to `last`, for a selection. False when the view has changed meanwhile. */
export async function loadIds(first: number, last: number): Promise<boolean> {
  const now = view.peek();
  if (!now) return false;
  const mine = generation;
  try {
    for (let position = first; position <= last;) {
      const call = { ...queryArgs(now), position, limit: Math.min(MOST_IDS, last - position + 1) };
      const { ids } = await client.call('Email/query', call);
      if (mine !== generation) return false;
      if (ids.length === 0) break;
      const rows = [...listing.peek().ids];
      ids.forEach((id, index) => (rows[position + index] = id));
      listing.value = { ...listing.peek(), ids: rows };
      position += ids.length;
    }
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

/** After a change at the server: asks anew for what is seen; other rows are unknown again. */
export async function refreshList(): Promise<void> {
  if (!view.peek()) return;
  beginAnew();
  const first = Math.floor(range.first / PAGE);
  const last = Math.floor(range.last / PAGE);
  await load(first, last - first + 1, true);
}

async function load(page: number, pages: number, anew: boolean): Promise<void> {
  const now = view.peek();
  if (!now) return;
  const mine = generation;
  inFlight.add(page);
  listing.value = { ...listing.peek(), loading: true };
  try {
    const { ids, total } = await query(now, page * PAGE, pages * PAGE);
    if (mine !== generation) return;
    const old = anew ? [] : listing.peek().ids;
    listing.value = { ids: placed(old, page * PAGE, ids, total), loading: false, loaded: true, problem: null };
    retries = 0;
    for (const id of ids) if (!emails.peek().has(id)) lacking.add(id);
    if (anew) dropSelectionOfGone();
    if (now.kind === 'search') void loadSnippets(now, ids, mine);
  } catch (error) {
    if (mine !== generation) return;
    const problem = toProblem(error);
    listing.value = { ...listing.peek(), loading: false, loaded: true, problem };
    if (problem.mayRetry) retryLater(mine);
  } finally {
    if (mine === generation) inFlight.delete(page);
  }
}

/** What may go well another time is asked for again, as long as it is looked at: no event tells that a server is back. */
function retryLater(mine: number): void {
  const wait = Math.min(patience.first * 2 ** retries++, patience.most);
  setTimeout(() => mine === generation && listing.peek().problem && void refreshList(), wait);
}

function placed(old: readonly (Id | undefined)[], position: number, ids: readonly Id[], total: number): (Id | undefined)[] {
  const rows: (Id | undefined)[] = new Array(Math.min(total, MOST_ROWS)).fill(undefined);
  for (let i = 0; i < Math.min(old.length, rows.length); i++) rows[i] = old[i];
  ids.forEach((id, index) => (rows[position + index] = id));
  return rows;
}

function queryArgs(of: View): Record<string, unknown> {
  const sort = [{ property: 'receivedAt', isAscending: false }];
  return { accountId: of.accountId, filter: filterOf(of), sort, collapseThreads: true };
}

/** Where the words stand, after the rows themselves: the server looks into each message for it. */
async function loadSnippets(of: View, ids: readonly Id[], mine: number): Promise<void> {
  if (ids.length === 0) return;
  try {
    const got = await client.call('SearchSnippet/get', { accountId: of.accountId, filter: filterOf(of), emailIds: ids });
    if (mine !== generation) return;
    snippets.value = new Map([...snippets.peek(), ...got.list.map((one) => [one.emailId, one] as const)]);
  } catch {
    // The rows show how the messages begin instead.
  }
}

/** One request: the ids of a page, their conversations, and the messages of these. */
async function query(of: View, position: number, limit: number): Promise<{ ids: Id[]; total: number }> {
  const accountId = of.accountId;
  const batch = new Batch();
  const found = batch.call('Email/query', { ...queryArgs(of), position, limit, calculateTotal: true });
  const heads = batch.call('Email/get', { accountId, '#ids': found.ref('/ids'), properties: SUMMARY });
  const conversations = batch.call('Thread/get', { accountId, '#ids': heads.ref('/list/*/threadId') });
  const members = batch.call('Email/get', { accountId, '#ids': conversations.ref('/list/*/emailIds'), properties: SUMMARY });
  await client.send(batch);
  const { ids, total } = found.result;
  // Very long conversations may be more than the server gives at once; then the rows show their newest message alone.
  const full = !conversations.failed && !members.failed;
  keepEmails(full ? [...heads.result.list, ...members.result.list] : heads.result.list, full ? conversations.result.list : []);
  return { ids, total: total ?? position + ids.length + (ids.length === limit ? 1 : 0) };
}

export function filterOf(of: View): Record<string, unknown> {
  if (of.kind === 'folder') return { inMailbox: of.mailboxId };
  const own = [...folders.value.values()].filter((folder) => folder.accountId === of.accountId);
  return toFilter(of.text, own);
}

/** Takes rows away at once; the server's own answer follows. */
export function removeRows(gone: ReadonlySet<Id>): void {
  const now = listing.peek();
  const ids = now.ids.filter((id) => id === undefined || !gone.has(id));
  listing.value = { ...now, ids };
  if (cursor.peek() && gone.has(cursor.peek() as Id)) {
    const at = now.ids.indexOf(cursor.peek() as Id);
    cursor.value = ids[Math.min(at, ids.length - 1)] ?? null;
  }
  dropSelectionOfGone();
}

function dropSelectionOfGone(): void {
  const ids = listing.peek().ids;
  // A selected row that is not loaded any more may still be there.
  if (selected.peek().size === 0 || ids.includes(undefined)) return;
  const there = new Set(ids);
  const kept = [...selected.peek()].filter((id) => there.has(id));
  if (kept.length !== selected.peek().size) selected.value = new Set(kept);
}

export function retryList(): void {
  listing.value = { ...listing.peek(), problem: null };
  void refreshList();
}
