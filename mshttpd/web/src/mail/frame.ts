// SPDX-License-Identifier: Apache-2.0
// The document of the sandboxed frame that shows one message.
import type { EmailContent } from '../jmap/types';
import { plainToHtml } from './plain';
import { foldQuotedHtml } from './quote';
import { sanitise } from './sanitise';

export interface FrameOptions {
  remote: boolean;
  dark: boolean;
  inline: ReadonlyMap<string, string>;
  quoteLabel: string;
  language: string;
}

export interface FrameDocument {
  html: string;
  blocked: boolean;
  coloured: boolean; // it has colours of its own, which dark changes
  body: string; // for measure.ts
}

export function frameDocument(content: EmailContent, options: FrameOptions): FrameDocument {
  const body = bodyOf(content, options);
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:${options.remote ? ' https:' : ''}`;
  const html = `<!doctype html><html lang="${options.language}"><head><meta charset="utf-8">`
    + `<meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="referrer" content="no-referrer">`
    + `<meta name="viewport" content="width=device-width"><title></title><style>${style(options.dark, body.coloured)}</style></head>`
    + `<body>${body.html}</body></html>`;
  return { html, blocked: body.blocked, coloured: body.coloured, body: body.html };
}

/** HTML parts and plain parts in the order in which the message has them. */
function bodyOf(content: EmailContent, options: FrameOptions): { html: string; blocked: boolean; coloured: boolean } {
  let html = '';
  let blocked = false;
  let coloured = false;
  for (const part of content.htmlBody) {
    const value = content.bodyValues[part.partId ?? '']?.value ?? '';
    if (part.type.toLowerCase() === 'text/html') {
      const clean = sanitise(value, { remote: options.remote, inline: options.inline });
      html += foldQuotedHtml(clean.html, options.quoteLabel);
      blocked ||= clean.blocked;
      coloured ||= clean.coloured;
    } else if (part.type.toLowerCase().startsWith('text/')) {
      html += plainToHtml(value, options.quoteLabel);
    }
  }
  return { html, blocked, coloured };
}

/** What decides how much room a body takes; its place is `body` here and a box of our own in measure.ts. */
export const FONT = '15px/1.5 system-ui,sans-serif';
export const LAYOUT = `body{font:${FONT};overflow-wrap:anywhere}.plain{white-space:pre-wrap}img{max-width:100%;height:auto}table{max-width:100%}`
  + `pre{white-space:pre-wrap}blockquote{margin:8px 0 8px 4px;padding-left:10px;border-left:3px solid #8a94a6}summary{padding:6px 0}`;

/** Dark: plain messages take dark colours; one with colours of its own is turned round as a whole, its images back. */
function style(dark: boolean, coloured: boolean): string {
  const common = `body{margin:12px}${LAYOUT}summary{cursor:pointer;color:`;
  if (!dark) return `:root{color-scheme:light;background:#fff;color:#1b1f27}${common}#3d5a80}a{color:#1a4fae}`;
  if (!coloured) return `:root{color-scheme:dark;background:#171a21;color:#e4e7ee}${common}#a9c1f5}a{color:#9dbcff}`;
  return `:root{color-scheme:light;background:#fff;color:#1b1f27;filter:invert(.91) hue-rotate(180deg)}${common}#3d5a80}a{color:#1a4fae}`
    + `img,[background]{filter:invert(1) hue-rotate(180deg)}`;
}
