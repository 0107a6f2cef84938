/**
 * From a captured frame to the IP packet in it, by the LINKTYPE of its interface. It decides what stands before IP; the
 * packet itself is for `ip.ts`. Padding behind the packet stays: only IP knows where it ends.
 */

/** The bytes from the IP header on, or why there are none. */
export type LinkPayload =
  | { readonly ip: Uint8Array }
  /** `not_ip`: it carries something else (ARP, LLDP …). `cut`: it ends inside its headers. `link_type`: not read here. */
  | { readonly without: 'not_ip' | 'cut' | 'link_type' };

const etherTypeIpv4 = 0x0800;
const etherTypeIpv6 = 0x86dd;
const etherTypePppoe = 0x8864;
/** IEEE 802.1Q, 802.1ad and what stood for the outer tag before it. */
const vlanTags: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100, 0x9200, 0x9300]);

type LinkLayer = (bytes: Uint8Array, view: DataView) => LinkPayload;

const notIp: LinkPayload = { without: 'not_ip' };
const cut: LinkPayload = { without: 'cut' };

/** By LINKTYPE number (tcpdump.org/linktypes.html). */
const layers: Readonly<Record<number, LinkLayer>> = {
  0: loopback,
  1: (bytes, view) => (bytes.length < 14 ? cut : ofEtherType(bytes, view, view.getUint16(12), 14)),
  9: ppp,
  // Raw IP has three numbers, for what DLT_RAW was on this or that system.
  12: rawIp,
  14: rawIp,
  50: ppp,
  101: rawIp,
  108: loopback,
  113: (bytes, view) => (bytes.length < 16 ? cut : ofEtherType(bytes, view, view.getUint16(14), 16)),
  228: rawIp,
  229: rawIp,
  276: (bytes, view) => (bytes.length < 20 ? cut : ofEtherType(bytes, view, view.getUint16(0), 20)),
};

/** Takes the link layer off; never throws, whatever the bytes. */
export function ipPacketOf(linkType: number, bytes: Uint8Array): LinkPayload {
  const layer = layers[linkType];
  return layer ? layer(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length)) : { without: 'link_type' };
}

/** The version in the first four bits tells IPv4 from IPv6. */
function rawIp(bytes: Uint8Array): LinkPayload {
  const first = bytes[0];
  if (first === undefined) return cut;
  return first >> 4 === 4 || first >> 4 === 6 ? { ip: bytes } : notIp;
}

function ofEtherType(bytes: Uint8Array, view: DataView, etherType: number, start: number): LinkPayload {
  let type = etherType;
  let at = start;
  while (vlanTags.has(type)) {
    if (at + 4 > bytes.length) return cut;
    type = view.getUint16(at + 2);
    at += 4;
  }
  if (type === etherTypeIpv4 || type === etherTypeIpv6) return rawIp(bytes.subarray(at));
  // RFC 2516 section 4: six bytes, then PPP without its own framing.
  if (type === etherTypePppoe) return pppProtocol(bytes, view, at + 6);
  return notIp;
}

/** Address and control, FF 03, may have been left out (RFC 1661 section 6.6, RFC 1662 section 3.1). */
function ppp(bytes: Uint8Array, view: DataView): LinkPayload {
  if (bytes[0] !== 0xff) return pppProtocol(bytes, view, 0);
  return bytes.length < 2 ? cut : pppProtocol(bytes, view, 2);
}

/** One byte where it was compressed, which an odd first byte tells (RFC 1661 section 6.5). */
function pppProtocol(bytes: Uint8Array, view: DataView, at: number): LinkPayload {
  const first = bytes[at];
  if (first === undefined) return cut;
  const width = first & 1 ? 1 : 2;
  if (at + width > bytes.length) return cut;
  const protocol = width === 1 ? first : view.getUint16(at);
  return protocol === 0x0021 || protocol === 0x0057 ? rawIp(bytes.subarray(at + width)) : notIp;
}

/** AF_INET, and the numbers that AF_INET6 has on the BSDs, on Darwin and on Linux. */
const families: ReadonlySet<number> = new Set([2, 10, 24, 28, 30]);

/** NULL has the address family in the byte order of the machine that captured, LOOP in that of the network; each is read either way. */
function loopback(bytes: Uint8Array, view: DataView): LinkPayload {
  if (bytes.length < 4) return cut;
  return families.has(view.getUint32(0)) || families.has(view.getUint32(0, true)) ? rawIp(bytes.subarray(4)) : notIp;
}
