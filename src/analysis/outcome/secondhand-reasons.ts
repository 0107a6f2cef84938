/**
 * Which reasons an endpoint gives for what the other side did: that side's own word, where there is one, counts for more.
 */
import type { RefusalReason } from '../../capture/vocabulary.ts';

const secondhandReasons: ReadonlySet<RefusalReason> = new Set(['closed_during_handshake', 'peer_alert']);

export function isHearsay(reason: RefusalReason): boolean {
  return secondhandReasons.has(reason);
}
