/**
 * Builds the HTTP answers of an embedded etcd, and reads what its requests say.
 */
import type { IncomingMessage } from 'node:http';
import { EtcdFailure } from '../failure.ts';
import { clusterVersion, embeddedVersion, errorDocument, httpStatuses } from './answer-documents.ts';
import type { AnswerDocument } from './answer-documents.ts';
import { KeySpace } from './mvcc.ts';

/** What a request is answered with. */
export interface Answer {
  readonly code: number;
  readonly contentType: string;
  readonly body: string;
  /** What a failure said. */
  readonly message?: string;
}

/** What is answered to a GET. */
export const plainAnswers: ReadonlyMap<string, (keys: KeySpace) => Answer> = new Map([
  [
    '/health',
    ({ alarm }: KeySpace) =>
      alarm
        ? textAnswer(503, '{"health":"false","reason":"ALARM NOSPACE"}\n')
        : textAnswer(200, '{"health":"true","reason":""}'),
  ],
  [
    '/version',
    () => ({
      code: 200,
      contentType: 'application/json',
      body: JSON.stringify({ etcdserver: embeddedVersion, etcdcluster: clusterVersion }),
    }),
  ],
]);

export function textAnswer(code: number, body: string): Answer {
  return { code, contentType: 'text/plain; charset=utf-8', body };
}

export function documentAnswer(document: AnswerDocument): Answer {
  return { code: 200, contentType: 'application/json', body: JSON.stringify(document) };
}

export function errorAnswer(failure: EtcdFailure): Answer {
  return {
    code: httpStatuses[failure.code],
    contentType: 'application/json',
    body: JSON.stringify(errorDocument(failure)),
    message: failure.message,
  };
}

export function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw notText();
  }
}

export function notText(): EtcdFailure {
  return new EtcdFailure(3, 'proto: syntax error: invalid UTF-8 in string');
}

/** From a subject in the manner of RFC 4514. */
export function commonNameOf(subject: string): string | undefined {
  return /(?:^|[,+])CN=((?:\\.|[^,+\\])*)/.exec(subject)?.[1]?.replaceAll(/\\(.)/g, '$1');
}
