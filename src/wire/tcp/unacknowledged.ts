/** What the kernel of this machine knows of a connection of its own: whether the other end acknowledges what was sent (Linux). */
import { readFileSync } from 'node:fs';
import type { Address } from '../../capture/event.ts';

export interface Unacknowledged {
  /** Sent, and not acknowledged; zero where all of it arrived at the kernel of the other end. */
  readonly bytes: number;
  /** How often the first of them has been sent again since (RFC 6298). */
  readonly retransmissions: number;
}

const files = ['/proc/net/tcp', '/proc/net/tcp6'] as const;

/** By both ports, which no two connections between the same machines share. Undefined where the kernel has no such list. */
export function unacknowledged(local: Address, remote: Address): Unacknowledged | undefined {
  for (const file of files) {
    let list: string;
    try {
      list = readFileSync(file, 'latin1');
    } catch {
      continue;
    }
    const state = unacknowledgedIn(list, local.port, remote.port);
    if (state) return state;
  }
  return undefined;
}

const portOf = (address: string | undefined): number => Number.parseInt(address?.split(':')[1] ?? '', 16);

/** States in which data is under way (`include/net/tcp_states.h`): established, and ended by this side. */
const open: ReadonlySet<string> = new Set(['01', '04', '08']);
/** The timer that sends again what was not acknowledged; another one asks a receiver whose window is full. */
const retransmitting = '01';

/** @param list as proc_net_tcp(5) has it */
export function unacknowledgedIn(
  list: string,
  localPort: number,
  remotePort: number,
): Unacknowledged | undefined {
  for (const line of list.split('\n').slice(1)) {
    const [, local, remote, state = '', queues = '', timer = '', retransmissions = ''] = line
      .trim()
      .split(/\s+/);
    if (portOf(local) !== localPort || portOf(remote) !== remotePort || !open.has(state)) continue;
    const bytes = Number.parseInt(queues, 16);
    const isSentAgain = timer.startsWith(retransmitting);
    return { bytes, retransmissions: isSentAgain ? Number.parseInt(retransmissions, 16) : 0 };
  }
  return undefined;
}
