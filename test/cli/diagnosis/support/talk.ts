/** A connection of a capture, packet by packet: who says what, and when. */
import { ipv4, tcp } from '../../../capture/support/packets.ts';
import type { PcapPacket } from '../../../capture/support/packets.ts';

export interface Said {
  readonly from: 'client' | 'server';
  readonly payload?: Uint8Array | string;
  readonly flags?: string;
  /** After the packet before it, in milliseconds; one where nothing is said. */
  readonly after?: number;
  readonly window?: number;
}

export interface Ends {
  readonly client?: string;
  readonly server?: string;
  readonly clientPort?: number;
  readonly port?: number;
  /** Milliseconds since the capture began. */
  readonly at?: number;
}

const start = 1_700_000_000_000;

/** With its opening, in order and complete; every packet acknowledges all that came before. */
export function talk(said: readonly Said[], ends: Ends = {}): PcapPacket[] {
  const { client = '10.0.0.1', server = '10.0.0.2', clientPort = 50_001, port = 443, at = 0 } = ends;
  const next = { client: 100, server: 500 };
  let now = start + at;
  const opening: readonly Said[] = [
    { from: 'client', flags: 'S' },
    { from: 'server', flags: 'S' },
    { from: 'client' },
  ];
  return [...opening, ...said].map(({ from, payload = '', flags = '', after = 1, window }, index) => {
    const other = from === 'client' ? 'server' : 'client';
    now += index === 0 ? 0 : after;
    const bytes = ipv4(
      tcp({
        sourcePort: from === 'client' ? clientPort : port,
        destinationPort: from === 'client' ? port : clientPort,
        sequence: next[from],
        ...(index === 0 ? {} : { acknowledged: next[other] }),
        flags,
        payload,
        ...(window === undefined ? {} : { window }),
      }),
      from === 'client' ? { source: client, destination: server } : { source: server, destination: client },
    );
    next[from] += payload.length + (/[SF]/.test(flags) ? 1 : 0);
    return { bytes, microseconds: now * 1000 };
  });
}

/** Both sides end it, the client first. */
export const bye: readonly Said[] = [
  { from: 'client', flags: 'F' },
  { from: 'server', flags: 'F' },
  { from: 'client' },
];

/** An ICMP message (RFC 792) about a packet, of which it quotes the header and eight bytes. */
export function icmp(
  about: Uint8Array,
  {
    type = 3,
    code,
    mtu = 0,
    reporter,
  }: { readonly type?: number; readonly code: number; readonly mtu?: number; readonly reporter: string },
): Uint8Array {
  const head = Buffer.alloc(8);
  head[0] = type;
  head[1] = code;
  head.writeUInt16BE(mtu, 6);
  return ipv4(Buffer.concat([head, about.subarray(0, 28)]), {
    source: reporter,
    destination: '10.0.0.1',
    protocol: 1,
  });
}
