/**
 * From a file to the events of a log, packet after packet, and what of the file could not be read, in words. Where the events
 * go, and what of them is kept, is for who asks: `headless.ts` keeps what has not been told, `on-screen.ts` everything.
 *
 * 1. Keys that stand in a file count from its beginning on, wherever they stand: a pass over its blocks collects them first.
 * 2. What another program writes is read once: its keys open what comes behind them.
 */
import { CaptureReader } from '../../capture/file/capture-file.ts';
import type { CaptureDraft } from '../../capture/event.ts';
import type { Connection, Flows } from '../../capture/flows.ts';
import type { CaptureLog } from '../../capture/log.ts';
import { PacketClock, Replay } from '../../capture/file/replay.ts';
import type { ReplayFacts } from '../../capture/file/replay.ts';
import type { Wants } from '../../capture/net/reassembly.ts';
import type { ReadProblem } from '../../capture/file/window.ts';
import { toOffset } from '../../core/hex.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { grouped } from '../../i18n/number.ts';
import { topologyIn } from '../../presentation/topology.ts';
import { readThrough } from './input.ts';
import type { OnTurn } from './input.ts';
import type { InspectRequest } from './request.ts';

/** Something of the file that is not among what is shown. */
export interface FileProblem {
  /** `file.cut`, `packets.not_tcp`, `bytes.lost`. */
  readonly what: string;
  /** In the file. */
  readonly offset?: number;
  readonly found: string;
  readonly text: Localized;
}

/** All of them as one text; undefined where there is none. */
export function problemText(problems: readonly Pick<FileProblem, 'text'>[]): Localized | undefined {
  if (problems.length === 0) return undefined;
  return {
    en: problems.map(({ text }) => text.en).join('; '),
    ko: problems.map(({ text }) => text.ko).join('. '),
  };
}

export interface ReadOptions {
  readonly clock: PacketClock;
  /** @param position where the bytes of an event stand in the file, when they stay as they are and stand there as they are */
  readonly append: (draft: CaptureDraft, position?: number) => void;
  /** Of this program. */
  readonly version: string;
  /** The bytes of events stay as they are; else only as long as `append` takes. */
  readonly keeps: boolean;
  /** Keys may come behind what they open: nobody has been told yet, or can be told again. */
  readonly lateKeys?: boolean;
  readonly wants?: Wants;
  /** After each read: how many bytes of the file have come. May be waited for; with `false` reading ends. */
  readonly onTurn?: (position: number) => ReturnType<OnTurn>;
}

/**
 * Reads the whole of it; events of the connection that is meant, or of all, are appended as they come.
 * @throws UserError when it is no capture file, or holds no connection of the number that is meant
 */
export async function readCapture(
  { name, input, keylog, stream }: InspectRequest,
  options: ReadOptions,
): Promise<readonly FileProblem[]> {
  const { append, keeps, onTurn, wants, lateKeys = false } = options;
  const inFile = lateKeys ? [] : keysIn(name, input);
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
      append(draft, draft.type === 'bytes' ? reader.positionOf(draft.bytes) : undefined);
    },
    ...(wants
      ? { wants: (conn, from, length, frame) => isMeant(conn) && wants(conn, from, length, frame) }
      : {}),
  });
  // Keys that were collected before are not told again.
  const secrets =
    lateKeys || input.size === undefined
      ? { secrets: (lines: readonly string[]) => replay.secrets(lines) }
      : {};
  const reader: CaptureReader = new CaptureReader(
    { packet: (packet) => replay.packet(packet), interface: (facts) => replay.interface(facts), ...secrets },
    { where: name, keeps },
  );
  const isWhole = await readThrough(input, reader, onTurn && (() => onTurn(reader.position)));
  const problem = isWhole ? reader.end() : undefined;
  replay.end();
  if (!isThere && isWhole) throw noSuchConnection(name, stream ?? 0, replay.facts.connections);
  return problemsOf(problem, replay.facts);
}

/**
 * Looks at the beginning only.
 * @throws UserError when it is no capture file
 */
export function checkFormat({ name, input }: InspectRequest): void {
  if (input.size === undefined) return;
  const reader = new CaptureReader({ packet: () => {} }, { where: name });
  const count = input.read(reader.room()) as number;
  input.rewind();
  if (count > 0) reader.took(count);
  if (count === input.size) reader.end();
}

