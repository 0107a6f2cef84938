/**
 * What a front proxy says of a client to an API server of Kubernetes: the name and the groups of its certificate, in
 * X-Remote-User and X-Remote-Group. Pure; used by `http-pump.ts`. Who believes it is `kube/authn/authentication.ts`.
 *
 * 1. Where a certificate names nobody, or several, nothing is said of it and the client is refused.
 * 2. What a header cannot carry unchanged (control characters, blanks at an end, which HTTP takes away) is refused too: it
 *    would arrive as somebody else's name.
 */
import { readCertificate } from '../protocols/x509/certificate.ts';
import type { Header } from './header.ts';

/**
 * `set`: in place of whatever the client wrote. `added`: behind what the client wrote, as a proxy does that was set up
 * wrongly; for demonstrations only.
 */
export type RemoteUser = 'set' | 'added';

/** @param leaf DER of a certificate that was verified. Undefined for one that names nobody whom these headers could name. */
export function remoteUserHeaders(leaf: Uint8Array | undefined): Header[] | undefined {
  const step = leaf && readCertificate(leaf);
  if (!step || !('got' in step)) return undefined;
  const attributes = step.got.subject.attributes.filter(({ type }) => type === 'CN' || type === 'O');
  const names = attributes.filter(({ type }) => type === 'CN');
  if (names.length !== 1 || attributes.some(({ value, encoded }) => encoded || !isCarried(value)))
    return undefined;
  return [...names, ...attributes.filter(({ type }) => type === 'O')].map(({ type, value }) => [
    type === 'CN' ? 'X-Remote-User' : 'X-Remote-Group',
    onTheWire(value),
  ]);
}

/** Whether a header is one of those with which a front proxy speaks. Whatever is no letter or digit counts as a hyphen. */
export function isRemoteClaim(name: string): boolean {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '-')
    .startsWith('x-remote-');
}

function isCarried(value: string): boolean {
  return value !== '' && value === value.trim() && !/\p{Cc}/u.test(value);
}

/** Bytes of UTF-8, a character each, as node:http writes headers. */
function onTheWire(value: string): string {
  return Buffer.from(value).toString('latin1');
}
