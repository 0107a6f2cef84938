/**
 * Extracts the IP packet from a captured frame, by the LINKTYPE of its interface. `ip.ts` parses the packet. Trailing
 * padding stays: only IP knows its length.
 */

import { macText } from './eapol-flows.ts';

/** The bytes from the IP header on, or why there are none. */
export type LinkPayload =
  | { readonly ip: Uint8Array }
  /** A frame of IEEE 802.1X; addresses are empty where the link layer has none. */
  | { readonly eapol: Uint8Array; readonly source?: string; readonly destination?: string }
  /** `not_ip`: it carries something else (ARP, LLDP …). `cut`: it ends inside its headers. `link_type`: not read here. */
  | { readonly without: 'not_ip' | 'cut' | 'link_type' };

const etherTypeIpv4 = 0x0800;
const etherTypeIpv6 = 0x86dd;
const etherTypePppoe = 0x8864;
const etherTypeEapol = 0x888e;
/** A whole frame of Ethernet, in a tunnel. */
const etherTypeBridged = 0x6558;
/** Cisco's metadata, which holds a security group tag (SGT, inline). */
const etherTypeCiscoMetadata = 0x8909;
const etherTypeMpls: ReadonlySet<number> = new Set([0x8847, 0x8848]);
/** IEEE 802.1Q, 802.1ad and what stood for the outer tag before it. */
const vlanTags: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100, 0x9200, 0x9300]);

type LinkLayer = (bytes: Uint8Array, view: DataView) => LinkPayload;

const notIp: LinkPayload = { without: 'not_ip' };
const cut: LinkPayload = { without: 'cut' };

/** By LINKTYPE number (tcpdump.org/linktypes.html). */
const layers: Readonly<Record<number, LinkLayer>> = {
  0: loopback,
  1: (bytes, view) =>
    bytes.length < 14
      ? cut
      : withAddresses(
          ofEtherType(bytes, view, view.getUint16(12), 14),
          bytes.subarray(6, 12),
          bytes.subarray(0, 6),
        ),
  // Token Ring: access and frame control, two addresses; the first bit of the source says that a route follows.
  6: (bytes, view) => {
    const hasRoute = ((bytes[8] ?? 0) & 0x80) !== 0;
    return llc(bytes, view, 14 + (hasRoute ? (bytes[14] ?? 0) & 0x1f : 0));
  },
  9: ppp,
  // FDDI: frame control, two addresses.
  10: (bytes, view) => llc(bytes, view, 13),
  // Raw IP has three numbers, for what DLT_RAW was on this or that system.
  12: rawIp,
  14: rawIp,
  50: ppp,
  51: (bytes, view) => pppoe(bytes, view, 0),
  100: (bytes, view) => llc(bytes, view, 0),
  101: rawIp,
  104: ciscoHdlc,
  105: (bytes, view) => wireless(bytes, view, 0, false),
  107: (bytes, view) => frameRelay(bytes, view, 0),
  108: loopback,
  // OpenBSD's view of IPsec: family, security parameters, flags.
  109: (bytes, view) =>
    bytes.length < 12
      ? cut
      : families.has(view.getUint32(0)) || families.has(view.getUint32(0, true))
        ? rawIp(bytes.subarray(12))
        : notIp,
  113: (bytes, view) => (bytes.length < 16 ? cut : ofEtherType(bytes, view, view.getUint16(14), 16)),
  // OpenBSD's log of its packet filter: its own length, then the address family.
  117: (bytes) =>
    bytes.length < 4
      ? cut
      : families.has(bytes[1] ?? 0)
        ? rawIp(bytes.subarray(Math.ceil((bytes[0] ?? 0) / 4) * 4))
        : notIp,
  // What Prism and AVS put before a frame says how long it is.
  119: (bytes, view) =>
    bytes.length < 8 ? cut : wireless(bytes, view, headerOf(view.getUint32(4, true), bytes.length), false),
  // IP over Fibre Channel: two addresses of eight bytes.
  122: (bytes, view) => llc(bytes, view, 16),
  127: radiotap,
  // IP over FireWire: two addresses of eight bytes, and an EtherType.
  138: (bytes, view) => (bytes.length < 18 ? cut : ofEtherType(bytes, view, view.getUint16(16), 18)),
  163: (bytes, view) =>
    bytes.length < 8 ? cut : wireless(bytes, view, headerOf(view.getUint32(4), bytes.length), false),
  // PPP after a direction byte; pppd writes that byte instead of the address.
  166: (bytes, view) =>
    bytes.length < 2 ? cut : bytes[1] === 3 ? pppProtocol(bytes, view, 2) : pppProtocol(bytes, view, 1),
  192: perPacket,
  204: (bytes) => (bytes.length < 1 ? cut : ppp(bytes.subarray(1), viewOf(bytes.subarray(1)))),
  205: (bytes, view) => (bytes.length < 5 ? cut : ofEtherType(bytes, view, view.getUint16(3), 5)),
  206: (bytes, view) => frameRelay(bytes, view, 1),
  219: (bytes, view) => mpls(bytes, view, 0),
  228: rawIp,
  229: rawIp,
  239: netfilterLog,
  // netANALYZER: four bytes about the port; the transparent form has the preamble of Ethernet too.
  240: (bytes) => behind(bytes, 4),
  241: (bytes) => behind(bytes, 12),
  // Apple's: its own length, and the type of what follows.
  258: (bytes, view) => {
    if (bytes.length < 12) return cut;
    const [length, linkType] = [view.getUint32(0, true), view.getUint32(8, true)];
    return length < 12 || length > bytes.length || linkType === 258
      ? cut
      : ipPacketOf(linkType, bytes.subarray(length));
  },
  // Preamble and start of frame.
  274: (bytes) => behind(bytes, 8),
  276: (bytes, view) => (bytes.length < 20 ? cut : ofEtherType(bytes, view, view.getUint16(0), 20)),
};

