// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'preact/hooks';
import { change, draft, plainOf } from '../store/drafts';
import { t } from '../text/catalogue';

/** The editor is not part of what the page loads first. It is fetched soon after, so that one can write without a
 *  connection; where it cannot be had the message is written as plain text. */
let editor: typeof import('./Editor').Editor | null = null;

export async function fetchEditor(): Promise<void> {
  editor ??= (await import('./Editor')).Editor;
}

export function RichText({ id, focus }: { id: string; focus: boolean }) {
  const [loaded, setLoaded] = useState(editor !== null);
  useEffect(() => {
    fetchEditor().then(() => setLoaded(true), () => {
      const now = draft(id);
      if (now) change(id, { rich: false, text: plainOf(now) });
    });
  }, []);
  const Editor = editor;
  return loaded && Editor ? <Editor id={id} focus={focus} /> : <p class="list-note">{t('app.loading')}</p>;
}
