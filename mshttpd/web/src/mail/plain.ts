// SPDX-License-Identifier: Apache-2.0
// Plain text and HTML, from one to the other.
import { splitQuotedPlain } from './quote';

const LINK = /\b(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)/g;

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Plain text as HTML that looks the same, with links, its quoted end folded. */
export function plainToHtml(text: string, summary: string): string {
  return splitQuotedPlain(text).map((part) => {
    const html = `<div class="plain">${linked(part.text)}</div>`;
    return part.quoted ? `<details><summary>${escapeHtml(summary)}</summary>${html}</details>` : html;
  }).join('');
}

function linked(text: string): string {
  let html = '';
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const address = match[0];
    const url = address.startsWith('http') ? address : `mailto:${address}`;
    html += escapeHtml(text.slice(end, match.index));
    html += `<a href="${escapeHtml(url)}" target="_blank" rel="noopener noreferrer">${escapeHtml(address)}</a>`;
    end = match.index + address.length;
  }
  return html + escapeHtml(text.slice(end));
}

/** Paragraphs for the editor. */
export function plainToEditor(text: string): string {
  return text.split(/\r?\n/).map((line) => `<div>${escapeHtml(line) || '<br>'}</div>`).join('');
}

const BLOCKS = new Set(['DIV', 'P', 'LI', 'TR', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'PRE', 'TABLE', 'UL', 'OL', 'SECTION', 'ARTICLE']);

/** The text of an HTML body as one would type it: lines, "- " for lists, "> " for quotes. */
export function htmlToPlain(body: Node): string {
  return printNode(body).replace(/[ \t]+\n/g, '\n').replace(/\n{3,}/g, '\n\n').trim();
}

function printNode(node: Node): string {
  if (node.nodeType === 3) return (node.textContent ?? '').replace(/[\s\u00a0]+/g, ' ');
  if (node.nodeName === 'BR') return '\n';
  if (node.nodeName === 'STYLE' || node.nodeName === 'SCRIPT' || node.nodeName === 'TITLE') return '';
  let text = '';
  for (const child of node.childNodes) {
    const part = printNode(child);
    const own = BLOCKS.has(child.nodeName) || child.nodeName === 'BLOCKQUOTE';
    text += own && text && !text.endsWith('\n') ? `\n${part}` : part;
  }
  if (node.nodeName === 'A') return withAddress(text, (node as Element).getAttribute('href') ?? '');
  if (node.nodeName === 'LI') return `- ${text.trim()}\n`;
  if (node.nodeName === 'BLOCKQUOTE') return `${text.trim().split('\n').map((line) => `> ${line}`.trimEnd()).join('\n')}\n`;
  if (BLOCKS.has(node.nodeName)) return text.endsWith('\n') ? text : `${text}\n`;
  return text;
}

function withAddress(text: string, href: string): string {
  if (!/^https?:/i.test(href) || text.includes(href) || !text.trim()) return text;
  return `${text} <${href}>`;
}
