/**
 * Collects the facts about one connection as plain values: the evidence for `cause-table.ts`. It counts, measures and
 * compares; it determines no cause.
 *
 * 1. A fact is what the capture shows. What it cannot show (our own tap sees no packets) is absent, not false.
 * 2. Everything here is bounded, however long the connection lives.
 */
import { defined } from '../../core/defined.ts';
import type { Side } from '../../capture/event.ts';
import { otherSide } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { FlowStream } from '../../capture/flow-stream.ts';
import { recognise } from '../../protocols/index.ts';
import type { ProtocolName } from '../../protocols/index.ts';
import { keyExchangeOf } from '../../protocols/tls/cipher-suites.ts';
import type { TlsMessage } from '../../protocols/tls/message/message.ts';
import type { HandshakeGist } from './handshake-gist.ts';
import type { HandshakeProgress } from './handshake-progress.ts';
import type { SaidStream } from './said-stream.ts';
import { isLegacy } from './cause.ts';
import {
  refusedBinding,
  refusedUpgrade,
  startsWithProxyHeader,
  tlsComplaint,
  tunnelRefusal,
} from './plain-words.ts';
import type { RefusedBinding } from './plain-words.ts';

export type CertificateSeen = 'read' | 'sealed' | 'empty' | 'none';

/** Bytes of a side that never arrived. */
export interface Loss {
  readonly from: Side;
  /** Of the first segment that was sent again and again, or of the hole that the receiver reports. */
  readonly bytes: number;
  /** How often it was sent, where that was seen. */
  readonly times?: number;
}

export interface Facts {
  /** Whether packets of that side are in the capture; always so at a tap of our own. */
  readonly captured: Readonly<Record<Side, boolean>>;
  readonly joinedLate: boolean;
  /** Bytes went by that the capture does not have. */
  readonly hasGap: boolean;
  readonly spoke: Readonly<Record<Side, boolean>>;
  /** By its first bytes. */
  readonly speaks: Readonly<Partial<Record<Side, ProtocolName>>>;
  readonly end: 'end' | 'reset' | 'timeout' | 'open';
  readonly endedBy: Side | undefined;
  readonly lastSpoke: Side | undefined;
  /** Between the last byte of either side and the end, in milliseconds. */
  readonly silence: number;
  readonly loss: Loss | undefined;
  /** Segments of either side had to be sent again. */
  readonly isRepeated: boolean;
  /** The reset seems to come from elsewhere than the packets of the side in whose name it was sent, or that side went on after it. */
  readonly isResetForeign: boolean;
  readonly isTls: boolean;
  readonly isTls13: boolean;
  readonly hasClientHello: boolean;
  readonly hasServerHello: boolean;
  readonly certificate: Readonly<Record<Side, CertificateSeen>>;
  readonly isComplete: boolean;
  /** What the client sealed under TLS 1.3 is shorter than any Finished. */
  readonly isTooShortForFinished: boolean;
  /** Who sent the first fatal alert that could be read. */
  readonly alertBy: Side | undefined;
  /** A sealed record of the size of an alert is the last that side said in the handshake. */
  readonly alertSized: Side | undefined;
  /** The keys rest on a secret that both sides had before, or the client offered one and got no answer. */
  readonly isPsk: boolean;
  /** The server answered without the extension of RFC 5746, and the client knows it. */
  readonly isLegacyServer: boolean;
  /** Who began a handshake on a connection that had one, and whether the other side answered with an alert. */
  readonly renegotiation: { readonly by: Side; readonly isRefused: boolean } | undefined;
  /** What was said in clear before TLS could begin, and ended it. */
  readonly refusedUpgrade: string | undefined;
  /** The same, where the session went on in clear all the same. */
  readonly declinedUpgrade: string | undefined;
  readonly refusedTunnel: string | undefined;
  /** Where the words of that begin in what the server said. */
  readonly refusedAt: number | undefined;
  readonly hasProxyHeader: boolean;
  /** Of an answer over HTTP that is about TLS: its words. */
  readonly complaint: string | undefined;
  /** A login was bound to a certificate, and the other side has another one, or none. */
  readonly refusedBinding: RefusedBinding | undefined;
  /** A heartbeat was answered with more than it held: bytes of the answerer's memory. */
  readonly heartbeat:
    | { readonly by: Side; readonly asked: number; readonly answered: number; readonly isRead: boolean }
    | undefined;
}

/** Sent so often without an acknowledgement, a segment does not arrive. */
const hopelessTimes = 3;

