// SPDX-License-Identifier: Apache-2.0
// The cursor, and the rows that an act is for.
import type { Id } from '../jmap/types';
import { loadIds } from './list';
import { cursor, listing, opened, selected } from './state';

/** Where a selection with the shift key begins: the row that was chosen last without it. */
let anchor: Id | null = null;

/** The rows that an act is for: the selected ones, else the opened, else the one under the cursor. */
export function targets(): Id[] {
  if (selected.peek().size > 0) return [...selected.peek()];
  const one = opened.peek() ?? cursor.peek();
  return one ? [one] : [];
}

export function moveCursor(step: 1 | -1): Id | null {
  const ids = listing.peek().ids;
  const at = cursor.peek() ? ids.indexOf(cursor.peek() as Id) : -1;
  const next = ids[Math.min(Math.max(at + step, 0), ids.length - 1)] ?? null;
  cursor.value = next;
  return next;
}

export function toggleSelected(row: Id): void {
  const next = new Set(selected.peek());
  if (!next.delete(row)) next.add(row);
  selected.value = next;
  cursor.value = row;
  anchor = row;
}

/** The cursor's next row joins the selection. */
export async function extendSelection(step: 1 | -1): Promise<void> {
  const from = cursor.peek();
  if (from && selected.peek().size === 0) anchor = from;
  const next = moveCursor(step);
  if (next) await selectTo(next);
}

/** From where the selection began to the row, as with the shift key; rows between that are not loaded are asked for. */
export async function selectTo(row: Id): Promise<void> {
  const ids = listing.peek().ids;
  if (!anchor || !ids.includes(anchor)) anchor = cursor.peek() && ids.includes(cursor.peek()!) ? cursor.peek() : (ids[0] ?? row);
  const [from, to] = [ids.indexOf(anchor as Id), ids.indexOf(row)];
  cursor.value = row;
  await selectSpan(Math.min(from, to), Math.max(from, to));
}

/** Every row of the view, loaded or not. */
export function selectAll(): Promise<void> {
  return selectSpan(0, listing.peek().ids.length - 1);
}

async function selectSpan(first: number, last: number): Promise<void> {
  const known = () => listing.peek().ids.slice(first, last + 1);
  const add = () => (selected.value = new Set([...selected.peek(), ...known().filter((id): id is Id => id !== undefined)]));
  add();
  if (known().includes(undefined) && (await loadIds(first, last))) add();
}
