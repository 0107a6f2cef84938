/** Recognizes most connections that ended well without reading them again. */
import type { Connection } from '../../capture/connection.ts';
import { beginningOf } from './wire-facts.ts';
import { refusedBinding, tlsComplaint } from './plain-words.ts';

/**
 * Whether `outcomeOf` would find no cause, as far as the reports of an endpoint that ended TLS show it: the handshake
 * was completed, both sides were read above it, nobody refused anything there, over HTTP or in a login, and the connection was
 * ended. If false, nothing is known: `outcomeOf` decides.
 */
export function endedWell(connection: Connection): boolean {
  const { opened, closed, secured, refused, twin, segments } = connection;
  if (closed?.how !== 'end' || opened === undefined || opened.late || segments) return false;
  if (!secured.client && !secured.server) return false;
  if (refused.length > 0 || (twin?.refused.length ?? 0) > 0) return false;
  if (connection.lengthOf('plaintext', 'client') === 0) return false;
  const said = beginningOf(connection.stream('plaintext', 'server'));
  if (said === undefined || said.length === 0 || tlsComplaint(said) !== undefined) return false;
  const asked = beginningOf(connection.stream('plaintext', 'client'));
  return asked !== undefined && refusedBinding(asked, said, { isTls: true, isOver: true }) === undefined;
}
