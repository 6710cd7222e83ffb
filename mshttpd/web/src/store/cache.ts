// SPDX-License-Identifier: Apache-2.0
// Messages and conversations that have been fetched. Bounded: what is far from the list is forgotten first.
import { batch } from '@preact/signals';
import type { EmailContent, EmailSummary, Id, Thread } from '../jmap/types';
import { emails, threads } from './state';

export const SUMMARY: (keyof EmailSummary)[] = [
  'id', 'blobId', 'threadId', 'mailboxIds', 'keywords', 'size', 'receivedAt', 'from', 'to', 'subject', 'preview', 'hasAttachment',
];

const MOST = 4_000;

/** Bodies by message id; they never change (RFC 8621 4: an Email's content is immutable). */
export const contents = new Map<Id, EmailContent>();
const MOST_CONTENTS = 60;

export function keepEmails(list: readonly EmailSummary[], conversations: readonly Thread[] = []): void {
  if (list.length === 0 && conversations.length === 0) return;
  batch(() => {
    emails.value = added(emails.peek(), list.map((email) => [email.id, email]));
    threads.value = added(threads.peek(), conversations.map((thread) => [thread.id, thread.emailIds]));
  });
}

function added<T>(old: ReadonlyMap<Id, T>, entries: [Id, T][]): ReadonlyMap<Id, T> {
  const map = new Map(old);
  for (const [id, value] of entries) {
    map.delete(id); // so that it becomes the youngest
    map.set(id, value);
  }
  for (const id of map.keys()) {
    if (map.size <= MOST) break;
    map.delete(id);
  }
  return map;
}

export function forgetEmails(ids: readonly Id[]): void {
  if (ids.length === 0) return;
  const map = new Map(emails.peek());
  for (const id of ids) map.delete(id);
  emails.value = map;
}

export function keepContent(content: EmailContent): void {
  contents.set(content.id, content);
  for (const id of contents.keys()) {
    if (contents.size <= MOST_CONTENTS) break;
    contents.delete(id);
  }
}

export function forgetEverything(): void {
  emails.value = new Map();
  threads.value = new Map();
  contents.clear();
}

/** All messages of the row's conversation that are known, the oldest first; the row's own at least. */
export function conversationOf(emailId: Id): EmailSummary[] {
  const email = emails.value.get(emailId);
  if (!email) return [];
  const ids = threads.value.get(email.threadId) ?? [emailId];
  return ids.flatMap((id) => emails.value.get(id) ?? []);
}
