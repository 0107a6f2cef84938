/**
 * Lists the reasons that an endpoint gives for the other side's behaviour: the other side's own report, if there is
 * one, takes precedence.
 */
import type { RefusalReason } from '../../capture/vocabulary.ts';

const secondhandReasons: ReadonlySet<RefusalReason> = new Set(['closed_during_handshake', 'peer_alert']);

export function isHearsay(reason: RefusalReason): boolean {
  return secondhandReasons.has(reason);
}
