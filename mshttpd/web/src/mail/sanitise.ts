// SPDX-License-Identifier: Apache-2.0
// HTML of others, made harmless: DOMPurify takes out what could run or act, our hooks what could tell the sender that the
// message is read. The frame around it (frame.ts) has no scripts, no origin and a policy of its own on top of that.
import DOMPurify, { type Config, type DOMPurify as Purifier } from 'dompurify';
import { cleanDeclarations, cleanSheet } from './css';

export interface SanitiseOptions {
  /** Images from the sender's servers may be shown. */
  remote: boolean;
  /** data: URLs by Content-ID. */
  inline?: ReadonlyMap<string, string>;
  /** Inline images stay as they are named (src="cid:..."): a draft on its way into the editor. */
  keepCids?: boolean;
}

export interface Sanitised {
  html: string;
  /** Remote images were left out. */
  blocked: boolean;
  /** The message brings colours of its own. */
  coloured: boolean;
}

const CONFIG: Config = {
  USE_PROFILES: { html: true },
  WHOLE_DOCUMENT: false,
  FORCE_BODY: true,
  ADD_TAGS: ['center', 'font'],
  FORBID_TAGS: [
    'form', 'input', 'button', 'select', 'option', 'optgroup', 'textarea', 'label', 'fieldset', 'datalist', 'output', 'legend',
    'audio', 'video', 'source', 'track', 'picture', 'map', 'area', 'dialog', 'details', 'summary', 'menu', 'meter', 'progress',
    'slot', 'template', 'marquee',
  ],
  FORBID_ATTR: ['id', 'name', 'srcset', 'sizes', 'poster', 'ping', 'action', 'formaction', 'usemap', 'tabindex', 'autofocus', 'popover',
    'popovertarget', 'popovertargetaction', 'is', 'slot', 'accesskey', 'contenteditable', 'draggable', 'hidden', 'inert', 'target',
    'download', 'translate', 'loading', 'decoding', 'crossorigin', 'integrity', 'cite', 'longdesc', 'profile'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|cid:|data:image\/(?:png|jpe?g|gif|webp)[;,])/i,
};

const DATA_IMAGE = /^data:image\/(?:png|jpe?g|gif|webp)[;,]/i;

/** What the hooks of the running call need and tell; DOMPurify calls them one after the other. */
let options: SanitiseOptions = { remote: false };
let blocked = false;
let coloured = false;
let purifier: Purifier | null = null;

export function sanitise(html: string, wanted: SanitiseOptions): Sanitised {
  purifier ??= makePurifier();
  options = wanted;
  blocked = false;
  coloured = false;
  const clean = String(purifier.sanitize(html, CONFIG));
  return { html: clean, blocked, coloured };
}

function makePurifier(): Purifier {
  const made = DOMPurify(window);
  made.addHook('uponSanitizeElement', (node) => {
    if (node.nodeName === 'STYLE') washStyleElement(node);
  });
  made.addHook('uponSanitizeAttribute', (node, data) => {
    const value = data.attrValue;
    switch (data.attrName) {
      case 'style':
        data.attrValue = washStyle(value);
        data.keepAttr = data.attrValue !== '';
        break;
      case 'src':
        data.keepAttr = node.nodeName === 'IMG' && keepsImage(value, data);
        break;
      case 'background':
        data.keepAttr = keepsImage(value, data);
        break;
      case 'href':
        data.keepAttr = node.nodeName === 'A' && /^\s*(https?:|mailto:)/i.test(value);
        break;
      case 'bgcolor':
      case 'color':
      case 'text':
        coloured = true;
        break;
      case 'class':
        data.attrValue = value.slice(0, 200);
        break;
    }
  });
  made.addHook('afterSanitizeAttributes', (node) => {
    if (node.nodeName === 'A' && node.hasAttribute('href')) {
      node.setAttribute('target', '_blank');
      node.setAttribute('rel', 'noopener noreferrer');
    }
    if (node.nodeName === 'IMG' && !node.hasAttribute('alt')) node.setAttribute('alt', '');
  });
  return made;
}

function washStyleElement(node: Node): void {
  const washed = cleanSheet(node.textContent ?? '', options);
  blocked ||= washed.blocked;
  coloured ||= /color|background/.test(washed.css);
  node.textContent = washed.css;
}

function washStyle(value: string): string {
  const washed = cleanDeclarations(value, options);
  blocked ||= washed.blocked;
  coloured ||= /(^|;)(color|background)/.test(washed.css);
  return washed.css;
}

/** Decides about an address of an image and puts the inline one in its place. */
function keepsImage(value: string, data: { attrValue: string }): boolean {
  const address = value.replace(/[\u0000-\u0020]+/g, '');
  if (DATA_IMAGE.test(address)) return true;
  const cid = /^cid:(.*)$/i.exec(address);
  if (cid && options.keepCids) return true;
  if (cid) {
    const inline = options.inline?.get(decoded(cid[1] ?? '')) ?? options.inline?.get(cid[1] ?? '');
    data.attrValue = inline ?? '';
    return inline !== undefined;
  }
  // http: would be mixed content, and tells the sender as much as https: does.
  if (options.remote && /^https:\/\//i.test(address)) {
    data.attrValue = address;
    return true;
  }
  if (/^(https?:)?\/\//i.test(address)) blocked = true;
  return false;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
