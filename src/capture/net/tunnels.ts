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
const overPorts: Readonly<Record<number, Tunnel>> = { 4789: vxlan, 6081: geneve, 8472: vxlan };

function overUdp(payload: Uint8Array, view: DataView): Uint8Array | undefined {
  const tunnel = payload.length < 8 ? undefined : overPorts[view.getUint16(2)];
  const inner = payload.subarray(8);
  return tunnel?.(inner, new DataView(inner.buffer, inner.byteOffset, inner.length));
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
