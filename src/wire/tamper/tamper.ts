/**
 * Lists the ways to tamper with a client's bytes, one row each: at the client itself, or in the middle. Only
 * demonstrations use them; no honest path does. `tampered.ts` moves the bytes; a row is a function of the bytes and the
 * key log.
 */
import { cutSuites, cutVersions, fallbackSignal, HelloEditor } from './hello-editor.ts';
import { WrongSignature } from './wrong-signature.ts';

/** The tamperer of one connection. It sees the server's bytes and returns what is sent instead of the client's bytes. */
export interface Tamper {
  /** A line of the client's NSS key log. */
  keylog(line: string): void;
  /** Bytes from the server, which are forwarded unchanged. */
  receive(bytes: Uint8Array): void;
  /** Returns what is sent for these bytes; an incomplete record is buffered. */
  send(bytes: Uint8Array): Uint8Array;
}

export const tampers = {
  'wrong-signature': (): Tamper => new WrongSignature(),
  'cut-versions': (): Tamper => new HelloEditor(cutVersions),
  'cut-suites': (): Tamper => new HelloEditor(cutSuites),
  'fallback-signal': (): Tamper => new HelloEditor(fallbackSignal),
} as const satisfies Readonly<Record<string, () => Tamper>>;

export type TamperName = keyof typeof tampers;
