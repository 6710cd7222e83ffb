// SPDX-License-Identifier: Apache-2.0
import type { EmailAddress } from '../jmap/types';

export function displayName(address: EmailAddress): string {
  return address.name?.trim() || address.email;
}

export function shortName(address: EmailAddress): string {
  const name = displayName(address);
  if (name.includes('@')) return name.slice(0, name.indexOf('@'));
  return name.split(/[\s,]+/)[0] ?? name;
}

export function printAddress(address: EmailAddress): string {
  if (!address.name) return address.email;
  const name = /[^\w\s.'\u0080-\uffff-]/.test(address.name) ? `"${address.name.replace(/["\\]/g, '\\$&')}"` : address.name;
  return `${name} <${address.email}>`;
}

/** Addresses as people type or paste them, separated by commas, semicolons or line ends. What is none is left over. */
export function parseAddresses(text: string): { addresses: EmailAddress[]; rest: string } {
  const addresses: EmailAddress[] = [];
  const rest: string[] = [];
  for (const piece of splitOutsideQuotes(text)) {
    const address = parseAddress(piece);
    if (address) addresses.push(address);
    else if (piece.trim()) rest.push(piece.trim());
  }
  return { addresses, rest: rest.join(', ') };
}

export function parseAddress(text: string): EmailAddress | null {
  const angled = /^\s*(.*?)\s*<\s*([^<>\s]+@[^<>\s]+)\s*>\s*$/s.exec(text);
  if (angled) return { name: unquote(angled[1]!) || null, email: angled[2]! };
  const bare = /^\s*([^\s<>,;"]+@[^\s<>,;"@]+)\s*$/.exec(text);
  return bare ? { name: null, email: bare[1]! } : null;
}

function unquote(name: string): string {
  const quoted = /^"(.*)"$/s.exec(name);
  return quoted ? quoted[1]!.replace(/\\(.)/g, '$1') : name;
}

function splitOutsideQuotes(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let quoted = false;
  for (const c of text) {
    if (c === '"') quoted = !quoted;
    if (!quoted && /[,;\n]/.test(c)) {
      pieces.push(piece);
      piece = '';
    } else {
      piece += c;
    }
  }
  return [...pieces, piece];
}

export function sameAddress(a: EmailAddress, b: EmailAddress): boolean {
  return a.email.toLowerCase() === b.email.toLowerCase();
}

/** Each address once, none of `without`. */
export function distinct(addresses: readonly EmailAddress[], without: readonly EmailAddress[] = []): EmailAddress[] {
  const kept: EmailAddress[] = [];
  for (const address of addresses) {
    if (![...kept, ...without].some((other) => sameAddress(other, address))) kept.push(address);
  }
  return kept;
}
