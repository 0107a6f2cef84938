/**
 * The login as the demo client writes it, byte for byte. Pure: whoever knows the program, the site and the user knows all
 * of it but the password, and so how long it is for a password of any length. `peers/client/log-in.ts` sends it.
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

/** How long the whole request is, in bytes, for a password that takes so many bytes as it is sent. */
export function loginLengths(
  host: string,
  known: Omit<LoginForm, 'password'>,
): (passwordLength: number) => number {
  return (length) => writeRequest(loginRequest(host, { ...known, password: 'x'.repeat(length) })).length;
}

/** How many bytes a password takes in the form: what is no letter, digit or one of `*-._` takes three a byte. */
export function sentLength(password: string): number {
  return new URLSearchParams([['', password]]).toString().length - 1;
}
