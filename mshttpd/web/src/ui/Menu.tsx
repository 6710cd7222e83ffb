// SPDX-License-Identifier: Apache-2.0
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { IconButton, type IconName } from './Icon';

export interface MenuItem {
  label: string;
  run: () => void;
}

/** A button with a menu. */
export function Menu(props: { label: string; items: MenuItem[]; icon?: IconName }) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const close = (focus: boolean) => {
    setOpen(false);
    if (focus) root.current?.querySelector('button')?.focus();
  };
  if (props.items.length === 0) return null;
  return (
    <div class="menu" ref={root}>
      <IconButton icon={props.icon ?? 'more'} label={props.label} expanded={open} onClick={() => setOpen(!open)} />
      {open && <MenuItems label={props.label} items={props.items} inside={root} onClose={close} />}
    </div>
  );
}

/** The open menu: arrows move, Escape and a click elsewhere (not in `inside`) close it. */
export function MenuItems(props: {
  label: string;
  items: MenuItem[];
  onClose: (focus: boolean) => void;
  inside?: { current: HTMLElement | null };
  at?: { x: number; y: number };
}) {
  const list = useRef<HTMLDivElement>(null);
  // Before the next key, which is for the menu.
  useLayoutEffect(() => {
    const element = list.current;
    if (props.at && element) {
      element.style.left = `${Math.max(4, Math.min(props.at.x, innerWidth - element.offsetWidth - 4))}px`;
      element.style.top = `${Math.max(4, Math.min(props.at.y, innerHeight - element.offsetHeight - 4))}px`;
    }
    element?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    const outside = (event: Event) => {
      if (!(props.inside?.current ?? element)?.contains(event.target as Node)) props.onClose(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [props.at]);

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    const items = [...(list.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
    if (next !== undefined) items[next % items.length]?.focus();
    else if (event.key === 'Escape') props.onClose(true);
    else if (event.key === 'Tab') return props.onClose(false);
    else return undefined;
    return event.preventDefault();
  };
  return (
    <div role="menu" ref={list} aria-label={props.label} class={props.at ? 'menu-items free' : 'menu-items'} onKeyDown={onKeyDown}>
      {props.items.map((item) => (
        <button type="button" role="menuitem" key={item.label} onClick={() => {
          props.onClose(true);
          item.run();
        }}>{item.label}</button>
      ))}
    </div>
  );
}