/** Takes the link layer off; never throws, whatever the bytes. */
export function ipPacketOf(linkType: number, bytes: Uint8Array): LinkPayload {
  const layer = layers[linkType];
  return layer ? layer(bytes, viewOf(bytes)) : { without: 'link_type' };
}

/** The same behind an EtherType, where a tunnel has one. */
export function ipPacketBehind(etherType: number, bytes: Uint8Array): LinkPayload {
  return ofEtherType(bytes, viewOf(bytes), etherType, 0);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A frame of Ethernet behind so many bytes. */
function behind(bytes: Uint8Array, length: number): LinkPayload {
  return bytes.length < length ? cut : ipPacketOf(1, bytes.subarray(length));
}

/** A header that claims to be longer than the frame ends it. */
const headerOf = (length: number, frame: number): number => Math.min(length, frame);

/** RFC 2427: a Q.922 address whose last byte is odd, the control byte, and what follows: IP by its own number, or SNAP. Cisco has an EtherType instead. */
function frameRelay(bytes: Uint8Array, view: DataView, start: number): LinkPayload {
  let at = start;
  while (at < bytes.length && ((bytes[at] ?? 0) & 1) === 0) at++;
  at++;
  if (at + 2 > bytes.length) return cut;
  const unnumbered = 0x03;
  if (bytes[at] !== unnumbered) return ofEtherType(bytes, view, view.getUint16(at), at + 2);
  // A byte of padding may stand before it.
  const idAt = bytes[at + 1] === 0 ? at + 2 : at + 1;
  const id = bytes[idAt];
  if (id === 0xcc || id === 0x8e) return rawIp(bytes.subarray(idAt + 1));
  if (id !== 0x80) return id === undefined ? cut : notIp;
  return idAt + 6 > bytes.length ? cut : ofEtherType(bytes, view, view.getUint16(idAt + 4), idAt + 6);
}

/** The first four bits distinguish IPv4 from IPv6. */
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
  while (type === etherTypeCiscoMetadata) {
    // Version, length in words of four bytes (options with the tag), and the EtherType of what follows.
    const next = at + 2 + (bytes[at + 1] ?? 0) * 4;
    if (next + 2 > bytes.length) return cut;
    type = view.getUint16(next);
    at = next + 2;
  }
  if (vlanTags.has(type)) return ofEtherType(bytes, view, type, at);
  if (type === etherTypeBridged)
    return at + 14 > bytes.length ? cut : ofEtherType(bytes, view, view.getUint16(at + 12), at + 14);
  if (type === etherTypeIpv4 || type === etherTypeIpv6) return rawIp(bytes.subarray(at));
  if (type === etherTypeEapol) return { eapol: bytes.subarray(at) };
  if (type === etherTypePppoe) return pppoe(bytes, view, at);
  if (etherTypeMpls.has(type)) return mpls(bytes, view, at);
  // Below, it is the length of a frame in the older form, with LLC behind it (IEEE 802.3).
  return type <= 1500 ? llc(bytes, view, at) : notIp;
}

