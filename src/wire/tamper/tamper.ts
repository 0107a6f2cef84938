/**
 * What spoils a client's bytes on their way out, as rows: at the client itself, or in the middle. Only a demonstration asks
 * for one: nothing on an honest path comes here. `tampered.ts` carries the bytes; what a row does to them is a function of the bytes and the key log.
 */
import { cutSuites, cutVersions, fallbackSignal, HelloEditor } from './hello-editor.ts';
import { WrongSignature } from './wrong-signature.ts';

/** One connection's tamperer. It is shown what the server sends, and answers what goes out in place of what the client sends. */
export interface Tamper {
  /** One NSS key log line of the client's. */
  keylog(line: string): void;
  /** Bytes from the server, which are handed on as they are. */
  receive(bytes: Uint8Array): void;
  /** What goes out for these bytes; a record that is not whole yet is kept until it is. */
  send(bytes: Uint8Array): Uint8Array;
}

export const tampers = {
  'wrong-signature': (): Tamper => new WrongSignature(),
  'cut-versions': (): Tamper => new HelloEditor(cutVersions),
  'cut-suites': (): Tamper => new HelloEditor(cutSuites),
  'fallback-signal': (): Tamper => new HelloEditor(fallbackSignal),
} as const satisfies Readonly<Record<string, () => Tamper>>;

export type TamperName = keyof typeof tampers;
