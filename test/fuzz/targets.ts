/**
 * Everything that reads foreign bytes, a row each. A row's reader must come to an end, throw nothing but a `UserError` where
 * a person's file is meant, and hold no more than a small multiple of its input; what else it promises (trees without
 * gaps, messages that tile their stream, JSON that fits its schema) it is held to here, by an error that is thrown.
 *
 * A reader tells what it reached, as words: an input that reaches something new is worth keeping.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as yaml from 'yaml';
import { conversation, loadReadings } from '../../src/analysis/conversation/conversation.ts';
import { ProtocolDispatcher } from '../../src/analysis/conversation/protocol-dispatcher.ts';
import type { Spoken } from '../../src/analysis/conversation/protocol-dispatcher.ts';
import * as readings from '../../src/analysis/conversation/readings.ts';
import { loadProtocols } from '../../src/protocols/index.ts';
import { SecretHunt } from '../../src/analysis/secrets/secret-hunt.ts';
import { credentialsInFrame } from '../../src/analysis/secrets/framed-http.ts';
import { coverageOf as coverageOfMessage } from '../../src/analysis/conversation/tls-reading.ts';
import { CaptureReader } from '../../src/capture/file/capture-file.ts';
import { Flows } from '../../src/capture/flows.ts';
import { FragmentTable, readIp, readTcp } from '../../src/capture/net/ip.ts';
import { ipPacketOf } from '../../src/capture/net/link-layers.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { PacketClock, Replay } from '../../src/capture/file/replay.ts';
import { readCapture } from '../../src/cli/inspect/open.ts';
import type { CaptureInput } from '../../src/cli/inspect/input.ts';
import type { InspectRequest } from '../../src/cli/inspect/request.ts';
import { readStep } from '../../src/core/cursor.ts';
import type { Field, Step } from '../../src/core/field.ts';
import { coverageOf } from '../../src/protocols/coverage.ts';
import { dnsOfDatagram, fieldOfDns } from '../../src/protocols/dns/conversation.ts';
import { readDns } from '../../src/protocols/dns/message.ts';
import { definitionsOf, parseProto } from '../../src/protocols/grpc/proto-file.ts';
import { Http2Conversation } from '../../src/protocols/http2/conversation.ts';
import { readerOfProxyHeader } from '../../src/protocols/proxy-header/conversation.ts';
import { fieldOfProxyHeader, readProxyHeader } from '../../src/protocols/proxy-header/header.ts';
import type { ProtocolMessage } from '../../src/protocols/protocol.ts';
import { fieldOfHttp } from '../../src/protocols/http/message-field.ts';
import { readBasic, readCookies, readForm, readFormFields } from '../../src/protocols/http/form.ts';
import { framingOf, readHead, readMessage, readUsualHead } from '../../src/protocols/http/message.ts';
import type { Piece } from '../../src/protocols/piece.ts';
import { handshakeTypeNames } from '../../src/protocols/tls/codes.ts';
import { TlsConversation } from '../../src/protocols/tls/conversation.ts';
import { fieldOf, handshakeFieldOf } from '../../src/protocols/tls/message/message-field.ts';
import { readExtensions } from '../../src/protocols/tls/extensions.ts';
import type { ExtensionPlace } from '../../src/protocols/tls/extensions.ts';
import { readHandshake } from '../../src/protocols/tls/handshake.ts';
import type { HandshakeContext } from '../../src/protocols/tls/handshake.ts';
import { KeyRing, readKeylogLine } from '../../src/protocols/tls/keys/keylog.ts';
import { RecordStream, readRecord } from '../../src/protocols/tls/record.ts';
import { openWithRsa, readRsaKey } from '../../src/protocols/tls/keys/rsa-key.ts';
import { readCertificate, readDistinguishedName } from '../../src/protocols/x509/certificate.ts';
import { readRevocationList } from '../../src/protocols/x509/crl.ts';
import { every, element, objectIdentifier, opaque, tags, time } from '../../src/protocols/x509/der.ts';
import { readSigningRequest } from '../../src/protocols/x509/request.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { readContents } from '../../src/pki/x509/contents.ts';
import { kubeconfigText, readKubeconfig } from '../../src/pki/kubeadm/kubeconfig.ts';
import { scanPem } from '../../src/pki/keystore/pem.ts';
import { JsonCapture } from '../../src/ui/json/json-capture.ts';
import { loadTlsReport } from '../../src/presentation/report/load.ts';
import { textReport } from '../ui/support/text-report.ts';
import { readBeginning } from '../../src/wire/tcp/first-bytes.ts';
import { WrongSignature } from '../../src/wire/tamper/wrong-signature.ts';
import { pourInto, readIfCapture } from '../capture/support/read.ts';
import type { ReadFile } from '../capture/support/read.ts';
import { rsa } from '../protocols/helpers/handshakes.ts';
import { leavesOf, treeFaults } from '../protocols/helpers/tree.ts';
import { cutPieces, packPieces, unpackPieces } from './chunks.ts';
import { proxyTargets } from './proxies.ts';
import {
  captures,
  conversationsOfOthers,
  dnsMessages,
  flows,
  proxyHeaders,
  http2Conversations,
  httpConversations,
  loginConversations,
  mutual13,
  once,
  packetsOf,
  papers,
  piecesOf,
  recordings,
} from './seeds.ts';

export interface Reached {
  /** What was reached: field ids, kinds of fault, outcomes. */
  readonly features: Iterable<string>;
  /** What a caller would hold on to; its size is measured. */
  readonly held: unknown;
}

