/** Lists the numbers of DNS and their registered names (IANA, Domain Name System Parameters). */
import type { FieldId, FieldValue } from '../../core/field.ts';
import { toCode } from '../../core/hex.ts';

export const typeNames: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  41: 'OPT',
  64: 'SVCB',
  65: 'HTTPS',
  255: 'ANY',
};

export const types = { A: 1, CNAME: 5, TXT: 16, AAAA: 28, SRV: 33, OPT: 41 } as const;

const classNames: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CH', 4: 'HS', 254: 'NONE', 255: 'ANY' };

export const rcodeNames: Readonly<Record<number, string>> = {
  0: 'NOERROR',
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
  6: 'YXDOMAIN',
  7: 'YXRRSET',
  8: 'NXRRSET',
  9: 'NOTAUTH',
  10: 'NOTZONE',
  16: 'BADVERS',
};

export const rcodes = { NOERROR: 0, FORMERR: 1, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const;

/** `SRV`; `TYPE257` for a type without a name here, as RFC 3597 section 5 writes it. */
export function nameOfType(type: number): string {
  return typeNames[type] ?? `TYPE${type}`;
}

export function nameOfRcode(rcode: number): string {
  return rcodeNames[rcode] ?? `RCODE${rcode}`;
}

/** Of the second pair of bytes in the header, from the highest bit (RFC 1035 section 4.1.1, RFC 4035 section 3.2). */
const flagNames: readonly (readonly [bit: number, name: string])[] = [
  [0x8000, 'QR'],
  [0x0400, 'AA'],
  [0x0200, 'TC'],
  [0x0100, 'RD'],
  [0x0080, 'RA'],
  [0x0020, 'AD'],
  [0x0010, 'CD'],
];

/** `SRV (33)`, `IN (1)`; of flags the set ones: `QR RD RA, NXDOMAIN (0x8183)`. Undefined for a value like any other. */
export function dnsValueWords(id: FieldId, value: FieldValue): string | undefined {
  if (typeof value !== 'number') return undefined;
  if (id === 'dns.type') return `${nameOfType(value)} (${value})`;
  if (id === 'dns.class') return `${classNames[value] ?? `CLASS${value}`} (${value})`;
  if (id !== 'dns.flags') return undefined;
  const set = flagNames.flatMap(([bit, name]) => ((value & bit) === 0 ? [] : [name]));
  return `${set.join(' ')}${set.length > 0 ? ', ' : ''}${nameOfRcode(value & 0xf)} (${toCode(value)})`;
}
