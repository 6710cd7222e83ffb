// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccount } from '../../fake/mail';
import { distinct, parseAddress, parseAddresses, printAddress } from './address';
import { forward, replyTo, withQuote } from './answer';
import { emptyDraft, isEmpty, toEmail } from './draft';
import { plainToHtml } from './plain';
import { quotePlain, splitQuotedPlain } from './quote';

const ANNA = { name: 'Anna', email: 'anna@example.org' };
const BERT = { name: 'Bert', email: 'bert@example.org' };
const CLARA = { name: 'Clara', email: 'clara@example.org' };
const IDENTITY = { id: 'i1', name: 'Anna', email: 'anna@example.org', replyTo: null, textSignature: '', htmlSignature: '', mayDelete: false };

function content(given: object) {
  return { ...new FakeAccount('a', 'anna').addEmail({ from: [BERT], to: [ANNA], subject: 'Plan', text: 'One\nTwo' }), ...given };
}

test('addresses are parsed as people paste them and print back', () => {
  const { addresses, rest } = parseAddresses('"Doe, Jane" <jane@example.org>; bert@example.org, nonsense\nClara <clara@example.org>');
  assert.deepEqual(addresses.map((one) => one.email), ['jane@example.org', 'bert@example.org', 'clara@example.org']);
  assert.equal(addresses[0]?.name, 'Doe, Jane');
  assert.equal(rest, 'nonsense');
  assert.equal(printAddress(addresses[0]!), '"Doe, Jane" <jane@example.org>');
  assert.deepEqual(parseAddress(printAddress({ name: 'A "B" C', email: 'a@b.c' })), { name: 'A "B" C', email: 'a@b.c' });
  assert.deepEqual(distinct([BERT, { name: null, email: 'BERT@example.org' }, ANNA], [ANNA]), [BERT]);
});

test('an answer goes to who wrote, an answer to all to the others too but not to oneself', () => {
  const original = content({ cc: [CLARA] });
  const one = replyTo(emptyDraft('d', IDENTITY, true), original, [ANNA], false);
  assert.deepEqual([one.to, one.cc, one.subject], [[BERT], [], 'Re: Plan']);
  const all = replyTo(emptyDraft('d', IDENTITY, true), original, [ANNA], true);
  assert.deepEqual([all.to, all.cc], [[BERT], [CLARA]]);
  assert.deepEqual(all.inReplyTo, original.messageId);
  assert.deepEqual(all.references, original.messageId);
});

test('an answer to one\'s own message goes on to those who got it', () => {
  const original = content({ from: [ANNA], to: [BERT], subject: 'AW: Re: Plan' });
  const draft = replyTo(emptyDraft('d', IDENTITY, true), original, [ANNA], false);
  assert.deepEqual([draft.to, draft.subject], [[BERT], 'Re: Plan']);
});

test('Reply-To wins over From', () => {
  assert.deepEqual(replyTo(emptyDraft('d', IDENTITY, true), content({ replyTo: [CLARA] }), [ANNA], false).to, [CLARA]);
});

test('a forwarded message keeps its attachments', () => {
  const part = { partId: '2', blobId: 'b1', size: 3, name: 'a.pdf', type: 'application/pdf', disposition: 'attachment', cid: null };
  const draft = forward(emptyDraft('d', IDENTITY, true), content({ attachments: [part] }));
  assert.equal(draft.subject, 'Fwd: Plan');
  assert.deepEqual(draft.attachments.map((one) => [one.name, one.blobId]), [['a.pdf', 'b1']]);
});

test('a draft becomes an Email: both texts, inline images by Content-ID, nothing that is still on its way', () => {
  const attachment = { key: 'k', name: 'x', type: 'image/png', size: 1, blobId: 'b1', cid: 'c1@x', progress: 1, failed: false };
  const draft = {
    ...emptyDraft('d', IDENTITY, true), to: [BERT], subject: 'S', html: '<div>Hi<img data-cid="c1@x" src="blob:y" alt=""></div>',
    attachments: [attachment, { ...attachment, key: 'l', blobId: null, cid: null }, { ...attachment, key: 'm', cid: 'gone@x' }],
  };
  const email = toEmail(draft, IDENTITY, 'm1', 'Hi') as Record<string, any>;
  assert.equal(email['bodyValues'].html.value, '<div>Hi<img src="cid:c1@x" alt=""></div>');
  assert.equal(email['bodyValues'].text.value, 'Hi');
  assert.deepEqual(email['attachments'].map((one: any) => [one.blobId, one.cid, one.disposition]), [['b1', 'c1@x', 'inline']]);
  assert.deepEqual(email['keywords'], { $draft: true, $seen: true });
});

test('an empty draft is told from one with anything in it', () => {
  const draft = emptyDraft('d', IDENTITY, true);
  assert.ok(isEmpty({ ...draft, html: '<div><br></div>&nbsp;' }));
  for (const patch of [{ subject: 'x' }, { html: '<img data-cid="x">' }, { text: 'x' }, { to: [BERT] }]) assert.ok(!isEmpty({ ...draft, ...patch }));
});

test('the quoted end of a plain text is split off with its attribution', () => {
  const parts = splitQuotedPlain('Yes.\n\nOn Monday, Bert wrote:\n> Will you?\n>\n> Bert\n');
  assert.deepEqual(parts, [{ text: 'Yes.', quoted: false }, { text: 'On Monday, Bert wrote:\n> Will you?\n>\n> Bert', quoted: true }]);
  assert.deepEqual(splitQuotedPlain('> all\n> quoted'), [{ text: '> all\n> quoted', quoted: false }]);
  assert.equal(splitQuotedPlain('> first\nanswer below').length, 1);
  assert.equal(quotePlain('a\n> b'), '> a\n>> b');
});

test('plain text becomes HTML without any of its own', () => {
  const html = plainToHtml('<b>x</b> see https://example.org/a?b=1&c=2. Mail bert@example.org', 'Quote');
  assert.ok(html.includes('&lt;b&gt;x&lt;/b&gt;'));
  assert.ok(html.includes('<a href="https://example.org/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer">'));
  assert.ok(html.includes('href="mailto:bert@example.org"'));
});

test('a quote is written into the answer as text and as HTML', () => {
  const words = { wrote: 'Bert wrote:', forwarded: '', from: '', date: '', subject: '', to: '', dateText: '' };
  const draft = withQuote(emptyDraft('d', IDENTITY, true), { html: '<p>One</p>', text: 'One' }, words);
  assert.equal(draft.text, '\n\nBert wrote:\n> One\n');
  assert.ok(draft.html.endsWith('<blockquote type="cite"><p>One</p></blockquote>'));
});
