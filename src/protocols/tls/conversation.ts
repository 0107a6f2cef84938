/**
 * Parses both directions of one TLS connection: bytes in, messages out, with the negotiated parameters and, with keys,
 * the plaintext. It decides what is kept; the layers below parse the bytes (`record.ts`, `protection.ts`,
 * `messages.ts`, `handshake.ts`).
 *
 * 1. Bytes arrive in capture order, keys at any time: `openWith` parses everything that was kept once more.
 * 2. Memory is bounded: the start of a connection is kept up to `maxKept`, later records are counted and summarized in
 *    one message per direction. Small records (alerts, key updates) have a separate allowance.
 * 3. `feed` still returns every message, so that a fold misses nothing.
 * 4. Malicious bytes never throw: they become messages whose content is `malformed`.
 * 5. If a header was lost in a gap, parsing resumes at the next chunk that starts with a record.
 */
import { otherSide } from '../../capture/event.ts';
import type { Side } from '../../capture/event.ts';
import { Agreement } from './agreement.ts';
import type { Negotiated } from './agreement.ts';
import { contentTypeTitles, isTls13 } from './codes.ts';
import { contentTypes, version2Hello, headerLength } from './framing.ts';
import { KeyRing } from './keys/keylog.ts';
import { MessageAssembler } from './messages.ts';
import type { Frame, TlsMessage } from './message/message.ts';
import { hasOpenedRecord, openedRecord } from './keys/opened-records.ts';
import { Protection } from './keys/protection.ts';
import type { Unsealed } from './keys/protection.ts';
import { RecordStream, looksLikeRecords } from './record.ts';
import type { PlacedRecord, StreamFault } from './record.ts';

export interface TlsChunk {
  readonly from: Side;
  /** Of the first byte, in its direction of the wire. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Whatever the caller wants to find again in a message, such as the number of the event. */
  readonly tag?: number;
}

/** Application data of one direction that was opened, in order; offsets count in the plaintext. */
export interface PlaintextPiece {
  readonly offset: number;
  readonly length: number;
  /** Where its first byte stands on the wire, as ciphertext. */
  readonly wireOffset: number;
  /** Undefined where the bytes were not kept. */
  readonly bytes: Uint8Array | undefined;
  readonly message: TlsMessage;
}

export interface ApplicationDataCount {
  /** Records of outer type 23: under TLS 1.3 sealed handshake messages are among them. */
  readonly records: number;
  /** Bytes of them on the wire, headers included. */
  readonly bytes: number;
}

/** What has to be kept of one step to read it again under other keys. */
type Kept = { readonly from: Side } & (
  | { readonly record: PlacedRecord }
  /** Records that were only counted, as the message that sums them up. */
  | { readonly run: TlsMessage }
  /** Bytes up to `end` that are not a whole record; the direction ends with them, or continues after them. */
  | { readonly fault: StreamFault; readonly end: number; readonly isResumed?: true }
  | { readonly ended: true }
);

const sides = ['client', 'server'] as const;

/** Reported for bulk data: any handshake, and possible alerts or ends. */
const firstReported = 8;
const longestReported = 128;

/** What a record takes beside its bytes, and what a message. */
const recordCost = 256;
const messageCost = 512;
/** While passing, application data may take this fraction of what is kept. */
const dataShare = 4;

/** With these a master secret may become known: by the exchange, or by the session that is resumed. */
const bringsKeys: ReadonlySet<string> = new Set(['client_key_exchange', 'server_hello']);

/** One reading of the records, from the first one, under the keys that are there. */
class Reading {
  readonly agreement = new Agreement();
  readonly #assemblers: Readonly<Record<Side, MessageAssembler>>;
  readonly protections: Readonly<Record<Side, Protection>>;
  /** Directions of which records are missing. */
  readonly #lossy = new Set<Side>();

  readonly #keys: KeyRing;
  readonly #onOpened: OnOpened | undefined;

