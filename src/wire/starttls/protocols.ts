/**
 * The protocols that turn to TLS on request, one row each: how a server answers the request and how a client makes it.
 * `wire/starttls/before.ts` and `wire/dial.ts` carry it out.
 */
import type { StarttlsProtocol } from './dialogue.ts';
import type { StarttlsName } from './names.ts';

/** Loads a row. */
export async function starttlsProtocol(name: StarttlsName): Promise<StarttlsProtocol> {
  switch (name) {
    case 'postgres':
    case 'ldap':
      return (await import('./directory.ts'))[name];
    default:
      return (await import('./mail.ts'))[name];
  }
}