/** RFC 2516 section 4: six bytes, then PPP without its own framing, as long as the last two say. */
function pppoe(bytes: Uint8Array, view: DataView, at: number): LinkPayload {
  if (at + 6 > bytes.length) return cut;
  // A length of zero is one that was not filled in.
  const length = view.getUint16(at + 4) || bytes.length;
  const payload = bytes.subarray(at + 6, at + 6 + length);
  return pppProtocol(payload, viewOf(payload), 0);
}

/** LLC with SNAP: an EtherType after the organization's number (RFC 1042). */
function llc(bytes: Uint8Array, view: DataView, at: number): LinkPayload {
  if (at + 8 > bytes.length) return cut;
  const isSnap = view.getUint16(at) === 0xaaaa && view.getUint8(at + 2) === 3;
  const etherType = view.getUint16(at + 6);
  return isSnap && etherType > 1500 ? ofEtherType(bytes, view, etherType, at + 8) : notIp;
}

/** Labels up to the one that says that it is the last (RFC 3032 section 2.1); IP, or a frame of Ethernet behind a control word (RFC 4448). */
function mpls(bytes: Uint8Array, view: DataView, start: number): LinkPayload {
  let at = start;
  let isLast = false;
  while (!isLast) {
    if (at + 4 > bytes.length) return cut;
    isLast = (view.getUint8(at + 2) & 1) !== 0;
    at += 4;
  }
  if ((bytes[at] ?? 0xff) >> 4 !== 0) return rawIp(bytes.subarray(at));
  return at + 18 > bytes.length ? cut : ofEtherType(bytes, view, view.getUint16(at + 16), at + 18);
}

/**
 * A data frame of IEEE 802.11 that is neither encrypted nor cut into fragments, nor several in one.
 * @param isPadded the header is filled up to a multiple of four bytes, as some cards do.
 */
function wireless(bytes: Uint8Array, view: DataView, start: number, isPadded: boolean): LinkPayload {
  if (start + 24 > bytes.length) return cut;
  const [kind, flags] = [view.getUint8(start), view.getUint8(start + 1)];
  const isData = (kind & 0x0c) === 0x08 && (kind & 0x40) === 0;
  const isQuality = (kind & 0x80) !== 0;
  const isProtected = (flags & 0x40) !== 0;
  const isFragment = (flags & 0x04) !== 0 || (view.getUint8(start + 22) & 0x0f) !== 0;
  if (!isData || isProtected || isFragment) return notIp;
  // From one access point to another there is a fourth address.
  let length = 24 + ((flags & 0x03) === 0x03 ? 6 : 0);
  if (isQuality) {
    if (start + length + 2 > bytes.length) return cut;
    if ((view.getUint8(start + length) & 0x80) !== 0) return notIp;
    length += 2 + ((flags & 0x80) !== 0 ? 4 : 0);
  }
  const found = llc(bytes, view, start + (isPadded ? Math.ceil(length / 4) * 4 : length));
  // To the access point, from it, or neither (IEEE 802.11 section 9.3.2.1).
  const address = (index: number): Uint8Array =>
    bytes.subarray(start + 4 + 6 * index, start + 10 + 6 * index);
  const [to, from] = [(flags & 1) !== 0, (flags & 2) !== 0];
  return withAddresses(found, address(from && !to ? 2 : 1), address(to ? 2 : 0));
}

