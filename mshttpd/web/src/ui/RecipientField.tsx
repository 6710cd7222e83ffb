// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { EmailAddress } from '../jmap/types';
import { displayName, distinct, parseAddresses, printAddress } from '../mail/address';
import { suggest } from '../store/people';
import { t } from '../text/catalogue';
import { IconButton } from './Icon';

/** Addresses as chips and a field for the next one, with people to choose from (a combobox as ARIA describes it). */
export function RecipientField(props: {
  label: string;
  value: EmailAddress[];
  onChange: (value: EmailAddress[]) => void;
  children?: ComponentChildren;
}) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [wrong, setWrong] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const options = suggest(text, props.value);

  const add = (more: EmailAddress[]) => {
    props.onChange(distinct([...props.value, ...more]));
    setText('');
    setAt(0);
    setWrong(false);
  };
  /** Takes what is typed; what is no address stays in the field and is marked. */
  const takeTyped = () => {
    const { addresses, rest } = parseAddresses(text);
    if (addresses.length > 0) add(addresses);
    setText(rest);
    setWrong(rest !== '');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const choose = options.length > 0 && (event.key === 'Enter' || event.key === 'Tab');
    if (choose && options[at]) {
      event.preventDefault();
      add([options[at]]);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (options.length === 0) return;
      event.preventDefault();
      setAt((at + (event.key === 'ArrowDown' ? 1 : options.length - 1)) % options.length);
    } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      takeTyped();
    } else if (event.key === 'Backspace' && text === '' && props.value.length > 0) {
      props.onChange(props.value.slice(0, -1));
    } else if (event.key === 'Escape' && options.length > 0) {
      event.preventDefault();
      setText('');
    }
  };
  const onInput = (value: string) => {
    setText(value);
    setAt(0);
    setWrong(false);
    if (/[,;\n]/.test(value)) {
      const { addresses, rest } = parseAddresses(value);
      if (addresses.length > 0) add(addresses);
      if (addresses.length > 0) setText(rest);
    }
  };
  return (
    <div class={`field recipients-field ${wrong ? 'invalid' : ''}`}>
      <label for={id}>{props.label}</label>
      <div class="recipient-list">
        {props.value.map((address) => (
          <span class="chip" key={address.email} title={printAddress(address)}>
            <span>{displayName(address)}</span>
            <IconButton icon="close" label={t('compose.removeRecipient', { name: displayName(address) })}
              onClick={() => props.onChange(props.value.filter((one) => one !== address))} />
          </span>
        ))}
        <input ref={input} id={id} value={text} autocomplete="off" spellcheck={false} autocapitalize="none" inputMode="email"
          role="combobox" aria-autocomplete="list" aria-expanded={options.length > 0} aria-controls={options.length > 0 ? `${id}-options` : undefined}
          aria-activedescendant={options.length > 0 ? `${id}-${at}` : undefined} aria-invalid={wrong}
          onInput={(event) => onInput(event.currentTarget.value)} onKeyDown={onKeyDown} onBlur={takeTyped} />
        {wrong && <span class="wrong" role="alert">{t('compose.noAddress')}</span>}
      </div>
      {props.children}
      {options.length > 0 && (
        <ul class="suggestions" role="listbox" id={`${id}-options`} aria-label={props.label}>
          {options.map((address, index) => (
            <li key={address.email} id={`${id}-${index}`} role="option" aria-selected={index === at}
              onMouseDown={(event) => event.preventDefault()} onClick={() => add([address])}>
              <strong>{displayName(address)}</strong> {address.name && <span>{address.email}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