export interface Target {
  readonly name: string;
  readonly seeds: () => Promise<readonly Uint8Array[]>;
  readonly read: (input: Uint8Array) => Reached | Promise<Reached>;
  /** Bytes held for each byte of input at most: a tree costs an object for each field, and a field may be one byte. */
  readonly holds: number;
}

/** A promise that was not kept. */
class Broken extends Error {}

function promise(kept: boolean, words: () => string): void {
  if (!kept) throw new Broken(words());
}

const tree = 1500;
const stream = 64;

function stepFeatures(step: Step<unknown>): string[] {
  if ('needMore' in step) return ['needs more'];
  if ('malformed' in step) return [`${step.malformed.kind} ${step.malformed.id}`, ...fieldIds(step.partial)];
  return fieldIds(step.field);
}

function fieldIds(field: Field): string[] {
  return [...new Set(leavesOf(field).map(({ id }) => id))];
}

/** A step keeps what every step promises: the tree of what was got has no gap, and nothing stands outside of the input. */
function checkedStep(step: Step<unknown>, length: number): Step<unknown> {
  if ('got' in step) {
    const [fault] = treeFaults(step.field);
    promise(fault === undefined, () => String(fault));
    promise(step.consumed <= length, () => `${step.consumed} of ${length} bytes consumed`);
    const { bytes, named, opaque: unopened, unknown, uncovered } = coverageOf(step.field);
    promise(bytes === named + unopened + unknown + uncovered, () => 'the kinds of coverage do not add up');
  } else if ('malformed' in step) {
    const { offset, id } = step.malformed;
    promise(offset >= 0 && offset <= length, () => `${id} at ${offset} of ${length}`);
    promise(
      step.partial.range[1] <= length,
      () => `the partial tree ends at ${step.partial.range[1]} of ${length}`,
    );
  } else promise(step.needMore > 0, () => `needs ${step.needMore} more`);
  return step;
}

const reachedOf = (...steps: readonly Step<unknown>[]): Reached => ({
  features: steps.flatMap(stepFeatures),
  held: steps,
});

/** Runs what reads a person's file: a mistake is an answer. */
function unlessError(read: () => Reached): Reached {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { features: [error.facts.what.en.slice(0, 40)], held: error };
  }
}

function fileFeatures({ problem, packets, interfaces, keylog, application }: ReadFile): string[] {
  const links = packets.slice(0, 100).map(({ linkType }) => `link ${linkTypes.includes(linkType)}`);
  return [
    problem?.kind ?? 'whole',
    `packets ${Math.min(8, packets.length)}`,
    `interfaces ${Math.min(4, interfaces.length)}`,
    `keys ${Math.min(2, keylog.length)}`,
    `${application !== undefined}`,
    ...new Set(links),
  ];
}

/** In windows that are far too small the same is read as at once. */
function readFileInBothWays(input: Uint8Array): Reached {
  const file = readIfCapture(input);
  if (!file) return { features: ['a mistake'], held: undefined };
  for (const { bytes, microseconds } of file.packets) {
    promise(bytes.length <= input.length, () => `a packet of ${bytes.length} bytes`);
    promise(Number.isFinite(microseconds), () => `a time of ${microseconds}`);
  }
  if (file.problem)
    promise(
      file.problem.offset <= input.length,
      () => `a problem at ${file.problem?.offset} of ${input.length}`,
    );
  const again = readIfCapture(input, { windowBytes: 64, pieceBytes: 37 });
  const same = (one: ReadFile | undefined): string =>
    JSON.stringify([
      one?.problem,
      one?.keylog,
      one?.packets.map(({ bytes, ...facts }) => [facts, Buffer.from(bytes).toString('hex')]),
    ]);
  promise(same(again) === same(file), () => 'in small windows it is read otherwise');
  return { features: fileFeatures(file), held: file };
}

const linkTypes = [0, 1, 9, 12, 14, 50, 101, 108, 113, 228, 229, 276];

function readPacket(input: Uint8Array): Reached {
  const [kind = 0, ...sizes] = input.subarray(0, 1);
  const link = ipPacketOf(linkTypes[kind % linkTypes.length] ?? 1, input.subarray(1 + sizes.length));
  if ('without' in link) return { features: [link.without], held: link };
  if ('eapol' in link) return { features: ['eapol'], held: link };
  const packet = readIp(link.ip);
  const whole = packet && new FragmentTable().add(packet, 0);
  const segment = whole && readTcp(whole.payload, whole.missing);
  if (segment)
    promise(
      segment.payload.length <= input.length && segment.missing >= 0,
      () => `a payload of ${segment.payload.length}, ${segment.missing} missing`,
    );
  const flags = segment ? ['syn', 'fin', 'rst'].filter((flag) => segment[flag as 'syn']) : [];
  return {
    features: [
      `version ${packet?.version}`,
      packet?.fragment ? 'fragment' : 'whole',
      segment ? `tcp ${flags.join()}` : 'no tcp',
      segment?.missing ? 'missing' : '',
    ],
    held: [packet, segment],
  };
}

