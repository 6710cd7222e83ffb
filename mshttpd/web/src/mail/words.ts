// SPDX-License-Identifier: Apache-2.0
// Dates, sizes and names as people read them, in their language.
import { locale, t } from '../text/catalogue';
import type { EmailAddress } from '../jmap/types';
import { displayName, shortName } from './address';

const DAY = 86_400_000;

/** Short, for the list: the time today, the day this year, the date else. */
export function shortDate(iso: string, now = new Date()): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  const region = locale.value;
  if (date.toDateString() === now.toDateString()) return date.toLocaleTimeString(region, { hour: '2-digit', minute: '2-digit' });
  if (now.getTime() - date.getTime() < 6 * DAY && date < now) return date.toLocaleDateString(region, { weekday: 'short' });
  if (date.getFullYear() === now.getFullYear()) return date.toLocaleDateString(region, { day: 'numeric', month: 'short' });
  return date.toLocaleDateString(region, { day: 'numeric', month: 'numeric', year: 'numeric' });
}

export function longDate(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? '' : date.toLocaleString(locale.value, { dateStyle: 'full', timeStyle: 'short' });
}

export function size(octets: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (octets >= 1000 && unit < units.length - 1) {
    octets /= 1000;
    unit++;
  }
  return `${octets.toLocaleString(locale.value, { maximumFractionDigits: unit === 0 || octets >= 10 ? 0 : 1 })} ${units[unit]}`;
}

/** Who speaks in a conversation, each once, one's own self as "me". */
export function participants(senders: readonly EmailAddress[], own: ReadonlySet<string>): string {
  const seen = new Map<string, EmailAddress>();
  for (const sender of senders) seen.set(sender.email.toLowerCase(), sender);
  const people = [...seen.values()];
  if (people.length === 1 && people[0] && !own.has(people[0].email.toLowerCase())) return displayName(people[0]);
  return people.map((one) => (own.has(one.email.toLowerCase()) ? t('list.me') : shortName(one))).join(', ');
}
