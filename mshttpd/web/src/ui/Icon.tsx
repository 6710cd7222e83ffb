// SPDX-License-Identifier: Apache-2.0
// Icons as lines in a box of 24; they take the colour of the text and are hidden from screen readers.

const PATHS = {
  archive: 'M3 5h18v4H3zM5 9v10h14V9M10 13h4',
  attach: 'm20 11-8 8a5 5 0 0 1-7-7l9-9a3.5 3.5 0 0 1 5 5l-9 9a2 2 0 0 1-3-3l8-8',
  back: 'M15 5l-7 7 7 7',
  bold: 'M7 5h6a3.5 3.5 0 0 1 0 7H7zM7 12h7a3.5 3.5 0 0 1 0 7H7z',
  check: 'm5 12 5 5L20 7',
  close: 'M6 6l12 12M18 6 6 18',
  compose: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  down: 'm6 9 6 6 6-6',
  download: 'M12 4v11m-5-5 5 5 5-5M5 20h14',
  draft: 'M6 3h8l4 4v14H6zM9 13h6M9 17h6',
  folder: 'M3 6h6l2 3h10v10H3z',
  forward: 'm14 6 6 6-6 6M20 12H9a5 5 0 0 0-5 5v2',
  inbox: 'M4 5h16l1 9v5H3v-5zM3 14h5l2 3h4l2-3h5',
  italic: 'M10 5h7M7 19h7M14 5l-4 14',
  junk: 'M12 3 2 20h20zM12 10v5m0 2v.5',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
  list: 'M9 6h11M9 12h11M9 18h11M4 6h1M4 12h1M4 18h1',
  logout: 'M14 4H5v16h9M10 12h11m-4-4 4 4-4 4',
  menu: 'M4 6h16M4 12h16M4 18h16',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  numbers: 'M10 6h10M10 12h10M10 18h10M4 5l1-1v5M4 15h2v2H4v2h2',
  plus: 'M12 5v14M5 12h14',
  quote: 'M5 8v8M9 8h10M9 12h10M9 16h6',
  reply: 'm10 6-6 6 6 6M4 12h11a5 5 0 0 1 5 5v2',
  replyAll: 'm8 6-6 6 6 6M13 6l-6 6 6 6M7 12h9a5 5 0 0 1 5 5v2',
  search: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 21 21',
  send: 'M3 11 21 3l-6 18-4-8z',
  settings: 'M12 8.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2',
  share: 'M8 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2 20a6 6 0 0 1 12 0M18 8v6M15 11h6',
  star: 'm12 3 2.8 5.8 6.2.9-4.500 4.400 1.100 6.300L12 17.500 6.400 20.400l1.100-6.300L3 9.700l6.200-.9z',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  underline: 'M7 4v7a5 5 0 0 0 10 0V4M5 20h14',
  unread: 'M3 6h18v12H3zM3 7l9 6 9-6',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, filled = false }: { name: IconName; filled?: boolean }) {
  return (
    <svg class={filled ? 'icon filled' : 'icon'} viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function IconButton(props: {
  icon: IconName;
  label: string;
  onClick: (event: MouseEvent) => void;
  filled?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  disabled?: boolean;
  tabIndex?: number;
  class?: string;
}) {
  return (
    <button type="button" class={`icon-button ${props.class ?? ''}`} title={props.label} aria-label={props.label} onClick={props.onClick}
      disabled={props.disabled} tabIndex={props.tabIndex} aria-pressed={props.pressed} aria-expanded={props.expanded}
      aria-haspopup={props.expanded === undefined ? undefined : 'menu'}>
      <Icon name={props.icon} filled={props.filled} />
    </button>
  );
}
