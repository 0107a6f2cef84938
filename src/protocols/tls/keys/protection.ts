/**
 * Tracks the keys and sequence numbers of one direction's records, and decrypts them if the key ring allows, with
 * `key-schedule.ts` or, for suites before AEAD, `mac-suites.ts`.
 *
 * 1. TLS 1.2 and before: keys change at the ChangeCipherSpec, numbers count every record since then.
 * 2. TLS 1.3: a record that cannot be decrypted with the current secret is tried as number 0 of each later one:
 *    handshake after early data, application after handshake, and the updated secret after a KeyUpdate. Nothing else
 *    about the peer is assumed.
 * 3. Until a secret has decrypted its first record, each is tried as its number 0: undecryptable early data may precede
 *    it.
 * 4. After a gap the number of the next record is unknown: up to `mostLost` lost records are tried, with an AEAD.
 * 5. A suite without a cipher can be read without keys; with them its MAC is verified.
 */
import type { Side } from '../../../capture/event.ts';
import { fromHex } from '../../../core/hex.ts';
import type { Agreement } from '../agreement.ts';
import { contentTypes, headerLength } from '../framing.ts';
import { isTls13 } from '../codes.ts';
import { aeadSuite, keyBlock12, nextTrafficSecret, openRecord, trafficKeys } from './key-schedule.ts';
import type { AeadSuite, TrafficKeys } from './key-schedule.ts';
import type { KeyRing } from './keylog.ts';
import {
  MacReader,
  isMacOutside,
  macKeyBlock,
  macSuite,
  readUnencrypted,
  vectorLength,
} from './mac-suites.ts';
import type { MacContent, MacForm } from './mac-suites.ts';

/** What stands around the content of a protected record. */
export interface Seal {
  /** Bytes before it: an explicit nonce or an initialization vector. */
  readonly headLength: number;
  /** Bytes behind it: an authentication tag, or what is known of MAC and padding. */
  readonly tailLength: number;
  /** A suite from before AEAD. */
  readonly isMac?: true;
  /** Nothing was encrypted. */
  readonly isReadable?: true;
  /** Of an opened record of a block cipher: how much of the tail is padding, and on which side of the MAC. */
  readonly padding?: { readonly length: number; readonly isBehindMac: boolean };
  /** Only of an opened TLS 1.3 record. */
  readonly inner?: { readonly contentType: number; readonly padding: number };
}

/** The inside of a record, and what stands around it. */
export interface Unsealed {
  readonly contentType: number;
  readonly content: Uint8Array;
  readonly seal: Seal;
}

/** TLS 1.2 and before: what one ChangeCipherSpec put into force. */
interface Epoch {
  readonly hasKeys: boolean;
  /** Of a record that stays shut. */
  readonly seal: Seal;
  open(record: Uint8Array): Unsealed | undefined;
  skip(records: number, bytes: number): void;
  /** At most this many records are missing. */
  lose(records: number): void;
}

/** Each trial costs a decryption. */
const mostLost = 1024;

const unknownSeal: Seal = { headLength: 0, tailLength: 0 };

/** The keys are unknown, or the suite is not supported. */
function shutEpoch(seal: Seal): Epoch {
  return { hasKeys: false, seal, open: () => undefined, skip: () => undefined, lose: () => undefined };
}

function sealOf({ explicitNonceLength, tagLength }: AeadSuite): Seal {
  return { headLength: explicitNonceLength, tailLength: tagLength };
}

function aeadEpoch(suite: AeadSuite, keys: TrafficKeys): Epoch {
  const seal = sealOf(suite);
  let sequence = 0;
  let lost = 0;
  return {
    hasKeys: true,
    seal,
    open: (record) => {
      const first = sequence++;
      for (let ahead = 0; ahead <= lost; ahead++) {
        const opened = openRecord({ suite, keys, sequence: first + ahead, record });
        if (!opened) continue;
        sequence += ahead;
        lost = 0;
        return { contentType: opened.contentType, content: opened.content, seal };
      }
      lost = 0;
      return undefined;
    },
    skip: (records) => {
      sequence += records;
    },
    lose: (records) => {
      lost = Math.min(mostLost, lost + records);
    },
  };
}

function shutMacSeal(form: MacForm): Seal {
  return {
    headLength: vectorLength(form),
    tailLength: isMacOutside(form) ? form.suite.macLength : 0,
    isMac: true,
  };
}

