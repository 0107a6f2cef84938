/** From a file's bytes to a log with everything in it, and what of the file could not be read, in words. */
import type { CaptureEvent } from '../../capture/event.ts';
import { readCaptureFile } from '../../capture/capture-file.ts';
import { Flows } from '../../capture/flows.ts';
import { CaptureLog } from '../../capture/log.ts';
import type { CaptureFile } from '../../capture/pcapng-reader.ts';
import { PacketClock, replayCapture } from '../../capture/replay.ts';
import type { Replay } from '../../capture/replay.ts';
import { toOffset } from '../../core/hex.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { Mistake } from '../../i18n/mistake.ts';
import { grouped } from '../../i18n/number.ts';
import type { InspectRequest } from './request.ts';

export interface OpenedCapture {
  readonly events: readonly CaptureEvent[];
  readonly flows: Flows;
  /** The number of the packet in the file that brought an event; undefined where none did. */
  readonly frameOf: (seq: number) => number | undefined;
  /** What was not read, and where. */
  readonly problems: readonly FileProblem[];
}

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
export function problemText(problems: readonly FileProblem[]): Localized | undefined {
  if (problems.length === 0) return undefined;
  return { en: problems.map(({ text }) => text.en).join('; '), ko: problems.map(({ text }) => text.ko).join('. ') };
}

/** @throws Mistake when it is no capture file, or holds no connection of the number that is meant */
export async function openCapture({ name, bytes, keylog, rsaKeys, stream }: InspectRequest, version: string): Promise<OpenedCapture> {
  const file = readCaptureFile(bytes, name);
  const clock = new PacketClock();
  // Everything is kept: the file lies in memory already, and payload points into it.
  const log = new CaptureLog({ clock, maxPayload: Number.POSITIVE_INFINITY });
  const replay = replayCapture({ ...file, keylog: [...file.keylog, ...keylog] }, log, { clock, version });
  const isMeant = (event: CaptureEvent): boolean => stream === undefined || !('conn' in event) || event.conn === undefined || event.conn === stream;
  const events = log.events.filter(isMeant);
  const flows = new Flows(log);
  for (const event of events) flows.fold(event);
  if (stream !== undefined && !flows.connection(stream)) {
    throw new Mistake({
      what: { en: `there is no connection ${stream} in this file`, ko: `이 파일에 ${stream}번 연결이 없습니다` },
      where: name,
      expected: replay.connections === 0 ? { en: 'it holds no TCP connection', ko: 'TCP 연결이 하나도 없습니다' } : verbatim(`1 … ${replay.connections}`),
      received: `--stream ${stream}`,
    });
  }
  if (rsaKeys.length > 0) {
    const [{ openWithRsa, readRsaKey }, { loadReadings, readToEnd }] = await Promise.all([import('../../dissect/tls/rsa-key.ts'), import('../../analysis/conversation.ts')]);
    await loadReadings();
    const keys = rsaKeys.map((key) => readRsaKey(key.pem, key.name));
    for (const connection of flows.connections) {
      const { tls } = readToEnd(connection, { keys: flows.keylog });
      if (!tls) continue;
      for (const line of openWithRsa(tls, keys)) flows.fold(log.append({ type: 'keylog', conn: connection.conn, line }));
    }
  }
  return {
    events,
    flows,
    frameOf: (seq) => replay.frames[seq] || undefined,
    problems: problemsOf(file, replay),
  };
}

const kinds: Readonly<Record<NonNullable<CaptureFile['problem']>['kind'], Localized>> = {
  no_section: { en: 'a block stands outside of every section', ko: '섹션 밖에 블록이 있습니다' },
  cut: { en: 'the file is cut off', ko: '파일이 중간에 끊겼습니다' },
  bad_length: { en: 'a length does not fit', ko: '길이가 맞지 않습니다' },
  unknown_interface: { en: 'a packet is of an interface that was not described', ko: '설명되지 않은 인터페이스의 패킷이 있습니다' },
};

const skips: Readonly<Record<keyof Replay['skipped'], Localized>> = {
  link_type: { en: 'of a link layer that is not read here', ko: '여기서 읽지 않는 링크 계층' },
  not_ip: { en: 'no IP', ko: 'IP 아님' },
  not_tcp: { en: 'no TCP', ko: 'TCP 아님' },
  cut: { en: 'cut off by the capture or malformed', ko: '캡처에서 잘렸거나 잘못된 패킷' },
  fragment: { en: 'fragments of packets that never became whole', ko: '끝내 완성되지 않은 패킷의 조각' },
  left_out: { en: 'outside of every connection', ko: '어느 연결에도 속하지 않음' },
};

/** Where reading ended, packets that brought nothing, bytes that are missing: in one sentence each. */
function problemsOf({ problem }: CaptureFile, { skipped, unreadLinkTypes, lostBytes }: Replay): FileProblem[] {
  const problems: FileProblem[] = [];
  if (problem) {
    const { kind, offset, found } = problem;
    const at = toOffset(offset);
    const text = { en: `${kinds[kind].en} at byte ${at} (${found}); what stands before it was read`, ko: `오프셋 ${at}: ${kinds[kind].ko}(${found}). 그 앞까지 읽었습니다` };
    problems.push({ what: `file.${kind}`, offset, found, text });
  }
  for (const [reason, count] of Object.entries(skipped)) {
    const words = skips[reason as keyof typeof skips];
    const types = reason === 'link_type' ? ` (${unreadLinkTypes.join(', ')})` : '';
    const text = { en: `packets passed over: ${grouped(count)}, ${words.en}${types}`, ko: `건너뛴 패킷 ${grouped(count)}개: ${words.ko}${types}` };
    problems.push({ what: `packets.${reason}`, found: `${count}${types}`, text });
  }
  if (lostBytes > 0) {
    problems.push({ what: 'bytes.lost', found: String(lostBytes), text: { en: `${grouped(lostBytes)} bytes of the connections are not in the file`, ko: `연결의 ${grouped(lostBytes)}바이트가 파일에 없습니다` } });
  }
  return problems;
}
