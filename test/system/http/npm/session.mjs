// SPDX-License-Identifier: Apache-2.0
// A whole session of two people by a JMAP client from npm that knows nothing of this server.
// Arguments: origin, Anna's token, Bert's token, the address of Bert. Ends with status 1 at the first thing that is wrong.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import JamClient from "jmap-jam";

const [origin, annaToken, bertToken, bertAddress] = process.argv.slice(2);
const sessionUrl = `${origin}/.well-known/jmap`;
const anna = new JamClient({ sessionUrl, bearerToken: annaToken });
const bert = new JamClient({ sessionUrl, bearerToken: bertToken });
const step = (text) => console.log(`ok ${text}`);

const annaId = await anna.getPrimaryAccount();
const bertId = await bert.getPrimaryAccount();
assert.ok(annaId && bertId && annaId !== bertId);
const session = await anna.session;
assert.ok(session.capabilities["urn:ietf:params:jmap:submission"]);
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
step("Mailbox/set and get");

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

const [submitted] = await anna.api.EmailSubmission.set({
  accountId: annaId,
  create: { go: { identityId: identity.id, emailId: draft } },
  onSuccessUpdateEmail: { "#go": { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${sent}`]: true, "keywords/$draft": null } },
});
assert.equal(submitted.created.go.undoStatus, "final");
const [after] = await anna.api.Email.get({ accountId: annaId, ids: [draft], properties: ["mailboxIds", "keywords"] });
assert.deepEqual(after.list[0].mailboxIds, { [sent]: true });
assert.deepEqual(after.list[0].keywords, { $seen: true });
step("EmailSubmission/set");

const inbox = (await bert.api.Mailbox.get({ accountId: bertId, ids: null }))[0].list.find((box) => box.role === "inbox");
let arrived;
for (const deadline = Date.now() + 60_000; !arrived; ) {
  assert.ok(Date.now() < deadline, "the message did not come");
  const [query] = await bert.api.Email.query({ accountId: bertId, filter: { inMailbox: inbox.id, subject } });
  arrived = query.ids[0];
  if (!arrived) await new Promise((done) => setTimeout(done, 100));
}
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

const [state] = await bert.api.Email.get({ accountId: bertId, ids: [] });
await bert.api.Email.set({ accountId: bertId, ifInState: state.state, update: { [arrived]: { "keywords/$seen": true } } });
const [changes] = await bert.api.Email.changes({ accountId: bertId, sinceState: state.state });
assert.deepEqual([changes.created, changes.updated, changes.destroyed], [[], [arrived], []]);
const [thread] = await bert.api.Thread.get({ accountId: bertId, ids: [email.threadId] });
assert.deepEqual(thread.list[0].emailIds, [arrived]);
const [snippet] = await bert.api.SearchSnippet.get({ accountId: bertId, emailIds: [arrived], filter: { text: "Welt" } });
assert.match(snippet.list[0].preview, /<mark>Welt<\/mark>/);
step("changes, threads, snippets");

await assert.rejects(bert.api.Email.set({ accountId: bertId, ifInState: state.state, destroy: [arrived] }),
  (error) => error.type === "stateMismatch");
await assert.rejects(bert.request(["VacationResponse/get", { accountId: bertId }]),
  (error) => String(error.type).endsWith("unknownCapability"));
const [destroyed] = await bert.api.Email.set({ accountId: bertId, destroy: [arrived] });
assert.deepEqual(destroyed.destroyed, [arrived]);
step("errors, destroy");
