// SPDX-License-Identifier: Apache-2.0
// How high a body will be. Its frame has neither scripts nor our origin, so nobody can ask it. Instead a skeleton is laid
// out, unseen, on our page: elements of a list of ours, the text, and sizes that are plain numbers. No other attribute, no
// address, no style sheet of the message comes into the page.
import { FONT, LAYOUT } from './frame';
import { asTrusted } from './trusted';

const BLOCK = new Set([
  'DIV', 'P', 'TABLE', 'TBODY', 'THEAD', 'TFOOT', 'TR', 'TD', 'TH', 'CAPTION', 'UL', 'OL', 'LI', 'DL', 'DT', 'DD', 'BLOCKQUOTE', 'H1', 'H2', 'H3',
  'H4', 'H5', 'H6', 'PRE', 'DETAILS', 'SUMMARY', 'CENTER', 'HR', 'BR', 'SPAN', 'B', 'STRONG', 'I', 'EM', 'SMALL', 'BIG', 'CODE', 'TT',
]);
const SKIPPED = new Set(['STYLE', 'SCRIPT', 'TITLE', 'TEMPLATE', 'NOSCRIPT']);
const SIZES = /^(font-size|line-height|letter-spacing|(padding|margin)-(top|right|bottom|left)|(min-|max-)?(width|height)|border-(top|right|bottom|left)-(width|style)|border-(spacing|collapse)|display|white-space|font-weight|text-transform|float|clear|box-sizing)$/;
const VALUE = /^-?[\w.%-]+( -?[\d.]+\w*)?$/;
const NUMBERS = ['width', 'height', 'cellpadding', 'cellspacing', 'colspan', 'rowspan', 'border'];
const MOST_NODES = 20_000;
const MOST_RULES = 500;
const IMAGE = { shown: 240, blocked: 24 };
const MARGINS = 24;

type Sizes = ReadonlyMap<Element, readonly [string, string][]>;

export function bodyHeight(html: string, width: number): number {
  const parsed = new DOMParser().parseFromString(asTrusted(html), 'text/html');
  const host = document.createElement('div');
  host.className = 'measure';
  host.style.width = `${Math.max(100, width - MARGINS)}px`;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`:host{all:initial}main{display:flow-root;font:${FONT};overflow-wrap:anywhere}${LAYOUT}`);
  const shadow = host.attachShadow({ mode: 'closed' });
  shadow.adoptedStyleSheets = [sheet];
  const main = document.createElement('main');
  const sizes = sheetSizes(parsed, width);
  let left = MOST_NODES;
  const copy = (from: Node, to: Node) => {
    for (const child of from.childNodes) {
      if (left-- <= 0) return;
      const made = skeletonOf(child, sizes);
      if (!made) continue;
      to.appendChild(made);
      if (child.nodeName !== 'IMG') copy(child, made);
    }
  };
  copy(parsed.body, main);
  shadow.append(main);
  document.body.append(host);
  const height = main.offsetHeight + MARGINS;
  host.remove();
  return height;
}

function skeletonOf(node: Node, sizes: Sizes): Node | null {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.textContent ?? '');
  if (!(node instanceof Element) || SKIPPED.has(node.nodeName)) return null;
  if (node.nodeName === 'IMG') return imageBox(node, sizes);
  const made = document.createElement(BLOCK.has(node.nodeName) ? node.nodeName : 'span');
  if (node.className === 'plain') made.className = 'plain';
  for (const name of NUMBERS) {
    const value = node.getAttribute(name) ?? '';
    if (/^\d{1,4}%?$/.test(value)) made.setAttribute(name, value);
  }
  setSizes(made, node, sizes);
  return made;
}

/** A box as large as the image says that it is. */
function imageBox(image: Element, sizes: Sizes): HTMLElement {
  const made = document.createElement('span');
  const number = (name: string) => (/^\d{1,4}$/.test(image.getAttribute(name) ?? '') ? `${image.getAttribute(name)}px` : '');
  made.style.display = 'inline-block';
  made.style.maxWidth = '100%';
  made.style.width = number('width') || '40px';
  made.style.height = number('height') || `${image.hasAttribute('src') ? IMAGE.shown : IMAGE.blocked}px`;
  setSizes(made, image, sizes);
  return made;
}

function setSizes(made: HTMLElement, from: Element, sizes: Sizes): void {
  const own = from.getAttribute('style');
  const declared = own ? (parse(`x{${own}}`)[0] as CSSStyleRule | undefined)?.style : undefined;
  for (const [name, value] of [...(sizes.get(from) ?? []), ...(declared ? sizesOf(declared) : [])]) made.style.setProperty(name, value);
}

function sizesOf(style: CSSStyleDeclaration): [string, string][] {
  return [...style].filter((name) => SIZES.test(name)).map((name): [string, string] => [name, style.getPropertyValue(name)])
    .filter(([, value]) => VALUE.test(value));
}

/** What the message's own sheets say of sizes, by element; later rules last. */
function sheetSizes(parsed: Document, width: number): Sizes {
  const found = new Map<Element, [string, string][]>();
  let left = MOST_RULES;
  const walk = (rules: Iterable<CSSRule>) => {
    for (const rule of rules) {
      if (left-- <= 0) return;
      if (rule instanceof CSSMediaRule && applies(rule.conditionText, width)) walk(rule.cssRules);
      if (!(rule instanceof CSSStyleRule)) continue;
      const sizes = sizesOf(rule.style);
      for (const element of sizes.length > 0 ? parsed.body.querySelectorAll(rule.selectorText) : []) found.set(element, [...(found.get(element) ?? []), ...sizes]);
    }
  };
  for (const style of parsed.querySelectorAll('style')) walk(parse(style.textContent ?? ''));
  return found;
}

/** Widths alone; of other conditions nothing is known here. */
function applies(condition: string, width: number): boolean {
  const limits = [...condition.matchAll(/\((min|max)-width:\s*(\d+)px\)/g)];
  return limits.length > 0 && limits.every(([, kind, pixels]) => (kind === 'min' ? width >= Number(pixels) : width <= Number(pixels)));
}

function parse(css: string): CSSRule[] {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    return [...sheet.cssRules];
  } catch {
    return [];
  }
}
