// SPDX-License-Identifier: Apache-2.0
// An account in memory that obeys RFC 8621 as far as the client goes; for unit tests and for work on the page alone.
import type { BodyPart, BodyValue, EmailAddress, EmailContent, EmailSummary, Id, Mailbox, MailboxRights, Principal } from '../src/jmap/types';
import { MAILBOX_RIGHTS } from '../src/jmap/types';

type Json = Record<string, any>;
export type FakeEmail = EmailSummary & EmailContent;

export const ALL_RIGHTS = Object.fromEntries(MAILBOX_RIGHTS.map((right) => [right, true])) as MailboxRights;

export interface NewEmail {
  from?: EmailAddress[];
  to?: EmailAddress[];
  cc?: EmailAddress[];
  subject?: string;
  text?: string;
  html?: string;
  mailbox?: string; // a role
  keywords?: string[];
  thread?: Id;
  receivedAt?: string;
  messageId?: string;
  attachments?: BodyPart[];
}

interface Change {
  state: number;
  type: string;
  id: Id;
  kind: 'created' | 'updated' | 'destroyed';
}

export class FakeAccount {
  state = 1;
  readonly mailboxes = new Map<Id, Mailbox>();
  readonly emails = new Map<Id, FakeEmail>();
  readonly blobs = new Map<Id, { type: string; data: Uint8Array }>();
  readonly principals: Principal[] = [];
  readonly submissions: Json[] = [];
  readonly identities: Json[];
  quota = { used: 0, limit: 10_000_000 };
  changed: (state: string) => void = () => {};
  private readonly log: Change[] = [];
  private next = 1;

