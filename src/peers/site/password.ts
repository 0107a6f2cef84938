/**
 * Stores passwords: scrypt (RFC 7914) with a salt per user, compared in constant time. It knows nothing of users; the
 * counterpart is the login server.
 *
 * The cost is a demonstration's value, too low for protection: N=16, r=8, p=1, so that a run starts at once. A real site uses
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

/** The hash of a password under a fresh salt. At this cost it is faster than starting a thread for it. */
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