/** @param reader absent without the keys, when only a suite without a cipher can be read. */
function macEpoch(form: MacForm, reader: MacReader | undefined): Epoch {
  const { suite } = form;
  const isReadable = suite.cipher === 'none';
  const unsealed = (record: Uint8Array, { content, padding }: MacContent): Unsealed => ({
    contentType: record[0] ?? 0,
    content,
    seal: {
      headLength: vectorLength(form),
      tailLength: suite.macLength + padding,
      isMac: true,
      ...(isReadable && { isReadable }),
      ...(suite.blockLength > 0 && { padding: { length: padding, isBehindMac: !isMacOutside(form) } }),
    },
  });
  return {
    hasKeys: reader !== undefined || isReadable,
    seal: shutMacSeal(form),
    open: (record) => {
      const content = reader ? reader.open(record) : isReadable ? readUnencrypted(suite, record) : undefined;
      return content && unsealed(record, content);
    },
    skip: (records, bytes) => reader?.skip(records, bytes),
    // Their MAC counts records too, but how much of the chain of blocks is missing is not known.
    lose: () => undefined,
  };
}

/** The labels of TLS 1.3 in the order in which a direction uses them (RFC 8446 section 7.1). */
const labels: Readonly<Record<Side, readonly string[]>> = {
  client: ['CLIENT_EARLY_TRAFFIC_SECRET', 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'CLIENT_TRAFFIC_SECRET_0'],
  server: ['SERVER_HANDSHAKE_TRAFFIC_SECRET', 'SERVER_TRAFFIC_SECRET_0'],
};

/** A TLS 1.3 secret in use: `place` is its index in the labels. */
interface Stage {
  readonly place: number;
  readonly suite: AeadSuite;
  readonly secret: Uint8Array;
  readonly keys: TrafficKeys;
}

export class Protection {
  readonly #from: Side;
  readonly #agreement: Agreement;
  readonly #keys: KeyRing;
  /** TLS 1.2 and before. */
  #epoch: Epoch | undefined;
  /** TLS 1.3: the secret that opened a record last, and the one that a KeyUpdate would make of it. */
  #stage: Stage | undefined;
  #updated: Stage | undefined;
  /** Of the next record under that secret, and how many of them a gap may have swallowed. */
  #sequence = 0;
  #lost = 0;

  constructor(from: Side, agreement: Agreement, keys: KeyRing) {
    this.#from = from;
    this.#agreement = agreement;
    this.#keys = keys;
  }

  /** Whether a record of that outer type is sealed. */
  seals(contentType: number): boolean {
    return this.#epoch !== undefined || contentType === contentTypes.applicationData;
  }