  constructor(keys: KeyRing, onOpened?: OnOpened) {
    const { agreement } = this;
    this.#keys = keys;
    this.#onOpened = onOpened;
    this.#assemblers = {
      client: new MessageAssembler('client', agreement),
      server: new MessageAssembler('server', agreement),
    };
    this.protections = {
      client: new Protection('client', agreement, keys),
      server: new Protection('server', agreement, keys),
    };
  }

  read(from: Side, record: PlacedRecord): TlsMessage[] {
    const protection = this.protections[from];
    if (protection.seals(record.contentType) || this.#isOfUnseenKeys(from, record))
      return this.#readSealed(from, record);
    const { bytes, start } = record;
    if (!bytes) return this.#assemblers[from].addSealed(record);
    if (record.contentType === version2Hello) return [this.#assemblers[from].addVersion2Hello(record, bytes)];
    const content = bytes.subarray(headerLength);
    const messages = this.#assemblers[from].add(record, record.contentType, content, start + headerLength);
    if (record.contentType === contentTypes.changeCipherSpec && this.agreement.isChangeCipherSpecMeant)
      protection.changeCipherSpec();
    return messages;
  }

  /**
   * Where a capture joined late, or lost bytes in which the keys may have changed, an alert that is longer than an alert is
   * sealed.
   */
  #isOfUnseenKeys(from: Side, { contentType, start, end }: PlacedRecord): boolean {
    if (contentType !== contentTypes.alert || end - start <= headerLength + 2) return false;
    return (
      this.#lossy.has(from) ||
      (this.agreement.clientRandoms.size === 0 && this.agreement.serverHello === undefined)
    );
  }

  /** Reads again what was kept. */
  repeat(kept: Kept): TlsMessage[] {
    const { from } = kept;
    if ('record' in kept) return this.read(from, kept.record);
    if ('fault' in kept) {
      if (kept.isResumed) {
        this.#lossy.add(from);
        this.protections[from].lose(kept.end - kept.fault.start);
      }
      return this.fault(from, kept.fault, kept.end);
    }
    if ('ended' in kept) return this.end(from);
    const { run } = kept;
    this.protections[from].skip(run.records, run.length - headerLength * run.records);
    const { contentType, firstTag, lastTag, offset } = run;
    this.#assemblers[from].addSealed({
      start: offset,
      end: offset + run.length,
      contentType,
      version: 0,
      firstTag,
      lastTag,
      bytes: undefined,
    });
    return [run];
  }

  end(from: Side): TlsMessage[] {
    return this.#assemblers[from].interrupt();
  }

  fault(from: Side, { start, tag, malformed }: StreamFault, end: number): TlsMessage[] {
    return this.#assemblers[from].addFault(start, end, tag, malformed);
  }

  #readSealed(from: Side, record: PlacedRecord): TlsMessage[] {
    const protection = this.protections[from];
    const { bytes } = record;
    const opened = bytes && (protection.open(bytes) ?? this.#handedOn(from, record));
    if (opened) this.#onOpened?.({ from, offset: record.start }, opened, this.agreement.clientRandoms);
    if (!bytes) protection.skip(1, record.end - record.start - headerLength);
    if (!opened)
      return this.#assemblers[from].addSealed({
        ...record,
        seal: protection.shutSeal(record.end - record.start),
      });
    const frame: Frame = { ...record, seal: opened.seal };
    const start = record.start + headerLength + opened.seal.headLength;
    const messages = this.#assemblers[from].add(frame, opened.contentType, opened.content, start);
    // A renegotiation under TLS 1.2 changes the keys from within.
    if (opened.contentType === contentTypes.changeCipherSpec && this.agreement.isChangeCipherSpecMeant)
      protection.changeCipherSpec();
    return messages;
  }

  /** Whether the content of the record at that offset was handed on. */
  isHandedOn(from: Side, offset: number): boolean {
    return hasOpenedRecord(this.#keys, this.agreement.clientRandoms, { from, offset });
  }

  #handedOn(from: Side, { start, end }: PlacedRecord): Unsealed | undefined {
    const { agreement } = this;
    return openedRecord(
      this.#keys,
      agreement.clientRandoms,
      { from, offset: start, length: end - start },
      { shut: this.protections[from].shutSeal(end - start), isInside: isTls13(agreement.context.version) },
    );
  }
}

/** Called with each sealed record that is opened. */
export type OnOpened = (
  place: { readonly from: Side; readonly offset: number },
  opened: Unsealed,
  clientRandoms: ReadonlySet<string>,
) => void;

/** Key log lines for a handshake, from its ClientHello to the client's key exchange. */
export type KeysFor = (messages: readonly TlsMessage[]) => Iterable<string>;

export class TlsConversation {
  readonly #keys: KeyRing;
  readonly #maxKept: number;
  readonly #keysFor: KeysFor | undefined;
  readonly #onOpened: OnOpened | undefined;
  readonly #passing: boolean;
  readonly #tellsBulk: boolean;
  readonly #streams: Record<Side, RecordStream>;
  readonly #counts = { client: { records: 0, bytes: 0 }, server: { records: 0, bytes: 0 } };
  readonly #kept: Kept[] = [];
  /** The place in `#kept` and in `#messages` of the run that a direction's next record may join. */
  readonly #runs: Partial<Record<Side, { readonly kept: number; readonly message: number }>> = {};
  readonly #ended = new Set<Side>();
  /** Directions that lost their records, and up to where they have been looked for. */
  readonly #lost: Partial<Record<Side, { readonly fault: StreamFault; end: number }>> = {};
  #messages: TlsMessage[] = [];
  #reading: Reading;
  #keptBytes = 0;
  #keptSmallBytes = 0;
  /** In passing: of application data. */
  #keptDataBytes = 0;
  #keysUsed = 0;
  #randomsUsed = 0;

