// SPDX-License-Identifier: Apache-2.0
// CSS of messages, judged by the browser's own parser: what comes out was understood, escapes and all, and printed anew.

/** Which remote addresses may stay. */
export interface CssRules {
  remote: boolean;
}

export interface CleanCss {
  css: string;
  blocked: boolean; // something remote was taken out
}

const URL_MAKER = /\b(url|src|image|image-set|-webkit-image-set|cross-fade|element|paint)\s*\(/i;
const INDIRECT = /\b(var|env|attr|expression)\s*\(/i;
const LOCAL_IMAGE = /^url\("data:image\/(png|jpe?g|gif|webp)[;,][^"]*"\)$/i;
const REMOTE_IMAGE = /^url\("https:\/\/[^"]*"\)$/i;
const FORBIDDEN = /^(--|behavior|-moz-binding|cursor|content|animation|transition|filter|backdrop-filter|mask|clip-path|z-index|pointer-events)/;

/** The declarations of a style attribute. */
export function cleanDeclarations(text: string, rules: CssRules): CleanCss {
  const sheet = parse(`x{${text}}`);
  const first = sheet?.cssRules[0];
  return first instanceof CSSStyleRule ? cleanStyle(first.style, rules) : { css: '', blocked: false };
}

/** A style element. At-rules other than media queries are dropped: imports, fonts, animations. */
export function cleanSheet(text: string, rules: CssRules): CleanCss {
  return cleanRules(parse(text)?.cssRules ?? [], rules, 0);
}

function parse(text: string): CSSStyleSheet | null {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  } catch {
    return null;
  }
}

function cleanRules(list: Iterable<CSSRule>, rules: CssRules, depth: number): CleanCss {
  let css = '';
  let blocked = false;
  for (const rule of list) {
    let inner: CleanCss | null = null;
    if (rule instanceof CSSStyleRule && !/[<\\]/.test(rule.selectorText)) {
      inner = cleanStyle(rule.style, rules);
      css += inner.css && `${rule.selectorText}{${inner.css}}\n`;
    } else if (rule instanceof CSSMediaRule && depth < 3) {
      inner = cleanRules(rule.cssRules, rules, depth + 1);
      css += inner.css && `@media ${rule.conditionText}{${inner.css}}\n`;
    }
    blocked ||= inner?.blocked ?? false;
  }
  // Nothing that could end the style element that it stands in.
  return { css: css.replaceAll('<', '\\3c '), blocked };
}

function cleanStyle(style: CSSStyleDeclaration, rules: CssRules): CleanCss {
  let css = '';
  let blocked = false;
  for (const name of style) {
    const value = style.getPropertyValue(name);
    if (FORBIDDEN.test(name) || INDIRECT.test(value) || !mayPosition(name, value)) continue;
    if (URL_MAKER.test(value)) {
      const values = value.split(/,\s*(?=url\(|none)/);
      const remote = values.some((one) => REMOTE_IMAGE.test(one));
      if (remote && !rules.remote) blocked = true;
      if (!values.every((one) => one === 'none' || LOCAL_IMAGE.test(one) || (rules.remote && REMOTE_IMAGE.test(one)))) {
        blocked ||= /url\(/i.test(value) && !values.every((one) => LOCAL_IMAGE.test(one));
        continue;
      }
    }
    const priority = style.getPropertyPriority(name);
    css += `${name}:${value}${priority ? ' !important' : ''};`;
  }
  return { css, blocked };
}

/** Nothing that lays itself over the rest of the message. */
function mayPosition(name: string, value: string): boolean {
  return name !== 'position' || value === 'static' || value === 'relative';
}
