// SPDX-License-Identifier: Apache-2.0
// A whole session of two people by a JMAP client from npm that knows nothing of this server.
// Arguments: origin, Anna's token, Bert's token, the address of Bert. Ends with status 1 at the first thing that is wrong.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import { EventSource } from "eventsource";
import JamClient from "jmap-jam";

const [origin, annaToken, bertToken, bertAddress] = process.argv.slice(2);
const sessionUrl = `${origin}/.well-known/jmap`;
const MAIL = "urn:ietf:params:jmap:mail";
const PRINCIPALS = "urn:ietf:params:jmap:principals";
const SHARING = { using: ["urn:ietf:params:jmap:core", MAIL, PRINCIPALS] };
const step = (text) => console.log(`ok ${text}`);
const login = (bearerToken) => new JamClient({ sessionUrl, bearerToken, customCapabilities: { Principal: PRINCIPALS } });
const patience = (what) => new Promise((_, fail) => setTimeout(() => fail(new Error(`never: ${what}`)), 60_000).unref());

/** The states that an account's event stream tells, one after the other. */
async function listen(client, token) {
  // The client takes what browsers have under this name, and browsers have cookies.
  globalThis.EventSource = class extends EventSource {
    constructor(url) {
      super(url, { fetch: (to, init) => fetch(to, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } }) });
    }
  };
  const source = await client.connectEventSource({ types: ["Email", "Mailbox", "EmailDelivery"], ping: 0 });
  const told = [];
  let wake = () => {};
  source.addEventListener("state", (event) => {
    told.push(JSON.parse(event.data).changed);
    wake();
  });
  await Promise.race([new Promise((open) => source.addEventListener("open", open)), patience("an event stream")]);
  return {
    close: () => source.close(),
    async until(what, holds) {
      const late = patience(what);
      while (!told.some(holds)) await Promise.race([new Promise((again) => (wake = again)), late]);
    },
  };
}

// ---- Bert shares two folders before Anna comes.

const bert = login(bertToken);
const bertId = await bert.getPrimaryAccount();
const importInto = async (mailbox, subject) => {
  const text = `From: Bert <${bertAddress}>\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@npm.example>\r\n\r\nOf the club\r\n`;
  const blob = await bert.uploadBlob(bertId, Buffer.from(text), { headers: { Authorization: `Bearer ${bertToken}`, "Content-Type": "message/rfc822" } });
  const [imported] = await bert.api.Email.import({
    accountId: bertId, emails: { m: { blobId: blob.blobId, mailboxIds: { [mailbox]: true }, keywords: {} } },
  });
  return imported.created.m.id;
};
const [folders] = await bert.api.Mailbox.set({ accountId: bertId, create: { c: { name: "Club" }, o: { name: "Club old" } } });
const [club, clubOld] = [folders.created.c.id, folders.created.o.id];
const clubMail = await importInto(club, "club-1");
const clubMore = await importInto(club, "club-2");
const [people] = await bert.api.Principal.query({ accountId: bertId, filter: { text: "anna" } });
const annaPrincipal = people.ids[0];
const rights = { mayReadItems: true, mayAddItems: true, mayRemoveItems: true, maySetSeen: true, maySetKeywords: true };
const [shared] = await bert.api.Mailbox.set({
  accountId: bertId,
  update: { [club]: { [`shareWith/${annaPrincipal}`]: rights }, [clubOld]: { [`shareWith/${annaPrincipal}`]: rights } },
}, SHARING);
assert.deepEqual(Object.keys(shared.updated).sort(), [club, clubOld].sort());
step("Email/import, Mailbox/set with shareWith");

// ---- Anna's own account

const anna = login(annaToken);
const annaId = await anna.getPrimaryAccount();
assert.ok(annaId && bertId && annaId !== bertId);
const session = await anna.session;
assert.ok(session.capabilities["urn:ietf:params:jmap:submission"]);
assert.deepEqual(Object.entries(session.accounts).filter(([, account]) => account.isPersonal).map(([id]) => id), [annaId]);
step("session");

const [echo] = await anna.request(["Core/echo", { hello: true }]);
assert.deepEqual(echo, { hello: true });
step("Core/echo");

const [made] = await anna.api.Mailbox.set({
  accountId: annaId,
  create: { d: { name: "Client drafts" }, s: { name: "Client sent" } },
});
const drafts = made.created.d.id;
const sent = made.created.s.id;
const [boxes] = await anna.api.Mailbox.get({ accountId: annaId, ids: null });
const names = new Set(boxes.list.map((box) => box.name));
assert.ok(names.has("Client drafts") && boxes.list.some((box) => box.role === "inbox"));
const [named] = await anna.api.Mailbox.query({ accountId: annaId, filter: { name: "Client d" } });
assert.deepEqual(named.ids, [drafts]);
step("Mailbox/set, get and query");