  constructor(readonly id: Id, readonly user: string) {
    for (const role of ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash']) this.addMailbox(role[0]!.toUpperCase() + role.slice(1), role);
    this.identities = [{ id: 'i1', name: user, email: `${user}@example.org`, replyTo: null, bcc: null, textSignature: '', htmlSignature: '', mayDelete: false }];
  }

  addMailbox(name: string, role: string | null = null, parentId: Id | null = null): Mailbox {
    const box: Mailbox = {
      id: `m${this.next++}`, name, role, parentId, sortOrder: 0, totalEmails: 0, unreadEmails: 0, totalThreads: 0, unreadThreads: 0,
      myRights: { ...ALL_RIGHTS }, isSubscribed: true, shareWith: null,
    };
    this.mailboxes.set(box.id, box);
    this.note('Mailbox', box.id, 'created');
    return box;
  }

  byRole(role: string): Mailbox {
    return [...this.mailboxes.values()].find((box) => box.role === role)!;
  }

  addBlob(data: Uint8Array, type: string): Id {
    const id = `b${this.next++}`;
    this.blobs.set(id, { data, type });
    return id;
  }

  addEmail(given: NewEmail): FakeEmail {
    const id = `e${this.next++}`;
    const values: Record<string, BodyValue> = {};
    const part = (partId: string, type: string, value: string): BodyPart => {
      values[partId] = { value };
      return { partId, blobId: null, size: value.length, name: null, type, disposition: null, cid: null };
    };
    const text = given.text !== undefined || given.html === undefined ? [part('t', 'text/plain', given.text ?? '')] : [];
    const html = given.html !== undefined ? [part('h', 'text/html', given.html)] : text;
    const email: FakeEmail = {
      id, blobId: this.addBlob(new Uint8Array(), 'message/rfc822'), threadId: given.thread ?? `t${id}`,
      mailboxIds: { [this.byRole(given.mailbox ?? 'inbox').id]: true },
      keywords: Object.fromEntries((given.keywords ?? []).map((one) => [one, true])),
      size: 1000, receivedAt: given.receivedAt ?? new Date(1_700_000_000_000 + this.next * 60_000).toISOString(),
      from: given.from ?? [{ name: 'Bert Example', email: 'bert@example.org' }],
      to: given.to ?? [{ name: null, email: `${this.user}@example.org` }],
      cc: given.cc ?? null, bcc: null, replyTo: null, subject: given.subject ?? 'Subject', sentAt: null,
      preview: (given.text ?? given.html ?? '').replace(/<[^>]*>/g, ' ').slice(0, 100), hasAttachment: (given.attachments ?? []).length > 0,
      messageId: [given.messageId ?? `${id}@example.org`], inReplyTo: null, references: null,
      textBody: text.length > 0 ? text : html, htmlBody: html, attachments: given.attachments ?? [], bodyValues: values,
    };
    this.emails.set(id, email);
    this.note('Email', id, 'created');
    return email;
  }

  /** Many messages at once, counted once. */
  fill(count: number): void {
    const first = this.addEmail({ subject: 'Message 0' });
    const box = Object.keys(first.mailboxIds)[0]!;
    for (let i = 1; i < count; i++) {
      const id = `f${i}`;
      const receivedAt = new Date(1_600_000_000_000 + i * 60_000).toISOString();
      this.emails.set(id, { ...first, id, threadId: `t${id}`, subject: `Message ${i}`, mailboxIds: { [box]: true }, keywords: {}, receivedAt });
    }
    this.note('Email', first.id, 'updated');
  }

  note(type: string, id: Id, kind: Change['kind']): void {
    this.state++;
    this.log.push({ state: this.state, type, id, kind });
    if (type === 'Email') this.count();
    this.changed(String(this.state));
  }

  private count(): void {
    for (const box of this.mailboxes.values()) {
      const inside = [...this.emails.values()].filter((email) => box.id in email.mailboxIds);
      const unread = inside.filter((email) => !('$seen' in email.keywords) && !('$draft' in email.keywords));
      if (box.totalEmails === inside.length && box.unreadEmails === unread.length) continue;
      Object.assign(box, { totalEmails: inside.length, unreadEmails: unread.length });
      this.log.push({ state: this.state, type: 'Mailbox', id: box.id, kind: 'updated' });
    }
  }

  changes(type: string, since: string): Json {
    if (!/^\d+$/.test(since) || Number(since) > this.state) throw { type: 'cannotCalculateChanges' };
    const kinds = new Map<Id, Change['kind']>();
    for (const change of this.log) {
      if (change.type !== type || change.state <= Number(since)) continue;
      const before = kinds.get(change.id);
      if (before === 'created' && change.kind === 'destroyed') kinds.delete(change.id);
      else if (before !== 'created' || change.kind === 'destroyed') kinds.set(change.id, change.kind);
    }
    const of = (kind: string) => [...kinds].filter(([, one]) => one === kind).map(([id]) => id);
    return {
      accountId: this.id, oldState: since, newState: String(this.state), hasMoreChanges: false, created: of('created'), updated: of('updated'),
      destroyed: of('destroyed'), ...(type === 'Mailbox' && { updatedProperties: null }),
    };
  }
}

/** Whether a message matches a filter (RFC 8621 4.4.1). */
export function matches(email: FakeEmail, filter: Json): boolean {
  if (filter['operator']) {
    const results = (filter['conditions'] as Json[]).map((one) => matches(email, one));
    if (filter['operator'] === 'AND') return results.every(Boolean);
    return filter['operator'] === 'OR' ? results.some(Boolean) : !results.some(Boolean);
  }
  const addresses = (list: EmailAddress[] | null) => (list ?? []).map((one) => `${one.name ?? ''} ${one.email}`).join(' ');
  const body = Object.values(email.bodyValues).map((one) => one.value).join(' ');
  const fields: Record<string, string> = {
    from: addresses(email.from), to: addresses(email.to), cc: addresses(email.cc), subject: email.subject ?? '', body,
  };
  const has = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());
  return Object.entries(filter).every(([name, value]) => {
    switch (name) {
      case 'inMailbox': return value in email.mailboxIds;
      case 'inMailboxOtherThan': return Object.keys(email.mailboxIds).some((id) => !value.includes(id));
      case 'hasKeyword': return value in email.keywords;
      case 'notKeyword': return !(value in email.keywords);
      case 'hasAttachment': return email.hasAttachment === value;
      case 'minSize': return email.size >= value;
      case 'maxSize': return email.size < value;
      case 'before': return email.receivedAt < value;
      case 'after': return email.receivedAt >= value;
      case 'text': return Object.values(fields).some((field) => has(field, value));
      default:
        if (name in fields) return has(fields[name]!, value);
        throw { type: 'unsupportedFilter' };
    }
  });
}
