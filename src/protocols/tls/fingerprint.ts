/**
 * Computes fingerprints of a ClientHello, which identify the sending program: JA3 (Althouse, Atkinson, Atkins) and
 * JA4's client fingerprint (FoxIO), both without GREASE. Pure functions of the message.
 */
import { createHash } from 'node:crypto';
import { sha256Hex } from '../../core/sha256.ts';
import { isGrease } from './codes.ts';
import type { ClientHello } from './handshake.ts';

const without = (codes: readonly number[] = []): number[] => codes.filter((code) => !isGrease(code));

/** MD5, in hex, of version, suites, extensions, groups and point formats, in the order of the wire. */
export function ja3Of({
  version,
  cipherSuites,
  extensions: { types, groups, ecPointFormats = [] },
}: ClientHello): string {
  const lists = [[version], without(cipherSuites), without(types), without(groups), ecPointFormats];
  return createHash('md5')
    .update(lists.map((list) => list.join('-')).join(','))
    .digest('hex');
}

const serverName = 0x0000;
const alpnType = 0x0010;
const versionMarks: Readonly<Record<number, string>> = {
  0x0304: '13',
  0x0303: '12',
  0x0302: '11',
  0x0301: '10',
  0x0300: 's3',
  0x0002: 's2',
  0x0100: 'd1',
  0xfeff: 'd1',
  0xfefd: 'd2',
  0xfefc: 'd3',
};

/** RFC 9001 section 8.2: in QUIC every ClientHello has it, and nowhere else does one. */
const quicTypes = [0x0039, 0xffa5];

/** The highest version; those of DTLS count down (RFC 9147 section 5.3). */
function newestOf(version: number, offered: readonly number[]): number {
  if (offered.length === 0) return version;
  return version >> 8 === 0xfe ? Math.min(...offered) : Math.max(...offered);
}

/** `t13d1516h2_8daaf6152771_e5627efa2ab1`: what it is at a glance, then its suites and its extensions, sorted and hashed. */
export function ja4Of({ version, cipherSuites, extensions }: ClientHello): string {
  const suites = without(cipherSuites);
  const types = without(extensions.types);
  const spoken = versionMarks[newestOf(version, without(extensions.supportedVersions))] ?? '00';
  const isDatagram = version >> 8 === 0xfe || version === 0x0100;
  const transport = isDatagram ? 'd' : quicTypes.some((type) => types.includes(type)) ? 'q' : 't';
  const begin = [
    transport,
    spoken,
    types.includes(serverName) ? 'd' : 'i',
    twoDigits(suites.length),
    twoDigits(types.length),
    alpnMark(extensions.alpn?.[0]),
  ].join('');
  const sorted = (codes: readonly number[]): string => codes.map(fourHex).toSorted().join(',');
  const rest = sorted(types.filter((type) => type !== serverName && type !== alpnType));
  const schemes = without(extensions.signatureSchemes).map(fourHex).join(',');
  return [
    begin,
    hashed(sorted(suites)),
    hashed(types.length === 0 ? '' : [rest, schemes].filter((part) => part !== '').join('_')),
  ].join('_');
}

const twoDigits = (count: number): string => String(Math.min(count, 99)).padStart(2, '0');
const fourHex = (code: number): string => code.toString(16).padStart(4, '0');
const hashed = (text: string): string => (text === '' ? '0'.repeat(12) : sha256Hex(text).slice(0, 12));

/** First and last letter of the first protocol; where they are none, the first and the last digit of its bytes in hex. */
function alpnMark(protocol: string | undefined): string {
  if (protocol === undefined || protocol === '') return '00';
  const ends = protocol.charAt(0) + protocol.charAt(protocol.length - 1);
  if (/^[0-9A-Za-z]{2}$/.test(ends)) return ends;
  const hex = Buffer.from(protocol, 'latin1').toString('hex');
  return hex.charAt(0) + hex.charAt(hex.length - 1);
}
