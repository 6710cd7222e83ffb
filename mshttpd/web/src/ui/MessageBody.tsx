// SPDX-License-Identifier: Apache-2.0
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { EmailContent } from '../jmap/types';
import { frameDocument } from '../mail/frame';
import { inlineImages, inlineParts } from '../store/reading';
import { isTrusted, trust } from '../store/settings';
import { language, t } from '../text/catalogue';
import { BodyFrame } from './BodyFrame';
import { dark } from './theme';

/** The text of a message in its sandboxed frame, and what the person may decide about it. */
export function MessageBody({ content }: { content: EmailContent }) {
  const sender = content.from?.[0]?.email;
  const [remoteOnce, setRemoteOnce] = useState(false);
  const [light, setLight] = useState(false);
  const [inline, setInline] = useState<ReadonlyMap<string, string>>(new Map());
  const remote = remoteOnce || isTrusted(sender);
  const inDark = dark.value && !light;

  useEffect(() => {
    let wanted = true;
    if (inlineParts(content).length > 0) void inlineImages(content).then((images) => wanted && setInline(images));
    return () => void (wanted = false);
  }, [content]);

  const document = useMemo(
    () => frameDocument(content, { remote, dark: inDark, inline, quoteLabel: t('reading.quoted'), language: language.value }),
    [content, remote, inDark, inline, language.value],
  );
  const truncated = Object.values(content.bodyValues).some((value) => value.isTruncated);
  return (
    <>
      {document.blocked && !remote && (
        <p class="body-note">
          {t('reading.blocked')}
          <button type="button" onClick={() => setRemoteOnce(true)}>{t('reading.showOnce')}</button>
          {sender && <button type="button" onClick={() => trust(sender)}>{t('reading.trust', { sender })}</button>}
        </p>
      )}
      <BodyFrame document={document} title={t('reading.body')} />
      {dark.value && document.coloured && (
        <p class="body-note quiet">
          <button type="button" onClick={() => setLight(!light)}>{light ? t('reading.dark') : t('reading.light')}</button>
        </p>
      )}
      {truncated && <p class="body-note">{t('reading.truncated')}</p>}
    </>
  );
}
