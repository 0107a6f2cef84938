/** What a scripted server speaks, for the drawing and for the commands by hand. */
import type { Z } from '../../engine/extensions.ts';

export function protocolSchema(zod: Z) {
  return zod
    .string()
    .regex(/^[a-z][a-z0-9-]{0,11}$/)
    .describe('For a scripted server: the name of its protocol in the drawing, as smtp or redis.');
}

/** Protocols in which `openssl s_client -starttls` requests TLS (OpenSSL 3.0). */
export const opensslStarttls: ReadonlySet<string> = new Set([
  'smtp',
  'pop3',
  'imap',
  'ftp',
  'xmpp',
  'irc',
  'postgres',
  'mysql',
  'lmtp',
  'nntp',
  'sieve',
  'ldap',
]);