  /**
   * @param options.keys a ring shared with other conversations; by default its own.
   * @param options.maxKept bytes of records kept at most; 8 MiB by default.
   * @param options.passing of sealed application data that no key opens, a direction's first records and the shortest are
   *   messages; the others are counted. Keys that come later open what comes behind them.
   * @param options.tellsBulk in passing `feed` hands them out all the same.
   * @param options.onOpened called with each sealed record that is opened, again for each reading.
   * @param options.keysFor asked at each ServerHello and each key exchange of the client, before anything that its keys open is read.
   */
  constructor(
    options: {
      keys?: KeyRing;
      maxKept?: number;
      passing?: boolean;
      tellsBulk?: boolean;
      onOpened?: OnOpened;
      keysFor?: KeysFor;
    } = {},
  ) {
    this.#keys = options.keys ?? new KeyRing();
    this.#maxKept = options.maxKept ?? 8 * 1024 * 1024;
    this.#keysFor = options.keysFor;
    this.#onOpened = options.onOpened;
    this.#passing = options.passing ?? false;
    this.#tellsBulk = options.tellsBulk ?? false;
    this.#streams = { client: this.#newStream('client'), server: this.#newStream('server') };
    this.#reading = new Reading(this.#keys, this.#onOpened);
  }

  /** Everything so far, in the order of capture; records beyond the bound are summed up. */
  get messages(): readonly TlsMessage[] {
    return this.#messages;
  }

  get negotiated(): Negotiated {
    return this.#reading.agreement.negotiated();
  }

  /** Records of application data by their outer type, kept or not. */
  applicationData(from: Side): ApplicationDataCount {
    return this.#counts[from];
  }

  /** Whether that direction is over, by its end or by bytes that are no records; what follows is not read. */
  hasEnded(from: Side): boolean {
    return this.#ended.has(from);
  }

  /** Whether this many more bytes of one direction need not be fed. */
  isPassing(from: Side, length: number): boolean {
    return !this.#ended.has(from) && !this.#lost[from] && this.#streams[from].isPassing(length);
  }

  /** Received but not examined. */
  pass(from: Side, length: number, tag: number): void {
    this.#streams[from].pass(length, tag);
  }

