// SPDX-License-Identifier: Apache-2.0
import type { Problem } from '../jmap/problem';
import { t, type Key } from './catalogue';

const KNOWN: Record<string, Key> = {
  offline: 'problem.offline',
  busy: 'problem.busy',
  serverUnavailable: 'problem.busy',
  serverPartialFail: 'problem.busy',
  rateLimit: 'problem.rateLimit',
  login: 'problem.login',
  forbidden: 'problem.forbidden',
  forbiddenFrom: 'problem.forbiddenFrom',
  forbiddenMailFrom: 'problem.forbiddenFrom',
  forbiddenToSend: 'problem.forbiddenToSend',
  accountReadOnly: 'problem.forbidden',
  notFound: 'problem.notFound',
  overQuota: 'problem.overQuota',
  tooLarge: 'problem.tooLarge',
  tooManyRecipients: 'problem.tooManyRecipients',
  noRecipients: 'problem.noRecipients',
  uploadsRunning: 'problem.uploadsRunning',
  mailboxHasChild: 'problem.mailboxHasChild',
  mailboxHasEmail: 'problem.mailboxHasEmail',
  nameTaken: 'problem.nameTaken',
  unknownMethod: 'problem.notOffered',
  unknownCapability: 'problem.notOffered',
  unsupportedFilter: 'problem.unsupportedFilter',
};

/** What a person reads of a problem: what it means and what to do. */
export function problemText(problem: Problem): string {
  if (problem.type === 'invalidRecipients') {
    return t('problem.invalidRecipients', { addresses: (problem.details?.invalidRecipients ?? []).join(', ') });
  }
  const key = KNOWN[problem.type];
  if (key) return t(key);
  return t('problem.other', { what: problem.description || problem.type });
}
