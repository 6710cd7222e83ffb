// SPDX-License-Identifier: Apache-2.0
// The store against a server in memory that obeys the RFCs.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeServer } from '../../fake/server';
import { FakeAccount, type NewEmail } from '../../fake/mail';
import { emptyDraft } from '../mail/draft';
import { moveTo, remove, setSeen } from './actions';
import { selectAll, selectTo, targets, toggleSelected } from './selecting';
import { contents, conversationOf, forgetEverything } from './cache';
import * as drafts from './drafts';
import { createFolder, deleteFolder, emptyFolder, markAllRead, share, sharees, findPeople, trees, updateFolder } from './folders';
import { ensureRange, patience, show } from './list';
import { loadPeople, suggest, forgetPeople } from './people';
import { held, send } from './sending';
import { logIn } from './server';
import { changeSettings } from './settings';
import { auth, emails, folderByRole, folderOfView, folders, listing, selected, snippets, view, EMPTY_LISTING } from './state';
import { forgetStates, loadAll, sync } from './sync';
import { toasts } from './toasts';

let fake: FakeServer;

function fill(count: number, given: NewEmail = {}): void {
  for (let i = 0; i < count; i++) fake.account.addEmail({ subject: `Message ${i}`, ...given });
}

async function begin(): Promise<void> {
  await logIn('anna', 'secret');
  await loadAll();
}

async function showInbox(): Promise<void> {
  show({ kind: 'folder', accountId: fake.account.id, mailboxId: fake.account.byRole('inbox').id });
  await until(() => listing.value.loaded && !listing.value.loading);
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !holds(); turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(holds(), 'it never came to that');
}

beforeEach(() => {
  fake = new FakeServer();
  globalThis.fetch = fake.handle as typeof fetch;
  auth.value = 'starting';
  forgetStates();
  forgetEverything();
  forgetPeople();
  view.value = null;
  listing.value = EMPTY_LISTING;
  selected.value = new Set();
  toasts.value = [];
  drafts.drafts.value = [];
  changeSettings({ undoSeconds: 0 });
});

