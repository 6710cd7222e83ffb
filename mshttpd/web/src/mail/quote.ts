// SPDX-License-Identifier: Apache-2.0
// Text that was said before: found, folded when read, made when answered.
import { asTrusted } from './trusted';

const QUOTE_SELECTORS = [
  '.gmail_quote', '.moz-cite-prefix + blockquote', '.yahoo_quoted', '.protonmail_quote', 'blockquote[type=cite]', 'blockquote',
].join(',');

/** Folds the quoted part at the end of an HTML body behind a summary; works without scripts. Returns HTML. */
export function foldQuotedHtml(html: string, summary: string): string {
  const parsed = new DOMParser().parseFromString(asTrusted(html), 'text/html');
  const quote = [...parsed.body.querySelectorAll(QUOTE_SELECTORS)].find((one) => !one.parentElement?.closest('blockquote') && isLast(one));
  // A message that only quotes has nothing else to show.
  if (!quote || !textBefore(parsed.body, quote)) return html;
  const details = parsed.createElement('details');
  const label = parsed.createElement('summary');
  label.textContent = summary;
  const attribution = attributionBefore(quote);
  quote.replaceWith(details);
  details.append(label, ...(attribution ? [attribution] : []), quote);
  return parsed.body.innerHTML;
}

function isLast(quote: Element): boolean {
  for (let node: Node | null = quote; node && node.nodeName !== 'BODY'; node = node.parentNode) {
    for (let next = node.nextSibling; next; next = next.nextSibling) if (next.textContent?.trim()) return false;
  }
  return true;
}

function textBefore(body: HTMLElement, quote: Element): boolean {
  const range = body.ownerDocument.createRange();
  range.setStart(body, 0);
  range.setEndBefore(attributionBefore(quote) ?? quote);
  return range.toString().trim() !== '' || range.cloneContents().querySelector('img') !== null;
}

/** "On Monday, Anna wrote:" stands just before the quote. */
function attributionBefore(quote: Element): Element | null {
  const before = quote.previousElementSibling;
  const text = before?.textContent?.trim() ?? '';
  return before && text.length < 300 && text.endsWith(':') ? before : null;
}

export interface PlainPart {
  text: string;
  quoted: boolean;
}

/** Splits plain text into what is said and the quoted part at its end. */
export function splitQuotedPlain(text: string): PlainPart[] {
  const lines = text.replace(/\r\n?/g, '\n').trimEnd().split('\n');
  let start = lines.length;
  while (start > 0 && (/^\s*>/.test(lines[start - 1]!) || lines[start - 1]!.trim() === '')) start--;
  while (start < lines.length && lines[start]!.trim() === '') start++;
  if (start >= lines.length || start === 0) return [{ text: lines.join('\n'), quoted: false }];
  const before = lines.slice(0, start).join('\n').trimEnd();
  const attribution = /(^|\n)([^\n]{1,150}\n)?[^\n]{1,150}:$/.exec(before);
  const cut = attribution && before.slice(0, attribution.index).trim() ? attribution.index : before.length;
  return [
    { text: before.slice(0, cut).trimEnd(), quoted: false },
    { text: [before.slice(cut).trim(), ...lines.slice(start)].filter((line, i) => i > 0 || line).join('\n'), quoted: true },
  ];
}

export function quotePlain(text: string): string {
  return text.trimEnd().split(/\r?\n/).map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`.trimEnd())).join('\n');
}
