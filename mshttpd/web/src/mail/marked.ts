// SPDX-License-Identifier: Apache-2.0
// Search snippets (RFC 8621 5): text in which <mark> is the only markup and &, <, > and quotes are escaped. It becomes
// pieces of text; nothing of it is ever parsed as HTML.

export interface Piece {
  text: string;
  marked: boolean;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", apos: "'", '#x27': "'" };

/** `before`: the most characters before what is marked first; more are left out. */
export function markedPieces(snippet: string, before = Infinity): Piece[] {
  const pieces: Piece[] = [];
  let marked = false;
  for (const part of snippet.split(/(<\/?mark>)/)) {
    if (part === '<mark>') marked = true;
    else if (part === '</mark>') marked = false;
    else if (part !== '') pieces.push({ text: unescaped(part), marked });
  }
  const [first, second] = pieces;
  if (first && second && !first.marked && first.text.length > before) first.text = `…${first.text.slice(-before)}`;
  return pieces;
}

function unescaped(text: string): string {
  return text.replace(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name.toLowerCase()] ?? whole);
}
