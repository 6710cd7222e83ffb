// SPDX-License-Identifier: Apache-2.0
// The search line: words, "phrases", -not, and operators (from:anna has:attachment). It is parsed to terms, shown as
// chips, and sent as a JMAP filter.
import type { Id } from '../jmap/types';

export const OPERATORS = ['from', 'to', 'cc', 'subject', 'body', 'in', 'is', 'has', 'before', 'after', 'larger', 'smaller'] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Term {
  operator: Operator | null; // null: a word anywhere in the message
  value: string;
  not: boolean;
}

export interface SearchFolder {
  id: Id;
  name: string;
  role: string | null;
}

type Filter = Record<string, unknown>;

const IS: Record<string, Filter> = {
  unread: { notKeyword: '$seen' },
  read: { hasKeyword: '$seen' },
  starred: { hasKeyword: '$flagged' },
  flagged: { hasKeyword: '$flagged' },
  answered: { hasKeyword: '$answered' },
  draft: { hasKeyword: '$draft' },
};
const HIDDEN_ROLES = ['trash', 'junk'];

export function parseSearch(text: string): Term[] {
  const terms: Term[] = [];
  for (const [, minus, name, quoted, bare] of text.matchAll(/(-?)(?:(\w+):)?(?:"([^"]*)"?|(\S+))/g)) {
    const value = quoted ?? bare ?? '';
    if (value === '' || value === '-') continue;
    const operator = OPERATORS.find((one) => one === name?.toLowerCase()) ?? null;
    const known = operator !== null && termFilter({ operator, value, not: false }, []) !== null;
    if (name && !known) terms.push({ operator: null, value: `${name}:${value}`, not: minus === '-' });
    else terms.push({ operator, value, not: minus === '-' });
  }
  return terms;
}

export function printTerm(term: Term): string {
  const value = /[\s"]/.test(term.value) ? `"${term.value.replaceAll('"', '')}"` : term.value;
  return `${term.not ? '-' : ''}${term.operator ? `${term.operator}:` : ''}${value}`;
}

export function printSearch(terms: readonly Term[]): string {
  return terms.map(printTerm).join(' ');
}

/** The filter of a search line. Without in: it is every folder but trash and junk. */
export function toFilter(text: string, folders: readonly SearchFolder[]): Filter {
  const terms = parseSearch(text);
  const conditions = terms.flatMap((term) => {
    const filter = termFilter(term, folders);
    if (filter === null) return [];
    return [term.not ? { operator: 'NOT', conditions: [filter] } : filter];
  });
  const hidden = folders.filter((folder) => folder.role && HIDDEN_ROLES.includes(folder.role)).map((folder) => folder.id);
  if (hidden.length > 0 && !terms.some((term) => term.operator === 'in')) conditions.push({ inMailboxOtherThan: hidden });
  if (conditions.length === 1) return conditions[0] as Filter;
  return { operator: 'AND', conditions };
}

/** Null: the value makes no sense for its operator. */
function termFilter(term: Term, folders: readonly SearchFolder[]): Filter | null {
  const value = term.value;
  switch (term.operator) {
    case null:
      return { text: value };
    case 'from':
    case 'to':
    case 'cc':
    case 'subject':
    case 'body':
      return { [term.operator]: value };
    case 'has':
      return /^attachments?$/i.test(value) ? { hasAttachment: true } : null;
    case 'is':
      return IS[value.toLowerCase()] ?? null;
    case 'in':
      return inFolder(value, folders);
    case 'before':
    case 'after': {
      const date = dayOf(value);
      return date === null ? null : { [term.operator]: date };
    }
    case 'larger':
    case 'smaller': {
      const size = sizeOf(value);
      return size === null ? null : { [term.operator === 'larger' ? 'minSize' : 'maxSize']: size };
    }
  }
}

function inFolder(name: string, folders: readonly SearchFolder[]): Filter {
  const wanted = name.toLowerCase();
  const found = folders.find((folder) => folder.name.toLowerCase() === wanted || folder.role === wanted)
    ?? folders.find((folder) => folder.name.toLowerCase().startsWith(wanted));
  // A folder that there is not has no messages.
  return found ? { inMailbox: found.id } : { operator: 'NOT', conditions: [{ minSize: 0 }] };
}

/** The day as it begins where the person is. */
function dayOf(value: string): string | null {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(value);
  if (!match) return null;
  const date = new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace(/\.\d+Z$/, 'Z');
}

function sizeOf(value: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([kmg]?)b?$/i.exec(value);
  if (!match) return null;
  const unit = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[match[2]!.toLowerCase()] ?? 1;
  return Math.round(Number(match[1]) * unit);
}
