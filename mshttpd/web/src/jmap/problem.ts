// SPDX-License-Identifier: Apache-2.0
import type { SetError } from './types';

/** Everything that can go wrong between the client and the server, as one kind of error. `type` is
 *  - 'offline': the server was not reached; trying again makes sense,
 *  - 'busy': it answered that it cannot now (429, 5xx),
 *  - 'login': the name or the password is wrong,
 *  - 'cancelled': the person stopped it,
 *  - else the type of a JMAP error, without its urn prefix: 'overQuota', 'cannotCalculateChanges', ... */
export class Problem extends Error {
  constructor(
    readonly type: string,
    readonly description: string = '',
    readonly details: SetError | null = null,
  ) {
    super(description ? `${type}: ${description}` : type);
    this.name = 'Problem';
  }

  get mayRetry(): boolean {
    return ['offline', 'busy', 'serverUnavailable', 'serverPartialFail', 'rateLimit'].includes(this.type);
  }
}

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem('unexpected', error instanceof Error ? error.message : String(error));
}

export function fromSetError(error: SetError): Problem {
  return new Problem(error.type, error.description ?? '', error);
}