/** Frames of IEEE 802.1X have no other addresses than these. */
function withAddresses(found: LinkPayload, source: Uint8Array, destination: Uint8Array): LinkPayload {
  return 'eapol' in found ? { ...found, source: macText(source), destination: macText(destination) } : found;
}

/** What the radio knew of a frame, in front of it (radiotap.org); of it only the flag for padding matters here. */
function radiotap(bytes: Uint8Array, view: DataView): LinkPayload {
  if (bytes.length < 8) return cut;
  const length = view.getUint16(2, true);
  if (length < 8) return notIp;
  if (length > bytes.length) return cut;
  let at = 4;
  while ((view.getUint32(at, true) & 0x80000000) !== 0 && at + 8 <= length) at += 4;
  const present = view.getUint32(4, true);
  // The clock of the card comes first, on a multiple of eight bytes.
  const flagsAt = (present & 1) === 0 ? at + 4 : Math.ceil((at + 4) / 8) * 8 + 8;
  const isPadded = (present & 2) !== 0 && flagsAt < length && (view.getUint8(flagsAt) & 0x20) !== 0;
  return wireless(bytes, view, length, isPadded);
}

/** Per-Packet Information: a header of variable length that names the link layer behind it. */
function perPacket(bytes: Uint8Array, view: DataView): LinkPayload {
  if (bytes.length < 8) return cut;
  const length = view.getUint16(2, true);
  const linkType = view.getUint32(4, true);
  if (length < 8 || linkType === 192) return notIp;
  return length > bytes.length ? cut : ipPacketOf(linkType, bytes.subarray(length));
}

/** Linux's NFLOG: attributes, of which one is the packet. */
function netfilterLog(bytes: Uint8Array, view: DataView): LinkPayload {
  const payloadAttribute = 9;
  for (let at = 4; at + 4 <= bytes.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4) return notIp;
    if (view.getUint16(at + 2, true) === payloadAttribute) return rawIp(bytes.subarray(at + 4, at + length));
    at += Math.ceil(length / 4) * 4;
  }
  return cut;
}

/** Cisco's HDLC: address, control, then as in Ethernet. */
function ciscoHdlc(bytes: Uint8Array, view: DataView): LinkPayload {
  return bytes.length < 4 ? cut : ofEtherType(bytes, view, view.getUint16(2), 4);
}

/** Addressed to one or to all: captures of serial lines call it PPP too. */
const isCiscoHdlc = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0x0f || bytes[0] === 0x8f) && (bytes[1] ?? 0) === 0;

/** Address and control, FF 03, may have been left out (RFC 1661 section 6.6, RFC 1662 section 3.1). */
function ppp(bytes: Uint8Array, view: DataView): LinkPayload {
  if (isCiscoHdlc(bytes)) return ciscoHdlc(bytes, view);
  if (bytes[0] !== 0xff) return pppProtocol(bytes, view, 0);
  return bytes.length < 2 ? cut : pppProtocol(bytes, view, 2);
}

/** One byte if it was compressed, which an odd first byte indicates (RFC 1661 section 6.5). */
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
  return families.has(view.getUint32(0)) || families.has(view.getUint32(0, true))
    ? rawIp(bytes.subarray(4))
    : notIp;
}
