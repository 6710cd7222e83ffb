// SPDX-License-Identifier: Apache-2.0
// Sending: the message is saved as a draft, held here while it can still be taken back, then submitted. Whatever happens
// on the way, it is in Drafts or sent.
import { signal } from '@preact/signals';
import { Batch } from '../jmap/batch';
import { fromSetError, Problem } from '../jmap/problem';
import type { Id } from '../jmap/types';
import type { Draft } from '../mail/draft';
import { t } from '../text/catalogue';
import { apply } from './change';
import { change, drafts, drop, identityOf, openDraft, save } from './drafts';
import { folderForRole } from './roles';
import { client } from './server';
import { settings } from './settings';
import { emails, folderByRole, ownAccount } from './state';
import { sync } from './sync';
import { complain, dismiss, show } from './toasts';

/** Messages that wait for the end of their time for undo. */
export const held = signal<readonly Draft[]>([]);

/** What keeps it from being sent, or null. */
export function obstacle(draft: Draft): Problem | null {
  if (draft.to.length + draft.cc.length + draft.bcc.length === 0) return new Problem('noRecipients');
  if (draft.attachments.some((one) => one.blobId === null)) return new Problem('uploadsRunning');
  return null;
}

export async function send(id: string): Promise<void> {
  const now = drafts.peek().find((one) => one.id === id);
  if (now?.untouched) change(id, {}); // an answer without a word is meant now
  const wrong = now && obstacle(now);
  if (wrong) throw wrong;
  await save(id);
  const saved = drafts.peek().find((one) => one.id === id);
  if (!saved?.serverId) throw new Problem('serverFail');
  drop(id);
  hold(saved);
}

function hold(draft: Draft): void {
  held.value = [...held.peek(), draft];
  const end = () => {
    held.value = held.peek().filter((one) => one.id !== draft.id);
    dismiss(toast);
  };
  const timer = setTimeout(() => {
    end();
    void submit(draft);
  }, settings.peek().undoSeconds * 1000);
  const undo = () => {
    clearTimeout(timer);
    end();
    openDraft(draft);
  };
  const toast = show({ text: t('done.sending'), kind: 'done', action: { label: t('action.undoSend'), run: undo } }, 0);
}

async function submit(draft: Draft): Promise<void> {
  try {
    await submitNow(draft);
    show({ text: t('done.sent'), kind: 'done' }, 4_000);
    await markOriginal(draft);
    await sync();
  } catch (error) {
    // It lies in Drafts; the window comes back with what is wrong.
    openDraft(draft);
    complain(error, { label: t('action.retry'), run: () => void send(draft.id).catch(complain) });
  }
}

async function submitNow(draft: Draft): Promise<void> {
  const accountId = ownAccount.peek();
  const identity = identityOf(draft);
  if (!identity || !draft.serverId) throw new Problem('notFound');
  const inDrafts = folderByRole('drafts', accountId);
  const inSent = await folderForRole('sent', accountId);
  const filed: Record<string, true | null> = { 'keywords/$draft': null, [`mailboxIds/${inSent.id}`]: true };
  if (inDrafts) filed[`mailboxIds/${inDrafts.id}`] = null;
  const batch = new Batch();
  const sent = batch.call('EmailSubmission/set', {
    accountId,
    create: { send: { identityId: identity.id, emailId: draft.serverId } },
    onSuccessUpdateEmail: { '#send': filed },
  });
  await client.send(batch);
  const refused = sent.result.notCreated?.['send'];
  if (refused) throw fromSetError(refused);
}

async function markOriginal(draft: Draft): Promise<void> {
  const original = draft.answered ?? draft.forwarded;
  if (!original || !emails.peek().has(original)) return;
  const keyword = draft.answered ? '$answered' : '$forwarded';
  const changes = new Map<Id, { keywords: Record<string, boolean> }>([[original, { keywords: { [keyword]: true } }]]);
  await apply(ownAccount.peek(), changes).catch(() => {});
}
