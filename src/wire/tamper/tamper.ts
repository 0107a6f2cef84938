/**
 * Lists the ways to tamper with a connection's bytes, one row each: at the client itself, or in the middle. Only
 * demonstrations use them; no honest path does. `tampered.ts` moves the bytes; a row is a function of the bytes and the
 * key log.
 */
import { cutSuites, cutVersions, fallbackSignal, HelloEditor } from './hello-editor.ts';
import type { Tamper } from './tampering.ts';
import { WrongSignature } from './wrong-signature.ts';

export const tampers = {
  'wrong-signature': (): Tamper => new WrongSignature(),
  'cut-versions': (): Tamper => new HelloEditor(cutVersions),
  'cut-suites': (): Tamper => new HelloEditor(cutSuites),
  'fallback-signal': (): Tamper => new HelloEditor(fallbackSignal),
} as const satisfies Readonly<Record<string, () => Tamper>>;

export type TamperName = keyof typeof tampers;
