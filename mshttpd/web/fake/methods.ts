// SPDX-License-Identifier: Apache-2.0
import type { Id } from '../src/jmap/types';
import { matches, type FakeAccount, type FakeEmail } from './mail';

type Json = Record<string, any>;
type Method = (account: FakeAccount, args: Json, find: (id: Id) => FakeAccount | undefined) => Json | [Json, ...[string, Json][]];

const get = (account: FakeAccount, args: Json, all: Map<Id, any> | null): Json => {
  const ids: Id[] = args['ids'] ?? [...(all?.keys() ?? [])];
  const list = [...new Set(ids)].flatMap((id) => all?.get(id) ?? []);
  const properties: string[] | null = args['properties'] ?? null;
  const picked = list.map((one) => structuredClone(properties
    ? Object.fromEntries(Object.entries(one).filter(([name]) => name === 'id' || properties.includes(name))) : one));
  return { accountId: account.id, state: String(account.state), list: picked, notFound: ids.filter((id) => !all?.has(id)) };
};

const byId = (list: Json[]) => new Map(list.map((one) => [one['id'] as Id, one]));

function threads(account: FakeAccount, wanted: ReadonlySet<Id>): Map<Id, Json> {
  const found = new Map<Id, { id: Id; emailIds: Id[] }>();
  const sorted = [...account.emails.values()].filter((email) => wanted.has(email.threadId)).sort((a, b) => a.receivedAt.localeCompare(b.receivedAt));
  for (const email of sorted) {
    if (!found.has(email.threadId)) found.set(email.threadId, { id: email.threadId, emailIds: [] });
    found.get(email.threadId)!.emailIds.push(email.id);
  }
  return found;
}

/** A patch object (RFC 8620 5.3): "keywords/$seen": true, or whole properties. */
function patch(target: Json, changes: Json): void {
  for (const [path, value] of Object.entries(changes)) {
    const steps = path.split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    let at = target;
    for (const step of steps.slice(0, -1)) at = at[step] ??= {};
    if (value === null && steps.length > 1) delete at[steps.at(-1)!];
    else at[steps.at(-1)!] = value;
  }
}

function makeEmail(account: FakeAccount, given: Json): FakeEmail {
  const value = (parts: Json[] | undefined) => (parts ? given['bodyValues'][parts[0]!['partId']].value : undefined);
  const email = account.addEmail({
    ...given, text: value(given['textBody']) ?? '', html: value(given['htmlBody']), keywords: Object.keys(given['keywords'] ?? {}),
    receivedAt: new Date().toISOString(),
    attachments: (given['attachments'] ?? []).map((one: Json, index: number) => ({
      partId: `a${index}`, size: account.blobs.get(one['blobId'])?.data.length ?? 0, cid: null, ...one,
    })),
  } as Json);
  const parent = [...account.emails.values()].find((one) => one.messageId?.some((id) => given['inReplyTo']?.includes(id)));
  Object.assign(email, {
    mailboxIds: given['mailboxIds'], inReplyTo: given['inReplyTo'] ?? null, references: given['references'] ?? null, bcc: given['bcc'] ?? null,
    ...(parent && { threadId: parent.threadId }),
  });
  account.note('Email', email.id, 'created');
  return email;
}

function set(account: FakeAccount, args: Json, type: string, objects: Map<Id, any>, make: (given: Json) => Json): Json {
  const answer: Json = { accountId: account.id, oldState: String(account.state), created: {}, updated: {}, destroyed: [], notCreated: {}, notUpdated: {}, notDestroyed: {} };
  for (const [key, given] of Object.entries(args['create'] ?? {})) {
    try {
      answer['created'][key] = { id: make(given as Json)['id'] };
    } catch (error) {
      answer['notCreated'][key] = error;
    }
  }
  for (const [id, changes] of Object.entries(args['update'] ?? {})) {
    const target = objects.get(id);
    if (!target) answer['notUpdated'][id] = { type: 'notFound' };
    else {
      patch(target, changes as Json);
      account.note(type, id, 'updated');
      answer['updated'][id] = null;
    }
  }
  for (const id of args['destroy'] ?? []) {
    if (!objects.delete(id)) answer['notDestroyed'][id] = { type: 'notFound' };
    else {
      account.note(type, id, 'destroyed');
      answer['destroyed'].push(id);
    }
  }
  return { ...answer, newState: String(account.state) };
}

function mailboxSet(account: FakeAccount, args: Json): Json {
  for (const id of args['destroy'] ?? []) {
    if ([...account.mailboxes.values()].some((box) => box.parentId === id)) {
      return { ...set(account, {}, 'Mailbox', account.mailboxes, () => ({})), notDestroyed: { [id]: { type: 'mailboxHasChild' } } };
    }
  }
  return set(account, args, 'Mailbox', account.mailboxes, (given) => {
    const taken = [...account.mailboxes.values()].some((box) => box.name === given['name'] && box.parentId === (given['parentId'] ?? null));
    if (taken) throw { type: 'invalidProperties', properties: ['name'] };
    return account.addMailbox(given['name'], null, given['parentId'] ?? null);
  });
}

