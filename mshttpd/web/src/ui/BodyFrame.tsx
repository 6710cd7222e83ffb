// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FrameDocument } from '../mail/frame';
import { asTrusted } from '../mail/trusted';

const SANDBOX = 'allow-popups allow-popups-to-escape-sandbox';

/** Two frames: frame.html of our own, which brings the policy for bodies, and in it the sandboxed one with the body: no
 *  scripts, no origin, nothing that leads out of it but links in new windows. Neither can be measured from here, so its
 *  height is an estimate that the person can change. */
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

  useEffect(() => {
    const most = Math.max(240, window.innerHeight * 0.75);
    wrapper.current?.style.setProperty('--body-height', `${Math.min(Math.max(body.height, 90), most)}px`);
  }, [body.height]);

  return (
    <div class="body-frame" ref={wrapper}>
      {direct
        ? <iframe key={body.html} sandbox={SANDBOX} referrerpolicy="no-referrer" srcdoc={asTrusted(body.html)} title={title} />
        : <iframe ref={outer} src="/frame.html" title={title} />}
    </div>
  );
}

function sandboxed(page: Document, html: string, title: string): HTMLIFrameElement {
  const frame = page.createElement('iframe');
  frame.setAttribute('sandbox', SANDBOX);
  frame.setAttribute('referrerpolicy', 'no-referrer');
  frame.title = title;
  frame.srcdoc = asTrusted(html);
  return frame;
}
