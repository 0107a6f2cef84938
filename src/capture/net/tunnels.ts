/**
 * Recognizes packets that carry packets, one row per protocol number: IP in IP, 6in4, GRE and its contents, and overlay
 * networks over UDP. It locates the inner IP packet; `ip.ts` parses it.
 */
import { ipPacketBehind, ipPacketOf } from './link-layers.ts';
import type { LinkPayload } from './link-layers.ts';

type Tunnel = (payload: Uint8Array, view: DataView) => Uint8Array | undefined;

/** RFC 2003, RFC 4213 section 3, RFC 2784. */
const tunnels: Readonly<Record<number, Tunnel>> = {
  4: (payload) => payload,
  17: overUdp,
  41: (payload) => payload,
  47: genericRouting,
};

/** The bytes from the inner IP header on; undefined where that protocol carries none. */
export function carriedBy(protocol: number, payload: Uint8Array): Uint8Array | undefined {
  return tunnels[protocol]?.(payload, new DataView(payload.buffer, payload.byteOffset, payload.length));
}

const ipOf = (found: LinkPayload): Uint8Array | undefined => ('ip' in found ? found.ip : undefined);
const ethernet = 1;

/** What GRE may carry beside what has an EtherType: PPP, and mirrored frames of Cisco's switches (ERSPAN). */
const pptp = 0x880b;
const mirrored = 0x88be;
const mirroredThird = 0x22eb;

/** RFC 2784 section 2, RFC 2890; with version 1 what PPTP makes of it (RFC 2637 section 4.1). */
function genericRouting(payload: Uint8Array, view: DataView): Uint8Array | undefined {
  if (payload.length < 4) return undefined;
  const flags = view.getUint16(0);
  const protocol = view.getUint16(2);
  const has = (flag: number): 0 | 4 => ((flags & flag) === 0 ? 0 : 4);
  const isPptp = (flags & 7) === 1;
  // Source routes are long gone (RFC 2784 section 2.2).
  if ((flags & 0x4000) !== 0 || (flags & 7) > 1) return undefined;
  const rest = payload.subarray(4 + has(0x8000) + has(0x2000) + has(0x1000) + (isPptp ? has(0x0080) : 0));
  if (isPptp) return protocol === pptp ? ipOf(ipPacketOf(9, rest)) : undefined;
  // Of the first kind without a header, which has no number either.
  if (protocol === mirrored) return ipOf(ipPacketOf(ethernet, rest.subarray(has(0x1000) === 0 ? 0 : 8)));
  if (protocol === mirroredThird)
    return ipOf(ipPacketOf(ethernet, rest.subarray(((rest[11] ?? 0) & 1) === 0 ? 12 : 20)));
  return ipOf(ipPacketBehind(protocol, rest));
}

/** By the port that they are sent to. 8472 is what Linux took for VXLAN before it had a number. */
const overPorts: Readonly<Record<number, Tunnel>> = {
  2152: gtp,
  // Teredo: IPv6 as it is (RFC 4380 section 5.1.1), or behind an authentication or an origin.
  3544: teredo,
  4754: genericRouting,
  4789: vxlan,
  4790: vxlanGeneric,
  6081: geneve,
  6635: (bytes) => ipOf(ipPacketBehind(0x8847, bytes)),
  8472: vxlan,
};

function overUdp(payload: Uint8Array, view: DataView): Uint8Array | undefined {
  const tunnel = payload.length < 8 ? undefined : overPorts[view.getUint16(2)];
  const inner = payload.subarray(8);
  return tunnel?.(inner, new DataView(inner.buffer, inner.byteOffset, inner.length));
}

/** Of mobile networks (3GPP TS 29.281 section 5): what a telephone sends and receives. */
function gtp(bytes: Uint8Array, view: DataView): Uint8Array | undefined {
  if (bytes.length < 8) return undefined;
  const flags = view.getUint8(0);
  const isUserPacket = view.getUint8(1) === 255;
  // Version 1, GTP rather than GTP'.
  if ((flags & 0xf0) !== 0x30 || !isUserPacket) return undefined;
  const end = Math.min(bytes.length, 8 + view.getUint16(2));
  let at = 8;
  if ((flags & 7) !== 0) {
    let next = (flags & 4) === 0 ? 0 : (bytes[11] ?? 0);
    at = 12;
    // Extension headers: length in words of four bytes, content, the type of the next one.
    while (next !== 0) {
      const length = (bytes[at] ?? 0) * 4;
      if (length === 0 || at + length > end) return undefined;
      next = bytes[at + length - 1] ?? 0;
      at += length;
    }
  }
  return ipOf(ipPacketOf(rawIpType, bytes.subarray(at, end)));
}

const rawIpType = 101;

/** RFC 4380 section 5.1.1. */
function teredo(bytes: Uint8Array): Uint8Array | undefined {
  let at = 0;
  if (bytes[0] === 0 && bytes[1] === 1) at += 13 + (bytes[2] ?? 0) + (bytes[3] ?? 0);
  if (bytes[at] === 0 && bytes[at + 1] === 0) at += 8;
  return (bytes[at] ?? 0) >> 4 === 6 && at + 40 <= bytes.length ? bytes.subarray(at) : undefined;
}

/** VXLAN-GPE: the next protocol has a number of its own. */
function vxlanGeneric(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < 8 || ((bytes[0] ?? 0) & 0x0c) !== 0x0c) return undefined;
  const rest = bytes.subarray(8);
  const next = bytes[3];
  if (next === 1 || next === 2) return ipOf(ipPacketOf(rawIpType, rest));
  return next === 3 ? ipOf(ipPacketOf(ethernet, rest)) : undefined;
}

/** RFC 7348 section 5. */
function vxlan(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.length < 8 || ((bytes[0] ?? 0) & 0x08) === 0
    ? undefined
    : ipOf(ipPacketOf(ethernet, bytes.subarray(8)));
}

/** RFC 8926 section 3.4. */
function geneve(bytes: Uint8Array, view: DataView): Uint8Array | undefined {
  if (bytes.length < 8 || (bytes[0] ?? 0) >> 6 !== 0) return undefined;
  return ipOf(ipPacketBehind(view.getUint16(2), bytes.subarray(8 + ((bytes[0] ?? 0) & 0x3f) * 4)));
}