const content = randomBytes(100_003);
const blob = await anna.uploadBlob(annaId, content, { headers: { Authorization: `Bearer ${annaToken}`, "Content-Type": "image/png" } });
assert.equal(blob.size, content.length);
const back = await anna.downloadBlob({ accountId: annaId, blobId: blob.blobId, mimeType: "image/png", fileName: "a b.png" });
assert.deepEqual(Buffer.from(await back.arrayBuffer()), content);
step("upload and download");

const [identities] = await anna.api.Identity.get({ accountId: annaId, ids: null });
const identity = identities.list[0];
const subject = `Gruß ${randomBytes(8).toString("hex")}`;
const [created] = await anna.api.Email.set({
  accountId: annaId,
  create: {
    mail: {
      mailboxIds: { [drafts]: true },
      keywords: { $draft: true, $seen: true },
      from: [{ name: identity.name, email: identity.email }],
      to: [{ name: "Bert", email: bertAddress }],
      subject,
      bodyStructure: {
        type: "multipart/mixed",
        subParts: [
          { type: "multipart/alternative", subParts: [{ partId: "t", type: "text/plain" }, { partId: "h", type: "text/html" }] },
          { blobId: blob.blobId, type: "image/png", name: "Bild.png", disposition: "attachment" },
        ],
      },
      bodyValues: { t: { value: "Hallo Welt" }, h: { value: "<p>Hallo <b>Welt</b></p>" } },
    },
  },
});
const draft = created.created.mail.id;
step("Email/set");

const [[found]] = [await anna.requestMany((t) => {
  const query = t.Email.query({ accountId: annaId, filter: { inMailbox: drafts } });
  const get = t.Email.get({ accountId: annaId, ids: query.$ref("/ids"), properties: ["subject", "preview", "hasAttachment"] });
  return { query, get };
})];
assert.deepEqual(found.get.list.map((email) => [email.subject, email.hasAttachment]), [[subject, true]]);
step("Email/query and get by reference");

// ---- sending; Bert's event stream tells him

