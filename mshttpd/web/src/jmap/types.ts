// SPDX-License-Identifier: Apache-2.0
// The JMAP objects as the client uses them (RFC 8620, 8621, 9425, 9670). Only what is read or written here is named.

export type Id = string;
export type UTCDate = string;

export const CAPABILITY = {
  core: 'urn:ietf:params:jmap:core',
  mail: 'urn:ietf:params:jmap:mail',
  submission: 'urn:ietf:params:jmap:submission',
  quota: 'urn:ietf:params:jmap:quota',
  principals: 'urn:ietf:params:jmap:principals',
} as const;

export interface CoreLimits {
  maxSizeUpload: number;
  maxCallsInRequest: number;
  maxObjectsInGet: number;
  maxObjectsInSet: number;
}

export interface Account {
  name: string;
  isPersonal: boolean;
  isReadOnly: boolean;
  accountCapabilities: Record<string, Record<string, unknown>>;
}

export interface Session {
  username: string;
  apiUrl: string;
  downloadUrl: string;
  uploadUrl: string;
  eventSourceUrl: string;
  state: string;
  capabilities: Record<string, Record<string, unknown>>;
  accounts: Record<Id, Account>;
  primaryAccounts: Record<string, Id>;
}

export const MAILBOX_RIGHTS = [
  'mayReadItems', 'mayAddItems', 'mayRemoveItems', 'maySetSeen', 'maySetKeywords', 'mayCreateChild', 'mayRename',
  'mayDelete', 'maySubmit',
] as const;
export type MailboxRight = (typeof MAILBOX_RIGHTS)[number];
export type MailboxRights = Record<MailboxRight, boolean> & { mayShare?: boolean };

export interface Mailbox {
  id: Id;
  name: string;
  parentId: Id | null;
  role: string | null;
  sortOrder: number;
  totalEmails: number;
  unreadEmails: number;
  totalThreads: number;
  unreadThreads: number;
  myRights: MailboxRights;
  isSubscribed: boolean;
  shareWith?: Record<Id, Partial<MailboxRights>> | null;
}

export interface Thread {
  id: Id;
  emailIds: Id[];
}

export interface EmailAddress {
  name: string | null;
  email: string;
}

export interface BodyPart {
  partId: string | null;
  blobId: Id | null;
  size: number;
  name: string | null;
  type: string;
  disposition: string | null;
  cid: string | null;
}

export interface BodyValue {
  value: string;
  isTruncated?: boolean;
  isEncodingProblem?: boolean;
}

/** What a row of the list needs. */
export interface EmailSummary {
  id: Id;
  blobId: Id;
  threadId: Id;
  mailboxIds: Record<Id, true>;
  keywords: Record<string, true>;
  size: number;
  receivedAt: UTCDate;
  from: EmailAddress[] | null;
  to: EmailAddress[] | null;
  subject: string | null;
  preview: string;
  hasAttachment: boolean;
}

/** What reading and answering need besides. */
export interface EmailContent {
  id: Id;
  messageId: string[] | null;
  inReplyTo: string[] | null;
  references: string[] | null;
  sentAt: string | null;
  from: EmailAddress[] | null;
  to: EmailAddress[] | null;
  cc: EmailAddress[] | null;
  bcc: EmailAddress[] | null;
  replyTo: EmailAddress[] | null;
  subject: string | null;
  textBody: BodyPart[];
  htmlBody: BodyPart[];
  attachments: BodyPart[];
  bodyValues: Record<string, BodyValue>;
}

export interface Identity {
  id: Id;
  name: string;
  email: string;
  replyTo: EmailAddress[] | null;
  textSignature: string;
  htmlSignature: string;
  mayDelete: boolean;
}

export interface Quota {
  id: Id;
  resourceType: 'count' | 'octets';
  used: number;
  hardLimit: number;
  warnLimit?: number | null;
  name: string;
  types: string[];
}

export interface Principal {
  id: Id;
  type: string;
  name: string;
  email: string | null;
}

export interface SearchSnippet {
  emailId: Id;
  subject: string | null;
  preview: string | null;
}

export interface GetResponse<T> {
  accountId: Id;
  state: string;
  list: T[];
  notFound: Id[];
}

export interface ChangesResponse {
  accountId: Id;
  oldState: string;
  newState: string;
  hasMoreChanges: boolean;
  created: Id[];
  updated: Id[];
  destroyed: Id[];
  updatedProperties?: string[] | null;
}

export interface QueryResponse {
  accountId: Id;
  queryState: string;
  canCalculateChanges: boolean;
  position: number;
  ids: Id[];
  total?: number;
}

export interface SetError {
  type: string;
  description?: string | null;
  properties?: string[];
  invalidRecipients?: string[];
}

export interface SetResponse {
  accountId: Id;
  oldState: string | null;
  newState: string;
  created: Record<Id, Record<string, unknown> & { id: Id }> | null;
  updated: Record<Id, unknown> | null;
  destroyed: Id[] | null;
  notCreated: Record<Id, SetError> | null;
  notUpdated: Record<Id, SetError> | null;
  notDestroyed: Record<Id, SetError> | null;
}

/** Result of each method that the client calls. */
export interface Methods {
  'Core/echo': Record<string, unknown>;
  'Mailbox/get': GetResponse<Mailbox>;
  'Mailbox/changes': ChangesResponse;
  'Mailbox/set': SetResponse;
  'Thread/get': GetResponse<Thread>;
  'Email/get': GetResponse<EmailSummary & EmailContent>;
  'Email/changes': ChangesResponse;
  'Email/query': QueryResponse;
  'Email/set': SetResponse;
  'Email/copy': SetResponse;
  'SearchSnippet/get': { list: SearchSnippet[]; notFound: Id[] | null };
  'Identity/get': GetResponse<Identity>;
  'EmailSubmission/set': SetResponse;
  'Quota/get': GetResponse<Quota>;
  'Principal/get': GetResponse<Principal>;
  'Principal/query': QueryResponse;
}
export type MethodName = keyof Methods;

export interface StateChange {
  '@type': 'StateChange';
  changed: Record<Id, Record<string, string>>;
}

export interface Upload {
  accountId: Id;
  blobId: Id;
  type: string;
  size: number;
}