/** The keys in a file that can be read twice. */
function keysIn(where: string, input: InspectRequest['input']): readonly string[] {
  if (input.size === undefined) return [];
  const keys: string[] = [];
  const reader = new CaptureReader(
    { packet: () => {}, secrets: (lines) => lines.forEach((line) => keys.push(line)) },
    { where },
  );
  for (;;) {
    // A file is read at once; nobody is waited for.
    const count = input.read(reader.room()) as number;
    if (count === 0) break;
    reader.took(count);
    // The older format has no place for keys.
    if (reader.isOver || !reader.isPcapng) break;
  }
  input.rewind();
  return keys;
}

/** Appends key log lines for what a connection said under static RSA. */
export type OpenWithRsa = (connection: Connection, flows: Flows, log: CaptureLog) => void;

/** Undefined where no server's key was given. */
export async function rsaOpener({ rsaKeys }: InspectRequest): Promise<OpenWithRsa | undefined> {
  if (rsaKeys.length === 0) return undefined;
  const [{ openWithRsa, readRsaKey }, { loadReadings, readToEnd }, { KeyRing }] = await Promise.all([
    import('../../protocols/tls/rsa-key.ts'),
    import('../../analysis/conversation/conversation.ts'),
    import('../../protocols/tls/keylog.ts'),
  ]);
  await loadReadings();
  const keys = rsaKeys.map((key) => readRsaKey(key.pem, key.name));
  return (connection, flows, log) => {
    const { tls } = readToEnd(connection, { keys: new KeyRing(flows) });
    if (!tls) return;
    for (const line of openWithRsa(tls, keys)) log.append({ type: 'keylog', conn: connection.conn, line });
  };
}

function noSuchConnection(where: string, stream: number, connections: number): UserError {
  return new UserError({
    what: {
      en: `there is no connection ${stream} in this file`,
      ko: `이 파일에 ${stream}번 연결이 없습니다`,
    },
    where,
    expected:
      connections === 0
        ? { en: 'it holds no TCP connection', ko: 'TCP 연결이 하나도 없습니다' }
        : verbatim(`1 … ${connections}`),
    received: `--stream ${stream}`,
  });
}

const kinds: Readonly<Record<ReadProblem['kind'], Localized>> = {
  no_section: { en: 'a block stands outside of every section', ko: '섹션 밖에 블록이 있습니다' },
  cut: { en: 'the file is cut off', ko: '파일이 중간에 끊겼습니다' },
  bad_length: { en: 'a length does not fit', ko: '길이가 맞지 않습니다' },
  unknown_interface: {
    en: 'a packet is of an interface that was not described',
    ko: '설명되지 않은 인터페이스의 패킷이 있습니다',
  },
};

const skips: Readonly<Record<keyof ReplayFacts['skipped'], Localized>> = {
  link_type: { en: 'of a link layer that is not read here', ko: '여기서 읽지 않는 링크 계층' },
  not_ip: { en: 'no IP', ko: 'IP 아님' },
  not_tcp: { en: 'no TCP', ko: 'TCP 아님' },
  cut: { en: 'cut off by the capture or malformed', ko: '캡처에서 잘렸거나 잘못된 패킷' },
  fragment: { en: 'fragments of packets that never became whole', ko: '끝내 완성되지 않은 패킷의 조각' },
  left_out: { en: 'outside of every connection', ko: '어느 연결에도 속하지 않음' },
};

/** Where reading ended, packets that brought nothing, bytes that are missing: in one sentence each. */
function problemsOf(
  problem: ReadProblem | undefined,
  { skipped, unreadLinkTypes, lostBytes }: ReplayFacts,
): FileProblem[] {
  const problems: FileProblem[] = [];
  if (problem) {
    const { kind, offset, found } = problem;
    const at = toOffset(offset);
    const text = {
      en: `${kinds[kind].en} at byte ${at} (${found}); what stands before it was read`,
      ko: `오프셋 ${at}: ${kinds[kind].ko}(${found}). 그 앞까지 읽었습니다`,
    };
    problems.push({ what: `file.${kind}`, offset, found, text });
  }
  for (const [reason, count] of Object.entries(skipped)) {
    const words = skips[reason as keyof typeof skips];
    const types = reason === 'link_type' ? ` (${unreadLinkTypes.join(', ')})` : '';
    const text = {
      en: `packets passed over: ${grouped(count)}, ${words.en}${types}`,
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
