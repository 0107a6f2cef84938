/**
 * What spoils a client's bytes on their way out, as rows: at the client itself, or in the middle. Only a demonstration asks
 * for one: nothing on an honest path comes here. `tampered.ts` carries the bytes; what a row does to them is a function of the bytes and the key log.
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