/** Packets behind their lengths of two bytes, in an order of their own, so that reassembly is what is spoilt. */
function readSegments(input: Uint8Array): Reached {
  return replayed(input.length, (replay) => {
    const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
    for (let at = 0, microseconds = 0; at + 2 <= input.length; microseconds += 1000) {
      const start = at + 2;
      const end = Math.min(input.length, start + view.getUint16(at));
      replay.packet({
        linkType: 101,
        microseconds,
        bytes: input,
        view,
        start,
        end,
        originalLength: end - start,
      });
      at = end;
    }
  });
}

function readReplayed(input: Uint8Array): Reached {
  return unlessError(() =>
    replayed(input.length, (replay) => {
      const reader = new CaptureReader(
        { packet: (packet) => replay.packet(packet), secrets: (lines) => replay.secrets(lines) },
        { keeps: true },
      );
      pourInto(reader, input);
      reader.end();
    }),
  );
}

function replayed(length: number, play: (replay: Replay) => void): Reached {
  const clock = new PacketClock();
  const log = new CaptureLog({ clock, maxPayload: Number.POSITIVE_INFINITY });
  const replay = new Replay({ append: (draft) => log.append(draft), clock, version: '0' });
  play(replay);
  replay.end();
  const { skipped, lostBytes, repeatedBytes, connections } = replay.facts;
  const told = log.events.reduce((sum, event) => sum + (event.type === 'bytes' ? event.bytes.length : 0), 0);
  promise(told <= length, () => `${told} bytes out of ${length}`);
  const types = log.events.map((event) =>
    event.type === 'closed' ? `closed ${event.by} ${event.how}` : event.type,
  );
  return {
    features: [
      ...new Set(types),
      ...Object.keys(skipped),
      lostBytes > 0 ? 'lost' : '',
      repeatedBytes > 0 ? 'repeated' : '',
      `connections ${Math.min(4, connections)}`,
    ],
    held: log,
  };
}

/** Packets as `readSegments` takes them. */
const packSegments = (packets: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(packets.flatMap((bytes) => [Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes]));

/** Messages of each direction follow each other, and without a gap where nothing was lost. */
function checkedTiling(
  messages: readonly {
    readonly from: string;
    readonly offset: number;
    readonly length: number;
    readonly title: string;
  }[],
  mayMiss: boolean,
): void {
  const ends = new Map<string, number>();
  for (const { from, offset, length, title } of messages) {
    const end = ends.get(from) ?? 0;
    promise(
      (mayMiss ? offset >= end : offset === end) && length >= 0,
      () => `${title} of the ${from} at ${offset}+${length}, not at ${end}`,
    );
    ends.set(from, offset + length);
  }
}

/** Whether bytes are missing before or between the pieces. */
function hasLost(pieces: readonly Piece[]): boolean {
  const lengths = { client: 0, server: 0 };
  for (const { from, bytes } of pieces) lengths[from] += bytes.length;
  return pieces.some(({ from, offset, bytes }) => offset + bytes.length > lengths[from]);
}

/** Key log lines that open the seeds. */
const keylog = once(
  async (): Promise<readonly string[]> => (await recordings()).flatMap((recording) => recording.keylog),
);

const keys = once(async (): Promise<KeyRing> => {
  const ring = new KeyRing();
  ring.add(await keylog());
  return ring;
});

async function readTlsConversation(input: Uint8Array, withKeys: boolean): Promise<Reached> {
  const tls = new TlsConversation({ keys: withKeys ? await keys() : new KeyRing() });
  const pieces = unpackPieces(input);
  for (const piece of pieces) tls.feed(piece);
  tls.end();
  checkedTiling(tls.messages, hasLost(pieces));
  const features = new Set<string>();
  for (const message of tls.messages) {
    const { content, opened, encrypted, from } = message;
    const isMalformed = content.type === 'malformed';
    features.add(`${from} ${content.type} ${encrypted}${opened}`);
    if (isMalformed) features.add(`${content.malformed.kind} ${content.malformed.id}`);
    const own = handshakeFieldOf(message);
    if (own && !isMalformed) {
      const [fault] = treeFaults(own);
      promise(fault === undefined, () => String(fault));
      const covered = coverageOfMessage(message);
      promise(
        covered?.uncovered === 0 && covered.bytes === message.bytes?.length,
        () => `${message.title}: ${covered?.uncovered} bytes without a field`,
      );
    }
    for (const id of fieldIds(own ?? fieldOf(message))) features.add(id);
  }
  const said = Object.entries(tls.negotiated).map(([name, value]) =>
    typeof value === 'string' && value.length < 40 && !/[Rr]andom|[Nn]ame|alpn/.test(name)
      ? `${name} ${value}`
      : name,
  );
  return { features: [...features, ...said], held: tls };
}

const contexts: readonly HandshakeContext[] = [
  {},
  { version: 0x0304, cipherSuite: 0x1301 },
  { version: 0x0303, cipherSuite: 0xc02b },
  { version: 0x0303, cipherSuite: 0x009c },
  { version: 0x0303, cipherSuite: 0x009e },
  { version: 0x0303, cipherSuite: 0x00a8 },
  { version: 0x0301, cipherSuite: 0xc009 },
  { version: 0x0300, cipherSuite: 0x002f },
];

/** A handshake message of that type, under everything that may have been agreed on. */
function readHandshakeOf(type: number, input: Uint8Array): Reached {
  const message = Uint8Array.from(input);
  message[0] = type;
  const open = checkedStep(readHandshake(message, { open: true }), message.length);
  return reachedOf(
    open,
    ...contexts.map((context) =>
      checkedStep(readHandshake(message, { open: false, context }), message.length),
    ),
  );
}

/** Handshake messages of that type in the seeds, and an empty one. */
async function handshakesOf(type: number): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for (const recording of await recordings()) {
    const tls = new TlsConversation();
    for (const piece of piecesOf(recording)) tls.feed(piece);
    tls.openWith(recording.keylog);
    for (const { contentType, bytes } of tls.messages)
      if (contentType === 22 && bytes?.[0] === type) found.push(bytes);
  }
  return [...found.slice(0, 4), Uint8Array.of(type, 0, 0, 0), Uint8Array.of(type, 0, 0, 6, 0, 0, 3, 0, 1, 7)];
}

