// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'preact/hooks';
import type { EmailAddress, EmailContent, EmailSummary } from '../jmap/types';
import { displayName, printAddress } from '../mail/address';
import { longDate, participants, shortDate } from '../mail/words';
import { toProblem, type Problem } from '../jmap/problem';
import { setKeyword } from '../store/actions';
import { loadContent, toggleUnfolded, unfolded } from '../store/reading';
import { client } from '../store/server';
import { accountOfView, identities } from '../store/state';
import { answer, editDraft } from '../store/writing';
import { complain } from '../store/toasts';
import { t } from '../text/catalogue';
import { problemText } from '../text/problems';
import { Attachments } from './Attachments';
import { Icon, IconButton } from './Icon';
import { Menu } from './Menu';
import { MessageBody } from './MessageBody';

/** One message of a conversation: a line when folded, else its head, text and attachments. */
export function MessageCard({ email }: { email: EmailSummary }) {
  const isOpen = unfolded.value.has(email.id);
  const draft = '$draft' in email.keywords;
  const from = email.from?.[0];
  return (
    <article class={`card ${isOpen ? 'open' : 'folded'}`} aria-label={t('reading.messageOf', { name: from ? displayName(from) : '' })}>
      <header>
        <button type="button" class="card-head" aria-expanded={isOpen}
          onClick={() => (draft ? void editDraft(email.id).catch(complain) : toggleUnfolded(email.id))}>
          <Avatar of={from} />
          <span class="card-from">{draft && <em class="draft-mark">{t('list.draft')} </em>}{from ? displayName(from) : ''}</span>
          {!isOpen && <span class="card-preview">{email.preview}</span>}
          {email.hasAttachment && !isOpen && <Icon name="attach" />}
          <time dateTime={email.receivedAt} title={longDate(email.receivedAt)}>{shortDate(email.receivedAt)}</time>
        </button>
        {isOpen && <CardActions email={email} />}
      </header>
      {isOpen && <CardContent email={email} />}
    </article>
  );
}

/** The first letter of a name, in a colour that is always the same for the address. */
function Avatar({ of }: { of: EmailAddress | undefined }) {
  const shade = [...(of?.email.toLowerCase() ?? '')].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7) % 8;
  return <span class={`avatar shade-${shade}`} aria-hidden="true">{(of ? [...displayName(of)][0] : undefined)?.toUpperCase() ?? '?'}</span>;
}

function CardActions({ email }: { email: EmailSummary }) {
  const starred = '$flagged' in email.keywords;
  const source = client.downloadUrl(accountOfView.value, email.blobId, `${email.subject ?? 'message'}.eml`, 'message/rfc822');
  return (
    <span class="card-actions">
      <IconButton icon="star" filled={starred} pressed={starred} class="star" label={t('action.star')} onClick={() => void setKeyword(email.id, '$flagged', !starred)} />
      <IconButton icon="reply" label={t('action.reply')} onClick={() => void answer(email.id, 'reply').catch(complain)} />
      <Menu label={t('action.more')} items={[
        { label: t('action.replyAll'), run: () => void answer(email.id, 'replyAll').catch(complain) },
        { label: t('action.forward'), run: () => void answer(email.id, 'forward').catch(complain) },
        { label: t('action.print'), run: () => window.print() },
        { label: t('action.downloadMessage'), run: () => window.location.assign(source) },
      ]} />
    </span>
  );
}

function CardContent({ email }: { email: EmailSummary }) {
  const [content, setContent] = useState<EmailContent | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let wanted = true;
    setProblem(null);
    loadContent(email.id).then((got) => wanted && setContent(got), (error: unknown) => wanted && setProblem(toProblem(error)));
    return () => void (wanted = false);
  }, [email.id, attempt]);

  if (problem) {
    return (
      <p class="list-note wrong" role="alert">
        {problemText(problem)} <button type="button" onClick={() => setAttempt(attempt + 1)}>{t('action.retry')}</button>
      </p>
    );
  }
  if (!content) return <p class="list-note" aria-busy="true">{t('app.loading')}</p>;
  return (
    <>
      <Recipients content={content} />
      <MessageBody content={content} />
      <Attachments content={content} />
    </>
  );
}

/** To whom, in a line; all of it behind "details". */
function Recipients({ content }: { content: EmailContent }) {
  const line = (label: string, list: EmailAddress[] | null) => list && list.length > 0 && (
    <div><dt>{label}</dt><dd>{list.map(printAddress).join(', ')}</dd></div>
  );
  const own = new Set(identities.value.map((one) => one.email.toLowerCase()));
  const all = [...(content.to ?? []), ...(content.cc ?? []), ...(content.bcc ?? [])];
  return (
    <details class="recipients">
      <summary title={t('reading.details')}>{all.length > 0 ? t('reading.toMany', { names: participants(all, own) }) : t('reading.details')}</summary>
      <dl>
        {line(t('compose.from'), content.from)}
        {line(t('compose.to'), content.to)}
        {line(t('compose.cc'), content.cc)}
        {line(t('compose.bcc'), content.bcc)}
        {content.sentAt && <div><dt>{t('compose.date')}</dt><dd>{longDate(content.sentAt)}</dd></div>}
      </dl>
    </details>
  );
}
