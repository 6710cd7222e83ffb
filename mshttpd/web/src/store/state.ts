// SPDX-License-Identifier: Apache-2.0
// The one store: what the client knows and what the person looks at, as signals. Modules of this folder change it,
// components read it.
import { computed, signal } from '@preact/signals';
import type { EmailSummary, Id, Identity, Mailbox, Quota, SearchSnippet, Session } from '../jmap/types';
import { CAPABILITY } from '../jmap/types';
import type { Problem } from '../jmap/problem';

/** 'expired': somebody is logged in as far as the page goes, but the server's session has ended. */
export type Auth = 'starting' | 'out' | 'in' | 'expired';

/** A folder of one account; `key` is unique over all accounts that one sees. */
export interface Folder extends Mailbox {
  accountId: Id;
  key: string;
}

export type View = { kind: 'folder'; accountId: Id; mailboxId: Id } | { kind: 'search'; accountId: Id; text: string };

/** The rows of a view. A row stands for a conversation and bears the id of its newest message that matches; undefined
 *  is a row that has not been loaded. */
export interface Listing {
  ids: readonly (Id | undefined)[];
  loading: boolean;
  loaded: boolean; // the first answer is here
  problem: Problem | null;
}

export const EMPTY_LISTING: Listing = { ids: [], loading: false, loaded: false, problem: null };

export const auth = signal<Auth>('starting');
export const user = signal('');
export const session = signal<Session | null>(null);
export const reachable = signal(true);
export const pushing = signal(true);

export const folders = signal<ReadonlyMap<string, Folder>>(new Map());
export const quotas = signal<readonly Quota[]>([]);
export const identities = signal<readonly Identity[]>([]);

/** Messages and conversations of the account of the view. */
export const emails = signal<ReadonlyMap<Id, EmailSummary>>(new Map());
export const threads = signal<ReadonlyMap<Id, readonly Id[]>>(new Map());

export const view = signal<View | null>(null);
export const listing = signal<Listing>(EMPTY_LISTING);
/** Of a search: where its words stand in the messages that were found. */
export const snippets = signal<ReadonlyMap<Id, SearchSnippet>>(new Map());
export const selected = signal<ReadonlySet<Id>>(new Set());
export const cursor = signal<Id | null>(null); // the row that keys act on
export const opened = signal<Id | null>(null); // the conversation that is read

export const ownAccount = computed(() => session.value?.primaryAccounts[CAPABILITY.mail] ?? '');
export const accountOfView = computed(() => view.value?.accountId ?? ownAccount.value);

export const folderOfView = computed(() => {
  const now = view.value;
  return now?.kind === 'folder' ? (folders.value.get(folderKey(now.accountId, now.mailboxId)) ?? null) : null;
});

export function folderKey(accountId: Id, mailboxId: Id): string {
  return `${accountId}/${mailboxId}`;
}

export function folderByRole(role: string, accountId = accountOfView.peek()): Folder | undefined {
  for (const folder of folders.value.values()) if (folder.accountId === accountId && folder.role === role) return folder;
  return undefined;
}
