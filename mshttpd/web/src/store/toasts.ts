// SPDX-License-Identifier: Apache-2.0
// Short messages at the foot of the page: what was done and how to take it back, or what went wrong.
import { signal } from '@preact/signals';
import { toProblem } from '../jmap/problem';
import { problemText } from '../text/problems';

export interface Toast {
  id: number;
  text: string;
  kind: 'done' | 'wrong';
  action?: { label: string; run: () => void };
}

export const toasts = signal<readonly Toast[]>([]);

const DONE_MS = 10_000;
let lastId = 0;

export function show(toast: Omit<Toast, 'id'>, milliseconds = DONE_MS): number {
  const id = ++lastId;
  toasts.value = [...toasts.value, { ...toast, id }].slice(-3);
  if (milliseconds > 0) dismissLater(id, milliseconds);
  return id;
}

export function dismissLater(id: number, milliseconds = DONE_MS): void {
  setTimeout(() => dismiss(id), milliseconds);
}

export function reword(id: number, text: string): void {
  toasts.value = toasts.value.map((toast) => (toast.id === id ? { ...toast, text } : toast));
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** The newest offer to take something back is taken. */
export function takeBackLast(): void {
  const last = [...toasts.peek()].reverse().find((toast) => toast.kind === 'done' && toast.action);
  if (!last) return;
  dismiss(last.id);
  last.action?.run();
}

/** An error, in words. It stays until it is dismissed; with `retry` there is a button for that. */
export function complain(error: unknown, retry?: { label: string; run: () => void }): void {
  const problem = toProblem(error);
  if (problem.type === 'cancelled' || problem.type === 'login') return;
  const text = problemText(problem);
  if (toasts.value.some((toast) => toast.text === text && toast.kind === 'wrong')) return;
  show({ text, kind: 'wrong', ...(retry && problem.mayRetry ? { action: retry } : {}) }, 0);
}
