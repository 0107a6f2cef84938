/** What reading one capture and reading several have in common: options, keys inside a file, and the words for what could not be read. */
import { CaptureReader } from '../../capture/file/capture-file.ts';
import type { CaptureDraft } from '../../capture/event.ts';
import type { OnIcmp, PacketClock, ReplayFacts } from '../../capture/file/replay.ts';
import { linkTypeName } from '../../capture/net/link-type-names.ts';
import type { Wants } from '../../capture/net/reassembly.ts';
import type { ReadProblem } from '../../capture/file/window.ts';
import { connectionName } from '../../capture/stream-number.ts';
import { toOffset } from '../../core/hex.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { grouped } from '../../i18n/number.ts';
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
  readonly onIcmp?: OnIcmp;
  /** Called with the comment of each section of a file that has some. */
  readonly onComment?: ((text: string) => void) | undefined;
  /** Called once, at the end. */
  readonly onFacts?: (facts: Pick<ReplayFacts, 'packets'>) => void;
  /** Called with the bytes read so far, after each read, and awaited; reading ends if it returns `false`. */
  readonly onTurn?: (position: number) => ReturnType<OnTurn>;
}

/** Which events are shown: those of the selected connection, or all. */
export class Selection {
  readonly #stream: number | undefined;
  /** Whether the selected connection has been seen. */
  isThere: boolean;

  /** @param stream the number of the selected connection; undefined for all */
  constructor(stream: number | undefined) {
    this.#stream = stream;
    this.isThere = stream === undefined;
  }

  /** The event as it is shown; undefined if it belongs to another connection. */
  shown(draft: CaptureDraft): CaptureDraft | undefined {
    if (this.#stream === undefined) return draft;
    if ('conn' in draft && draft.conn !== undefined) {
      if (draft.conn !== this.#stream) return undefined;
      this.isThere = true;
    }
    if (draft.type !== 'opened') return draft;
    // One connection alone stands for itself.
    const { relays: _, onBehalfOf: __, ...alone } = draft;
    return alone;
  }

  /** The same for bytes that are asked for before they are read. */
  wants(wants: Wants | undefined): Pick<ReadOptions, 'wants'> {
    if (!wants || this.#stream === undefined) return wants ? { wants } : {};
    return { wants: (conn, ...rest) => conn === this.#stream && wants(conn, ...rest) };
  }
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
