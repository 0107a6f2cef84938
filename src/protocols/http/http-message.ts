/** Defines a message of an HTTP conversation. */
import type { Side } from '../../capture/event.ts';
import type { Malformed } from '../../core/field.ts';
import type { HttpEvent } from './event-stream.ts';
import type { Framing, HttpRequest, HttpResponse } from './message.ts';

export type HttpContent =
  | HttpRequest
  | HttpResponse
  | HttpEvent
  | { readonly type: 'malformed'; readonly malformed: Malformed }
  /** Bytes of another protocol, or that follow something malformed. */
  | { readonly type: 'opaque' };

/** A message whose head has arrived, and of its body not yet all. */
export interface HttpBeginning {
  readonly from: Side;
  /** Where the message begins, in its direction of the stream. */
  readonly offset: number;
  /** As the message will have it. */
  readonly title: string;
  /** Of the piece that completed the head. */
  readonly tag: number;
}

export interface HttpMessage {
  readonly from: Side;
  /** In its direction of the stream. */
  readonly offset: number;
  readonly length: number;
  readonly firstTag: number;
  readonly lastTag: number;
  /** `POST /login`, `302 Found`. */
  readonly title: string;
  readonly content: HttpContent;
  /** As it travelled, from the start; shorter than `length` when its end was not kept. */
  readonly bytes: Uint8Array;
  readonly framing: Framing;
  /** False when the stream ended, or lost bytes, before the message did. */
  readonly complete: boolean;
}