  /** Takes the next bytes of one direction; returns the messages that they complete. */
  feed(chunk: TlsChunk): TlsMessage[] {
    const { from, offset, bytes, tag = 0 } = chunk;
    const messages: TlsMessage[] = [];
    if (this.#ended.has(from)) return messages;
    if (this.#lost[from] && !this.#resume(chunk, messages)) return messages;
    for (const record of this.#streams[from].feed(offset, bytes, tag)) this.#accept(from, record, messages);
    const { fault } = this.#streams[from];
    const end = offset + bytes.length;
    if (fault?.isLoss) {
      this.#lost[from] = { fault, end: Math.max(fault.start, offset) };
      // The very bytes by which the gap was noticed may begin with a record.
      if (this.#resume(chunk, messages)) return [...messages, ...this.feed(chunk)];
    } else if (fault) this.#close(from, { from, fault, end: Math.max(end, fault.start) }, messages);
    return messages;
  }

  /** One or both directions have ended; returns incomplete data as malformed messages. */
  end(from?: Side): TlsMessage[] {
    if (!from) return sides.flatMap((side) => this.end(side));
    const messages: TlsMessage[] = [];
    if (this.#ended.has(from)) return messages;
    const lost = this.#lost[from];
    if (lost) {
      this.#close(from, { from, ...lost }, messages);
      return messages;
    }
    const stream = this.#streams[from];
    const fault = stream.end();
    this.#close(from, fault ? { from, fault, end: stream.length } : { from, ended: true }, messages);
    return messages;
  }

  /**
   * Adds key log lines and, when there is something new for this connection (from these lines or in a shared ring), reads
   * again. Returns whether it did; `messages`, `negotiated` and `plaintext` then say what the keys opened.
   */
  openWith(lines: Iterable<string> = []): boolean {
    this.#keys.add(lines);
    // In passing nothing is kept to be read again.
    if (this.#passing || this.#countKeys() === this.#keysUsed) return false;
    this.#readAgain();
    // What the keys opened may hold another handshake, whose keys were in use from its first record on.
    this.#keysUsed = this.#countKeys();
    this.#randomsUsed = this.#reading.agreement.clientRandoms.size;
    return true;
  }

  /** Opened application data of one direction. A record that stayed shut has no piece. */
  plaintext(from: Side): PlaintextPiece[] {
    const pieces: PlaintextPiece[] = [];
    let offset = 0;
    for (const message of this.messages) {
      const { plaintextLength: length, ranges, bytes } = message;
      if (message.from !== from || length === 0) continue;
      pieces.push({ offset, length, wireOffset: ranges.at(0)?.[0] ?? message.offset, bytes, message });
      offset += length;
    }
    return pieces;
  }

  /**
   * Opened application data of both directions in the order of capture, as chunks that the next dissector takes.
   * Offsets count in the plaintext.
   */
  plaintextChunks(): (Required<TlsChunk> & { readonly message: TlsMessage })[] {
    const offsets = { client: 0, server: 0 };
    return this.#messages.flatMap((message) => {
      const { from, plaintextLength, bytes, lastTag: tag } = message;
      const offset = offsets[from];
      offsets[from] += plaintextLength;
      return plaintextLength > 0 && bytes ? [{ from, offset, bytes, tag, message }] : [];
    });
  }

  #newStream(from: Side): RecordStream {
    // Bulk that will neither be kept nor opened is not even put together.
    return new RecordStream((contentType, length, start) => {
      if (contentType === contentTypes.applicationData && this.#passing && this.#isShut(from, start))
        return false;
      if (contentType !== contentTypes.applicationData || this.#hasRoom(length + headerLength, contentType))
        return true;
      return this.#reading.protections[from].hasKeys;
    });
  }

  /** Whether application data of that direction is encrypted and cannot be decrypted. @param start of its record */
  #isShut(from: Side, start: number): boolean {
    const protection = this.#reading.protections[from];
    return (
      protection.seals(contentTypes.applicationData) &&
      !protection.hasKeys &&
      !this.#reading.isHandedOn(from, start)
    );
  }

  /** Whether a record of application data is one among many of which only the number counts. */
  #isBulk(from: Side, { start, end }: PlacedRecord): boolean {
    return (
      this.#passing &&
      !this.#tellsBulk &&
      end - start > longestReported &&
      this.#counts[from].records > firstReported &&
      this.#counts[otherSide[from]].records > 0 &&
      this.#isShut(from, start)
    );
  }

  /** What one more record costs: its bytes, and some for what describes it. */
  #hasRoom(length: number, contentType: number): boolean {
    const cost = length + recordCost;
    // While passing, application data is not examined any more: the space is for handshakes and alerts.
    if (this.#passing && contentType === contentTypes.applicationData)
      return this.#keptDataBytes + cost <= this.#maxKept / dataShare;
    return (
      this.#keptBytes + cost <= this.#maxKept ||
      (cost <= 1024 && this.#keptSmallBytes + cost <= this.#maxKept / 8)
    );
  }

  /** Whether records start again with these bytes; then the lost bytes are reported. */
  #resume({ from, offset, bytes }: TlsChunk, messages: TlsMessage[]): boolean {
    const lost = this.#lost[from];
    if (!lost) return false;
    if (offset < lost.end || !looksLikeRecords(bytes, true)) {
      lost.end = Math.max(lost.end, offset + bytes.length);
      return false;
    }
    delete this.#lost[from];
    this.#streams[from] = this.#newStream(from);
    this.#report({ from, fault: lost.fault, end: offset, isResumed: true }, messages);
    return true;
  }

  #close(from: Side, kept: Kept, messages: TlsMessage[]): void {
    this.#ended.add(from);
    this.#report(kept, messages);
  }

  #report(kept: Kept, messages: TlsMessage[]): void {
    const read = this.#reading.repeat(kept);
    if (!this.#passing) this.#kept.push(kept);
    addAll(this.#messages, read);
    addAll(messages, read);
  }

  #accept(from: Side, record: PlacedRecord, messages: TlsMessage[]): void {
    if (record.contentType === contentTypes.applicationData) {
      this.#counts[from].records++;
      this.#counts[from].bytes += record.end - record.start;
      if (this.#isBulk(from, record)) {
        this.#reading.protections[from].skip(1, record.end - record.start - headerLength);
        return this.#addToRun(from, record, []);
      }
    }
    const isKept = this.#reserve(record);
    const kept = isKept ? { ...record, bytes: ownBytes(record.bytes) } : record;
    const read = this.#reading.read(from, kept);
    addAll(messages, read);
    if (this.#keysFor && read.some(({ content }) => bringsKeys.has(content.type))) {
      this.#keys.add(
        this.#keysFor([
          ...this.#messages.slice(
            this.#messages.findLastIndex(({ content }) => content.type === 'client_hello'),
          ),
          ...read,
        ]),
      );
    }
    this.#noteKeys();
    const isClear =
      record.contentType !== contentTypes.applicationData && read.every(({ encrypted }) => !encrypted);
    // While passing, plaintext beyond the limit has been delivered; summarized it would be taken for encrypted data.
    if (!isKept && this.#passing && isClear) return;
    if (!isKept) return this.#addToRun(from, record, read);
    // A part of a message: what is gathered of it is bounded by itself.
    if (this.#passing && read.length === 0 && isClear) this.#keptBytes -= recordCost;
    // Each message takes some memory, however short it is.
    if (!this.#passing || record.contentType !== contentTypes.applicationData)
      this.#keptBytes += messageCost * read.length;
    delete this.#runs[from];
    if (!this.#passing) this.#kept.push({ from, record: kept });
    addAll(this.#messages, read);
  }

  /** Whether the record is kept; then its bytes are counted. */
  #reserve(record: PlacedRecord): boolean {
    const length = this.#passing ? (record.bytes?.length ?? 0) : record.end - record.start;
    if (!this.#hasRoom(length, record.contentType)) return false;
    if (this.#passing && record.contentType === contentTypes.applicationData)
      this.#keptDataBytes += length + recordCost + messageCost;
    else if (this.#keptBytes + length + recordCost <= this.#maxKept) this.#keptBytes += length + recordCost;
    else this.#keptSmallBytes += length + recordCost;
    return true;
  }

  /** How many secrets there are for the handshakes seen so far. */
  #countKeys(): number {
    let count = 0;
    for (const random of this.#reading.agreement.clientRandoms) count += this.#keys.count(random);
    return count;
  }

  #noteKeys(): void {
    const { clientRandoms } = this.#reading.agreement;
    if (clientRandoms.size === this.#randomsUsed) return;
    // Keys received before the ClientHello apply from the first record on.
    for (const random of [...clientRandoms].slice(this.#randomsUsed))
      this.#keysUsed += this.#keys.count(random);
    this.#randomsUsed = clientRandoms.size;
  }

  #addToRun(from: Side, record: PlacedRecord, read: readonly TlsMessage[]): void {
    const place = this.#runs[from];
    const before = place && this.#messages[place.message];
    const plaintextLength = read.reduce(
      (sum, message) => sum + message.plaintextLength,
      before?.plaintextLength ?? 0,
    );
    const isOpened = read.length > 0 && read.every((message) => message.opened) && (before?.opened ?? true);
    const offset = before?.offset ?? read[0]?.offset ?? record.start;
    const run: TlsMessage = {
      from,
      offset,
      length: record.end - offset,
      firstTag: before?.firstTag ?? record.firstTag,
      lastTag: record.lastTag,
      contentType: record.contentType,
      title: contentTypeTitles[record.contentType] ?? 'Malformed',
      encrypted: true,
      opened: isOpened,
      content: isOpened ? { type: 'application_data' } : { type: 'sealed' },
      bytes: undefined,
      ranges: [[offset, record.end]],
      frames: [],
      records: (before?.records ?? 0) + 1,
      plaintextLength,
      context: {},
    };
    if (place) {
      if (!this.#passing) this.#kept[place.kept] = { from, run };
      this.#messages[place.message] = run;
      return;
    }
    this.#runs[from] = { kept: this.#kept.length, message: this.#messages.length };
    if (!this.#passing) this.#kept.push({ from, run });
    this.#messages.push(run);
  }

  #readAgain(): void {
    const reading = new Reading(this.#keys, this.#onOpened);
    const messages: TlsMessage[] = [];
    for (const [index, kept] of this.#kept.entries()) {
      if (this.#runs[kept.from]?.kept === index)
        this.#runs[kept.from] = { kept: index, message: messages.length };
      addAll(messages, reading.repeat(kept));
    }
    this.#messages = messages;
    this.#reading = reading;
  }
}

/** One record may hold thousands of messages: more than a call takes as arguments. */
function addAll<T>(list: T[], more: readonly T[]): void {
  for (const one of more) list.push(one);
}

/** Bytes that keep nothing else alive: a record is often a view into a much larger chunk. */
function ownBytes(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes && bytes.buffer.byteLength > bytes.length ? bytes.slice() : bytes;
}
