// SPDX-License-Identifier: Apache-2.0
import type { Client } from './client';
import { Problem } from './problem';
import type { Id, Upload } from './types';

export interface RunningUpload {
  done: Promise<Upload>;
  cancel(): void;
}

/** Uploads a file. fetch() cannot tell how far it is; XMLHttpRequest can. `progress` gets 0 to 1. */
export function upload(client: Client, accountId: Id, file: Blob, progress: (share: number) => void): RunningUpload {
  let request: XMLHttpRequest | null = null;
  let cancelled = false;

  const attempt = () => new Promise<Upload>((resolve, reject) => {
    if (cancelled) return reject(new Problem('cancelled'));
    request = new XMLHttpRequest();
    request.open('POST', client.uploadUrl(accountId));
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
    request.setRequestHeader('X-CSRF-Token', client.http.csrf);
    request.responseType = 'json';
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = () => reject(new Problem('offline'));
    request.onabort = () => reject(new Problem('cancelled'));
    request.onload = () => finish(request as XMLHttpRequest, resolve, reject);
    request.send(file);
    return undefined;
  });

  const run = async () => {
    if (file.size > client.limits.maxSizeUpload) throw new Problem('tooLarge');
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Problem) || error.type !== 'login') throw error;
      await client.http.onExpired();
      return attempt();
    }
  };

  return {
    done: run(),
    cancel: () => {
      cancelled = true;
      request?.abort();
    },
  };
}

function finish(request: XMLHttpRequest, resolve: (value: Upload) => void, reject: (error: Problem) => void): void {
  if (request.status === 200 || request.status === 201) resolve(request.response as Upload);
  else if (request.status === 401) reject(new Problem('login'));
  else if (request.status === 413) reject(new Problem('tooLarge'));
  else if (request.status >= 500 || request.status === 429) reject(new Problem('busy'));
  else reject(new Problem('serverFail', `status ${request.status}`));
}
