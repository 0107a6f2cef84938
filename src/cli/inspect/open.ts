/**
 * Turns a capture file into log events, packet by packet, and collects what could not be read, as text. The callers
 * decide where events go and which are kept: `headless.ts` until they are printed, `on-screen.ts` all.
 *
 * 1. Keys inside a file apply from its start, wherever they are: a first pass over the blocks collects them.
 * 2. A pipe is read once: its keys decrypt only what follows them.
 */
import { CaptureReader } from '../../capture/file/capture-file.ts';
import type { CaptureDraft } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { Flows } from '../../capture/flows.ts';
import type { CaptureLog } from '../../capture/log.ts';
import { PacketClock, Replay } from '../../capture/file/replay.ts';
import type { ReplayFacts } from '../../capture/file/replay.ts';
import { linkTypeName } from '../../capture/net/link-type-names.ts';
import type { Wants } from '../../capture/net/reassembly.ts';
import type { ReadProblem } from '../../capture/file/window.ts';
import { connectionName } from '../../capture/stream-number.ts';
import { toOffset } from '../../core/hex.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { grouped } from '../../i18n/number.ts';
import { topologyIn } from '../../presentation/topology.ts';
import { keySources } from '../../protocols/tls/keys/key-sources.ts';
import type { KeySources } from '../../protocols/tls/keys/key-sources.ts';
import { readKeylogLine } from '../../protocols/tls/keys/keylog.ts';
import type { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import type { KeysFor } from '../../protocols/tls/conversation.ts';
import { readThrough } from './input.ts';
import type { OnTurn } from './input.ts';
import type { InspectRequest } from './request.ts';

/** A part of the file that is not shown. */
export interface FileProblem {
  /** `file.cut`, `packets.not_ip`, `bytes.lost`. */
  readonly what: string;
  /** Offset in the file. */
  readonly offset?: number;
  readonly found: string;
  readonly text: Localized;
}

/** All of them as one text; undefined if there are none. */
export function problemText(problems: readonly Pick<FileProblem, 'text'>[]): Localized | undefined {
  if (problems.length === 0) return undefined;
  return {
    en: problems.map(({ text }) => text.en).join('; '),
    ko: problems.map(({ text }) => text.ko).join('. '),
  };
}

export interface ReadOptions {
  readonly clock: PacketClock;
  /** @param position the file offset of an event's bytes, if the file contains them unchanged */
  readonly append: (draft: CaptureDraft, position?: number) => void;
  /** The version of this program. */
  readonly version: string;
  /** Whether event bytes stay valid after `append` returns. */
  readonly keeps: boolean;
  /** Whether keys may follow the data they decrypt: nothing has been printed yet, or can be printed again. */
  readonly lateKeys?: boolean;
  readonly wants?: Wants;
  /** Called once, at the end. */
  readonly onFacts?: (facts: Pick<ReplayFacts, 'packets'>) => void;
  /** Called with the bytes read so far, after each read, and awaited; reading ends if it returns `false`. */
  readonly onTurn?: (position: number) => ReturnType<OnTurn>;
}

/**
 * Reads the whole file and appends the events of the selected connection, or of all.
 * @throws UserError if it is not a capture file, or has no connection with the selected number
 */
export async function readCapture(
  request: InspectRequest,
  options: ReadOptions,
): Promise<readonly FileProblem[]> {
  if (request.files) return (await import('./joined.ts')).readTogether(request, request.files, options);
  const { name, input, keylog, stream } = request;
  const { append, keeps, onTurn, wants, lateKeys = false } = options;
  const inFile = lateKeys ? [] : await keysIn(name, input);
  let isThere = stream === undefined;
  const isMeant = (conn: number): boolean => stream === undefined || conn === stream;
  const replay = new Replay({
    ...options,
    keylog: [...inFile, ...keylog],
    copies: !keeps,
    topologyOf: topologyIn,
    append(draft) {
      if ('conn' in draft && draft.conn !== undefined) {
        if (!isMeant(draft.conn)) return;
        isThere = true;
      }
      // One connection alone stands for itself.
      if (draft.type === 'opened' && stream !== undefined) {
        const { relays: _, onBehalfOf: __, ...alone } = draft;
        append(alone);
        return;
      }
      append(draft, draft.type === 'bytes' ? reader.positionOf(draft.bytes) : undefined);
    },
    ...(wants
      ? { wants: (conn, from, length, frame) => isMeant(conn) && wants(conn, from, length, frame) }
      : {}),
  });
  // Keys that were collected before are not appended again.
  const secrets =
    lateKeys || !input.canRewind ? { secrets: (lines: readonly string[]) => replay.secrets(lines) } : {};
  const reader: CaptureReader = new CaptureReader(
    { packet: (packet) => replay.packet(packet), interface: (facts) => replay.interface(facts), ...secrets },
    { where: name, keeps },
  );
  const isWhole = await readThrough(input, reader, onTurn && (() => onTurn(reader.position)));
  if (isWhole && reader.position === 0 && input.fault) throw notDecompressed(name, input.fault);
  const problem = isWhole ? reader.end() : undefined;
  replay.end();
  options.onFacts?.(replay.facts);
  if (!isThere && isWhole) throw noSuchConnection(name, stream ?? 0, replay.facts);
  const { fault } = input;
  return [
    ...(fault ? [{ what: 'file.compression', found: fault.en, text: fault }] : []),
    ...problemsOf(problem, replay.facts),
  ];
}

/** Bytes by which any format is known. */
const enoughToRecognise = 4096;

/**
 * Reads only the start.
 * @throws UserError if it is not a capture file
 */
export async function checkFormat(request: InspectRequest): Promise<void> {
  for (const file of request.files ?? [request]) await checkOne(file);
}

async function checkOne({ name, input }: Pick<InspectRequest, 'name' | 'input'>): Promise<void> {
  if (!input.canRewind) return;
  const reader = new CaptureReader({ packet: () => {} }, { where: name });
  let count = await input.read(reader.room());
  const isWhole = count === input.size || count === 0;
  // A decompressor gives what it has, however little.
  for (let length = 0; count > 0 && length < enoughToRecognise; length += count) {
    reader.took(count);
    if (count === input.size || length + count >= enoughToRecognise) break;
    count = await input.read(reader.room());
  }
  input.rewind();
  if (isWhole || count === 0) reader.end();
}

/** The keys in a file that can be read twice. */
export async function keysIn(where: string, input: InspectRequest['input']): Promise<readonly string[]> {
  if (!input.canRewind) return [];
  const keys: string[] = [];
  const reader = new CaptureReader(
    { packet: () => {}, secrets: (lines) => lines.forEach((line) => keys.push(line)) },
    { where },
  );
  for (;;) {
    const count = await input.read(reader.room());
    if (count === 0) break;
    reader.took(count);
    // The older pcap format cannot contain keys.
    if (reader.isOver || !reader.isPcapng) break;
  }
  input.rewind();
  return keys;
}

/** Appends key log lines for the connections whose master secret follows from what was given. */
export type OpenBySources = (connection: Connection, flows: Flows, log: CaptureLog) => void;

/** Undefined if neither a server key was given nor a line of a key log that needs the handshake. */
export async function openerBySources(request: InspectRequest): Promise<OpenBySources | undefined> {
  const sources = await sourcesOf(request);
  if (!sources) return undefined;
  const [{ openBy }, { loadCaptureReadings, readToEnd }, { KeyRing }] = await Promise.all([
    import('../../protocols/tls/keys/rsa-key.ts'),
    import('../../analysis/conversation/conversation.ts'),
    import('../../protocols/tls/keys/keylog.ts'),
  ]);
  await loadCaptureReadings();
  return (connection, flows, log) => {
    const { tls } = readToEnd(connection, { keys: new KeyRing(flows) });
    if (!tls) return;
    for (const line of openBy(tls, sources)) log.append({ type: 'keylog', conn: connection.conn, line });
  };
}

async function sourcesOf({ rsaKeys, keylog }: InspectRequest): Promise<KeySources | undefined> {
  if (rsaKeys.length === 0) return keySources(keylog);
  const { readRsaKey } = await import('../../protocols/tls/keys/rsa-key.ts');
  return keySources(
    keylog,
    rsaKeys.map(({ pem, name }) => readRsaKey(pem, name)),
  );
}

/** The same for a reader that asks during a handshake. */
export async function keysForHandshakes(request: InspectRequest): Promise<KeysFor | undefined> {
  const sources = await sourcesOf(request);
  if (!sources) return undefined;
  const { keylogLinesBy } = await import('../../protocols/tls/keys/rsa-key.ts');
  return (messages) => keylogLinesBy(messages, sources);
}

const listed = 3;

/** A key log of which no line is for a handshake in the capture is likely that of another one. */
export function unusedKeys({ keylogName, keylog }: InspectRequest, { usage }: KeyRing): FileProblem[] {
  const { asked, hasOpened } = usage;
  const randoms = new Set(keylog.flatMap((line) => readKeylogLine(line)?.clientRandom ?? []));
  if (keylogName === undefined || hasOpened || asked.size === 0 || keylog.length === 0) return [];
  const some = (all: ReadonlySet<string>): string =>
    [...all]
      .slice(0, listed)
      .map((random) => `${random.slice(0, 16)}…`)
      .join(', ');
  const [has, needs] = [grouped(randoms.size || keylog.length), grouped(asked.size)];
  const [own, others] = [randoms.size > 0 ? `: ${some(randoms)}` : '', some(asked)];
  return [
    {
      what: 'keys.unused',
      found: `${has}${own}; ${needs}: ${others}`,
      text: {
        en: `the key log opens nothing: none of its ${has} handshakes (client random${own}) is in the capture, which has ${needs} (${others})`,
        ko: `키 로그로 열리는 것이 없습니다. 키 로그의 핸드셰이크 ${has}개(클라이언트 난수${own})가 캡처에 없습니다. 캡처에는 ${needs}개(${others})가 있습니다`,
      },
    },
  ];
}

export function notDecompressed(where: string, what: Localized): UserError {
  return new UserError({
    what,
    where,
    remedy: { en: 'Copy the file again, in binary mode.', ko: '바이너리 모드로 파일을 다시 복사하세요.' },
  });
}

const upTo = (kind: string, last: number): string => (last === 0 ? `${kind}0` : `${kind}0 … ${kind}${last}`);

export function noSuchConnection(
  where: string,
  stream: number,
  { connections, udpFlows }: Pick<ReplayFacts, 'connections' | 'udpFlows'>,
): UserError {
  const given = connectionName(stream);
  const there = [
    ...(connections > 0 ? [upTo('', connections - 1)] : []),
    ...(udpFlows > 0 ? [upTo('udp:', udpFlows - 1)] : []),
  ];
  return new UserError({
    what: {
      en: `this file has no connection ${given}`,
      ko: `이 파일에 ${given}번 연결이 없습니다`,
    },
    where,
    expected:
      there.length === 0
        ? { en: 'it contains no connection', ko: '연결이 하나도 없습니다' }
        : verbatim(there.join(', ')),
    received: `--stream ${given}`,
  });
}

const kinds: Readonly<Record<ReadProblem['kind'], Localized>> = {
  no_section: { en: 'a block is outside any section', ko: '섹션 밖에 블록이 있습니다' },
  cut: { en: 'the file is truncated', ko: '파일이 중간에 끊겼습니다' },
  bad_length: { en: 'a length is invalid', ko: '길이가 맞지 않습니다' },
  unknown_interface: {
    en: 'a packet refers to an undescribed interface',
    ko: '설명되지 않은 인터페이스의 패킷이 있습니다',
  },
};

const skips: Readonly<Record<keyof ReplayFacts['skipped'], Localized>> = {
  link_type: { en: 'unsupported link layer', ko: '여기서 읽지 않는 링크 계층' },
  not_ip: { en: 'not IP', ko: 'IP 아님' },
  other_transport: { en: 'neither TCP nor UDP', ko: 'TCP도 UDP도 아님' },
  cut: { en: 'truncated by the capture or malformed', ko: '캡처에서 잘렸거나 잘못된 패킷' },
  fragment: { en: 'fragments of incomplete packets', ko: '끝내 완성되지 않은 패킷의 조각' },
  left_out: { en: 'outside any connection', ko: '어느 연결에도 속하지 않음' },
};

/** One sentence each for: where reading ended, skipped packets, missing bytes. */
export function problemsOf(
  problem: ReadProblem | undefined,
  { packets, skipped, unreadLinkTypes, lostBytes }: ReplayFacts,
): FileProblem[] {
  const problems: FileProblem[] = [];
  if (packets === 0 && !problem)
    problems.push({
      what: 'packets.none',
      found: '0',
      text: { en: 'the capture has no packets', ko: '캡처에 패킷이 하나도 없습니다' },
    });
  if (problem) {
    const { kind, offset, found } = problem;
    const at = toOffset(offset);
    const text = {
      en: `${kinds[kind].en} at byte ${at} (${found}); everything before it was read`,
      ko: `오프셋 ${at}: ${kinds[kind].ko}(${found}). 그 앞까지 읽었습니다`,
    };
    problems.push({ what: `file.${kind}`, offset, found, text });
  }
  for (const [reason, count] of Object.entries(skipped)) {
    const words = skips[reason as keyof typeof skips];
    const types = reason === 'link_type' ? ` (${unreadLinkTypes.map(linkTypeName).join(', ')})` : '';
    const text = {
      en: `packets skipped: ${grouped(count)}, ${words.en}${types}`,
      ko: `건너뛴 패킷 ${grouped(count)}개: ${words.ko}${types}`,
    };
    problems.push({ what: `packets.${reason}`, found: `${count}${types}`, text });
  }
  if (lostBytes > 0) {
    problems.push({
      what: 'bytes.lost',
      found: String(lostBytes),
      text: {
        en: `${grouped(lostBytes)} bytes of the connections are not in the file`,
        ko: `연결의 ${grouped(lostBytes)}바이트가 파일에 없습니다`,
      },
    });
  }
  return problems;
}
