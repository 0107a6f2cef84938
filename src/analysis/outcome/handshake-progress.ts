/**
 * Determines how far a handshake progressed, from its messages, decrypted or not. `cause.ts` determines why it was
 * aborted, `outcome.ts` the outcome.
 *
 * 1. Encrypted messages are recognized by outer type and size alone. Under TLS 1.3 an alert, an empty Certificate and a
 *    Finished have one size each, which the suite determines (RFC 8446 sections 5.2 and 4.4), and another in Java,
 *    which pads every record with sixteen zeros. A record shorter than a Finished is none, whatever its padding.
 * 2. A conclusion from such a size is an inference, and its user marks it so.
 */
import type { Side } from '../../capture/event.ts';
import { openCompressedCertificate } from '../../protocols/tls/certificate-compression.ts';
import type { ClientHello, ServerHello } from '../../protocols/tls/handshake.ts';
import { aeadSuite } from '../../protocols/tls/keys/key-schedule.ts';
import type { TlsContent, TlsMessage } from '../../protocols/tls/message/message.ts';
import { isTls13 } from '../../protocols/tls/codes.ts';

/** The last thing that had happened, or the message that was being judged. */
export const handshakeSteps = [
  'connecting',
  'client_hello',
  'server_flight',
  'client_certificate',
  'client_flight',
  'connected',
  'application_data',
  'plaintext',
] as const;
export type HandshakeStep = (typeof handshakeSteps)[number];

type ContentOf<T extends TlsContent['type']> = Extract<TlsContent, { type: T }>;
export type Found<T extends TlsContent['type']> = TlsMessage & { readonly content: ContentOf<T> };

const isOf =
  <T extends TlsContent['type']>(type: T) =>
  (message: TlsMessage): message is Found<T> =>
    message.content.type === type;

const alertType = 21;
const handshakeType = 22;
const dataType = 23;
const hashLength = { sha256: 32, sha384: 48 } as const;

/** A record of TLS 1.3 around content of that length: header, content, inner type, tag. */
const recordLength = (content: number, tag: number): number => 5 + content + 1 + tag;

/** A level and a description. */
const alertLength = 2;

/** Zeros after the content: none, as in nearly every implementation, or Java's number. */
const paddings = [0, 16] as const;

const nothingSealed = { client: [], server: [] } as const;

export class HandshakeProgress {
  readonly messages: readonly TlsMessage[];
  readonly clientHello: Found<'client_hello'> | undefined;
  /** The one that agreed on something: no HelloRetryRequest. */
  readonly serverHello: Found<'server_hello'> | undefined;
  readonly retry: Found<'server_hello'> | undefined;
  /** Also if it was compressed (RFC 8879) and could be decompressed. */
  readonly certificate: Readonly<Record<Side, Found<'certificate'> | undefined>>;
  readonly certificateRequest: Found<'certificate_request'> | undefined;
  readonly certificateVerify: Readonly<Record<Side, Found<'certificate_verify'> | undefined>>;
  readonly isTls13: boolean;
  /** The TLS 1.3 records of each side that were not decrypted. */
  readonly #sealed: Readonly<Record<Side, readonly TlsMessage[]>>;
  /** Where it was read. */
  readonly #clientFinished: TlsMessage | undefined;
  readonly #suite: ReturnType<typeof aeadSuite>;
  // Shared intermediate results, computed on first use.
  #knownFlight: readonly TlsMessage[] | undefined;
  #knownAfterFlight: readonly TlsMessage[] | undefined;
  #knownComplete: boolean | undefined;
  readonly #knownSaid: Partial<Record<Side, boolean>> = {};
  readonly #knownPadding: Partial<Record<Side, number>> = {};

  /** @param messages of one connection, in capture order; those of its first handshake are used */
  constructor(messages: readonly TlsMessage[]) {
    this.messages = messages;
    this.clientHello = messages.findLast(isOf('client_hello'));
    const answers = messages.filter(isOf('server_hello'));
    this.serverHello = answers.find(({ content }) => !content.helloRetryRequest);
    this.retry = answers.find(({ content }) => content.helloRetryRequest);
    const by = {
      client: messages.filter(({ from }) => from === 'client'),
      server: messages.filter(({ from }) => from === 'server'),
    };
    this.certificate = { client: certificateIn(by.client), server: certificateIn(by.server) };
    this.certificateRequest = messages.find(isOf('certificate_request'));
    this.certificateVerify = {
      client: by.client.find(isOf('certificate_verify')),
      server: by.server.find(isOf('certificate_verify')),
    };
    this.#clientFinished = by.client.find(isOf('finished'));
    this.isTls13 = isTls13(this.serverHello?.content.version ?? this.retry?.content.version);
    const isSealed = ({ content, contentType }: TlsMessage): boolean =>
      content.type === 'sealed' && contentType === dataType;
    this.#sealed = this.isTls13
      ? { client: by.client.filter(isSealed), server: by.server.filter(isSealed) }
      : nothingSealed;
    this.#suite = aeadSuite(this.answer?.cipherSuite ?? 0);
  }

