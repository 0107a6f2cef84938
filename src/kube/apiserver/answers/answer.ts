/**
 * Defines a request to the API server and its answers, without sockets.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { Clock } from '../../../core/clock.ts';
import type { User } from '../attributes.ts';
import type { ApiHooks, ConnectionFacts, Rejection } from '../hooks.ts';
import type { OpenLog } from '../../components/kubelet-client.ts';
import type { Registry } from '../registry/registry.ts';
import type { WatchRequest } from '../watch.ts';

export interface ApiRequest {
  readonly method: string;
  /** Path and query, as received. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly facts: ConnectionFacts;
  /** Called at most once. @throws ApiFailure 413 */
  readonly body: () => Promise<Uint8Array>;
  /** Aborted when the client disconnects. */
  readonly signal?: () => AbortSignal;
}

export type ApiAnswer = {
  /** The authentication result, for the server's own log. */
  readonly caller: Caller;
} & (
  | {
      readonly kind: 'json';
      readonly code: number;
      readonly document: object;
      /** The content type, unless it is plain JSON. */
      readonly contentType?: string;
      readonly warnings?: readonly string[];
      /** Written in lines whoever asks. */
      readonly isIndented?: true;
    }
  | { readonly kind: 'text'; readonly code: number; readonly text: string }
  | { readonly kind: 'watch'; readonly code: 200; readonly watch: WatchRequest }
  /** Data from another server, forwarded as it arrives. */
  | { readonly kind: 'stream'; readonly code: 200; readonly contentType: string; readonly body: Readable }
);

export interface Caller {
  readonly user?: User;
  /** The real user who acts as that user. */
  readonly impersonator?: User;
  /** Why authentication failed. */
  readonly rejected?: Rejection;
  /** The internal error, if there was one. */
  readonly fault?: unknown;
}

export interface ApiOptions {
  readonly registry: Registry;
  readonly hooks: ApiHooks;
  readonly clock: Pick<Clock, 'now'>;
  /** The connection to kubelets; without it, none is made. */
  readonly openLog?: OpenLog;
}

export type Answered = ApiAnswer extends infer Answer
  ? Answer extends ApiAnswer
    ? Omit<Answer, 'caller'>
    : never
  : never;

export type Answer = (request: ApiRequest) => Promise<ApiAnswer>;

export function jsonAnswer(document: object, code = 200): Extract<Answered, { kind: 'json' }> {
  return { kind: 'json', code, document };
}
