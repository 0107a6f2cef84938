/**
 * Assigns datagrams to flows: the two addresses and ports, whichever sends. It decides who the client is; dissectors
 * interpret the bytes.
 *
 * 1. The client is who sends first, unless it sends from a system port (below 1024) to another one.
 * 2. UDP has no end: a flow is never closed, but of very many the one silent for longest is forgotten, and its next
 *    datagram begins a new flow.
 */
import type { Address, Side } from '../event.ts';

export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** A view into the packet. */
  readonly payload: Uint8Array;
  /** Bytes of the payload's end that the capture does not have. */
  readonly missing: number;
}

/** RFC 768, with the length in its header; padding behind it is no payload. Undefined when the header is cut or impossible. */
export function readUdp(bytes: Uint8Array, missing = 0): UdpDatagram | undefined {
  if (bytes.length < 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // Zero: longer than 65,535 bytes (RFC 2675 section 4), or not yet filled in by the network card.
  const length = view.getUint16(4) || bytes.length + missing;
  if (length < 8) return undefined;
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    payload: bytes.subarray(8, length),
    missing: Math.min(missing, Math.max(0, length - bytes.length)),
  };
}

export interface UdpFlow {
  /** From 0, in the order in which they began. */
  readonly number: number;
  readonly client: Address;
  readonly server: Address;
  readonly isNew: boolean;
  /** Who sent the datagram at hand. */
  readonly from: Side;
}

interface Known {
  readonly number: number;
  readonly client: Address;
  readonly server: Address;
}

/** Flows that are remembered; each takes about 300 bytes. */
const mostFlows = 65_536;
const firstUserPort = 1024;

export class UdpFlows {
  readonly #flows = new Map<string, Known>();
  readonly #most: number;
  #count = 0;

  constructor(most = mostFlows) {
    this.#most = most;
  }

  /** Flows that have begun. */
  get count(): number {
    return this.#count;
  }

  of(source: Address, destination: Address): UdpFlow {
    const names = [`${source.host} ${source.port}`, `${destination.host} ${destination.port}`].toSorted();
    const key = names.join(' ');
    let known = this.#flows.get(key);
    const isNew = known === undefined;
    // If there are many, the one that sent last is last.
    if (known && this.#flows.size > this.#most / 2) this.#flows.delete(key);
    if (!known) {
      const isAnswer = source.port < firstUserPort && destination.port >= firstUserPort;
      const [client, server] = isAnswer ? [destination, source] : [source, destination];
      known = { number: this.#count++, client, server };
    }
    this.#flows.set(key, known);
    if (this.#flows.size > this.#most) {
      const [oldest] = this.#flows.keys();
      if (oldest !== undefined) this.#flows.delete(oldest);
    }
    const { client } = known;
    const isClient = client.port === source.port && client.host === source.host;
    return { ...known, isNew, from: isClient ? 'client' : 'server' };
  }
}
