// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from 'preact/hooks';
import { OPERATORS, parseSearch, printSearch, printTerm, type Term } from '../mail/search';
import { show } from '../store/list';
import { accountOfView, folderByRole, ownAccount, view } from '../store/state';
import { t } from '../text/catalogue';
import { Icon, IconButton } from './Icon';

const EXAMPLES: Record<string, string> = {
  from: 'from:', to: 'to:', subject: 'subject:', in: 'in:', has: 'has:attachment', is: 'is:unread', before: 'before:2026-01-31',
  larger: 'larger:2M',
};

export function SearchBox() {
  const now = view.value;
  const searched = now?.kind === 'search' ? now.text : '';
  const [text, setText] = useState(searched);
  const [focused, setFocused] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(searched), [searched]);

  const run = (next: string) => {
    const accountId = accountOfView.value || ownAccount.value;
    if (next.trim()) return show({ kind: 'search', accountId, text: next.trim() });
    const inbox = folderByRole('inbox', accountId);
    if (inbox && now?.kind === 'search') show({ kind: 'folder', accountId, mailboxId: inbox.id });
  };
  const submit = (event: Event) => {
    event.preventDefault();
    run(text);
    input.current?.blur();
  };
  const insert = (example: string) => {
    setText(`${text.trimEnd()}${text.trim() ? ' ' : ''}${example}`);
    input.current?.focus();
  };

  return (
    <form class="search" role="search" onSubmit={submit} onFocusCapture={() => setFocused(true)}
      onBlurCapture={(event) => !event.currentTarget.contains(event.relatedTarget as Node) && setFocused(false)}>
      <Icon name="search" />
      <input ref={input} id="search" type="search" value={text} placeholder={t('search.placeholder')} aria-label={t('search.label')}
        enterkeyhint="search" autocomplete="off" spellcheck={false} onInput={(event) => setText(event.currentTarget.value)} />
      {text && <IconButton icon="close" label={t('search.clear')} onClick={() => (setText(''), run(''))} />}
      {focused && (
        <div class="search-help">
          <p>{t('search.help')}</p>
          <div class="chips">
            {OPERATORS.filter((one) => one in EXAMPLES).map((one) => (
              <button type="button" class="chip" key={one} onClick={() => insert(EXAMPLES[one] ?? '')}>
                <code>{EXAMPLES[one]}</code> {t(`search.operator.${one as 'from'}`)}
              </button>
            ))}
          </div>
        </div>
      )}
    </form>
  );
}

/** What is searched for, each term for itself; taking one away searches anew. */
export function SearchChips({ text, accountId }: { text: string; accountId: string }) {
  const terms = parseSearch(text);
  const without = (gone: Term) => {
    const left = printSearch(terms.filter((term) => term !== gone));
    const inbox = folderByRole('inbox', accountId);
    if (left) show({ kind: 'search', accountId, text: left });
    else if (inbox) show({ kind: 'folder', accountId, mailboxId: inbox.id });
  };
  return (
    <ul class="chips" aria-label={t('search.terms')}>
      {terms.map((term) => (
        <li class="chip" key={printTerm(term)}>
          <span>{chipText(term)}</span>
          <IconButton icon="close" label={t('search.remove', { term: printTerm(term) })} onClick={() => without(term)} />
        </li>
      ))}
    </ul>
  );
}

function chipText(term: Term): string {
  const value = term.operator ? `${t(`search.chip.${term.operator}`)}: ${term.value}` : term.value;
  return term.not ? t('search.not', { term: value }) : value;
}
