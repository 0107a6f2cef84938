/**
 * Reads the lines of a key log that name no client random, or a premaster secret: from them the master secret of a
 * handshake follows once its messages are known (`rsa-key.ts`). `keylog.ts` reads all others.
 *
 * - `RSA Session-ID:… Master-Key:…`: by the session that the server names
 * - `RSA … …`: the premaster secret, by the first eight bytes of its encrypted form
 * - `PMS_CLIENT_RANDOM … …`: the premaster secret, by the client random
 */
import type { KeyObject } from 'node:crypto';
import { fromHex } from '../../../core/hex.ts';
import type { TicketKeys } from './session-ticket.ts';

/** Whatever gives the master secret of a handshake up to TLS 1.2. Names are lower-case hex. */
export interface KeySources {
  readonly rsaKeys: readonly KeyObject[];
  /** Premaster secrets, by client random. */
  readonly premasters: ReadonlyMap<string, Uint8Array>;
  /** Premaster secrets, by the first eight bytes of their encrypted form. */
  readonly encrypted: ReadonlyMap<string, Uint8Array>;
  /** Master secrets, by session ID. */
  readonly sessions: ReadonlyMap<string, Uint8Array>;
  /** The session ticket keys of servers. */
  readonly ticketKeys: TicketKeys;
}

const forms = {
  sessions: /^RSA Session-ID:([0-9a-fA-F]+) Master-Key:([0-9a-fA-F]{96})\s*$/,
  encrypted: /^RSA ([0-9a-fA-F]{16}) ([0-9a-fA-F]{96})\s*$/,
  premasters: /^PMS_CLIENT_RANDOM ([0-9a-fA-F]{64}) ((?:[0-9a-fA-F]{2})+)\s*$/,
} as const;

/** Whether a line is of one of these forms. */
export function isKeySource(line: string): boolean {
  return Object.values(forms).some((form) => form.test(line));
}

/** Undefined where nothing was given. */
export function keySources(
  lines: Iterable<string>,
  rsaKeys: readonly KeyObject[] = [],
  ticketKeys: TicketKeys = [],
): KeySources | undefined {
  const found = {
    sessions: new Map<string, Uint8Array>(),
    encrypted: new Map<string, Uint8Array>(),
    premasters: new Map<string, Uint8Array>(),
  };
  for (const line of lines) {
    // Nearly all lines of a long key log are of the other forms.
    if (!line.startsWith('RSA ') && !line.startsWith('PMS_')) continue;
    for (const name of Object.keys(forms) as (keyof typeof forms)[]) {
      const [, id, secret] = forms[name].exec(line) ?? [];
      if (id !== undefined && secret !== undefined) found[name].set(id.toLowerCase(), fromHex(secret));
    }
  }
  const given = rsaKeys.length + ticketKeys.length;
  const hasAny = given + found.sessions.size + found.encrypted.size + found.premasters.size > 0;
  return hasAny ? { rsaKeys, ticketKeys, ...found } : undefined;
}
