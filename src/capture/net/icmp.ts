/**
 * Reads what a router or a host reports of a packet that it did not pass on: ICMP (RFC 792, RFC 1191 section 4) and ICMPv6
 * (RFC 4443 section 3), which quote the packet's beginning. Of a packet of TCP or UDP only, and never of a later fragment.
 */
import type { Address } from '../event.ts';
import { readIp } from './ip.ts';
import type { IpPacket } from './ip.ts';

export const icmpKinds = [
  'network',
  'host',
  'protocol',
  'port',
  'prohibited',
  'too_big',
  'time_exceeded',
] as const;
export type IcmpKind = (typeof icmpKinds)[number];

export interface IcmpReport {
  readonly kind: IcmpKind;
  /** Who sent the report. */
  readonly reporter: string;
  /** The largest packet that passes, where it is named; for `too_big`. */
  readonly mtu?: number;
  /** Of the packet that is reported. */
  readonly transport: 'tcp' | 'udp';
  readonly source: Address;
  readonly destination: Address;
}

const icmp = 1;
const icmpv6 = 58;

/** Destination Unreachable by its code; a code that is not here says nothing of its own (RFC 1812 section 5.2.7.1). */
const unreachableV4: Readonly<Record<number, IcmpKind>> = {
  0: 'network',
  1: 'host',
  2: 'protocol',
  3: 'port',
  4: 'too_big',
  6: 'network',
  7: 'host',
  9: 'prohibited',
  10: 'prohibited',
  11: 'network',
  12: 'host',
  13: 'prohibited',
};

const unreachableV6: Readonly<Record<number, IcmpKind>> = {
  0: 'network',
  1: 'prohibited',
  3: 'host',
  4: 'port',
  5: 'prohibited',
  6: 'prohibited',
};

function kindOf(version: 4 | 6, type: number, code: number): IcmpKind | undefined {
  if (version === 4) return type === 3 ? unreachableV4[code] : type === 11 ? 'time_exceeded' : undefined;
  if (type === 2) return 'too_big';
  return type === 1 ? unreachableV6[code] : type === 3 ? 'time_exceeded' : undefined;
}

const transports: Readonly<Record<number, IcmpReport['transport']>> = { 6: 'tcp', 17: 'udp' };

/** The packet that it quotes begins behind its own header. */
const head = 8;

/** Undefined for every other packet, and for a report that quotes too little. */
export function readIcmp({ version, protocol, payload, source }: IpPacket): IcmpReport | undefined {
  if (protocol !== (version === 4 ? icmp : icmpv6) || payload.length < head) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const kind = kindOf(version, view.getUint8(0), view.getUint8(1));
  const quoted = kind && readIp(payload.subarray(head));
  const transport = quoted && transports[quoted.protocol];
  if (!transport || quoted.payload.length < 4 || (quoted.fragment?.offset ?? 0) > 0) return undefined;
  const ports = new DataView(quoted.payload.buffer, quoted.payload.byteOffset, quoted.payload.length);
  const mtu = kind === 'too_big' ? (version === 4 ? view.getUint16(6) : view.getUint32(4)) : 0;
  return {
    kind,
    reporter: source,
    ...(mtu > 0 ? { mtu } : {}),
    transport,
    source: { host: quoted.source, port: ports.getUint16(0) },
    destination: { host: quoted.destination, port: ports.getUint16(2) },
  };
}