function emailQuery(account: FakeAccount, args: Json): Json {
  let found = [...account.emails.values()].filter((email) => matches(email, args['filter'] ?? {}));
  found.sort((a, b) => (a.receivedAt < b.receivedAt ? 1 : -1));
  if (args['collapseThreads']) {
    const seen = new Set<Id>();
    found = found.filter((email) => !seen.has(email.threadId) && seen.add(email.threadId));
  }
  const position = args['position'] ?? 0;
  return {
    accountId: account.id, queryState: String(account.state), canCalculateChanges: false, position,
    ids: found.slice(position, position + (args['limit'] ?? 100)).map((email) => email.id), ...(args['calculateTotal'] && { total: found.length }),
  };
}

function submissionSet(account: FakeAccount, args: Json): [Json, ...[string, Json][]] {
  const answer = set(account, args, 'EmailSubmission', new Map(), (given) => {
    const email = account.emails.get(given['emailId']);
    if (!email) throw { type: 'notFound' };
    if ((email.to ?? []).some((one) => one.email.startsWith('nobody'))) throw { type: 'invalidRecipients', invalidRecipients: email.to!.map((one) => one.email) };
    account.submissions.push({ id: `s${account.submissions.length}`, ...given, email: structuredClone(email) });
    return account.submissions.at(-1)!;
  });
  const update: Json = {};
  for (const [key, changes] of Object.entries(args['onSuccessUpdateEmail'] ?? {})) {
    const name = key.replace(/^#/, '');
    if (answer['created'][name]) update[args['create'][name].emailId] = changes;
  }
  return Object.keys(update).length > 0 ? [answer, ['Email/set', set(account, { update }, 'Email', account.emails, () => ({}))]] : [answer];
}

/** RFC 8621 4.7, with the Email/set that follows when the originals are to go. */
function emailCopy(account: FakeAccount, args: Json, from: FakeAccount | undefined): [Json, ...[string, Json][]] {
  const gone: Id[] = [];
  const answer = set(account, args, 'Email', account.emails, (given) => {
    const original = from?.emails.get(given['id']);
    if (!original) throw { type: 'notFound' };
    if (account.quota.limit === 0) throw { type: 'overQuota' };
    const copy = account.addEmail({ subject: original.subject ?? '', keywords: Object.keys(original.keywords) });
    copy.mailboxIds = { ...given['mailboxIds'] };
    account.note('Email', copy.id, 'updated');
    gone.push(original.id);
    return copy;
  });
  if (!args['onSuccessDestroyOriginal'] || !from) return [answer];
  return [answer, ['Email/set', set(from, { destroy: gone }, 'Email', from.emails, () => ({}))]];
}

export const METHODS: Record<string, Method> = {
  'Core/echo': (_, args) => args,
  'Mailbox/get': (account, args) => get(account, args, account.mailboxes),
  'Mailbox/changes': (account, args) => account.changes('Mailbox', args['sinceState']),
  'Mailbox/set': mailboxSet,
  'Thread/get': (account, args) => get(account, args, threads(account, new Set(args['ids']))),
  'Email/get': (account, args) => get(account, args, account.emails),
  'Email/changes': (account, args) => account.changes('Email', args['sinceState']),
  'Email/query': emailQuery,
  'Email/set': (account, args) => set(account, args, 'Email', account.emails, (given) => makeEmail(account, given)),
  'Email/copy': (account, args, find) => emailCopy(account, args, find(args['fromAccountId'])),
  'SearchSnippet/get': (account, args) => ({
    accountId: account.id, notFound: null,
    list: (args['emailIds'] as Id[]).map((emailId) => ({ emailId, subject: null, preview: `<mark>${args['filter'].text ?? args['filter'].conditions[0].text}</mark> &amp; more` })),
  }),
  'EmailSubmission/set': submissionSet,
  'Identity/get': (account, args) => get(account, args, byId(account.identities)),
  'Quota/get': (account, args) => get(account, args, byId([{ id: 'q1', resourceType: 'octets', used: account.quota.used, hardLimit: account.quota.limit,
    warnLimit: null, name: 'Mail', scope: 'account', types: ['Mail'] }])),
  'Principal/get': (account, args) => get(account, args, byId(account.principals as Json[])),
  'Principal/query': (account, args) => {
    const text = String(args['filter']?.text ?? '').toLowerCase();
    return { accountId: account.id, queryState: '1', canCalculateChanges: false, position: 0,
      ids: account.principals.filter((one) => `${one.name} ${one.email}`.toLowerCase().includes(text)).map((one) => one.id) };
  },
};
