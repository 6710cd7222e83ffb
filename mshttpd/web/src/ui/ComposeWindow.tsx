// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from 'preact/hooks';
import { addFiles } from '../store/attaching';
import { change, closeDraft, draft, openDraft, plainOf, saveStates } from '../store/drafts';
import { send } from '../store/sending';
import { identities } from '../store/state';
import { complain } from '../store/toasts';
import { discardWithUndo } from '../store/writing';
import { remember } from '../store/people';
import { plainToEditor } from '../mail/plain';
import { t } from '../text/catalogue';
import { ComposeAttachments } from './ComposeAttachments';
import { Icon, IconButton } from './Icon';
import { RecipientField } from './RecipientField';
import { RichText } from './RichText';

export function ComposeWindow({ id, front }: { id: string; front: boolean }) {
  const now = draft(id);
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);
  const [copies, setCopies] = useState((now?.cc.length ?? 0) + (now?.bcc.length ?? 0) > 0);
  const files = useRef<HTMLInputElement>(null);
  const root = useRef<HTMLElement>(null);
  useEffect(() => {
    const to = root.current?.querySelector<HTMLElement>('.field input');
    if (front && now && now.to.length === 0) to?.focus();
  }, [front]);
  if (!now) return null;

  const submit = async () => {
    setBusy(true);
    try {
      const people = [...now.to, ...now.cc, ...now.bcc];
      await send(id);
      remember(people);
    } catch (error) {
      complain(error, { label: t('action.retry'), run: () => void submit() });
    } finally {
      setBusy(false);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void submit();
    } else if (event.key === 'Escape' && !event.defaultPrevented) {
      void closeDraft(id).catch(complain);
    }
    event.stopPropagation();
  };
  const drop = (event: DragEvent) => {
    setOver(false);
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    addFiles(id, [...event.dataTransfer.files]);
  };
  const toggleRich = () => {
    const patch = now.rich ? { rich: false, text: plainOf(now) } : { rich: true, html: plainToEditor(now.text) };
    change(id, patch);
  };
  const state = saveStates.value.get(id);
  return (
    <section ref={root} class={`compose ${front ? 'front' : ''} ${over ? 'over' : ''}`} aria-label={now.subject || t('compose.new')} onKeyDown={onKeyDown}
      onMouseDown={() => !front && openDraft(now)}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes('Files')) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => !root.current?.contains(event.relatedTarget as Node) && setOver(false)} onDrop={drop}>
      <header class="compose-head">
        <h2>{now.subject || t('compose.new')}</h2>
        <span class="save-state" role="status">{state && t(`compose.state.${state}`)}</span>
        <IconButton icon="close" label={t('compose.close')} onClick={() => void closeDraft(id).catch(complain)} />
      </header>
      {identities.value.length > 1 && (
        <label class="field"><span>{t('compose.from')}</span>
          <select value={now.identityId} onChange={(event) => change(id, { identityId: event.currentTarget.value })}>
            {identities.value.map((one) => <option key={one.id} value={one.id}>{`${one.name} <${one.email}>`}</option>)}
          </select>
        </label>
      )}
      <RecipientField label={t('compose.to')} value={now.to} onChange={(to) => change(id, { to })}>
        {!copies && <button type="button" class="link" onClick={() => setCopies(true)}>{t('compose.copies')}</button>}
      </RecipientField>
      {copies && <RecipientField label={t('compose.cc')} value={now.cc} onChange={(cc) => change(id, { cc })} />}
      {copies && <RecipientField label={t('compose.bcc')} value={now.bcc} onChange={(bcc) => change(id, { bcc })} />}
      <label class="field"><span>{t('compose.subject')}</span>
        <input value={now.subject} onInput={(event) => change(id, { subject: event.currentTarget.value })} />
      </label>
      {now.rich
        ? <RichText id={id} focus={front && now.to.length > 0} />
        : <textarea class="plain-editor" aria-label={t('compose.text')} value={now.text} onInput={(event) => change(id, { text: event.currentTarget.value })} />}
      <ComposeAttachments draft={now} />
      <footer class="compose-foot">
        <button type="button" class="primary" disabled={busy} onClick={() => void submit()}><Icon name="send" /> {t('action.send')}</button>
        <IconButton icon="attach" label={t('compose.attach')} onClick={() => files.current?.click()} />
        <input ref={files} type="file" multiple hidden tabIndex={-1} aria-label={t('compose.attach')} onChange={(event) => {
          addFiles(id, [...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }} />
        <button type="button" class="link" onClick={toggleRich}>{now.rich ? t('compose.toPlain') : t('compose.toRich')}</button>
        <span class="space" />
        <IconButton icon="trash" label={t('action.discard')} onClick={() => void discardWithUndo(id)} />
      </footer>
      {over && <div class="drop-here">{t('compose.drop')}</div>}
    </section>
  );
}
