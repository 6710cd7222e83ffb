// SPDX-License-Identifier: Apache-2.0
// Answers and forwarded messages: who gets them, what they are called, what they quote.
import type { EmailAddress, EmailContent } from '../jmap/types';
import { displayName, distinct, printAddress } from './address';
import { attachmentsOf, type Draft } from './draft';
import { escapeHtml, plainToEditor } from './plain';
import { quotePlain } from './quote';

/** Strings come from the caller, so that this module knows of no language. */
export interface AnswerWords {
  wrote: string; // "On Monday, Anna wrote:"
  forwarded: string; // "Forwarded message"
  from: string;
  date: string;
  subject: string;
  to: string;
  dateText: string;
}

/** HTML of the original, sanitised already, and its plain text. */
export interface Original {
  html: string;
  text: string;
}

export function replyTo(draft: Draft, content: EmailContent, own: readonly EmailAddress[], all: boolean): Draft {
  const from = content.from ?? [];
  const sentByUs = from.some((one) => own.some((mine) => mine.email.toLowerCase() === one.email.toLowerCase()));
  // An answer to one's own message goes on to those who got it.
  const primary = sentByUs ? (content.to ?? []) : (content.replyTo ?? from);
  const to = distinct(primary, sentByUs ? own : []);
  const cc = all ? distinct([...(sentByUs ? [] : (content.to ?? [])), ...(content.cc ?? [])], [...own, ...to]) : [];
  const messageId = content.messageId ?? [];
  return {
    ...draft,
    to: to.length > 0 ? to : primary,
    cc,
    subject: prefixed('Re:', content.subject ?? ''),
    inReplyTo: messageId,
    references: [...new Set([...(content.references ?? content.inReplyTo ?? []), ...messageId])],
    answered: content.id,
  };
}

export function forward(draft: Draft, content: EmailContent): Draft {
  return {
    ...draft,
    subject: prefixed('Fwd:', content.subject ?? ''),
    attachments: attachmentsOf(content),
    references: content.messageId ?? [],
    forwarded: content.id,
  };
}

const PREFIXES = /^\s*((re|aw|fwd?|wg|sv|antw)\s*(\[\d+\])?:\s*)+/i;

function prefixed(prefix: string, subject: string): string {
  return `${prefix} ${subject.replace(PREFIXES, '')}`.trim();
}

export function withQuote(draft: Draft, original: Original, words: AnswerWords): Draft {
  return {
    ...draft,
    html: `<div><br></div><div><br></div><div>${escapeHtml(words.wrote)}</div><blockquote type="cite">${original.html}</blockquote>`,
    text: `\n\n${words.wrote}\n${quotePlain(original.text)}\n`,
  };
}

export function withForwarded(draft: Draft, content: EmailContent, original: Original, words: AnswerWords): Draft {
  const list = (addresses: EmailAddress[] | null) => (addresses ?? []).map(printAddress).join(', ');
  const head = [
    `---------- ${words.forwarded} ----------`,
    `${words.from}: ${list(content.from)}`,
    `${words.date}: ${words.dateText}`,
    `${words.subject}: ${content.subject ?? ''}`,
    `${words.to}: ${list(content.to)}`,
  ].join('\n');
  return {
    ...draft,
    html: `<div><br></div>${plainToEditor(head)}<div><br></div>${original.html}`,
    text: `\n\n${head}\n\n${original.text}`,
  };
}

/** Which of one's addresses a message was sent to: the answer comes from there. */
export function addressed<T extends EmailAddress>(content: EmailContent, own: readonly T[]): T | undefined {
  const all = [...(content.to ?? []), ...(content.cc ?? []), ...(content.bcc ?? []), ...(content.from ?? [])];
  return own.find((mine) => all.some((one) => one.email.toLowerCase() === mine.email.toLowerCase()));
}

export function greetName(content: EmailContent): string {
  const from = content.from?.[0];
  return from ? displayName(from) : '';
}
