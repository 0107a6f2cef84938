/**
 * How the site keeps passwords: scrypt (RFC 7914) with a salt of its own for each user, compared in constant time.
 * It decides nothing about users; the counterpart is the login server.
 *
 * The cost is a demonstration's value: N=256, r=8, p=1 takes about half a millisecond, so that a run starts at once. A
 * real site takes N=2^17 (OWASP, Password Storage Cheat Sheet).
 */
import { scrypt, timingSafeEqual } from 'node:crypto';
import type { RandomBytes } from '../core/clock.ts';

const cost = { N: 256, r: 8, p: 1 } as const;
const hashLength = 32;

export interface PasswordHash {
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** The hash of a password under a fresh salt; computed off the main thread. */
export async function hashPassword(password: string, random: RandomBytes): Promise<PasswordHash> {
  const salt = random(16);
  return { salt, hash: await derive(password, salt) };
}

/** Whether it is that password. Takes the same time either way. */
export async function verifyPassword(password: string, expected: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, expected.salt), expected.hash);
}

async function derive(password: string, salt: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, hashLength, cost, (error, hash) => (error ? reject(error) : resolve(hash)));
  });
}
