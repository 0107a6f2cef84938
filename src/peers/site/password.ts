/**
 * How the site keeps passwords: scrypt (RFC 7914) with a salt of its own for each user, compared in constant time.
 * It decides nothing about users; the counterpart is the login server.
 *
 * The cost is a demonstration's value, which guards nothing: N=16, r=8, p=1, so that a run starts at once. A real site takes
 * N=2^17 (OWASP, Password Storage Cheat Sheet).
 */
import { scryptSync, timingSafeEqual } from 'node:crypto';
import type { RandomBytes } from '../../core/clock.ts';

const cost = { N: 16, r: 8, p: 1 } as const;
const hashLength = 32;

export interface PasswordHash {
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** The hash of a password under a fresh salt. At this cost it is done sooner than a thread for it would have started. */
export function hashPassword(password: string, random: RandomBytes): PasswordHash {
  const salt = random(16);
  return { salt, hash: derive(password, salt) };
}

/** Whether it is that password. Takes the same time either way. */
export function verifyPassword(password: string, expected: PasswordHash): boolean {
  return timingSafeEqual(derive(password, expected.salt), expected.hash);
}

function derive(password: string, salt: Uint8Array): Uint8Array {
  return scryptSync(password.normalize('NFC'), salt, hashLength, cost);
}
