/**
 * The eavesdropper of the toy protocol: what can be read with only the captured bytes and some guesses. Pure: keys come
 * only from the wire, and every reported attempt was made.
 *
 * 1. A key that crossed the wire opens every message encrypted with it.
 * 2. With a public key there are two attempts: to apply it again, and to encrypt guesses with it and compare. With random
 *    padding (OAEP, RFC 8017 section 7.1) even the right guess does not match.
 * 3. Hostile bytes cost no more than `mostLines` lines and `mostGuesses` guesses.
 */
import type { Side } from '../../capture/event.ts';
import type { TheftAttempt } from '../../peers/reports/attack.ts';
import { lock, readPadlock, turnPadlockAgain, unseal } from './locks.ts';
import { LineSplitter, readLine } from './protocol.ts';
import type { ToyLine } from './protocol.ts';

/** One kind of attempt: how often it was made, and the resulting texts. */
export interface Try {
  readonly attempt: TheftAttempt;
  readonly tried: number;
  readonly texts: readonly string[];
}

const mostLines = 64;
const mostGuesses = 64;

/**
 * @param wire both directions of one captured connection
 * @param guesses candidate plaintexts
 */
export function overhear(wire: Readonly<Record<Side, Uint8Array>>, guesses: readonly string[] = []): Try[] {
  const lines = [...linesOf(wire.client), ...linesOf(wire.server)];
  return [...withKeys(lines), ...withPadlocks(lines, guesses.slice(0, mostGuesses))];
}

function linesOf(bytes: Uint8Array): ToyLine[] {
  return new LineSplitter()
    .push(bytes)
    .slice(0, mostLines)
    .flatMap((text) => readLine(text) ?? []);
}

const ofType = <T extends ToyLine['type']>(
  lines: readonly ToyLine[],
  type: T,
): Extract<ToyLine, { type: T }>[] =>
  lines.filter((line): line is Extract<ToyLine, { type: T }> => line.type === type);

function withKeys(lines: readonly ToyLine[]): Try[] {
  // The protocol has one; sending a hundred gains nothing.
  const [first] = ofType(lines, 'key');
  const sealed = ofType(lines, 'sealed');
  if (!first) return [];
  return [
    {
      attempt: 'key_on_wire',
      tried: sealed.length,
      texts: sealed.flatMap((text) => unseal(text, first.key) ?? []),
    },
  ];
}

function withPadlocks(lines: readonly ToyLine[], guesses: readonly string[]): Try[] {
  const [first] = ofType(lines, 'padlock');
  const key = first && readPadlock(first.publicKey);
  const locked = ofType(lines, 'locked').slice(0, 4);
  if (!key || locked.length === 0) return [];
  const turned = locked.flatMap((line) => turnPadlockAgain(line.locked, key) ?? []).filter(isMessage);
  const matches = locked.flatMap(({ padding, locked: bytes }) =>
    guesses.filter((guess) => Buffer.from(lock(guess, key, padding) ?? []).equals(bytes)),
  );
  return [
    { attempt: 'public_key_again', tried: locked.length, texts: turned },
    { attempt: 'guesses_locked', tried: locked.length * guesses.length, texts: matches },
  ];
}

/** A text as this protocol's clients write it, not noise that happens to be text. */
function isMessage(text: string): boolean {
  return /^[a-z]+=[\u0020-\u007e]+$/.test(text);
}