test('a wrong password is a problem in words, a right one brings folders with counts', async () => {
  fill(3);
  await assert.rejects(logIn('anna', 'wrong'), /login/);
  await begin();
  assert.equal(auth.value, 'in');
  assert.equal(folderByRole('inbox')?.unreadEmails, 3);
  assert.deepEqual(trees.value[0]?.branches.map((branch) => branch.folder.role), ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash']);
});

test('of many messages only what is seen is fetched', async () => {
  fill(1000);
  await begin();
  fake.requests = [];
  await showInbox();
  assert.equal(listing.value.ids.length, 1000);
  assert.equal(listing.value.ids.filter((id) => id !== undefined).length, 40);
  await ensureRange(500, 520);
  assert.ok(listing.value.ids[510]);
  assert.equal(listing.value.ids[300], undefined);
  assert.ok(fake.requests.length <= 2);
});

test('a conversation has its messages of all folders, one\'s own answers among them', async () => {
  const first = fake.account.addEmail({ thread: 't1' });
  const own = fake.account.addEmail({ thread: 't1', mailbox: 'sent' });
  await begin();
  await showInbox();
  assert.deepEqual(listing.value.ids, [first.id]);
  assert.deepEqual(conversationOf(first.id).map((email) => email.id), [first.id, own.id]);
});

test('new mail appears, mail that is gone goes, flags change: by sync alone', async () => {
  fill(2);
  await begin();
  await showInbox();
  const [second, first] = listing.value.ids as string[];
  const added = fake.account.addEmail({ subject: 'New' });
  fake.account.emails.delete(first!);
  fake.account.note('Email', first!, 'destroyed');
  fake.account.emails.get(second!)!.keywords['$seen'] = true;
  fake.account.note('Email', second!, 'updated');
  await sync();
  assert.deepEqual(listing.value.ids, [added.id, second]);
  assert.ok('$seen' in emails.value.get(second!)!.keywords);
  assert.equal(folderByRole('inbox')?.unreadEmails, 1);
});

test('when changes cannot be calculated everything is asked for anew', async () => {
  fill(2);
  await begin();
  await showInbox();
  fake.account.state = 1; // a server that was restored: our state is from its future
  fake.account.addEmail({ subject: 'After' });
  fake.account.state = 3;
  await sync();
  assert.equal(listing.value.ids.length, 3);
});

test('a list whose host does not answer says so, and comes by itself when it answers again', async () => {
  patience.first = patience.most = 1;
  fill(2);
  await begin();
  fake.dead.add(fake.account.id);
  await showInbox();
  assert.equal(listing.value.problem?.type, 'serverUnavailable');
  fake.dead.clear();
  for (let turn = 0; turn < 500 && listing.value.problem; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(listing.value.problem, null);
  assert.equal(listing.value.ids.length, 2);
});

test('a sharer whose host does not answer, or who shares no more, does not keep own mail from appearing', async () => {
  fake.shared = new FakeAccount('b-bert', 'bert');
  await begin();
  await showInbox();
  fake.dead.add('b-bert');
  const first = fake.account.addEmail({ subject: 'While he is away' });
  await sync();
  assert.deepEqual(listing.value.ids, [first.id]);
  assert.ok([...folders.value.values()].some((folder) => folder.accountId === 'b-bert'), 'he may come back');
  fake.dead.clear();
  fake.shared = null;
  const second = fake.account.addEmail({ subject: 'When he is gone' });
  await sync();
  assert.deepEqual(listing.value.ids, [second.id, first.id]);
  assert.ok(![...folders.value.values()].some((folder) => folder.accountId === 'b-bert'));
});

test('moving shows at once, reaches the server, and can be undone', async () => {
  fill(3);
  await begin();
  await showInbox();
  const row = listing.value.ids[1]!;
  const archive = folderByRole('archive')!;
  const moving = moveTo(archive, [row]);
  assert.equal(listing.value.ids.length, 2);
  assert.equal(folderByRole('archive')?.totalEmails, 1);
  await moving;
  assert.deepEqual(Object.keys(fake.account.emails.get(row)!.mailboxIds), [archive.id]);
  toasts.value[0]?.action?.run();
  await until(() => listing.value.ids.includes(row));
  assert.deepEqual(Object.keys(fake.account.emails.get(row)!.mailboxIds), [folderByRole('inbox')!.id]);
});

test('a change that the server does not take is taken back and said', async () => {
  fill(1);
  await begin();
  await showInbox();
  fake.offline = true;
  await setSeen(true, [listing.value.ids[0]!]);
  assert.ok(!('$seen' in emails.value.get(listing.value.ids[0]!)!.keywords));
  assert.equal(toasts.value[0]?.kind, 'wrong');
  assert.ok(toasts.value[0]?.action, 'it offers to try again');
});

test('deleting moves to the trash; out of the trash it is for good, after the time for undo', async () => {
  fill(1);
  await begin();
  await showInbox();
  const row = listing.value.ids[0]!;
  await remove([row]);
  assert.ok(fake.account.byRole('trash').id in fake.account.emails.get(row)!.mailboxIds);
  show({ kind: 'folder', accountId: fake.account.id, mailboxId: fake.account.byRole('trash').id });
  await until(() => listing.value.ids.length === 1 && listing.value.loaded);
  changeSettings({ undoSeconds: 1000 });
  await remove([row]);
  assert.equal(listing.value.ids.length, 0);
  toasts.value.at(-1)?.action?.run();
  await until(() => listing.value.ids.length === 1);
  assert.ok(fake.account.emails.has(row));
  changeSettings({ undoSeconds: 0 });
  await remove([row]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(!fake.account.emails.has(row));
});

test('what moves to a folder of somebody else is copied there and gone here, and comes back', async () => {
  fake.shared = new FakeAccount('b-bert', 'bert');
  const own = fake.account.addEmail({ subject: 'Across', keywords: ['$flagged'] });
  const kept = fake.account.addEmail({ subject: 'In two folders' });
  const archive = fake.account.byRole('archive').id;
  kept.mailboxIds[archive] = true;
  await begin();
  await showInbox();
  const target = [...folders.value.values()].find((one) => one.accountId === 'b-bert' && one.role === 'inbox')!;
  await moveTo(target, [own.id, kept.id]);
  assert.deepEqual([...fake.shared.emails.values()].map((email) => email.subject), ['Across', 'In two folders']);
  assert.ok('$flagged' in [...fake.shared.emails.values()][0]!.keywords);
  assert.ok(!fake.account.emails.has(own.id));
  assert.deepEqual(Object.keys(fake.account.emails.get(kept.id)!.mailboxIds), [archive]);
  toasts.value.at(-1)?.action?.run();
  await until(() => fake.shared!.emails.size === 0);
  await until(() => listing.value.ids.length === 2);
  const inbox = fake.account.byRole('inbox').id;
  assert.deepEqual([...fake.account.emails.values()].map((email) => [email.subject, inbox in email.mailboxIds]), [['In two folders', true], ['Across', true]]);
});

test('what the other account does not take stays, and that is said', async () => {
  fake.shared = new FakeAccount('b-bert', 'bert');
  fake.shared.quota.limit = 0;
  fill(1);
  await begin();
  await showInbox();
  await moveTo([...folders.value.values()].find((one) => one.accountId === 'b-bert')!, [listing.value.ids[0]!]);
  assert.equal(fake.account.emails.size, 1);
  assert.match(toasts.value.at(-1)?.text ?? '', /full/);
  await until(() => listing.value.ids.length === 1);
});

test('a folder that mail may not be taken from keeps its mail', async () => {
  fake.shared = new FakeAccount('b-bert', 'bert');
  fake.account.byRole('inbox').myRights.mayRemoveItems = false;
  fill(1);
  await begin();
  await showInbox();
  await moveTo([...folders.value.values()].find((one) => one.accountId === 'b-bert')!, [listing.value.ids[0]!]);
  assert.deepEqual([fake.account.emails.size, fake.shared.emails.size], [1, 0]);
});

test('with the shift key rows are selected from where it began, those that are not loaded, too, and all are acted on', async () => {
  fill(1500);
  await begin();
  await showInbox();
  toggleSelected(listing.value.ids[3]!);
  await ensureRange(700, 720);
  await selectTo(listing.value.ids[702]!);
  assert.equal(selected.value.size, 700);
  await selectTo(listing.value.ids[710]!);
  assert.equal(selected.value.size, 708);
  await selectAll();
  assert.equal(selected.value.size, 1500);
  await moveTo(folderByRole('archive')!);
  const archive = folderByRole('archive')!.id;
  assert.ok([...fake.account.emails.values()].every((email) => archive in email.mailboxIds));
  toasts.value.find((toast) => toast.action)!.action!.run();
  await until(() => [...fake.account.emails.values()].every((email) => !(archive in email.mailboxIds)));
});

test('rows that the cache has let go are fetched again when they are seen', async () => {
  fill(80);
  await begin();
  await showInbox();
  forgetEverything();
  await ensureRange(0, 39);
  assert.ok(emails.value.has(listing.value.ids[5]!));
});

test('a search shows where its words stand', async () => {
  fill(2, { text: 'words' });
  await begin();
  show({ kind: 'search', accountId: fake.account.id, text: 'words' });
  await until(() => snippets.value.size === 2);
  assert.equal(snippets.value.get(listing.value.ids[0]!)?.preview, '<mark>words</mark> &amp; more');
});

test('an answer that nobody wrote in is not kept', async () => {
  await begin();
  drafts.openDraft({ ...emptyDraft('d1', undefined, false), subject: 'Re: Hello', untouched: true });
  await drafts.closeDraft('d1');
  assert.equal(fake.account.emails.size, 0);
  drafts.openDraft({ ...emptyDraft('d2', undefined, false), subject: 'Re: Hello', untouched: true });
  drafts.change('d2', { text: 'a' });
  await drafts.closeDraft('d2');
  assert.equal(fake.account.emails.size, 1);
});

test('the trash is emptied and a folder is read, however much there is', async () => {
  fill(1200, { mailbox: 'trash' });
  fill(700);
  await begin();
  emptyFolder(folderByRole('trash', fake.account.id)!);
  await until(() => fake.account.emails.size === 700);
  await markAllRead(folderByRole('inbox', fake.account.id)!);
  assert.ok([...fake.account.emails.values()].every((email) => '$seen' in email.keywords));
});

test('a share that begins or ends while one looks on is told by the session\'s state', async () => {
  await begin();
  fake.shared = new FakeAccount('b-bert', 'bert');
  fake.account.addEmail({});
  await sync();
  const his = () => [...folders.value.values()].filter((folder) => folder.accountId === 'b-bert').length;
  await until(() => his() > 0);
  fake.shared = null;
  await sync();
  await until(() => his() === 0);
});

test('an act is for the selected rows, else for the one under the cursor', async () => {
  fill(3);
  await begin();
  await showInbox();
  selected.value = new Set(listing.value.ids.slice(0, 2) as string[]);
  assert.equal(targets().length, 2);
});

test('a search finds over all folders but the trash', async () => {
  fake.account.addEmail({ subject: 'Budget', mailbox: 'archive' });
  fake.account.addEmail({ subject: 'Budget', mailbox: 'trash' });
  await begin();
  show({ kind: 'search', accountId: fake.account.id, text: 'subject:budget' });
  await until(() => listing.value.loaded);
  assert.equal(listing.value.ids.length, 1);
});

test('folders are created, renamed and deleted with undo; a taken name is said', async () => {
  await begin();
  const id = await createFolder(fake.account.id, null, 'Projects');
  const find = () => [...folders.value.values()].find((folder) => folder.id === id);
  await assert.rejects(createFolder(fake.account.id, null, 'Projects'), /nameTaken/);
  await updateFolder(find()!, { name: 'Plans' });
  assert.equal(find()?.name, 'Plans');
  const shown = () => trees.value[0]?.branches.some((branch) => branch.folder.id === id);
  changeSettings({ undoSeconds: 1000 });
  deleteFolder(find()!);
  assert.ok(!shown());
  toasts.value.at(-1)?.action?.run();
  assert.ok(shown());
  changeSettings({ undoSeconds: 0 });
  deleteFolder(find()!);
  await until(() => fake.account.mailboxes.has(id));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(!fake.account.mailboxes.has(id));
});

test('a folder is shared with a person of the directory, and not any more', async () => {
  fake.account.principals.push({ id: 'p1', type: 'individual', name: 'Bert', email: 'bert@example.org' });
  await begin();
  const folder = folderByRole('archive')!;
  const [bert] = await findPeople('bert');
  await share(folder, bert!, 'write');
  assert.deepEqual((await sharees(folder)).map((one) => [one.person.name, one.level]), [['Bert', 'write']]);
  assert.equal(fake.account.byRole('archive').shareWith?.['p1']?.mayAddItems, true);
  await share(folder, bert!, null);
  assert.deepEqual(await sharees(folder), []);
});

test('a draft is saved in Drafts, replaced by its next state, and sent from there', async () => {
  await begin();
  drafts.openDraft(emptyDraft('d1', undefined, false));
  drafts.change('d1', { to: [{ name: null, email: 'bert@example.org' }], subject: 'Plan', text: 'One' });
  await drafts.save('d1');
  drafts.change('d1', { text: 'Two' });
  await drafts.save('d1');
  await until(() => [...fake.account.emails.values()].length === 1);
  const [saved] = [...fake.account.emails.values()];
  assert.ok('$draft' in saved!.keywords);
  await send('d1');
  await until(() => fake.account.submissions.length === 1);
  assert.equal(fake.account.submissions[0]?.['email'].bodyValues.t.value, 'Two');
  assert.deepEqual(Object.keys(fake.account.emails.get(saved!.id)!.mailboxIds), [fake.account.byRole('sent').id]);
  assert.ok(!('$draft' in fake.account.emails.get(saved!.id)!.keywords));
  assert.equal(drafts.drafts.value.length, 0);
});

test('sending is held, and taken back the draft is there again and nothing has gone out', async () => {
  await begin();
  changeSettings({ undoSeconds: 1000 });
  drafts.openDraft(emptyDraft('d1', undefined, false));
  drafts.change('d1', { to: [{ name: null, email: 'bert@example.org' }], subject: 'Plan', text: 'One' });
  await send('d1');
  assert.equal(held.value.length, 1);
  assert.equal(drafts.drafts.value.length, 0);
  assert.equal(fake.account.byRole('drafts').totalEmails, 1);
  toasts.value.at(-1)?.action?.run();
  assert.equal(drafts.draft('d1')?.text, 'One');
  assert.equal(fake.account.submissions.length, 0);
});

test('a refused recipient brings the draft back with the reason', async () => {
  await begin();
  drafts.openDraft(emptyDraft('d1', undefined, false));
  drafts.change('d1', { to: [{ name: null, email: 'nobody@example.org' }], text: 'One' });
  await send('d1');
  await until(() => toasts.value.some((toast) => toast.kind === 'wrong'));
  assert.equal(drafts.draft('d1')?.text, 'One');
  assert.match(toasts.value.find((toast) => toast.kind === 'wrong')!.text, /nobody@example\.org/);
});

test('nothing typed is lost while the server is away, and what a dead window left is found', async () => {
  await begin();
  fake.offline = true;
  drafts.openDraft(emptyDraft('d1', undefined, false));
  drafts.change('d1', { subject: 'Kept', text: 'One' });
  await assert.rejects(drafts.save('d1'));
  assert.equal(drafts.saveStates.value.get('d1'), 'local');
  drafts.drafts.value = []; // the window is gone without a word
  fake.offline = false;
  await drafts.findLeftBehind();
  assert.deepEqual(drafts.recovered.value.map((one) => one.text), ['One']);
  drafts.takeUp(drafts.recovered.value[0]!);
  await drafts.save('d1');
  assert.equal(fake.account.byRole('drafts').totalEmails, 1);
  await drafts.discard('d1');
  assert.equal(fake.account.emails.size, 0);
});

test('people come from one\'s own mail, those written to first', async () => {
  fill(3, { from: [{ name: 'Clara Novak', email: 'clara@example.org' }] });
  fake.account.addEmail({ mailbox: 'sent', to: [{ name: 'Carl Young', email: 'carl@example.org' }] });
  fake.account.addEmail({ from: [{ name: null, email: 'no-reply@example.org' }] });
  await begin();
  await loadPeople();
  assert.deepEqual(suggest('c', []).map((one) => one.email), ['carl@example.org', 'clara@example.org']);
  assert.deepEqual(suggest('nov', []).map((one) => one.email), ['clara@example.org']);
  assert.deepEqual(suggest('no-reply', []), []);
  assert.deepEqual(suggest('anna', []), []);
});

test('the folder in view is known by its key', async () => {
  await begin();
  await showInbox();
  assert.equal(folderOfView.value?.role, 'inbox');
  assert.equal(contents.size, 0);
});