  /** Whether a key for this direction is at hand, or none is needed. */
  get hasKeys(): boolean {
    if (this.#epoch) return this.#epoch.hasKeys;
    return labels[this.#from].some((label) => this.#secretOf(label) !== undefined);
  }

  /** Describes a record that cannot be decrypted; `length` is its whole length in bytes. */
  shutSeal(length: number): Seal {
    const suite = this.#epoch ? undefined : this.#negotiatedSuite();
    const seal = this.#epoch?.seal ?? (suite && sealOf(suite)) ?? unknownSeal;
    return length >= headerLength + seal.headLength + seal.tailLength
      ? seal
      : { ...seal, headLength: 0, tailLength: 0 };
  }

  /** A ChangeCipherSpec that means what it says (TLS 1.2 and before). */
  changeCipherSpec(): void {
    this.#epoch = this.#nextEpoch();
  }

  /** Opens a whole record, header included; undefined when it stays shut. */
  open(record: Uint8Array): Unsealed | undefined {
    return this.#epoch ? this.#epoch.open(record) : this.#openNewest(record);
  }

  /** Records that passed without having been kept, `bytes` being the sum of their payloads. */
  skip(records: number, bytes: number): void {
    if (this.#epoch) this.#epoch.skip(records, bytes);
    else if (this.#stage) this.#sequence += records;
  }

  /** This many bytes are missing, in an unknown number of records. */
  lose(bytes: number): void {
    const records = Math.floor(bytes / smallestRecord);
    if (this.#epoch) this.#epoch.lose(records);
    else this.#lost = Math.min(mostLost, this.#lost + records);
  }

  #nextEpoch(): Epoch {
    const { clientHello, serverHello } = this.#agreement;
    if (!clientHello || !serverHello) return shutEpoch(unknownSeal);
    const { version, cipherSuite, compressionMethod, extensions } = serverHello;
    // What was compressed would have to be inflated.
    if (version < 0x0300 || version > 0x0303 || compressionMethod > 0) return shutEpoch(unknownSeal);
    const master = this.#keys.secret(clientHello.random, 'CLIENT_RANDOM');
    const randoms = [fromHex(clientHello.random), fromHex(serverHello.random)] as const;
    const aead = aeadSuite(cipherSuite);
    if (aead?.version === 'TLSv1.2' && version === 0x0303) {
      return master
        ? aeadEpoch(aead, keyBlock12(aead, master, ...randoms)[this.#from])
        : shutEpoch(sealOf(aead));
    }
    const suite = macSuite(cipherSuite);
    if (!suite) return shutEpoch(unknownSeal);
    const form: MacForm = { suite, version, encryptThenMac: extensions.types.includes(encryptThenMac) };
    return macEpoch(form, master && new MacReader(form, macKeyBlock(form, master, ...randoms)[this.#from]));
  }

  #negotiatedSuite(): AeadSuite | undefined {
    const { version, cipherSuite = -1 } = this.#agreement.context;
    return isTls13(version) ? newestSuite(cipherSuite) : undefined;
  }

  /** The agreed suite; before the ServerHello whichever the client offered, as early data comes so soon. */
  #possibleSuites(): readonly AeadSuite[] {
    const { clientHello, serverHello } = this.#agreement;
    const codes = serverHello
      ? [this.#negotiatedSuite()]
      : [...new Set(clientHello?.cipherSuites)].slice(0, maxOffered).map(newestSuite);
    return codes.filter((suite) => suite !== undefined);
  }

  #secretOf(label: string): Uint8Array | undefined {
    const random = this.#agreement.clientHello?.random;
    return random === undefined ? undefined : this.#keys.secret(random, label);
  }

  #openNewest(record: Uint8Array): Unsealed | undefined {
    const opened = this.#stage && openUnder(this.#stage, this.#sequence, record);
    if (opened) {
      this.#sequence++;
      return opened;
    }
    const behindGap = this.#openBehindGap(record);
    if (behindGap) return behindGap;
    for (const stage of this.#laterStages()) {
      const first = openUnder(stage, 0, record);
      if (!first) continue;
      this.#stage = stage;
      this.#updated = undefined;
      this.#sequence = 1;
      return first;
    }
    if (this.#stage) this.#sequence++;
    return undefined;
  }

  #openBehindGap(record: Uint8Array): Unsealed | undefined {
    const lost = this.#lost;
    this.#lost = 0;
    if (!this.#stage) return undefined;
    for (let ahead = 1; ahead <= lost; ahead++) {
      const opened = openUnder(this.#stage, this.#sequence + ahead, record);
      if (!opened) continue;
      this.#sequence += ahead + 1;
      return opened;
    }
    return undefined;
  }

  /** The secrets that may follow the present one, soonest first. */
  *#laterStages(): Generator<Stage> {
    const sequenceOfLabels = labels[this.#from];
    const present = this.#stage;
    for (const [place, label] of sequenceOfLabels.entries()) {
      const secret = present && place <= present.place ? undefined : this.#secretOf(label);
      if (secret) for (const suite of this.#possibleSuites()) yield stageOf(place, suite, secret);
    }
    if (present?.place !== sequenceOfLabels.length - 1) return;
    this.#updated =
      this.#updated ??
      stageOf(present.place, present.suite, nextTrafficSecret(present.suite, present.secret));
    yield this.#updated;
  }
}

/** RFC 7366. */
const encryptThenMac = 22;

/** A header, an alert and the tag of an AEAD: no record of TLS 1.3 that says something is smaller. */
const smallestRecord = headerLength + 2 + 16;

/** Far more suites of TLS 1.3 than there are. */
const maxOffered = 64;

function newestSuite(code: number): AeadSuite | undefined {
  const suite = aeadSuite(code);
  return suite?.version === 'TLSv1.3' ? suite : undefined;
}

function stageOf(place: number, suite: AeadSuite, secret: Uint8Array): Stage {
  return { place, suite, secret, keys: trafficKeys(suite, secret) };
}

function openUnder({ suite, keys }: Stage, sequence: number, record: Uint8Array): Unsealed | undefined {
  const opened = openRecord({ suite, keys, sequence, record });
  if (!opened) return undefined;
  const { contentType, content, padding } = opened;
  return { contentType, content, seal: { ...sealOf(suite), inner: { contentType, padding } } };
}
