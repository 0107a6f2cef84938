/** Lists the versions of QUIC whose packets can be read: RFC 9000, RFC 9369, and the last drafts. */

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
  /** Of the integrity tag of a Retry packet (RFC 9001 section 5.8). */
  readonly retryKey: string;
  readonly retryNonce: string;
}

const version1: QuicVersion = {
  name: '1',
  salt: '38762cf7f55934b34d179ae6a4c80cadccbb7f0a',
  prefix: 'quic',
  types: ['initial', 'zero_rtt', 'handshake', 'retry'],
  retryKey: 'be0c690b9f66575a1d766b54e368c84e',
  retryNonce: '461599d35d632bf2239825bb',
};

const draft29: QuicVersion = {
  ...version1,
  salt: 'afbfec289993d24c9e9786f19c6111e04390a899',
  retryKey: 'ccce187ed09a09d05728155a6cb96be1',
  retryNonce: 'e54930f97f2136f0530a8c1c',
};

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
      retryKey: '8fb4b01b56ac48e260fbcbcead7ccc92',
      retryNonce: 'd86969bc2d7c6d9990efb04a',
    },
  ],
  ...[29, 30, 31, 32].map((draft) => [0xff000000 + draft, { ...draft29, name: `draft ${draft}` }] as const),
  ...[33, 34].map((draft) => [0xff000000 + draft, { ...version1, name: `draft ${draft}` }] as const),
]);

/** Undefined for a version whose packets have no known form. */
export const quicVersion = (code: number): QuicVersion | undefined => versions.get(code);

/** Reserved, so that peers get used to versions that they do not know (RFC 9000 section 15). */
export const isReservedVersion = (code: number): boolean => (code & 0x0f0f0f0f) === 0x0a0a0a0a;
