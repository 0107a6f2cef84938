/**
 * Lists the versions of QUIC whose packets can be read: RFC 9000, RFC 9369, the drafts since packets have their form (22),
 * Facebook's and Google's versions of these.
 */

/** What a packet with a long header is. */
export type LongType = 'initial' | 'zero_rtt' | 'handshake' | 'retry';

export interface QuicVersion {
  readonly name: string;
  /** From it and the client's first connection ID come the keys of Initial packets (RFC 9001 section 5.2). */
  readonly salt: string;
  /** Before the names of what is derived: `quic key`, `quicv2 key`. */
  readonly prefix: string;
  /** By the two bits of the first byte. */
  readonly types: readonly LongType[];
  /** Of the integrity tag of a Retry packet (RFC 9001 section 5.8); undefined where it has none, before draft 25. */
  readonly retry: { readonly key: string; readonly nonce: string } | undefined;
  /** Its packets hold frames of Google's QUIC, and in these Google's own handshake or that of TLS. */
  readonly google?: 'own' | 'tls';
}

const version1: QuicVersion = {
  name: '1',
  salt: '38762cf7f55934b34d179ae6a4c80cadccbb7f0a',
  prefix: 'quic',
  types: ['initial', 'zero_rtt', 'handshake', 'retry'],
  retry: { key: 'be0c690b9f66575a1d766b54e368c84e', nonce: '461599d35d632bf2239825bb' },
};

const draft29: QuicVersion = {
  ...version1,
  salt: 'afbfec289993d24c9e9786f19c6111e04390a899',
  retry: { key: 'ccce187ed09a09d05728155a6cb96be1', nonce: 'e54930f97f2136f0530a8c1c' },
};

const draft25: QuicVersion = {
  ...version1,
  salt: 'c3eef712c72ebb5a11a7d2432bb46365bef9f502',
  retry: { key: '4d32ecdb2a2133c841e4043df27d4430', nonce: '4d1611d05513a552c587d575' },
};

const draft23: QuicVersion = { ...draft25, retry: undefined };
const draft22: QuicVersion = { ...draft23, salt: '7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a' };

/** Draft 27 with other salts and frames; the letter says whose handshake it is: Google's own (Q) or TLS (T). */
const google: QuicVersion = { ...draft25, google: 'tls' };

const draftForms: readonly (readonly [form: QuicVersion, first: number, last: number])[] = [
  [draft22, 22, 22],
  [draft23, 23, 24],
  [draft25, 25, 28],
  [draft29, 29, 32],
  [version1, 33, 34],
];

const drafts = draftForms.flatMap(([form, first, last]) =>
  Array.from({ length: last - first + 1 }, (_, index): [number, QuicVersion] => [
    0xff00_0000 + first + index,
    { ...form, name: `draft ${first + index}` },
  ]),
);

export const version2Code = 0x6b3343cf;

const versions: ReadonlyMap<number, QuicVersion> = new Map([
  [1, version1],
  [
    version2Code,
    {
      name: '2',
      salt: '0dede3def700a6db819381be6e269dcbf9bd2ed9',
      prefix: 'quicv2',
      types: ['retry', 'initial', 'zero_rtt', 'handshake'],
      retry: { key: '8fb4b01b56ac48e260fbcbcead7ccc92', nonce: 'd86969bc2d7c6d9990efb04a' },
    },
  ],
  [
    0xff02_0000,
    {
      ...version1,
      name: '2, draft 0',
      salt: 'a707c203a59b47184a1d62ca570406ea7ae3e5d3',
      prefix: 'quicv2',
      retry: { key: 'ba858dc7b43de5dbf87617ff4ab253db', nonce: '141b99c239b03e785d6a2e9f' },
    },
  ],
  ...drafts,
  [0xface_b001, { ...draft22, name: 'mvfst 1' }],
  [0xface_b002, { ...draft25, name: 'mvfst 2' }],
  [0xface_b00e, { ...draft25, name: 'mvfst experimental' }],
  [0x5130_3530, { ...google, google: 'own', name: 'Q050', salt: '504574efd066fe2f9d945cfcdbd3a7f0d3b56b45' }],
  [0x5430_3530, { ...google, name: 'T050', salt: '7ff579e5acd072915580304c43a2367c60488310' }],
  [0x5430_3531, { ...google, name: 'T051', salt: '7a4edef4e7ccee5fa4506c19124fc8ccda6e033d' }],
]);

/** Undefined for a version whose packets have no known form. */
export const quicVersion = (code: number): QuicVersion | undefined => versions.get(code);

/** Reserved, so that peers get used to versions that they do not know (RFC 9000 section 15). */
export const isReservedVersion = (code: number): boolean => (code & 0x0f0f0f0f) === 0x0a0a0a0a;
