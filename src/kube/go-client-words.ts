/**
 * Words why a connection failed as Go's net/http client does, in which the API server reports its own calls: to kubelets and
 * to admission webhooks. `pki/x509/go-verification.ts` words what is wrong with a certificate.
 */
import type { Dictionary } from '../core/dictionary.ts';
import { goRefusal } from '../pki/x509/go-verification.ts';
import type { GoQuestion } from '../pki/x509/go-verification.ts';
import { remoteErrorText } from '../protocols/tls/go-alerts.ts';
import type { Address } from '../capture/event.ts';
import type { Failure } from '../wire/endpoint.ts';

/** Host and port as part of a URL. */
export const authorityOf = ({ host, port }: Address): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

const errors: Dictionary<string> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
};

/** @param from this end's address, if it was connected. */
export function connectionWords(
  { reason, by, code, alert }: Pick<Failure, 'reason' | 'by' | 'code' | 'alert'>,
  to: Address,
  from?: Address,
): string {
  const tcp = `dial tcp ${authorityOf(to)}: `;
  if (alert && by === 'server') return remoteErrorText(alert);
  if (reason === 'target_timeout') return `${tcp}i/o timeout`;
  if (reason === 'handshake_timeout') return 'net/http: TLS handshake timeout';
  if (reason === 'tls_on_plaintext_port') return 'http: server gave HTTP response to HTTPS client';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `dial tcp: lookup ${to.host}: no such host`;
  if (Object.hasOwn(errors, code)) return `${tcp}${errors[code] ?? ''}`;
  if (code !== 'ECONNRESET') return 'EOF';
  return from
    ? `read tcp ${authorityOf(from)}->${authorityOf(to)}: read: connection reset by peer`
    : 'read: connection reset by peer';
}

/**
 * Why a connection over TLS could not be made: what Go finds wrong with the server's chain, if this end refused it, else how
 * the connection ended.
 * @param presented what the server has shown, and what it is verified with
 */
export function dialWords(failure: Failure, to: Address, presented: GoQuestion): string {
  const refusal = failure.by === 'client' && presented.chain.length > 0 ? goRefusal(presented) : undefined;
  return refusal === undefined
    ? connectionWords(failure, to)
    : `tls: failed to verify certificate: ${refusal}`;
}