  /** The message in which a side presented a certificate, even if it is compressed and cannot be decompressed. */
  certificateMessage(side: Side): TlsMessage | undefined {
    return (
      this.certificate[side] ??
      this.messages.find(({ from, content }) => from === side && content.type === 'compressed_certificate')
    );
  }

  get hello(): ClientHello | undefined {
    return this.clientHello?.content;
  }

  get answer(): ServerHello | undefined {
    return this.serverHello?.content;
  }

  /** The name that the client requested. */
  get serverName(): string | undefined {
    return this.hello?.extensions.serverName;
  }

  /** Whether any message of the server's is more than an alert. */
  get serverSpoke(): boolean {
    return this.messages.some(
      ({ from, contentType, content }) =>
        from === 'server' && contentType !== alertType && content.type !== 'malformed',
    );
  }

  /**
   * Whether both sides have accepted each other. Under TLS 1.3 the server's Finished precedes its verification of the
   * client.
   */
  get isComplete(): boolean {
    return (this.#knownComplete ??=
      this.hasFinished('client') && (this.isTls13 ? this.serverAccepted : this.hasFinished('server')));
  }

  /** By its Finished: one that was read, up to TLS 1.2 a sealed handshake record, under TLS 1.3 what can be nothing else. */
  hasFinished(side: Side): boolean {
    if (this.messages.some(({ from, content }) => from === side && content.type === 'finished')) return true;
    if (!this.isTls13)
      return this.messages.some(
        ({ from, content, contentType }) =>
          from === side && content.type === 'sealed' && contentType === handshakeType,
      );
    return side === 'client' ? this.#flight.length > 0 : this.serverHello !== undefined;
  }

  /**
   * The client's encrypted flight of TLS 1.3, which ends with a record of a Finished's size, else with its segment. Empty where the
   * Finished was read: what the client sealed is no part of it then.
   */
  get #flight(): readonly TlsMessage[] {
    return (this.#knownFlight ??= this.#findFlight());
  }