/** @param gist absent where no TLS was met. @param said what each side said, in a tunnel where there is one */
export function factsOf(
  connection: Connection,
  gist: HandshakeGist | undefined,
  progress: HandshakeProgress,
  alertBy: Side | undefined,
  said: Readonly<Record<Side, SaidStream>>,
): Facts {
  const { closed, segments, opened } = connection;
  const streams = {
    client: connection.stream('wire', 'client'),
    server: connection.stream('wire', 'server'),
  };
  const spoke = { client: said.client.length > 0, server: said.server.length > 0 };
  const isTls = gist !== undefined;
  const speaks = { ...speaksOf(said.client), ...speaksOf(said.server) };
  const lastChunks = { client: streams.client.chunks.at(-1), server: streams.server.chunks.at(-1) };
  const last = Math.max(lastChunks.client?.at ?? -1, lastChunks.server?.at ?? -1, opened?.at ?? -1);
  const lastSpoke: Side | undefined =
    !spoke.client && !spoke.server
      ? undefined
      : (lastChunks.client?.seq ?? -1) > (lastChunks.server?.seq ?? -1)
        ? 'client'
        : 'server';
  const goesOn = progress.messages.some(
    ({ from, content }) =>
      from === 'client' &&
      (content.type === 'client_key_exchange' ||
        content.type === 'finished' ||
        content.type === 'application_data'),
  );
  const upgrade = isTls && progress.serverHello ? undefined : refusedUpgrade(said.client, said.server);
  const tunnel = isTls ? undefined : tunnelRefusal(streams.client, streams.server);
  const captured = {
    client: segments ? segments.client.packets > 0 : spoke.client || progress.serverHello === undefined,
    server: segments ? segments.server.packets > 0 : spoke.server || !goesOn,
  };
  const above = (from: Side): Uint8Array | undefined =>
    connection.lengthOf('plaintext', from) > 0
      ? beginningOf(connection.stream('plaintext', from))
      : gist?.said[from];
  const read = above('server');
  const login = {
    client: isTls ? above('client') : beginningOf(said.client),
    server: isTls ? read : beginningOf(said.server),
  };
  return {
    captured,
    joinedLate: opened?.late === true,
    hasGap: streams.client.hasGap || streams.server.hasGap,
    spoke,
    speaks,
    end: closed?.how ?? 'open',
    endedBy: closed === undefined || closed.by === 'unknown' ? undefined : closed.by,
    lastSpoke,
    silence: (segments ? segments.quiet : closed && last >= 0 ? Math.max(0, closed.at - last) : 0) / 1000,
    loss: lossIn(segments),
    isRepeated: segments !== undefined && segments.client.repeated + segments.server.repeated > 0,
    isResetForeign: isForeign(segments),
    isTls,
    isTls13: progress.isTls13,
    hasClientHello: progress.clientHello !== undefined,
    hasServerHello: progress.serverHello !== undefined,
    certificate: { client: certificateOf(progress, 'client'), server: certificateOf(progress, 'server') },
    isComplete: progress.isComplete,
    isTooShortForFinished: progress.isTooShortForFinished,
    alertBy,
    alertSized: progress.clientAlertBySize ? 'client' : progress.serverAlertBySize ? 'server' : undefined,
    isPsk: isPskIn(progress),
    isLegacyServer: isLegacy(progress),
    renegotiation: renegotiationIn(progress),
    refusedUpgrade: upgrade?.goesOn === false ? upgrade.said : undefined,
    declinedUpgrade: upgrade?.goesOn === true ? upgrade.said : undefined,
    refusedTunnel: tunnel?.said,
    refusedAt: upgrade?.offset ?? tunnel?.offset,
    hasProxyHeader: startsWithProxyHeader(said.client.head),
    complaint: read && tlsComplaint(read),
    refusedBinding:
      login.client &&
      login.server &&
      refusedBinding(login.client, login.server, { isTls, isOver: closed !== undefined }),
    heartbeat: heartbeatIn(progress.messages),
  };
}

const mostRead = 2048;

export function beginningOf(
  stream: Pick<SaidStream | FlowStream, 'read' | 'length'>,
): Uint8Array | undefined {
  return stream.read(0, Math.min(mostRead, stream.length));
}

function speaksOf({ from, head }: SaidStream): Partial<Record<Side, ProtocolName>> {
  return head.length === 0 ? {} : { [from]: recognise(head, from) ?? 'opaque' };
}

function lossIn(segments: Connection['segments']): Loss | undefined {
  if (!segments) return undefined;
  for (const from of ['server', 'client'] as const) {
    const { missing, oldest, unacknowledged } = segments[from];
    if (missing > 0) return defined({ from, bytes: missing, times: oldest?.times });
    if (unacknowledged > 0 && oldest && oldest.times >= hopelessTimes)
      return { from, bytes: oldest.length, times: oldest.times };
  }
  return undefined;
}

