// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from 'preact/hooks';
import { IconButton, type IconName } from './Icon';

export interface MenuItem {
  label: string;
  run: () => void;
}

/** A button with a menu: arrows move, Escape and a click elsewhere close it. */
export function Menu(props: { label: string; items: MenuItem[]; icon?: IconName }) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!open) return undefined;
    root.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    const outside = (event: Event) => !root.current?.contains(event.target as Node) && setOpen(false);
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    const items = [...(root.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) items[(at + step + items.length) % items.length]?.focus();
    else if (event.key === 'Escape') {
      setOpen(false);
      root.current?.querySelector('button')?.focus();
    } else if (event.key !== 'Tab') {
      event.stopPropagation();
      return;
    }
    event.stopPropagation();
    if (event.key !== 'Tab') event.preventDefault();
  };

  if (props.items.length === 0) return null;
  return (
    <div class="menu" ref={root} onKeyDown={onKeyDown}>
      <IconButton icon={props.icon ?? 'more'} label={props.label} onClick={() => setOpen(!open)} />
      {open && (
        <div role="menu" aria-label={props.label} class="menu-items">
          {props.items.map((item) => (
            <button type="button" role="menuitem" key={item.label} onClick={() => {
              setOpen(false);
              item.run();
            }}>{item.label}</button>
          ))}
        </div>
      )}
    </div>
  );
}
