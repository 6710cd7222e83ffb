// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../text/catalogue';
import { IconButton } from './Icon';

/** A modal dialog of the browser's own kind: focus stays in it, Escape closes it, focus goes back where it was. */
export function Dialog(props: { title: string; onClose: (() => void) | null; children: ComponentChildren; class?: string }) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before the next key, which is for the dialog.
  useLayoutEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  const onCancel = (event: Event) => {
    event.preventDefault();
    props.onClose?.();
  };
  return (
    <dialog ref={ref} class={`dialog ${props.class ?? ''}`} aria-labelledby={titleId} onCancel={onCancel}
      onKeyDown={(event) => event.stopPropagation()}
      onMouseDown={(event) => event.target === ref.current && props.onClose?.()}>
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id={titleId}>{props.title}</h2>
          {props.onClose && <IconButton icon="close" label={t('action.close')} onClick={props.onClose} />}
        </div>
        {props.children}
      </div>
    </dialog>
  );
}