const places: readonly ExtensionPlace[] = [
  'client_hello',
  'server_hello',
  'hello_retry_request',
  'encrypted_extensions',
  'certificate',
  'certificate_request',
  'new_session_ticket',
];

/** Every extension that is read, once, empty or with a little in it. */
const someExtensions = (length: number): Uint8Array => {
  const types = [
    0, 1, 5, 10, 11, 13, 15, 16, 19, 20, 22, 23, 27, 28, 34, 35, 41, 42, 43, 44, 45, 47, 49, 50, 51, 65281,
    0x0a0a, 0xfeed,
  ];
  const list = Buffer.concat(
    types.map((type) =>
      Buffer.concat([
        Uint8Array.of(type >> 8, type & 0xff, 0, length),
        Uint8Array.from({ length }, (_, at) => [0, length - 2][at] ?? 1),
      ]),
    ),
  );
  return Buffer.concat([Uint8Array.of(list.length >> 8, list.length & 0xff), list]);
};

const readers = { ...readings, protocols: await loadProtocols(true) };

/** Everything that is told of the pieces, with where it stands; each side's tile its stream. */
function spokenIn(pieces: readonly Piece[], withReaders: boolean): Spoken[] {
  const layer = new ProtocolDispatcher(withReaders ? readers : undefined);
  const spoken = [...pieces.flatMap((piece) => layer.feed(piece)), ...layer.end()];
  checkedTiling(
    spoken.map((one) => ({ title: one.type, ...placeOf(one) })),
    hasLost(pieces),
  );
  return spoken;
}

function placeOf(spoken: Spoken): {
  readonly from: string;
  readonly offset: number;
  readonly length: number;
} {
  if (spoken.type === 'gap') return spoken;
  return 'message' in spoken ? spoken.message : { ...spoken.piece, length: spoken.piece.bytes.length };
}

/** Datagrams of one flow: whatever is in them, they are covered one by one. */
function readFlow(input: Uint8Array): Reached {
  const pieces = unpackPieces(input);
  const layer = new ProtocolDispatcher(readers, undefined, undefined, () => new KeyRing());
  const spoken = pieces.flatMap((piece) => layer.datagram(piece));
  checkedTiling(
    spoken.filter(({ type }) => type !== 'carried_tls').map((one) => ({ title: one.type, ...placeOf(one) })),
    hasLost(pieces),
  );
  return { features: spoken.flatMap(spokenFeatures), held: spoken };
}

/** HTTP alone: what comes slowly is what comes at once. */
function readHttpConversation(input: Uint8Array): Reached {
  const pieces = unpackPieces(input);
  const whole = spokenIn(pieces, false);
  const cut = spokenIn(cutPieces(pieces, [1, 7, 100]), false);
  // Behind what could not be read it is begun anew where a packet begins: then the pieces matter.
  const isRead = (spoken: readonly Spoken[]): boolean =>
    spoken.every(
      (one) =>
        one.type === 'http' &&
        one.message.content.type !== 'malformed' &&
        one.message.content.type !== 'opaque',
    );
  const shape = (spoken: readonly Spoken[]): string =>
    JSON.stringify(
      isRead(spoken)
        ? spoken
            .map((one) =>
              one.type === 'http'
                ? [one.message.from, one.message.offset, one.message.title, one.message.complete].join()
                : '',
            )
            .toSorted()
        : 'not all of it',
    );
  promise(shape(whole) === shape(cut), () => `at once ${shape(whole)}, in pieces ${shape(cut)}`);
  return { features: whole.flatMap(spokenFeatures), held: whole };
}