/** Routes differ by a hop or two from packet to packet; a sender elsewhere differs by more, or begins with another number. */
const sameRoute = 2;
/** With which systems begin (RFC 1700 and what is usual). */
const initialTtls: ReadonlySet<number> = new Set([64, 128, 255]);

function isForeign(segments: Connection['segments']): boolean {
  const { reset } = segments ?? {};
  if (!reset) return false;
  if (reset.continued > 0 || reset.followed) return true;
  const { ttl, usual } = reset;
  if (usual === undefined) return false;
  const [least, most] = usual;
  // Fresh from its sender, where that side's other packets have been on their way for a while.
  const isFresh = initialTtls.has(ttl) && !initialTtls.has(most) && ttl > most;
  return isFresh || ttl < least - sameRoute || ttl > most + sameRoute;
}

function certificateOf(progress: HandshakeProgress, side: Side): CertificateSeen {
  const read = progress.certificate[side];
  if (read) return read.content.certificates.length === 0 ? 'empty' : 'read';
  if (progress.certificateMessage(side)) return 'sealed';
  if (side === 'client' && progress.emptyCertificateBySize) return 'empty';
  return (
    side === 'client'
      ? progress.certificateBySize
      : progress.isTls13
        ? progress.serverCertificateBySize
        : undefined
  )
    ? 'sealed'
    : 'none';
}

function isPskIn({ hello, answer, serverHello }: HandshakeProgress): boolean {
  if (answer && /PSK|SRP/.test(keyExchangeOf(answer.cipherSuite) ?? '')) return true;
  return serverHello
    ? answer?.extensions.selectedPsk !== undefined
    : (hello?.extensions.pskIdentities ?? 0) > 0;
}

const types = { alert: 21, handshake: 22 } as const;

/** Up to TLS 1.2: a sealed handshake record behind what ended the handshake and something that was said (RFC 5246 section 7.4.1.1). */
function renegotiationIn({ messages, isTls13, isComplete }: HandshakeProgress): Facts['renegotiation'] {
  if (isTls13 || !isComplete) return undefined;
  const said = messages.findIndex(
    ({ content, contentType }) =>
      content.type === 'application_data' || (content.type === 'sealed' && contentType === 23),
  );
  if (said < 0) return undefined;
  const behind = messages.slice(said);
  const at = behind.findIndex(
    ({ content, contentType }) =>
      contentType === types.handshake &&
      (content.type === 'sealed' || content.type === 'hello_request' || content.type === 'client_hello'),
  );
  const asked = behind[at];
  if (!asked) return undefined;
  // A server only requests it; the client refuses, and vice versa.
  const rest = behind.slice(at + 1);
  const answer = rest.findIndex(
    ({ from, contentType }) => from === otherSide[asked.from] && contentType === types.alert,
  );
  const goesOn = rest
    .slice(answer + 1)
    .some(
      ({ content, contentType }) =>
        content.type === 'application_data' || (content.type === 'sealed' && contentType === 23),
    );
  const hasAgreed = rest.some(({ contentType, from }) => contentType === 20 && from === 'server');
  return { by: asked.from, isRefused: answer >= 0 && !goesOn && !hasAgreed };
}

const heartbeat = { record: 24, request: 1, response: 2, head: 3, padding: 16 } as const;

/** RFC 6520 section 4: an answer holds what was asked, no more; one that holds more took it from memory (CVE-2014-0160). */
function heartbeatIn(messages: readonly TlsMessage[]): Facts['heartbeat'] {
  const beats = messages.filter(({ contentType }) => contentType === heartbeat.record);
  for (const [index, ask] of beats.entries()) {
    const answers = beats.slice(index + 1).filter(({ from }) => from === otherSide[ask.from]);
    const isRead = ask.content.type === 'heartbeat' && ask.bytes?.[0] === heartbeat.request;
    const first = answers[0];
    if (!first || (ask.content.type === 'heartbeat' && !isRead)) continue;
    const asked = isRead ? (ask.bytes?.length ?? 0) : ask.length;
    const answered = answers.reduce((sum, one) => sum + (isRead ? (one.bytes?.length ?? 0) : one.length), 0);
    const isAnswer =
      !isRead || (first.content.type === 'heartbeat' && first.bytes?.[0] === heartbeat.response);
    // Padding is of the sender's own choice, and sixteen bytes of it at least.
    if (isAnswer && answered > asked + 4 * heartbeat.padding)
      return { by: first.from, asked, answered, isRead };
  }
  return undefined;
}
