// SPDX-License-Identifier: Apache-2.0
// Whom one writes with, from one's own mail: those one has written to first, then those who have written.
import { Batch } from '../jmap/batch';
import type { EmailAddress } from '../jmap/types';
import { client } from './server';
import { folderByRole, identities, ownAccount } from './state';

interface Person {
  address: EmailAddress;
  score: number;
}

const SEEN = 300; // messages of each kind that are looked at
const SENT_WEIGHT = 5;

let known: Map<string, Person> | null = null;
let loading: Promise<void> | null = null;

export async function loadPeople(): Promise<void> {
  if (known) return;
  loading ??= gather().finally(() => (loading = null));
  await loading;
}

async function gather(): Promise<void> {
  const accountId = ownAccount.peek();
  const sent = folderByRole('sent', accountId);
  const batch = new Batch();
  const get = (filter: Record<string, unknown>, properties: string[]) => {
    const found = batch.call('Email/query', {
      accountId, filter, sort: [{ property: 'receivedAt', isAscending: false }], limit: SEEN,
    });
    return batch.call('Email/get', { accountId, '#ids': found.ref('/ids'), properties });
  };
  const written = sent ? get({ inMailbox: sent.id }, ['to', 'cc', 'bcc']) : null;
  const got = get(sent ? { inMailboxOtherThan: [sent.id] } : {}, ['from']);
  await client.send(batch);
  const people = new Map<string, Person>();
  (written && !written.failed ? written.result.list : []).forEach((email, age) => {
    for (const one of [...(email.to ?? []), ...(email.cc ?? []), ...(email.bcc ?? [])]) count(people, one, SENT_WEIGHT, age);
  });
  (got.failed ? [] : got.result.list).forEach((email, age) => {
    for (const one of email.from ?? []) if (!/^(no-?reply|mailer-daemon|bounce)/i.test(one.email)) count(people, one, 1, age);
  });
  for (const own of identities.peek()) people.delete(own.email.toLowerCase());
  known = people;
}

function count(people: Map<string, Person>, address: EmailAddress, weight: number, age: number): void {
  const key = address.email.toLowerCase();
  const old = people.get(key);
  people.set(key, {
    address: old?.address.name ? old.address : address,
    score: (old?.score ?? 0) + weight * (1 - age / (2 * SEEN)),
  });
}

/** The best matches: each word begins a word of the name or the address. */
export function suggest(text: string, without: readonly EmailAddress[], most = 6): EmailAddress[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 || !known) return [];
  const used = new Set(without.map((one) => one.email.toLowerCase()));
  return [...known.entries()]
    .filter(([email, { address }]) => {
      const parts = `${address.name ?? ''} ${email}`.toLowerCase().split(/[\s@.,"_-]+/);
      return !used.has(email) && words.every((word) => parts.some((part) => part.startsWith(word)) || email.startsWith(word));
    })
    .sort(([, a], [, b]) => b.score - a.score)
    .slice(0, most)
    .map(([, { address }]) => address);
}

/** Someone just written to is known from now on. */
export function remember(addresses: readonly EmailAddress[]): void {
  if (known) for (const one of addresses) count(known, one, SENT_WEIGHT, 0);
}

export function forgetPeople(): void {
  known = null;
}
