// SPDX-License-Identifier: Apache-2.0
// The page that tools/corpus.mjs opens: shows each message of the corpus as the client does and says what it became.
import { frameDocument } from '../src/mail/frame';
import { sanitise } from '../src/mail/sanitise';
import { asTrusted } from '../src/mail/trusted';
import { FakeAccount } from './mail';
import { ATTACKS } from './corpus';

const FORBIDDEN_ELEMENTS = 'script,iframe,object,embed,form,input,button,select,textarea,meta,base,link,svg,math,video,audio,template,dialog,'
  + 'picture,source,[is]:not([is=""]),[id],[name],[srcset],[poster],[ping],[action],[formaction],[autofocus],[contenteditable],[popover],[target]:not([target=_blank])';
const FORBIDDEN_TEXT = /evil\.test|nip\.io|fe80|100\.64|javascript:|vbscript:|position:\s*(fixed|sticky|absolute)|@import|@font-face|expression\(|var\(/i;

/** What is wrong with the washed HTML; empty: nothing. */
function faults(html: string): string[] {
  const parsed = new DOMParser().parseFromString(asTrusted(html), 'text/html');
  const wrong = [...parsed.body.querySelectorAll(FORBIDDEN_ELEMENTS)].map((one) => one.outerHTML.slice(0, 120));
  for (const element of parsed.body.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on') || FORBIDDEN_TEXT.test(value)) wrong.push(`${name}=${value}`);
    }
    if (element.nodeName === 'STYLE' && FORBIDDEN_TEXT.test(element.textContent ?? '')) wrong.push(element.textContent ?? '');
    if (element.nodeName === 'A' && element.hasAttribute('href') && element.getAttribute('rel') !== 'noopener noreferrer') wrong.push('rel');
  }
  return wrong;
}

/** Shows a document as BodyFrame does; resolves when it and all that it asked for is loaded. */
function display(html: string, shared: HTMLIFrameElement): Promise<void> {
  return new Promise((resolve) => {
    const page = shared.contentDocument!;
    const inner = page.createElement('iframe');
    inner.setAttribute('sandbox', 'allow-popups allow-popups-to-escape-sandbox');
    inner.onload = () => resolve();
    inner.srcdoc = asTrusted(html);
    page.body.replaceChildren(inner);
  });
}

async function run(): Promise<{ name: string; wrong: string[] }[]> {
  const shared = document.createElement('iframe');
  shared.src = '/frame.html';
  await new Promise((resolve) => {
    shared.onload = resolve;
    document.body.append(shared);
  });
  const results: { name: string; wrong: string[] }[] = [];
  for (const attack of ATTACKS) {
    const clean = sanitise(attack.html, { remote: false });
    const wrong = faults(clean.html);
    if (attack.keeps && !clean.html.includes(attack.keeps)) wrong.push(`lost ${attack.keeps}: ${clean.html}`);
    const content = new FakeAccount('a', 'anna').addEmail({ html: attack.html });
    const options = { remote: false, dark: false, inline: new Map<string, string>(), quoteLabel: 'Quote', language: 'en' };
    await display(frameDocument(content, options).html, shared);
    // The frame's own policy must do without the washing, too.
    const policy = /<meta http-equiv="Content-Security-Policy"[^>]*>/.exec(frameDocument(content, options).html)![0];
    await display(`<!doctype html>${policy}${attack.html}`, shared);
    results.push({ name: attack.name, wrong });
  }
  return results;
}

function remoteImages(): string[] {
  const html = '<img src="https://pictures.test/a.png"><p style="background:url(https://pictures.test/b.png)">x</p><img src="http://pictures.test/c.png">';
  const wrong: string[] = [];
  const blocked = sanitise(html, { remote: false });
  if (!blocked.blocked || blocked.html.includes('pictures.test')) wrong.push(`blocked: ${blocked.html}`);
  const allowed = sanitise(html, { remote: true });
  if (!allowed.html.includes('a.png') || !allowed.html.includes('b.png') || allowed.html.includes('http://')) wrong.push(`allowed: ${allowed.html}`);
  const inline = sanitise('<img src="cid:x@y">', { remote: false, inline: new Map([['x@y', 'data:image/png;base64,AA==']]) });
  if (!inline.html.includes('data:image/png;base64,AA==') || inline.blocked) wrong.push(`inline: ${inline.html}`);
  return wrong;
}

Object.assign(window, { corpus: async () => [...(await run()), { name: 'remote images by choice alone', wrong: remoteImages() }] });