function readHttp2(input: Uint8Array): Reached {
  const pieces = unpackPieces(input);
  const read = (all: readonly Piece[]): ProtocolMessage[] => {
    const conversation = new Http2Conversation();
    return [
      ...all.flatMap((piece) => conversation.feed(piece)),
      ...conversation.cut('client'),
      ...conversation.cut('server'),
    ];
  };
  const whole = read(pieces);
  const cut = read(cutPieces(pieces, [1, 7, 100]));
  // Where frames are looked for again, the pieces matter.
  const isRead = ({ title }: ProtocolMessage): boolean => title.en !== 'part of a frame';
  const shape = (messages: readonly ProtocolMessage[]): string =>
    JSON.stringify(
      messages
        .map(({ from, offset, length, title, facts, http }) => [from, offset, length, title, facts, http])
        .toSorted(([one, first], [other, second]) =>
          one === other ? Number(first) - Number(second) : one === 'client' ? -1 : 1,
        ),
    );
  if (whole.every(isRead) && cut.every(isRead))
    promise(shape(whole) === shape(cut), () => `at once ${shape(whole)}, in pieces ${shape(cut)}`);
  for (const message of whole) {
    credentialsInFrame(message);
    const field = message.field();
    const [fault] = field && message.bytes.length === message.length ? treeFaults(field) : [];
    promise(fault === undefined, () => `${message.title.en}: ${fault}`);
  }
  return {
    features: whole.map(({ title, malformed }) => `${title.en.split(' ')[0]} ${malformed?.id ?? ''}`),
    held: whole,
  };
}

/** Whatever may be spoken beside TLS. */
function readLayer(input: Uint8Array): Reached {
  const spoken = spokenIn(unpackPieces(input), true);
  return { features: spoken.flatMap(spokenFeatures), held: spoken };
}

function spokenFeatures(spoken: Spoken): string[] {
  switch (spoken.type) {
    case 'http': {
      const { content, complete, framing, from, title, bytes, length } = spoken.message;
      const isWhole = complete && content.type !== 'malformed' && bytes.length === length;
      const said =
        content.type === 'malformed' ? `${content.malformed.kind} ${content.malformed.id}` : content.type;
      return [
        `${from} ${said} ${complete} ${framing.kind}`,
        ...idsOf(fieldOfHttp(spoken.message), isWhole, title),
      ];
    }
    case 'message': {
      const {
        protocol,
        from,
        isCut = false,
        malformed,
        credentials = [],
        title,
        bytes,
        length,
      } = spoken.message;
      return [
        `${protocol} ${from} ${isCut} ${malformed?.id}`,
        ...credentials.map((one) => one.kind),
        ...idsOf(spoken.message.field() ?? nothing, bytes.length === length, title.en),
      ];
    }
    case 'tls':
    case 'opaque':
      return [`${spoken.type} ${spoken.piece.from}`];
    case 'carried_tls':
      return [
        `carried ${spoken.message.title}`,
        ...idsOf(fieldOf(spoken.message), spoken.message.content.type !== 'malformed', spoken.message.title),
      ];
    case 'gap':
      return [`gap ${spoken.from}`];
  }
}

function idsOf(field: Field, isWhole: boolean, title: string): string[] {
  if (isWhole) {
    const [fault] = treeFaults(field);
    promise(fault === undefined, () => `${title}: ${fault}`);
  }
  return fieldIds(field);
}

function readHttpMessage(input: Uint8Array): Reached {
  const head = checkedStep(readHead(input), input.length);
  const usual = readUsualHead(input);
  if (usual)
    promise(
      'got' in head && JSON.stringify(head.got) === JSON.stringify(usual),
      () => 'a usual head is read in two ways',
    );
  const framing = usual && framingOf(usual);
  const framings = [{ kind: 'chunked' }, { kind: 'until_close' }] as const;
  return {
    ...reachedOf(head, ...framings.map((one) => checkedStep(readMessage(input, one), input.length))),
    features: [framing?.kind ?? 'unframed', ...stepFeatures(head)],
  };
}

function readForms(input: Uint8Array): Reached {
  const text = Buffer.from(input).toString('latin1');
  const fields = readForm(input);
  const step = checkedStep(
    readStep('http.request.form', input, readFormFields, { open: false }),
    input.length,
  );
  for (const {
    valueRange: [start, end],
  } of fields)
    promise(start <= end && end <= input.length, () => `a value at ${start} to ${end} of ${input.length}`);
  const held = [fields, step, readCookies(text), readBasic(text)];
  return {
    features: [
      ...stepFeatures(step),
      `fields ${Math.min(4, fields.length)}`,
      `${readBasic(text) !== undefined}`,
    ],
    held,
  };
}

/** What `wirelab inspect` tells of a file: each line as JSON, held against the schema, and as text. */
const lineFits = once(() => {
  const schema = JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../../../schemas/output.schema.json'), 'utf8'),
  ) as object;
  return new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
});

/** A file that lies in memory. */
export function inputFrom(bytes: Uint8Array): CaptureInput {
  let at = 0;
  const readAt = (position: number, room: Uint8Array): number => {
    const taken = bytes.subarray(position, position + room.length);
    room.set(taken);
    return taken.length;
  };
  return {
    size: bytes.length,
    canRewind: true,
    read: (room) => {
      const count = readAt(at, room);
      at += count;
      return count;
    },
    rewind: () => void (at = 0),
    readAt,
    close: () => {},
  };
}

