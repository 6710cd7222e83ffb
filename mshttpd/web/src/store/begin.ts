// SPDX-License-Identifier: Apache-2.0
// The life of the page: from a cookie or a login to a running store, and back.
import { effect, signal } from '@preact/signals';
import type { Problem } from '../jmap/problem';
import { toProblem } from '../jmap/problem';
import { language } from '../text/catalogue';
import { forgetEverything } from './cache';
import { drafts, findLeftBehind, recovered, save } from './drafts';
import { forgetPeople } from './people';
import { showFromAddress, followAddress } from './address-bar';
import { resume } from './server';
import { auth, folderOfView, folders, listing, EMPTY_LISTING, view } from './state';
import { folderName } from './names';
import { follow, forgetStates, loadAll } from './sync';

/** Why the page cannot begin; it offers to try again. */
export const startProblem = signal<Problem | null>(null);

let unfollow: (() => void) | null = null;

export async function begin(): Promise<void> {
  startProblem.value = null;
  try {
    if (!(await resume())) auth.value = 'out';
  } catch (error) {
    startProblem.value = toProblem(error);
  }
}

/** Runs when somebody has logged in; what was there of an expired session stays as it is. */
async function enter(): Promise<void> {
  startProblem.value = null;
  try {
    await loadAll();
    unfollow?.();
    unfollow = follow();
    if (!view.peek()) showFromAddress();
    await findLeftBehind();
  } catch (error) {
    startProblem.value = toProblem(error);
  }
}

function leave(): void {
  unfollow?.();
  unfollow = null;
  forgetStates();
  forgetEverything();
  forgetPeople();
  folders.value = new Map();
  view.value = null;
  listing.value = EMPTY_LISTING;
  drafts.value = [];
  recovered.value = [];
}

let before = auth.peek();
effect(() => {
  const now = auth.value;
  const was = before;
  before = now;
  if (now === 'in' && was !== 'expired') queueMicrotask(() => void enter());
  if (now === 'in' && was === 'expired') queueMicrotask(followAnew);
  if (now === 'out' && was !== 'starting') queueMicrotask(leave);
});

/** After a login over the page the event stream begins anew; it had ended with the session. */
function followAnew(): void {
  unfollow?.();
  unfollow = follow();
}

export { enter as beginAgain };

if (typeof document !== 'undefined') {
  effect(() => {
    document.documentElement.lang = language.value;
    const folder = folderOfView.value;
    const unread = folder && folder.unreadEmails > 0 ? `(${folder.unreadEmails}) ` : '';
    document.title = `${unread}${folder ? `${folderName(folder)} – ` : ''}Posthorn`;
  });
  followAddress();
  // The last chance for the server's copy; the browser's is there already.
  addEventListener('pagehide', () => drafts.peek().forEach((one) => void save(one.id).catch(() => {})));
  addEventListener('beforeunload', (event) => {
    if (drafts.peek().some((one) => one.attachments.some((a) => a.blobId === null && !a.failed))) event.preventDefault();
  });
}
