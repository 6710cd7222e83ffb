// SPDX-License-Identifier: Apache-2.0
// Files on their way into a message.
import { upload, type RunningUpload } from '../jmap/upload';
import type { Attachment } from '../mail/draft';
import { change, drafts, newDraftId } from './drafts';
import { client } from './server';
import { ownAccount } from './state';
import { complain } from './toasts';

interface Running {
  file: Blob;
  upload: RunningUpload;
}

const running = new Map<string, Running>();

export function addFiles(draftId: string, files: readonly File[]): void {
  for (const file of files) add(draftId, file, file.name, null);
}

/** An image in the text: uploaded as others are, and named by a Content-ID. Returns that. */
export function addInlineImage(draftId: string, file: File): string {
  const cid = `${newDraftId()}@posthorn`;
  add(draftId, file, file.name || 'image', cid);
  return cid;
}

function add(draftId: string, file: Blob, name: string, cid: string | null): void {
  const key = newDraftId();
  const made: Attachment = {
    key, name, cid, type: file.type || 'application/octet-stream', size: file.size, blobId: null, progress: 0, failed: false,
  };
  change(draftId, { attachments: [...listOf(draftId), made] });
  start(draftId, key, file);
}

function start(draftId: string, key: string, file: Blob): void {
  const one = upload(client, ownAccount.peek(), file, (progress) => patch(draftId, key, { progress }));
  running.set(key, { file, upload: one });
  one.done.then(
    ({ blobId }) => {
      running.delete(key);
      patch(draftId, key, { blobId, progress: 1, failed: false });
    },
    (error: unknown) => {
      patch(draftId, key, { failed: true, progress: 0 });
      complain(error);
    },
  );
}

export function retryUpload(draftId: string, key: string): void {
  const one = running.get(key);
  if (!one) return;
  patch(draftId, key, { failed: false });
  start(draftId, key, one.file);
}

export function mayRetryUpload(key: string): boolean {
  return running.has(key);
}

export function removeAttachment(draftId: string, key: string): void {
  running.get(key)?.upload.cancel();
  running.delete(key);
  change(draftId, { attachments: listOf(draftId).filter((one) => one.key !== key) });
}

function listOf(draftId: string): Attachment[] {
  return drafts.peek().find((one) => one.id === draftId)?.attachments ?? [];
}

function patch(draftId: string, key: string, values: Partial<Attachment>): void {
  const list = listOf(draftId);
  if (list.some((one) => one.key === key)) change(draftId, { attachments: list.map((one) => (one.key === key ? { ...one, ...values } : one)) });
}
