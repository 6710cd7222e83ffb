// SPDX-License-Identifier: Apache-2.0
// A message that is being written, as a value; and how it becomes an Email of JMAP.
import type { EmailAddress, EmailContent, Id, Identity } from '../jmap/types';

export interface Attachment {
  key: string; // ours, for the list on the page
  name: string;
  type: string;
  size: number;
  blobId: Id | null; // null while it is on its way
  cid: string | null; // an image in the text
  progress: number; // 0 to 1
  failed: boolean;
}

export interface Draft {
  id: string; // ours; the same in the local copy
  identityId: Id;
  to: EmailAddress[];
  cc: EmailAddress[];
  bcc: EmailAddress[];
  subject: string;
  rich: boolean;
  html: string; // the text when rich
  text: string; // the text when not
  attachments: Attachment[];
  inReplyTo: string[];
  references: string[];
  answered: Id | null; // the message that gets $answered when this one is sent
  forwarded: Id | null;
  serverId: Id | null; // the copy in Drafts
  changedAt: number;
  untouched?: boolean; // as it was begun: nobody has written in it
  savedAt: number; // when the server's copy was made; 0: there is none
}

export function emptyDraft(id: string, identity: Identity | undefined, rich: boolean): Draft {
  return {
    id, identityId: identity?.id ?? '', to: [], cc: [], bcc: [], subject: '', rich, html: '', text: '', attachments: [],
    inReplyTo: [], references: [], answered: null, forwarded: null, serverId: null, changedAt: Date.now(), savedAt: 0,
  };
}

export function isEmpty(draft: Draft): boolean {
  return [draft.to, draft.cc, draft.bcc, draft.attachments].every((list) => list.length === 0)
    && !draft.subject.trim() && !draft.text.trim() && !draft.html.replace(/<(?!img)[^>]*>|&nbsp;/g, '').trim();
}

/** The object for Email/set create. `plain` is the text of a rich message for readers without HTML. */
export function toEmail(draft: Draft, identity: Identity | undefined, mailboxId: Id, plain: string): Record<string, unknown> {
  const parts = draft.attachments.filter((one) => one.blobId !== null && (!one.cid || draft.html.includes(one.cid)));
  const text = draft.rich ? plain : draft.text;
  return {
    mailboxIds: { [mailboxId]: true },
    keywords: { $draft: true, $seen: true },
    from: identity ? [{ name: identity.name || null, email: identity.email }] : null,
    to: some(draft.to),
    cc: some(draft.cc),
    bcc: some(draft.bcc),
    ...(identity?.replyTo && { replyTo: identity.replyTo }),
    subject: draft.subject,
    inReplyTo: some(draft.inReplyTo),
    references: some(draft.references),
    textBody: [{ partId: 'text', type: 'text/plain' }],
    ...(draft.rich && { htmlBody: [{ partId: 'html', type: 'text/html' }] }),
    bodyValues: { text: { value: text }, ...(draft.rich && { html: { value: withContentIds(draft) } }) },
    attachments: parts.map((one) => ({
      blobId: one.blobId,
      type: one.type,
      name: one.name,
      ...(one.cid ? { cid: one.cid, disposition: 'inline' } : { disposition: 'attachment' }),
    })),
  };
}

function some<T>(list: T[]): T[] | null {
  return list.length > 0 ? list : null;
}

/** In the editor an inline image is shown from memory and bears its Content-ID as its alt text's neighbour, data-cid. */
function withContentIds(draft: Draft): string {
  return draft.html.replace(/<img\b[^>]*>/g, (tag) => {
    const cid = /\bdata-cid="([^"]*)"/.exec(tag)?.[1];
    if (!cid) return tag;
    return tag.replace(/\s(src|data-cid)="[^"]*"/g, '').replace(/^<img/, `<img src="cid:${cid}"`);
  });
}

/** The draft that a message in Drafts is; its attachments lie at the server already. */
export function fromContent(content: EmailContent, id: string, identity: Identity | undefined): Draft {
  const html = content.htmlBody.find((part) => part.type === 'text/html');
  const text = content.textBody.find((part) => part.type === 'text/plain');
  const value = (partId: string | null | undefined) => content.bodyValues[partId ?? '']?.value ?? '';
  return {
    ...emptyDraft(id, identity, html !== undefined),
    to: content.to ?? [],
    cc: content.cc ?? [],
    bcc: content.bcc ?? [],
    subject: content.subject ?? '',
    html: html ? value(html.partId) : '',
    text: text ? value(text.partId) : '',
    attachments: attachmentsOf(content),
    inReplyTo: content.inReplyTo ?? [],
    references: content.references ?? [],
    serverId: content.id,
    savedAt: Date.now(),
  };
}

export function attachmentsOf(content: EmailContent): Attachment[] {
  return content.attachments.map((part, index) => ({
    key: `a${index}`,
    name: part.name ?? '',
    type: part.type,
    size: part.size,
    blobId: part.blobId,
    cid: part.disposition === 'inline' ? part.cid : null,
    progress: 1,
    failed: false,
  }));
}
