/**
 * Builds the demo client's login request, byte for byte. Pure: from the program, the site and the user follows all of it
 * but the password, and so its length for a password of any length. `peers/client/log-in.ts` sends it.
 */
import { encodeLoginForm, formContentType } from '../site/form.ts';
import type { LoginForm } from '../site/form.ts';
import { writeRequest } from './http-exchange.ts';
import type { OutgoingRequest } from './http-exchange.ts';

/** The header fields of every request. @param host as in `Host`: `shop.localhost:8443`. */
export function commonHeaders(host: string): readonly (readonly [string, string])[] {
  return [
    ['Host', host],
    ['User-Agent', 'wirelab-demo'],
    ['Accept', 'text/html'],
    ['Connection', 'keep-alive'],
  ];
}

export function loginRequest(host: string, form: LoginForm): OutgoingRequest {
  return {
    method: 'POST',
    target: '/login',
    headers: [...commonHeaders(host), ['Content-Type', formContentType]],
    body: encodeLoginForm(form),
  };
}

/** The length of the whole request, in bytes, for a password of so many encoded bytes. */
export function loginLengths(
  host: string,
  known: Omit<LoginForm, 'password'>,
): (passwordLength: number) => number {
  return (length) => writeRequest(loginRequest(host, { ...known, password: 'x'.repeat(length) })).length;
}

/** The encoded length of a password in the form: anything but letters, digits and `*-._` takes three bytes per byte. */
export function sentLength(password: string): number {
  return new URLSearchParams([['', password]]).toString().length - 1;
}
