// SPDX-License-Identifier: Apache-2.0
import DOMPurify from 'dompurify';
import Squire from 'squire-rte';
import { useEffect, useRef, useState } from 'preact/hooks';
import { sanitise } from '../mail/sanitise';
import { asTrusted } from '../mail/trusted';
import { addInlineImage } from '../store/attaching';
import { change, draft, drafts } from '../store/drafts';
import { client } from '../store/server';
import { ownAccount } from '../store/state';
import { t } from '../text/catalogue';
import { IconButton, type IconName } from './Icon';

/** Squire, where what it writes by itself (its undo) passes the page's Trusted Types, washed once more. */
class SafeSquire extends Squire {
  override _setRawHTML(html: string): this {
    const washed = DOMPurify.sanitize(html, { ALLOW_DATA_ATTR: true, ADD_URI_SAFE_ATTR: ['src'] });
    super._setRawHTML(asTrusted(washed));
    return this;
  }
}

/** What comes into the editor, pasted or set: no remote images, nothing that acts; what is ours stays. */
function fragment(html: string): DocumentFragment {
  const washed = sanitise(html, { remote: false, keepCids: true }).html;
  const parsed = new DOMParser().parseFromString(asTrusted(washed), 'text/html');
  for (const one of parsed.querySelectorAll('style, img:not([src])')) one.remove();
  // Here it stands on our own page, whose classes could make a dialog of a quotation.
  for (const one of parsed.querySelectorAll('[class]')) one.removeAttribute('class');
  for (const image of parsed.querySelectorAll<HTMLImageElement>('img[src^="cid:"]')) {
    image.dataset['cid'] = image.getAttribute('src')!.slice(4);
    image.removeAttribute('src');
  }
  const made = document.createDocumentFragment();
  made.append(...[...parsed.body.childNodes].map((node) => document.importNode(node, true)));
  return made;
}

const TOOLS: { icon: IconName; text: 'bold' | 'italic' | 'underline' | 'list' | 'numbers' | 'quote'; tag: string; run: (editor: Squire, on: boolean) => void }[] = [
  { icon: 'bold', text: 'bold', tag: 'B', run: (editor, on) => (on ? editor.removeBold() : editor.bold()) },
  { icon: 'italic', text: 'italic', tag: 'I', run: (editor, on) => (on ? editor.removeItalic() : editor.italic()) },
  { icon: 'underline', text: 'underline', tag: 'U', run: (editor, on) => (on ? editor.removeUnderline() : editor.underline()) },
  { icon: 'list', text: 'list', tag: 'UL', run: (editor, on) => (on ? editor.removeList() : editor.makeUnorderedList()) },
  { icon: 'numbers', text: 'numbers', tag: 'OL', run: (editor, on) => (on ? editor.removeList() : editor.makeOrderedList()) },
  { icon: 'quote', text: 'quote', tag: 'BLOCKQUOTE', run: (editor, on) => (on ? editor.decreaseQuoteLevel() : editor.increaseQuoteLevel()) },
];

export function Editor({ id, focus }: { id: string; focus: boolean }) {
  const root = useRef<HTMLDivElement>(null);
  const editor = useRef<SafeSquire | null>(null);
  const [path, setPath] = useState('');

  useEffect(() => {
    if (!root.current) return undefined;
    const made = new SafeSquire(root.current, { blockTag: 'DIV', sanitizeToDOMFragment: fragment });
    editor.current = made;
    made.setHTML(draft(id)?.html ?? '');
    showInlineImages(root.current, id);
    made.addEventListener('input', () => change(id, { html: made.getHTML() }));
    made.addEventListener('pathChange', () => setPath(made.getPath()));
    made.addEventListener('pasteImage', (event: Event) => pasteImages(made, id, event));
    if (focus) {
      made.focus();
      made.moveCursorToStart();
    }
    return () => made.destroy();
  }, [id]);

  const link = () => {
    const url = window.prompt(t('editor.linkTo'), 'https://');
    if (url && /^(https?:|mailto:)/i.test(url)) editor.current?.makeLink(url);
    editor.current?.focus();
  };
  return (
    <div class="editor">
      <div class="editor-tools" role="toolbar" aria-label={t('editor.tools')}>
        {TOOLS.map((tool) => {
          const on = new RegExp(`(^|>)${tool.tag}(\\b|$)`).test(path);
          return <IconButton key={tool.text} icon={tool.icon} label={t(`editor.${tool.text}`)} pressed={on} onClick={() => {
            if (editor.current) tool.run(editor.current, on);
            editor.current?.focus();
          }} />;
        })}
        <IconButton icon="link" label={t('editor.link')} onClick={link} />
      </div>
      <div ref={root} class="editor-text" role="textbox" aria-multiline={true} aria-label={t('compose.text')} tabIndex={0}
        onDragOver={(event) => event.dataTransfer?.types.includes('Files') && event.preventDefault()} />
    </div>
  );
}

function pasteImages(editor: Squire, id: string, event: Event): void {
  const { clipboardData } = (event as CustomEvent<{ clipboardData: DataTransfer }>).detail;
  for (const file of clipboardData.files) {
    if (!/^image\/(png|jpeg|gif|webp)$/.test(file.type)) continue;
    editor.insertImage(URL.createObjectURL(file), { 'data-cid': addInlineImage(id, file), alt: '' });
  }
}

/** Images that a draft has had from before are fetched and shown from memory. */
function showInlineImages(root: HTMLElement, id: string): void {
  const attachments = drafts.peek().find((one) => one.id === id)?.attachments ?? [];
  for (const image of root.querySelectorAll<HTMLImageElement>('img[data-cid]')) {
    const part = attachments.find((one) => one.cid === image.dataset['cid']);
    if (!part?.blobId) continue;
    client.blob(ownAccount.peek(), part.blobId, part.name, part.type)
      .then((blob) => (image.src = URL.createObjectURL(new Blob([blob], { type: part.type }))), () => {});
  }
}
