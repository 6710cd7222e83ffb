// SPDX-License-Identifier: Apache-2.0
import { Problem } from './problem';
import { CAPABILITY, type MethodName, type Methods } from './types';

export type Args = Record<string, unknown>;
export type Invocation = [string, Args, string];

export interface ResultReference {
  resultOf: string;
  name: string;
  path: string;
}

/** One method call of a batch. After Client.send() it has its result. */
export class Call<N extends MethodName = MethodName> {
  private answers: Invocation[] = [];

  constructor(
    readonly name: N,
    readonly args: Args,
    readonly id: string,
  ) {}

  /** For an argument "#name" of a later call of the same batch (RFC 8620 3.7). */
  ref(path: string): ResultReference {
    return { resultOf: this.id, name: this.name, path };
  }

  answer(invocation: Invocation): void {
    this.answers.push(invocation);
  }

  /** The result; throws the Problem that the server answered instead of it. */
  get result(): Methods[N] {
    const error = this.answers.find(([name]) => name === 'error');
    if (error) throw new Problem(String(error[1]['type']), String(error[1]['description'] ?? ''));
    const own = this.answers.find(([name]) => name === this.name);
    if (!own) throw new Problem('serverFail', `no answer to ${this.name}`);
    return own[1] as unknown as Methods[N];
  }

  /** What the server did besides, under another name (RFC 8620 5.4: the Email/set after an Email/copy). */
  implied<M extends MethodName>(name: M): Methods[M] | undefined {
    return this.answers.find(([one]) => one === name)?.[1] as Methods[M] | undefined;
  }

  get failed(): boolean {
    try {
      return !this.result;
    } catch {
      return true;
    }
  }
}

const NEEDS: Record<string, string> = {
  Core: CAPABILITY.core,
  EmailSubmission: CAPABILITY.submission,
  Identity: CAPABILITY.submission,
  Quota: CAPABILITY.quota,
  Principal: CAPABILITY.principals,
};

let lastId = 0;

/** Calls that are sent together and worked off in order. Ids are unique, so that batches can share a request. */
export class Batch {
  readonly calls: Call[] = [];

  call<N extends MethodName>(name: N, args: Args): Call<N> {
    const call = new Call(name, args, `c${++lastId}`);
    this.calls.push(call as unknown as Call);
    return call;
  }

  get capabilities(): string[] {
    return capabilitiesOf(this.calls);
  }
}

export function capabilitiesOf(calls: readonly Call[]): string[] {
  const used = new Set<string>([CAPABILITY.core]);
  for (const call of calls) {
    used.add(NEEDS[call.name.split('/')[0] ?? ''] ?? CAPABILITY.mail);
    // shareWith is a property of the sharing extension.
    if (JSON.stringify(call.args).includes('"shareWith')) used.add(CAPABILITY.principals);
  }
  return [...used];
}