  #findFlight(): readonly TlsMessage[] {
    const own = this.#sealed.client;
    const [first] = own;
    if (!first || this.#clientFinished) return [];
    const end = own.findIndex(({ length }) => this.#isOf(length, this.#finishedContent));
    const flight =
      end >= 0 ? own.slice(0, end + 1) : own.filter(({ firstTag }) => firstTag === first.lastTag);
    return this.mayBeEarlyData || flight.some(({ length }) => length >= this.finishedLength) ? flight : [];
  }

  /** Under TLS 1.3, without keys: the client has sealed something, and nothing of it is long enough to be a Finished. */
  get isTooShortForFinished(): boolean {
    const own = this.#sealed.client;
    return (
      !this.mayBeEarlyData &&
      own.length > 0 &&
      own.every(({ length, records }) => records === 1 && length < this.finishedLength) &&
      !this.#clientFinished
    );
  }

  /** Under TLS 1.3, without keys: the sealed record that is an empty Certificate by its size. */
  get emptyCertificateBySize(): TlsMessage | undefined {
    const [first] = this.#flight;
    return this.#flight.length > 1 && first && this.#isOf(first.length, 8) ? first : undefined;
  }

  /** Under TLS 1.3, without keys: the sealed record that begins a flight longer than a Finished: a Certificate, then. */
  get certificateBySize(): TlsMessage | undefined {
    const [first] = this.#flight;
    return first &&
      (this.#flight.length > 1 || first.length > 2 * recordLength(4 + 48, this.#tagLength)) &&
      !this.emptyCertificateBySize &&
      !this.mayBeEarlyData
      ? first
      : undefined;
  }

  /** Under TLS 1.3, without keys: the longest of the records in which the server's certificate must stand. */
  get serverCertificateBySize(): TlsMessage | undefined {
    const own = this.#sealed.server;
    return own.length === 0
      ? undefined
      : own.reduce((longest, one) => (one.length > longest.length ? one : longest));
  }

  /** What the client sealed first may be application data (RFC 8446 section 2.3). */
  get mayBeEarlyData(): boolean {
    return this.hello?.extensions.earlyData ?? false;
  }

  /** Whether a sealed record has the size of an alert under TLS 1.3. */
  isAlertSize({ from, length, records, contentType }: TlsMessage): boolean {
    return (
      this.isTls13 &&
      contentType === dataType &&
      records === 1 &&
      length === recordLength(alertLength + this.#paddingOf(from), this.#tagLength)
    );
  }

  /** What a side puts behind each content, as its Finished shows: one that has that size with the padding, and none without. */
  #paddingOf(side: Side): number {
    return (this.#knownPadding[side] ??= this.#findPadding(this.#sealed[side]));
  }

  #findPadding(own: readonly TlsMessage[]): number {
    const [none, java] = paddings.map((padding) =>
      own.some(({ length }) => length === this.finishedLength + padding),
    );
    return java && !none ? paddings[1] : 0;
  }

  /** Whether a sealed record of that length holds so much content, padded or not. */
  #isOf(length: number, content: number): boolean {
    return paddings.some((padding) => length === recordLength(content + padding, this.#tagLength));
  }

  /** What the server encrypted after the client's flight had started. */
  get serverAfterFlight(): readonly TlsMessage[] {
    return (this.#knownAfterFlight ??= this.#findAfterFlight());
  }

  #findAfterFlight(): readonly TlsMessage[] {
    const first = this.#clientFinished ?? this.#flight[0];
    if (!first) return [];
    const at = this.messages.indexOf(first);
    return this.messages
      .slice(at)
      .filter(({ from, content }) => from === 'server' && content.type !== 'change_cipher_spec');
  }

  /** Under TLS 1.3 a server that says more than an alert after the client's flight has taken it. */
  get serverAccepted(): boolean {
    return (
      this.isTls13 &&
      this.serverAfterFlight.some(
        (message) =>
          message.content.type !== 'malformed' &&
          message.content.type !== 'alert' &&
          !this.isAlertSize(message),
      )
    );
  }

  /** Without keys: what the client sealed has the size of an alert, padded or not, and none of it could be a Finished. */
  get clientAlertBySize(): TlsMessage | undefined {
    const [first] = this.#sealed.client;
    return first && this.isTooShortForFinished && this.#isOf(first.length, alertLength) ? first : undefined;
  }

  /** Without keys: all that the server sealed after the client's flight are alerts by their size. */
  get serverAlertBySize(): TlsMessage | undefined {
    const after = this.serverAfterFlight;
    return after.length > 0 &&
      after.every((message) => message.content.type === 'sealed' && this.isAlertSize(message))
      ? after[0]
      : undefined;
  }

  /** Records or bytes of what a side said above TLS; under TLS 1.3 without keys what may be such. */
  saidAbove(side: Side): boolean {
    return (this.#knownSaid[side] ??= this.#hasSaid(side));
  }

  #hasSaid(side: Side): boolean {
    if (this.messages.some(({ from, content }) => from === side && content.type === 'application_data'))
      return true;
    if (!this.isTls13)
      return this.messages.some(
        ({ from, content, contentType }) =>
          from === side && content.type === 'sealed' && contentType === dataType,
      );
    const own =
      side === 'client'
        ? this.#clientAfterFlight
        : this.serverAfterFlight.filter(({ content }) => content.type === 'sealed');
    return own.some((message) => !this.isAlertSize(message));
  }

  /** What the client sealed behind its flight, whether that was read or is sealed, too. */
  get #clientAfterFlight(): readonly TlsMessage[] {
    const { client } = this.#sealed;
    const finished = this.#clientFinished;
    if (!finished) return client.slice(this.#flight.length);
    const { messages } = this;
    const behind = new Set(messages.slice(messages.indexOf(finished) + 1));
    return client.filter((message) => behind.has(message));
  }

  /** The step at which it stands after everything that was seen. */
  get step(): HandshakeStep {
    // The tickets that a TLS 1.3 server sends first cannot be distinguished from responses.
    if (this.isComplete)
      return this.saidAbove('client') || (!this.isTls13 && this.saidAbove('server'))
        ? 'application_data'
        : 'connected';
    if (this.certificateMessage('client') ?? this.certificateBySize ?? this.emptyCertificateBySize)
      return 'client_certificate';
    if (this.hasFinished('client')) return 'client_flight';
    if (this.serverHello) return 'server_flight';
    return 'client_hello';
  }

  get #tagLength(): number {
    return this.#suite?.tagLength ?? 16;
  }

  /** Of a whole record with a Finished in it that is not padded. */
  get finishedLength(): number {
    return recordLength(this.#finishedContent, this.#tagLength);
  }

  get #finishedContent(): number {
    return 4 + hashLength[this.#suite?.hash ?? 'sha256'];
  }
}

/** The first that a side presented, read as what it stands for. */
function certificateIn(messages: readonly TlsMessage[]): Found<'certificate'> | undefined {
  const message = messages.find(
    ({ content: { type } }) => type === 'certificate' || type === 'compressed_certificate',
  );
  if (!message || isOf('certificate')(message)) return message;
  const opened =
    message.content.type === 'compressed_certificate'
      ? openCompressedCertificate(message.content)
      : undefined;
  return opened && 'list' in opened
    ? { ...message, content: { type: 'certificate', certificates: opened.list.certificates } }
    : undefined;
}