const stream = await listen(bert, bertToken);
const [submitted] = await anna.api.EmailSubmission.set({
  accountId: annaId,
  create: { go: { identityId: identity.id, emailId: draft } },
  onSuccessUpdateEmail: { "#go": { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${sent}`]: true, "keywords/$draft": null } },
});
assert.equal(submitted.created.go.undoStatus, "final");
const [after] = await anna.api.Email.get({ accountId: annaId, ids: [draft], properties: ["mailboxIds", "keywords"] });
assert.deepEqual(after.list[0].mailboxIds, { [sent]: true });
assert.deepEqual(after.list[0].keywords, { $seen: true });
const [submission] = await anna.api.EmailSubmission.get({ accountId: annaId, ids: [submitted.created.go.id] });
assert.equal(submission.list[0].emailId, draft);
step("EmailSubmission/set and get");

await stream.until("a delivery", (changed) => changed[bertId]?.EmailDelivery);
const [bertBoxes] = await bert.api.Mailbox.get({ accountId: bertId, ids: null });
const inbox = bertBoxes.list.find((box) => box.role === "inbox");
const [arrivals] = await bert.api.Email.query({ accountId: bertId, filter: { inMailbox: inbox.id, subject } });
assert.equal(arrivals.ids.length, 1, "what the event stream told of is there");
const arrived = arrivals.ids[0];
step("push: the event stream told of the delivery");

const [read] = await bert.api.Email.get({
  accountId: bertId, ids: [arrived], fetchAllBodyValues: true,
  properties: ["threadId", "from", "subject", "textBody", "htmlBody", "attachments", "bodyValues"],
});
const email = read.list[0];
assert.equal(email.from[0].email, identity.email);
assert.equal(email.bodyValues[email.textBody[0].partId].value.trimEnd(), "Hallo Welt");
const attachment = email.attachments[0];
assert.equal(attachment.name, "Bild.png");
const received = await bert.downloadBlob({ accountId: bertId, blobId: attachment.blobId, mimeType: "image/png", fileName: "x" });
assert.deepEqual(Buffer.from(await received.arrayBuffer()), content);
step("the message came as it was written");

// ---- keywords, moving, what has changed

const [state] = await bert.api.Email.get({ accountId: bertId, ids: [] });
await bert.api.Email.set({ accountId: bertId, ifInState: state.state, update: { [arrived]: { "keywords/$seen": true, "keywords/$flagged": true } } });
const [changes] = await bert.api.Email.changes({ accountId: bertId, sinceState: state.state });
assert.deepEqual([changes.created, changes.updated, changes.destroyed], [[], [arrived], []]);
await stream.until("the change", (changed) => changed[bertId]?.Email === changes.newState);
const [moved] = await bert.api.Email.set({ accountId: bertId, update: { [arrived]: { mailboxIds: { [clubOld]: true } } } });
assert.ok(arrived in moved.updated);
const [place] = await bert.api.Email.get({ accountId: bertId, ids: [arrived], properties: ["mailboxIds", "keywords"] });
assert.deepEqual(place.list[0], { id: arrived, mailboxIds: { [clubOld]: true }, keywords: { $seen: true, $flagged: true } });
const [boxChanges] = await bert.api.Mailbox.changes({ accountId: bertId, sinceState: bertBoxes.state });
assert.deepEqual([...boxChanges.updated].sort(), [inbox.id, clubOld].sort());
step("keywords, moving, Email/changes, Mailbox/changes");

const [thread] = await bert.api.Thread.get({ accountId: bertId, ids: [email.threadId] });
assert.deepEqual(thread.list[0].emailIds, [arrived]);
const [snippet] = await bert.api.SearchSnippet.get({ accountId: bertId, emailIds: [arrived], filter: { text: "Welt" } });
assert.match(snippet.list[0].preview, /<mark>Welt<\/mark>/);
step("threads, snippets");

// ---- what Bert shares, in Anna's hands

const sharers = Object.values(session.accounts).filter((account) => !account.isPersonal && MAIL in account.accountCapabilities);
assert.ok(session.accounts[bertId] && !session.accounts[bertId].isPersonal, "one account for the owner");
assert.equal(sharers.filter((account) => account.name === session.accounts[bertId].name).length, 1, "and only one");
const [sharedBoxes] = await anna.api.Mailbox.get({ accountId: bertId, ids: null });
const mine = sharedBoxes.list.filter((box) => [club, clubOld].includes(box.id));
assert.deepEqual(new Set(mine.map((box) => `${box.name} ${box.myRights.mayReadItems} ${box.myRights.mayDelete}`)),
  new Set(["Club true false", "Club old true false"]));
assert.ok(!sharedBoxes.list.some((box) => box.id === inbox.id), "his inbox is his own");
const [inClub] = await anna.api.Email.query({ accountId: bertId, filter: { inMailbox: club }, sort: [{ property: "subject" }] });
assert.deepEqual(inClub.ids, [clubMail, clubMore]);
const [body] = await anna.api.Email.get({ accountId: bertId, ids: [clubMail], fetchTextBodyValues: true, properties: ["subject", "bodyValues"] });
assert.match(JSON.stringify(body.list[0].bodyValues), /Of the club/);
const [taken] = await anna.api.Email.set({ accountId: bertId, update: { [clubMail]: {
  "keywords/$seen": true, "keywords/$flagged": true, mailboxIds: { [clubOld]: true } } } });
assert.ok(clubMail in (taken.updated ?? {}), JSON.stringify(taken));
const [asBertSees] = await bert.api.Email.get({ accountId: bertId, ids: [clubMail], properties: ["mailboxIds", "keywords"] });
assert.deepEqual(asBertSees.list[0].mailboxIds, { [clubOld]: true });
assert.ok(asBertSees.list[0].keywords.$flagged && !asBertSees.list[0].keywords.$seen, "a reader's $seen is his own");
const [copied] = await anna.api.Email.copy({
  fromAccountId: bertId, accountId: annaId, onSuccessDestroyOriginal: true,
  create: { c: { id: clubMore, mailboxIds: { [drafts]: true }, keywords: { $seen: true } } },
});
const [copy] = await anna.api.Email.get({ accountId: annaId, ids: [copied.created.c.id], properties: ["subject", "mailboxIds"] });
assert.deepEqual([copy.list[0].subject, copy.list[0].mailboxIds], ["club-2", { [drafts]: true }]);
const [left] = await bert.api.Email.query({ accountId: bertId, filter: { inMailbox: club } });
assert.deepEqual(left.ids, [], "the original is gone");
step("a shared folder: listed, read, flagged, moved, taken to the own account");

await bert.api.Mailbox.set({ accountId: bertId, update: { [club]: { shareWith: null }, [clubOld]: { shareWith: null } } }, SHARING);
const seen = await anna.api.Mailbox.get({ accountId: bertId, ids: null }).then(([answer]) => answer.list, (error) => {
  assert.equal(error.type, "accountNotFound");
  return [];
});
assert.ok(!seen.some((box) => [club, clubOld].includes(box.id)), "withdrawn");
const hidden = await anna.api.Email.get({ accountId: bertId, ids: [clubMail] }).then(([answer]) => answer.notFound, (error) => {
  assert.equal(error.type, "accountNotFound");
  return [clubMail];
});
assert.deepEqual(hidden, [clubMail]);
step("sharing withdrawn");

// ---- errors, the end

await assert.rejects(bert.api.Email.set({ accountId: bertId, ifInState: state.state, destroy: [arrived] }),
  (error) => error.type === "stateMismatch");
await assert.rejects(bert.request(["VacationResponse/get", { accountId: bertId }]),
  (error) => String(error.type).endsWith("unknownCapability"));
const [destroyed] = await bert.api.Email.set({ accountId: bertId, destroy: [arrived, clubMail] });
assert.deepEqual([...destroyed.destroyed].sort(), [arrived, clubMail].sort());
const [gone] = await bert.api.Mailbox.set({ accountId: bertId, destroy: [club, clubOld], onDestroyRemoveEmails: true });
assert.deepEqual([...gone.destroyed].sort(), [club, clubOld].sort());
step("errors, destroy");
stream.close();
