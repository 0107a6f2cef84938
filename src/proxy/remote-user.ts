/**
 * Sets the headers with which a front proxy identifies a client to a Kubernetes API server: the name and groups of its
 * certificate, in X-Remote-User and X-Remote-Group. Pure; used by `http-pump.ts`. `kube/authn/authentication.ts`
 * evaluates them.
 *
 * 1. If a certificate contains no name, or several, no headers are set and the client is refused.
 * 2. A value that a header cannot carry unchanged (control characters, leading or trailing blanks, which HTTP removes)
 *    is refused too: it would arrive as another name.
 */
import { readCertificate } from '../protocols/x509/certificate.ts';
import type { Header } from './header.ts';

/**
 * `set`: replaces the client's own headers. `added`: follows them, as a misconfigured proxy does; for demonstrations
 * only.
 */
export type RemoteUser = 'set' | 'added';

/** @param leaf DER of a verified certificate. Undefined for one without a name that these headers can carry. */
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

/** Whether a header is one of a front proxy's. Every character that is not a letter or digit counts as a hyphen. */
export function isRemoteClaim(name: string): boolean {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '-')
    .startsWith('x-remote-');
}

function isCarried(value: string): boolean {
  return value !== '' && value === value.trim() && !/\p{Cc}/u.test(value);
}

/** UTF-8 bytes, one character each, as node:http writes headers. */
function onTheWire(value: string): string {
  return Buffer.from(value).toString('latin1');
}
