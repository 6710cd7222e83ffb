// SPDX-License-Identifier: Apache-2.0
// The conversation that is read, and what its messages contain.
import { signal } from '@preact/signals';
import type { BodyPart, EmailContent, EmailSummary, Id } from '../jmap/types';
import { conversationOf, contents, keepContent } from './cache';
import { apply } from './change';
import { client } from './server';
import { accountOfView, cursor, emails, opened } from './state';
import { loadThread } from './sync';
import { complain } from './toasts';

const CONTENT: (keyof EmailContent)[] = [
  'id', 'messageId', 'inReplyTo', 'references', 'sentAt', 'from', 'to', 'cc', 'bcc', 'replyTo', 'subject', 'textBody', 'htmlBody',
  'attachments', 'bodyValues',
];
const MOST_BODY = 1_000_000;

/** Messages of the opened conversation that are shown with their text. */
export const unfolded = signal<ReadonlySet<Id>>(new Set());

export async function open(row: Id): Promise<void> {
  opened.value = row;
  cursor.value = row;
  try {
    // By its address, or after a change: the message may not be known yet.
    const threadId = emails.peek().get(row)?.threadId
      ?? (await client.call('Email/get', { accountId: accountOfView.peek(), ids: [row], properties: ['threadId'] })).list[0]?.threadId;
    if (threadId) await loadThread(threadId);
  } catch (error) {
    complain(error);
  }
  if (opened.peek() !== row) return;
  unfolded.value = new Set(firstUnfolded(conversationOf(row), row));
  await markSeen([...unfolded.peek()]);
}

/** The unread ones, and the newest: what a person has opened the conversation for. */
function firstUnfolded(conversation: readonly EmailSummary[], row: Id): Id[] {
  const unread = conversation.filter((email) => !('$seen' in email.keywords) && !('$draft' in email.keywords)).map((email) => email.id);
  const newest = conversation.filter((email) => !('$draft' in email.keywords)).at(-1)?.id ?? row;
  return [...unread, newest];
}

export function close(): void {
  opened.value = null;
}

export function toggleUnfolded(id: Id): void {
  const next = new Set(unfolded.peek());
  if (!next.delete(id)) {
    next.add(id);
    void markSeen([id]);
  }
  unfolded.value = next;
}

async function markSeen(ids: readonly Id[]): Promise<void> {
  const unseen = ids.filter((id) => emails.peek().get(id) && !('$seen' in emails.peek().get(id)!.keywords));
  try {
    await apply(accountOfView.peek(), new Map(unseen.map((id) => [id, { keywords: { $seen: true } }])));
  } catch {
    // A folder of others that one may only look at; nothing that the person asked for.
  }
}

export async function loadContent(id: Id, accountId = accountOfView.peek()): Promise<EmailContent> {
  const known = contents.get(id);
  if (known) return known;
  const got = await client.call('Email/get', {
    accountId,
    ids: [id],
    properties: CONTENT,
    fetchTextBodyValues: true,
    fetchHTMLBodyValues: true,
    maxBodyValueBytes: MOST_BODY,
  });
  const content = got.list[0];
  if (!content) throw new Error('the message is gone');
  keepContent(content);
  return content;
}

/** Images that the text refers to, as data: URLs by their Content-ID; a sandboxed frame cannot read our blobs. */
export async function inlineImages(content: EmailContent): Promise<Map<string, string>> {
  const accountId = accountOfView.peek();
  const images = inlineParts(content).filter((part) => part.size <= 10_000_000);
  const loaded = await Promise.all(images.map(async (part): Promise<[string, string] | null> => {
    try {
      const blob = await client.blob(accountId, part.blobId ?? '', part.name ?? 'image', part.type);
      return [part.cid ?? '', await dataUrl(blob, part.type)];
    } catch {
      return null; // shown as an image that is missing; the attachment itself can be tried again
    }
  }));
  return new Map(loaded.filter((one) => one !== null));
}

export function inlineParts(content: EmailContent): BodyPart[] {
  const html = content.htmlBody.map((part) => content.bodyValues[part.partId ?? '']?.value ?? '').join('');
  return content.attachments.filter((part) => part.cid && part.blobId && /^image\/(png|jpe?g|gif|webp|avif|bmp)$/i.test(part.type)
    && html.includes(`cid:${part.cid}`));
}

function dataUrl(blob: Blob, type: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^;,]*/, `data:${type.toLowerCase()}`));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
