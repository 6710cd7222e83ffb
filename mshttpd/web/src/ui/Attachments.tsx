// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'preact/hooks';
import type { BodyPart, EmailContent } from '../jmap/types';
import { size } from '../mail/words';
import { inlineParts } from '../store/reading';
import { client } from '../store/server';
import { accountOfView } from '../store/state';
import { complain } from '../store/toasts';
import { t } from '../text/catalogue';
import { Dialog } from './Dialog';
import { Icon, IconButton } from './Icon';

/** Types that are shown here. The blob is given this very type, so that nothing is taken for something else. What has
 *  scripts or a viewer of the browser's own (HTML, SVG, PDF) is downloaded: no frame of this page's origin shows it. */
const PREVIEWS: { pattern: RegExp; kind: 'image' | 'text' }[] = [
  { pattern: /^image\/(png|jpeg|gif|webp|avif|bmp)$/, kind: 'image' },
  { pattern: /^text\/(plain|csv|markdown|x-log)$|^application\/json$/, kind: 'text' },
];
const MOST_TEXT = 200_000;
const MOST_PREVIEW = 30_000_000;

function kindOf(part: BodyPart) {
  return part.size <= MOST_PREVIEW ? PREVIEWS.find((one) => one.pattern.test(part.type.toLowerCase()))?.kind : undefined;
}

export function Attachments({ content }: { content: EmailContent }) {
  const [shown, setShown] = useState<BodyPart | null>(null);
  const inText = new Set(inlineParts(content));
  const parts = content.attachments.filter((part) => !inText.has(part) && part.blobId);
  if (parts.length === 0) return null;
  return (
    <>
      <h3 class="attachments-title">{t('attachments.title', { n: parts.length })}</h3>
      <ul class="attachments">
        {parts.map((part) => (
          <li key={part.partId ?? part.blobId}>
            <button type="button" class="attachment" onClick={() => (kindOf(part) ? setShown(part) : download(part))}>
              {kindOf(part) === 'image' ? <Thumbnail part={part} /> : <Icon name="attach" />}
              <span class="attachment-name">{nameOf(part)}</span>
              <span class="attachment-size">{size(part.size)}</span>
            </button>
            <IconButton icon="download" label={t('attachments.download', { name: nameOf(part) })} onClick={() => download(part)} />
          </li>
        ))}
      </ul>
      {shown && (
        <Dialog title={nameOf(shown)} class="preview" onClose={() => setShown(null)}>
          <Preview part={shown} />
          <button type="button" onClick={() => download(shown)}><Icon name="download" /> {t('action.download')}</button>
        </Dialog>
      )}
    </>
  );
}

function nameOf(part: BodyPart): string {
  return part.name || t('attachments.unnamed');
}

/** The server sends it as an attachment, so the page stays. */
function download(part: BodyPart): void {
  const link = document.createElement('a');
  link.href = client.downloadUrl(accountOfView.peek(), part.blobId ?? '', nameOf(part), part.type);
  link.download = nameOf(part);
  link.click();
}

/** The part as a URL of this page's memory; given back when it is not shown any more. */
function useBlobUrl(part: BodyPart): { url: string; text: string } {
  const [made, setMade] = useState({ url: '', text: '' });
  useEffect(() => {
    let url = '';
    let wanted = true;
    client.blob(accountOfView.peek(), part.blobId ?? '', nameOf(part), part.type).then(async (blob) => {
      if (!wanted) return;
      url = URL.createObjectURL(new Blob([blob], { type: part.type.toLowerCase() }));
      const text = kindOf(part) === 'text' ? await blob.slice(0, MOST_TEXT).text() : '';
      if (wanted) setMade({ url, text });
      else URL.revokeObjectURL(url);
    }).catch(complain);
    return () => {
      wanted = false;
      if (url) URL.revokeObjectURL(url);
    };
  }, [part]);
  return made;
}

function Thumbnail({ part }: { part: BodyPart }) {
  const { url } = useBlobUrl(part);
  return url ? <img class="thumbnail" src={url} alt="" /> : <Icon name="attach" />;
}

function Preview({ part }: { part: BodyPart }) {
  const { url, text } = useBlobUrl(part);
  if (!url) return <p aria-busy="true">{t('app.loading')}</p>;
  switch (kindOf(part)) {
    case 'image':
      return <img class="preview-image" src={url} alt={nameOf(part)} />;
    default:
      return <pre class="preview-text" tabIndex={0}>{text}</pre>;
  }
}
