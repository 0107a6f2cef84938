/**
 * Follows how connections of TCP end, by their packets (RFC 9293 section 3.6): each side has sent its end (FIN) and the other has
 * acknowledged it, or one has reset the connection. Connections that follow each other on the same ports are told apart by
 * their SYN.
 */
import { defined } from '../../core/defined.ts';
import type { IpPacket, TcpSegment } from '../net/ip.ts';
import type { Address, Side } from '../event.ts';
import { formatAddress } from '../event.ts';

interface Ends {
  /** By the sender's address: the number behind its FIN, the packet that brought it, and whether it was acknowledged. */
  readonly fins: Map<string, { readonly behind: number; readonly frame: number; isAcknowledged: boolean }>;
  readonly sequence: number;
  isReset: boolean;
}

const keyOf = (one: string, other: string): string => [one, other].toSorted().join(' ');

/** Whether `number` is `least` or behind it, modulo 2^32. */
const isFrom = (number: number, least: number): boolean => ((number - least) | 0) >= 0;

export class TcpEndings {
  /** By the two addresses, in the order in which they opened. */
  readonly #connections = new Map<string, Ends[]>();

  /** @param frame the number of the packet, from 1 */
  add(
    { source, destination }: Pick<IpPacket, 'source' | 'destination'>,
    { sourcePort, destinationPort, sequence, acknowledged, syn, fin, rst, payload }: TcpSegment,
    frame: number,
  ): void {
    const from = formatAddress({ host: source, port: sourcePort });
    const to = formatAddress({ host: destination, port: destinationPort });
    const key = keyOf(from, to);
    let all = this.#connections.get(key);
    if (!all) this.#connections.set(key, (all = []));
    const isOpening = syn && acknowledged === undefined;
    let ends = all.at(-1);
    // A SYN that is sent again has the same number.
    if (!ends || (isOpening && ends.sequence !== sequence)) {
      ends = { fins: new Map(), sequence: isOpening ? sequence : -1, isReset: false };
      all.push(ends);
    }
    if (rst) ends.isReset = true;
    if (fin) {
      const behind = (sequence + payload.length + 1) >>> 0;
      if (!ends.fins.has(from)) ends.fins.set(from, { behind, frame, isAcknowledged: false });
    }
    const other = ends.fins.get(to);
    if (other && acknowledged !== undefined && isFrom(acknowledged, other.behind))
      other.isAcknowledged = true;
  }

  /** Whether nothing more is to come of the connection that was the `index`th between these two. */
  isOver(client: Address, server: Address, index: number): boolean {
    const ends = this.#of(client, server, index);
    if (!ends) return false;
    const fins = [...ends.fins.values()];
    return ends.isReset || (fins.length === 2 && fins.every(({ isAcknowledged }) => isAcknowledged));
  }

  wasReset(client: Address, server: Address, index: number): boolean {
    return this.#of(client, server, index)?.isReset ?? false;
  }

  /** The packet with which each side ended its direction. */
  endOf(client: Address, server: Address, index: number): Readonly<Partial<Record<Side, number>>> {
    const ends = this.#of(client, server, index);
    return defined({
      client: ends?.fins.get(formatAddress(client))?.frame,
      server: ends?.fins.get(formatAddress(server))?.frame,
    });
  }

  #of(client: Address, server: Address, index: number): Ends | undefined {
    return this.#connections.get(keyOf(formatAddress(client), formatAddress(server)))?.[index];
  }
}
