// SPDX-License-Identifier: Apache-2.0
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FrameDocument } from '../mail/frame';
import { bodyHeight } from '../mail/measure';
import { asTrusted } from '../mail/trusted';

const SANDBOX = 'allow-popups allow-popups-to-escape-sandbox';
const LEAST = 72;
const MOST = 12_000; // what is longer scrolls in its frame
const PAPER = 640; // the width of a page in pixels, whatever its format

/** Two frames: frame.html of our own, which brings the policy for bodies, and in it the sandboxed one with the body: no
 *  scripts, no origin, nothing that leads out of it but links in new windows. Neither can be measured from here, so its
 *  height is that of a skeleton of the body (measure.ts); where that errs the person can change it, or scroll. */
export function BodyFrame({ document: body, title }: { document: FrameDocument; title: string }) {
  const [direct, setDirect] = useState(false);
  const outer = useRef<HTMLIFrameElement>(null);
  const wrapper = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const frame = outer.current;
    if (!frame) return undefined;
    const fill = () => {
      const page = frame.contentDocument;
      // Not ours to look into: the server does not let frame.html be framed. Then the page's own policy has to do.
      if (!page) setDirect(true);
      else if (page.body && page.location.pathname.endsWith('/frame.html')) {
        page.documentElement.lang = document.documentElement.lang;
        page.body.replaceChildren(sandboxed(page, body.html, title));
      }
    };
    frame.addEventListener('load', fill);
    if (frame.contentDocument?.readyState === 'complete') fill();
    return () => frame.removeEventListener('load', fill);
  }, [body.html]);
  useLayoutEffect(() => (wrapper.current ? keepHeight(wrapper.current, body.body) : undefined), [body.body]);

  return (
    <div class="body-frame" ref={wrapper}>
      {direct
        ? <iframe key={body.html} sandbox={SANDBOX} referrerpolicy="no-referrer" srcdoc={asTrusted(body.html)} title={title} />
        : <iframe ref={outer} src="/frame.html" title={title} />}
    </div>
  );
}

/** As high as the body is at its width: now, when the width changes, and on paper. Returns what ends it. */
function keepHeight(wrapper: HTMLElement, body: string): () => void {
  let width = 0;
  const fit = (at: number) => {
    width = at;
    wrapper.style.removeProperty('height'); // what the person had drawn was for another width
    wrapper.style.setProperty('--body-height', `${Math.min(Math.max(bodyHeight(body, at), LEAST), MOST)}px`);
  };
  const fitScreen = () => wrapper.clientWidth > 0 && fit(wrapper.clientWidth);
  const fitPaper = () => fit(PAPER);
  const observer = new ResizeObserver(() => wrapper.clientWidth !== width && fitScreen());
  fitScreen();
  observer.observe(wrapper);
  addEventListener('beforeprint', fitPaper);
  addEventListener('afterprint', fitScreen);
  return () => {
    observer.disconnect();
    removeEventListener('beforeprint', fitPaper);
    removeEventListener('afterprint', fitScreen);
  };
}

function sandboxed(page: Document, html: string, title: string): HTMLIFrameElement {
  const frame = page.createElement('iframe');
  frame.setAttribute('sandbox', SANDBOX);
  frame.setAttribute('referrerpolicy', 'no-referrer');
  frame.title = title;
  frame.srcdoc = asTrusted(html);
  return frame;
}