export const requestFor = (bytes: Uint8Array, keylogLines: readonly string[] = []): InspectRequest => ({
  name: 'input',
  input: inputFrom(bytes),
  fromInput: false,
  keylog: keylogLines,
  keylogName: undefined,
  rsaKeys: [],
  ticketKeys: [],
  stream: undefined,
});

async function inspectFile(bytes: Uint8Array): Promise<Reached> {
  await Promise.all([loadReadings(), loadTlsReport()]);
  const features = new Set<string>();
  const fits = lineFits();
  const write = (text: string): void => {
    const line = JSON.parse(text) as {
      readonly kind: string;
      readonly message?: string;
      readonly what?: string;
      readonly outcome?: { readonly kind: string };
    };
    promise(
      fits(line),
      () => `${text.slice(0, 300)} does not fit: ${JSON.stringify(fits.errors?.slice(-2))}`,
    );
    features.add([line.kind, line.message, line.what, line.outcome?.kind].filter(Boolean).join(' '));
  };
  const keylogLines = await keylog();
  const passing = new PacketClock();
  const capture = new JsonCapture({ clock: passing, write });
  const clock = new PacketClock();
  const log = new CaptureLog({ clock, maxPayload: Number.POSITIVE_INFINITY });
  const flows = new Flows(log);
  log.subscribe(flows.fold);
  const acts = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
  const report = textReport({
    flows,
    hunt: new SecretHunt([]),
    secrets: new Map(),
    opens: true,
    language: 'ko',
    columns: 80,
    ascii: false,
    write: (line) => promise(!acts.test(line), () => `a control character: ${JSON.stringify(line)}`),
  });
  try {
    const problems = await readCapture(requestFor(bytes, keylogLines), {
      clock: passing,
      append: capture.append,
      wants: capture.wants,
      version: '0',
      keeps: false,
    });
    capture.end();
    for (const problem of problems) capture.problem(problem);
    for (const { what } of problems) features.add(what);
    await readCapture(requestFor(bytes, keylogLines), {
      clock,
      append: (draft) => log.append(draft),
      version: '0',
      keeps: true,
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { features: ['a mistake'], held: undefined };
  }
  for (const event of log.events) if (event.type === 'began') report.fold(event);
  report.reportAll();
  const messages = flows.connections.flatMap((connection) =>
    conversation(connection, { keys: flows.keylog }),
  );
  for (const message of messages) for (const id of fieldIds(message.field() ?? nothing)) features.add(id);
  return { features, held: [flows, log, messages] };
}

const nothing: Field = {
  id: 'message',
  range: [0, 0],
  value: null,
  children: [],
  remarks: [],
  origin: 'wire',
};

function tampered(input: Uint8Array, lines: readonly string[]): Reached {
  const tamper = new WrongSignature();
  const out: Uint8Array[] = [];
  for (const line of lines) tamper.keylog(line);
  let sent = 0;
  for (const { from, bytes } of unpackPieces(input)) {
    if (from === 'server') tamper.receive(bytes);
    else {
      sent += bytes.length;
      out.push(tamper.send(bytes));
    }
  }
  const length = out.reduce((sum, { length: one }) => sum + one, 0);
  promise(length <= sent, () => `${length} bytes went out for ${sent}`);
  return {
    features: [
      `held back ${sent > length}`,
      `changed ${!Buffer.concat(out).equals(
        Buffer.concat(
          unpackPieces(input)
            .filter(({ from }) => from === 'client')
            .map(({ bytes }) => bytes),
        ).subarray(0, length),
      )}`,
    ],
    held: out,
  };
}

const conversations = async (): Promise<Uint8Array[]> =>
  (await recordings()).map((recording) => packPieces(piecesOf(recording)));
const latin1 = (input: Uint8Array): string =>
  Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('latin1');
const bytesOf = (texts: readonly string[]): Uint8Array[] => texts.map((text) => Buffer.from(text, 'latin1'));
const sync = (make: () => readonly Uint8Array[]) => async (): Promise<readonly Uint8Array[]> => make();

const handshakeTargets: readonly Target[] = [
  ...Object.entries(handshakeTypeNames),
  ['99', 'unknown'] as const,
].map(([code, name]) => ({
  name: `tls-${name.replaceAll('_', '-')}`,
  seeds: async () => handshakesOf(Number(code)),
  read: (input) => readHandshakeOf(Number(code), input),
  holds: tree * 4,
}));

export const targets: readonly Target[] = [
  { name: 'capture-file', seeds: captures, read: readFileInBothWays, holds: tree },
  { name: 'capture', seeds: captures, read: readReplayed, holds: tree },
  {
    name: 'packet',
    seeds: sync(() =>
      packetsOf(httpConversations[0] ?? []).map((packet) => Buffer.concat([Uint8Array.of(3), packet])),
    ),
    read: readPacket,
    holds: stream,
  },
  {
    name: 'segments',
    seeds: sync(() => httpConversations.map((pieces) => packSegments(packetsOf(pieces, 4, 40)))),
    read: readSegments,
    holds: tree,
  },
  {
    name: 'tls-records',
    seeds: async () =>
      (await recordings()).flatMap((recording) => [recording.stream('client'), recording.stream('server')]),
    read: (input) => {
      const records = new RecordStream();
      const placed = [1, 6, 1000, Infinity].flatMap((size, index, sizes) => {
        const from = sizes.slice(0, index).reduce((sum, one) => sum + one, 0);
        return records.feed(from, input.subarray(from, from + size));
      });
      const step = checkedStep(readRecord(input), input.length);
      const malformed = (records.fault ?? records.end())?.malformed;
      return {
        features: [
          ...placed.map(({ contentType, version }) => `${contentType} ${version}`),
          ...stepFeatures(step),
          malformed ? `${malformed.kind} ${malformed.id}` : '',
        ],
        held: [placed, step],
      };
    },
    holds: stream * 2,
  },
  {
    name: 'tls-conversation',
    seeds: conversations,
    read: async (input) => readTlsConversation(input, false),
    holds: tree,
  },
  {
    name: 'tls-conversation-opened',
    seeds: conversations,
    read: async (input) => readTlsConversation(input, true),
    holds: tree,
  },
  {
    name: 'tls-extensions',
    seeds: sync(() =>
      places.flatMap((_place, index) =>
        [0, 2, 6].map((length) => Buffer.concat([Uint8Array.of(index), someExtensions(length)])),
      ),
    ),
    read: (input) => {
      const [place = 0] = input;
      const body = input.subarray(1);
      return reachedOf(
        checkedStep(
          readStep(
            'tls.handshake.extensions',
            body,
            (cursor) => readExtensions(cursor, places[place % places.length] ?? 'client_hello'),
            { open: false },
          ),
          body.length,
        ),
      );
    },
    holds: tree,
  },
  ...handshakeTargets,
  {
    name: 'tls-rsa',
    seeds: conversations,
    read: (input) => {
      const tls = new TlsConversation();
      for (const piece of unpackPieces(input)) tls.feed(piece);
      const lines = openWithRsa(tls, [rsaKey()]);
      return {
        features: [`lines ${Math.min(2, lines.length)}`, ...tls.messages.map(({ title }) => title)],
        held: tls,
      };
    },
    holds: tree,
  },
  {
    name: 'x509-certificate',
    seeds: sync(() => papers().certificates),
    read: (input) => reachedOf(checkedStep(readCertificate(input), input.length)),
    holds: tree,
  },
  {
    name: 'x509-request',
    seeds: sync(() => papers().requests),
    read: (input) => reachedOf(checkedStep(readSigningRequest(input), input.length)),
    holds: tree,
  },
  {
    name: 'x509-crl',
    seeds: sync(() => papers().lists),
    read: (input) => reachedOf(checkedStep(readRevocationList(input), input.length)),
    holds: tree,
  },
  {
    name: 'der',
    seeds: sync(() =>
      [...papers().certificates, ...papers().requests].flatMap((der) => [der, der.subarray(4)]),
    ),
    read: (input) => {
      const all = checkedStep(
        readStep('x509', input, (cursor) => every(cursor, (one) => opaque(one, 'x509.extension.opaque')), {
          open: false,
        }),
        input.length,
      );
      const nested = checkedStep(
        readStep(
          'x509',
          input,
          (cursor) =>
            element(cursor, 'x509.extension', tags.sequence, (inner) => [
              objectIdentifier(inner, 'x509.extension.oid'),
              time(inner, 'x509.tbs_crl.this_update'),
            ]),
          { open: false },
        ),
        input.length,
      );
      return reachedOf(all, nested, checkedStep(readDistinguishedName(input), input.length));
    },
    holds: tree,
  },
  {
    name: 'http-message',
    seeds: sync(() => httpConversations.flatMap((pieces) => pieces.map(({ bytes }) => bytes))),
    read: readHttpMessage,
    holds: tree,
  },
  {
    name: 'http-conversation',
    seeds: sync(() => httpConversations.map(packPieces)),
    read: readHttpConversation,
    holds: tree,
  },
  {
    name: 'datagrams',
    seeds: sync(() => flows.map(packPieces)),
    read: readFlow,
    holds: tree,
  },
  {
    name: 'layer',
    seeds: async () =>
      [...conversationsOfOthers, ...loginConversations, ...httpConversations]
        .map(packPieces)
        .concat(await conversations()),
    read: readLayer,
    holds: tree,
  },
  {
    name: 'signatures',
    seeds: sync(() => [...conversationsOfOthers, ...loginConversations].flat().map(({ bytes }) => bytes)),
    read: (input) => {
      const found = (['client', 'server'] as const).flatMap((from) =>
        (['tcp', 'udp'] as const).map((over) => readings.nameOf(input, from, over)),
      );
      const { en } = readings.notRecognised(input);
      promise(!/[^ -~…]/.test(en), () => en);
      return {
        features: found.flatMap((named) => named?.title.en ?? []).concat(en.slice(16, 18)),
        held: undefined,
      };
    },
    holds: tree,
  },
  {
    name: 'dns',
    seeds: sync(() => dnsMessages),
    read: (input) => {
      const message = dnsOfDatagram({ from: 'client', offset: 0, bytes: input, tag: 0 });
      const [fault] = input.length > 0 ? treeFaults(fieldOfDns(message)) : [];
      promise(fault === undefined, () => String(fault));
      return { ...reachedOf(checkedStep(readDns(input), input.length)), held: message };
    },
    holds: tree,
  },
  {
    name: 'proxy-header',
    seeds: sync(() => proxyHeaders),
    read: (input) => {
      const read = readProxyHeader(input);
      const reader = readerOfProxyHeader();
      const [message] = reader.feed({ from: 'client', offset: 0, bytes: input, tag: 0 });
      if (read.kind === 'header') {
        promise(read.header.length <= input.length, () => 'a header ends within its input');
        promise(message?.length === read.header.length, () => 'the message is the header');
        const field = fieldOfProxyHeader(input.subarray(0, read.header.length), 0);
        promise(field !== undefined, () => 'a header has a tree');
        const [fault] = field ? treeFaults(field) : [];
        promise(fault === undefined, () => String(fault));
      }
      return { features: [read.kind, read.kind === 'malformed' ? read.why : ''], held: message };
    },
    holds: tree,
  },
  {
    name: 'http2',
    seeds: sync(() => http2Conversations.map(packPieces)),
    read: readHttp2,
    holds: tree,
  },
  {
    name: 'proto',
    seeds: sync(() =>
      bytesOf([
        'syntax = "proto3"; package a.b; import "c.proto"; service S { rpc M (stream R) returns (.a.b.R) {} }',
        'message R { enum K { Z = 0; N = -1; } K k = 1 [x = {a: "}"}]; map<string, R> m = 2; oneof o { R r = 3; } }',
        'message R { reserved 1 to 5; optional group G = 6 { bytes b = 7; } extensions 8 to max; } extend R { int32 e = 9; }',
      ]),
    ),
    read: (input) => {
      const file = parseProto(latin1(input));
      if ('fault' in file) return { features: [file.fault.expected.en], held: file };
      return { features: ['a file', ...file.imports], held: definitionsOf([file]) };
    },
    holds: tree,
  },
  {
    name: 'http-form',
    seeds: sync(() =>
      bytesOf(['user=alice&pass=x+y', 'a=%41%zz&&=&b', 'session=1; colour=red;;=', 'Basic YWxpY2U6eA==']),
    ),
    read: readForms,
    holds: tree,
  },
  {
    name: 'keylog',
    seeds: async () =>
      bytesOf([(await keylog()).slice(0, 12).join('\n'), '# a comment\r\n\r\nCLIENT_RANDOM 00 00']),
    read: (input) => {
      const lines = latin1(input).split(/\r?\n/);
      const ring = new KeyRing();
      ring.add(lines);
      return { features: lines.map((line) => `${readKeylogLine(line)?.secret.length}`), held: ring };
    },
    holds: stream,
  },
  {
    name: 'pem',
    seeds: sync(() => bytesOf([papers().pems.join('\n'), ...papers().pems])),
    read: (input) => {
      const { blocks, faults } = scanPem(latin1(input));
      return {
        features: [...blocks.map(({ label }) => label), ...faults.map(({ fault }) => fault)],
        held: [blocks, faults],
      };
    },
    holds: stream,
  },
  {
    name: 'rsa-key',
    seeds: sync(() => bytesOf(papers().keys)),
    read: (input) => unlessError(() => ({ features: ['a key'], held: readRsaKey(input, 'input') })),
    holds: stream,
  },
  {
    name: 'contents',
    seeds: sync(() => [...bytesOf([...papers().pems, ...papers().keys]), ...papers().certificates]),
    read: (input) =>
      unlessError(() => {
        const held = readContents(input, 'input');
        return { features: held.map(({ kind }) => kind), held };
      }),
    holds: tree,
  },
  {
    name: 'kubeconfig',
    seeds: sync(() =>
      bytesOf([
        kubeconfigText({
          cluster: 'c',
          server: 'https://[::1]:6443',
          user: 'u:v',
          authority: 'CA',
          proof: { certificate: 'CRT', key: 'KEY' },
        }),
        'kind: Config\ncontexts: &a [{name: x, <<: *a}]\n? [k, "v"]\n: |-\n  text\n',
      ]),
    ),
    read: (input) =>
      unlessError(() => {
        const held = readKubeconfig(input, 'input', yaml);
        return { features: Object.keys(held), held };
      }),
    holds: tree,
  },
  {
    name: 'beginning',
    seeds: sync(() => [Uint8Array.of(22, 3, 1, 0, 5), Uint8Array.of(21, 3, 3, 0, 2, 2, 40)]),
    read: (input) => {
      const held = readBeginning(input);
      return { features: [held.kind], held };
    },
    holds: stream,
  },
  {
    name: 'tamper',
    seeds: conversations,
    read: async (input) => tampered(input, (await mutual13()).keylog),
    holds: tree,
  },
  { name: 'inspect', seeds: captures, read: inspectFile, holds: tree * 2 },
  ...proxyTargets.map((one) => ({ ...one, holds: tree })),
];

/** What opens the seeds whose key exchange is RSA. */
const rsaKey = once(() => readRsaKey(rsa.key, 'seed'));
