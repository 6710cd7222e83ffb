// SPDX-License-Identifier: Apache-2.0
// What the browser keeps for the person: the one place that touches localStorage. Everything is JSON under our prefix.

const PREFIX = 'posthorn.';

export interface Keeper {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  key(index: number): string | null;
  readonly length: number;
}

/** Where the browser forbids storage (or there is none) things live as long as the page. */
class Forgetful implements Keeper {
  private readonly items = new Map<string, string>();
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
  removeItem = (key: string) => void this.items.delete(key);
  key = (index: number) => [...this.items.keys()][index] ?? null;
  get length() {
    return this.items.size;
  }
}

function browserKeeper(): Keeper {
  try {
    if (typeof localStorage !== 'undefined') return localStorage;
  } catch {
    // Forbidden by the browser's settings.
  }
  return new Forgetful();
}

const keeper = browserKeeper();

export function read<T>(key: string): T | null {
  try {
    const text = keeper.getItem(PREFIX + key);
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

/** False when the browser has no room for it. */
export function write(key: string, value: unknown): boolean {
  try {
    keeper.setItem(PREFIX + key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function forget(key: string): void {
  keeper.removeItem(PREFIX + key);
}

export function keysBelow(prefix: string): string[] {
  const found: string[] = [];
  for (let i = 0; i < keeper.length; i++) {
    const key = keeper.key(i);
    if (key?.startsWith(PREFIX + prefix)) found.push(key.slice(PREFIX.length));
  }
  return found;
}
