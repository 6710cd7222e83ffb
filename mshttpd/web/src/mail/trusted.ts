// SPDX-License-Identifier: Apache-2.0
// The one Trusted Types policy of our own. What is given to it must have come out of DOMPurify, or be ours.

interface Policy {
  createHTML(html: string): string;
}

/** The browser's factory, where it has one; TypeScript 5 does not know it. */
const factory = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }).trustedTypes;

let policy: Policy | null = null;

export function asTrusted(html: string): string {
  policy ??= factory?.createPolicy('posthorn', { createHTML: (text) => text }) ?? { createHTML: (text) => text };
  return policy.createHTML(html);
}
