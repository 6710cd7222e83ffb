// SPDX-License-Identifier: Apache-2.0
// Begins messages: new ones, answers, forwarded ones, drafts taken up again.
import type { EmailContent, Id, Identity } from '../jmap/types';
import { addressed, forward, greetName, replyTo, withForwarded, withQuote, type AnswerWords, type Original } from '../mail/answer';
import { emptyDraft, fromContent, type Draft } from '../mail/draft';
import { escapeHtml, htmlToPlain, plainToEditor } from '../mail/plain';
import { sanitise } from '../mail/sanitise';
import { asTrusted } from '../mail/trusted';
import { longDate } from '../mail/words';
import { t } from '../text/catalogue';
import { change, discard, newDraftId, openDraft } from './drafts';
import { loadPeople } from './people';
import { loadContent } from './reading';
import { settings } from './settings';
import { emails, identities } from './state';
import { complain, show } from './toasts';

export type AnswerKind = 'reply' | 'replyAll' | 'forward';

export function writeNew(): void {
  const draft = emptyDraft(newDraftId(), identities.peek()[0], settings.peek().rich);
  begin({ ...withSignature(draft, identities.peek()[0]), untouched: true });
}

export async function answer(emailId: Id, kind: AnswerKind): Promise<void> {
  const content = await loadContent(emailId);
  const own = identities.peek();
  const identity = addressed(content, own) ?? own[0];
  const empty = withSignature(emptyDraft(newDraftId(), identity, settings.peek().rich), identity);
  const original = originalOf(content);
  const words = wordsFor(content, content.sentAt ?? emails.peek().get(emailId)?.receivedAt ?? '');
  const made = kind === 'forward'
    ? withForwarded(forward(empty, content), content, original, words)
    : withQuote(replyTo(empty, content, own, kind === 'replyAll'), original, words);
  begin({ ...made, untouched: true });
}

/** Opens a draft that lies at the server. */
export async function editDraft(emailId: Id): Promise<void> {
  const content = await loadContent(emailId);
  const identity = addressed(content, identities.peek());
  const draft = fromContent(content, newDraftId(), identity);
  begin({ ...draft, html: sanitise(draft.html, { remote: false, keepCids: true }).html });
}

function begin(draft: Draft): void {
  openDraft(draft);
  void loadPeople().catch(() => {}); // without them there is only nothing to suggest
}

function withSignature(draft: Draft, identity: Identity | undefined): Draft {
  if (!identity?.textSignature && !identity?.htmlSignature) return draft;
  const html = identity.htmlSignature ? sanitise(identity.htmlSignature, { remote: false }).html : plainToEditor(identity.textSignature);
  return { ...draft, html: `<div><br></div><div>-- </div>${html}`, text: `\n\n-- \n${identity.textSignature}` };
}

/** What is quoted: washed as for reading, without images, which belong to the one message. */
function originalOf(content: EmailContent): Original {
  const value = (partId: string | null) => content.bodyValues[partId ?? '']?.value ?? '';
  const html = content.htmlBody.map((part) =>
    (part.type === 'text/html' ? value(part.partId) : `<div>${escapeHtml(value(part.partId)).replace(/\r?\n/g, '<br>')}</div>`)).join('');
  const washed = sanitise(html, { remote: false }).html;
  const body = new DOMParser().parseFromString(asTrusted(washed), 'text/html').body;
  for (const one of body.querySelectorAll('style, img:not([src])')) one.remove();
  const plain = content.textBody.filter((part) => part.type === 'text/plain').map((part) => value(part.partId)).join('\n');
  return { html: body.innerHTML, text: plain || htmlToPlain(body) };
}

function wordsFor(content: EmailContent, date: string): AnswerWords {
  const dateText = longDate(date);
  return {
    wrote: t('compose.wrote', { date: dateText, name: greetName(content) }),
    forwarded: t('compose.forwarded'),
    from: t('compose.from'),
    date: t('compose.date'),
    subject: t('compose.subject'),
    to: t('compose.to'),
    dateText,
  };
}

export async function discardWithUndo(id: string): Promise<void> {
  try {
    const gone = await discard(id);
    if (!gone) return;
    const undo = () => {
      openDraft(gone);
      change(gone.id, {});
    };
    show({ text: t('done.discarded'), kind: 'done', action: { label: t('action.undo'), run: undo } });
  } catch (error) {
    complain(error);
  }
}
