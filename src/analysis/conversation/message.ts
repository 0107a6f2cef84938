/** Defines a message of a conversation, as a list shows it and a detail view opens it. */
import type { EvidenceRef, Side, Vantage } from '../../capture/event.ts';
import type { Alert } from '../../capture/vocabulary.ts';
import type { Field } from '../../core/field.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Coverage } from '../../protocols/coverage.ts';
import type { ProtocolName } from '../../protocols/index.ts';
import type { LoginResult } from '../../protocols/shared/login-result.ts';
import type { HttpBodyPart, HttpHead, ReadLine } from '../../protocols/protocol.ts';
import type { FoundCredential } from '../secrets/credential-shapes.ts';

export interface Message {
  readonly run: number;
  readonly conn: number;
  readonly hop: string;
  readonly vantage: Vantage;
  /** Null for what both sides did together. */
  readonly from: Side | null;
  /** Where it is in its direction of its vantage, in bytes. */
  readonly offset: number;
  readonly length: number;
  /** The event that completed it, and its time. */
  readonly seq: number;
  readonly at: number;
  /** The packet of a capture file that completed it. */
  readonly frame?: number;
  /** `tcp` of its opening and closing, `data` where none is known. */
  readonly protocol: ProtocolName;
  /** `ClientHello`, `POST /login`. */
  readonly title: Localized;
  /** What is worth knowing at a glance: `TLS 1.3, 3 suites, shop.localhost`; may be empty. */
  readonly facts: Localized;
  /** Unreadable as it stands here. */
  readonly sealed: boolean;
  /** Was sealed on the wire, and the keys opened it. */
  readonly opened: boolean;
  readonly reconstructed: boolean;
  /** A placeholder for this many messages that are no longer in memory; 0 if only bytes are missing. */
  readonly notKept?: number;
  /** Its head alone: the message follows when it is complete. */
  readonly begins?: true;
  /** For an alert that could be read. */
  readonly alert?: Alert;
  /** The outer type of a TLS record that stays sealed (20 to 24), or of what was in it. */
  readonly contentType?: number;
  /** Created on demand; undefined for messages without fields. */
  readonly field: () => Field | undefined;
  /** How much of it the fields explain, in bytes without any record's header; undefined for what is no handshake message. */
  readonly coverage: () => Coverage | undefined;
  /** From `offset` on, with decrypted ones instead of their ciphertext; undefined if they were dropped. */
  readonly bytes: () => Uint8Array | undefined;
  /** Secrets by their shape (fields named password, authorization, cookies), from either side; searched on demand. */
  readonly credentials: () => readonly FoundCredential[];
  /** What it says, decoded, where its bytes as text would not say it. */
  readonly reading?: () => readonly ReadLine[];
  /** Housekeeping of its protocol, or more of what an earlier message began. */
  readonly isMinor?: true;
  /** What it answers to a login. */
  readonly login?: LoginResult;
  /** The name of whom or what it asks for, where it is no request of HTTP and no ClientHello. */
  readonly asksFor?: string;
  /** What it says as HTTP, where its protocol carries HTTP in frames. */
  readonly http?: HttpHead;
  /** What it carries of a body of HTTP. */
  readonly httpBody?: HttpBodyPart;
}

/** The message as evidence. */
export function evidenceOfMessage({
  run,
  conn,
  hop,
  vantage,
  from,
  offset,
  length,
  seq,
}: Message): EvidenceRef {
  return from === null ? { event: seq } : { run, conn, hop, vantage, from, offset, length };
}
