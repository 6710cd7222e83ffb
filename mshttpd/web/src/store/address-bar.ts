// SPDX-License-Identifier: Apache-2.0
// What is looked at, as the address: #/folder/ID, #/folder/ID/MESSAGE, #/search/TEXT. The browser's back button works.
import { batch, effect } from '@preact/signals';
import { show } from './list';
import { close, open } from './reading';
import { auth, folderByRole, folders, opened, ownAccount, view, type View } from './state';

function addressOf(now: View, message: string | null): string {
  const parts = now.kind === 'folder' ? ['folder', now.mailboxId] : ['search', now.text];
  if (message) parts.push(message);
  if (now.accountId !== ownAccount.peek()) parts.unshift('account', now.accountId);
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

/** As one change: what lies between is no address of its own. */
export function showFromAddress(): void {
  batch(showIt);
}

function showIt(): void {
  const parts = location.hash.slice(2).split('/').map(decode);
  let accountId = ownAccount.peek();
  if (parts[0] === 'account') accountId = parts.splice(0, 2)[1] ?? accountId;
  const [kind, what, message] = parts;
  if (kind === 'search' && what) show({ kind: 'search', accountId, text: what });
  else {
    const known = [...folders.peek().values()].find((one) => one.accountId === accountId && one.id === what);
    const folder = known ?? folderByRole('inbox', ownAccount.peek()) ?? [...folders.peek().values()][0];
    if (!folder) return;
    show({ kind: 'folder', accountId: folder.accountId, mailboxId: folder.id });
  }
  if (message) {
    if (opened.peek() !== message) void open(message);
  } else {
    close();
  }
}

export function followAddress(): void {
  effect(() => {
    if (auth.value !== 'in' || !view.value) return;
    const address = addressOf(view.value, opened.value);
    // What is shown first takes the bare address's place: "back" leaves the page from there.
    if (location.hash === '') history.replaceState(null, '', address);
    else if (location.hash !== address) history.pushState(null, '', address);
  });
  addEventListener('popstate', () => auth.peek() === 'in' && showFromAddress());
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
