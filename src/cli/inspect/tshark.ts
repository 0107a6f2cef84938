/**
 * Asks tshark, where it is installed, for the names of the protocols in a capture: one run over the file, bounded in time.
 * Its word is used only for connections that wirelab does not recognise, and marked as tshark's.
 *
 * The connections are joined by their first packet: tshark counts streams in tunnels in another way.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import type { Localized } from '../../i18n/language.ts';
import type { FileProblem } from './reading.ts';
import type { InspectRequest } from './request.ts';

export interface TsharkNames {
  /** @param firstFrame the number of a connection's first packet */
  readonly nameOf: (firstFrame: number) => string | undefined;
  readonly problems: readonly FileProblem[];
}

const mostSeconds = 60;
/** Streams of which something is remembered. */
const mostStreams = 200_000;

/** What tshark calls a packet in which it recognises nothing. */
const transports: ReadonlySet<string> = new Set(['TCP', 'UDP', 'IPv4', 'IPv6', 'Data', '']);

export interface TsharkOptions {
  /** In the search path by default. */
  readonly program?: string;
  readonly mostSeconds?: number;
  /** The environment variables of the program; those of this process by default. */
  readonly env?: NodeJS.ProcessEnv;
}

export async function askTshark(
  { name, fromInput }: Pick<InspectRequest, 'name' | 'fromInput'>,
  { program = 'tshark', mostSeconds: seconds = mostSeconds, env }: TsharkOptions = {},
): Promise<TsharkNames> {
  const names = new StreamNames();
  if (fromInput)
    return missing('standard_input', {
      en: '--tshark needs a file: standard input can be read only once',
      ko: '--tshark에는 파일이 필요합니다. 표준 입력은 한 번만 읽을 수 있습니다',
    });
  const child = spawn(
    program,
    [
      '-n',
      '-r',
      name,
      '-T',
      'fields',
      '-e',
      'frame.number',
      '-e',
      'tcp.stream',
      '-e',
      'udp.stream',
      '-e',
      '_ws.col.protocol',
    ],
    { stdio: ['ignore', 'pipe', 'ignore'], ...(env ? { env } : {}) },
  );
  const failure = new Promise<Error | undefined>((resolve) => {
    child.once('error', resolve);
    child.once('spawn', () => resolve(undefined));
  });
  if (await failure)
    return missing('missing', {
      en: 'tshark is not installed: what wirelab does not recognise stays without a name',
      ko: 'tshark가 설치되어 있지 않아, wirelab이 알아보지 못한 프로토콜에는 이름이 없습니다',
    });
  const ended = once(child, 'exit');
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, seconds * 1000);
  for await (const line of createInterface({ input: child.stdout })) names.add(line);
  clearTimeout(timer);
  await ended;
  if (!isLate) return { nameOf: (frame) => names.nameOf(frame), problems: [] };
  return {
    nameOf: (frame) => names.nameOf(frame),
    problems: missing('slow', {
      en: `tshark was stopped after ${seconds} s: some connections stay without its name`,
      ko: `tshark를 ${seconds}초 뒤에 멈췄습니다. 일부 연결에는 tshark가 붙인 이름이 없습니다`,
    }).problems,
  };
}

function missing(what: string, text: Localized): TsharkNames {
  return { nameOf: () => undefined, problems: [{ what: `tshark.${what}`, found: text.en, text }] };
}

/** Of each stream the name that most of its packets have; the first of equals. */
class StreamNames {
  readonly #counts = new Map<string, Map<string, number>>();
  /** Streams by their first packet. */
  readonly #first = new Map<number, string>();

  add(line: string): void {
    const [frame = '', tcp = '', udp = '', protocol = ''] = line.split('\t');
    // Of packets in packets the innermost.
    const stream =
      tcp === '' ? (udp === '' ? undefined : `u${udp.split(',').at(-1)}`) : `t${tcp.split(',').at(-1)}`;
    if (stream === undefined) return;
    let counts = this.#counts.get(stream);
    if (!counts) {
      if (this.#counts.size >= mostStreams) return;
      counts = new Map();
      this.#counts.set(stream, counts);
      this.#first.set(Number(frame), stream);
    }
    if (!transports.has(protocol)) counts.set(protocol, (counts.get(protocol) ?? 0) + 1);
  }

  nameOf(firstFrame: number): string | undefined {
    const counts = this.#counts.get(this.#first.get(firstFrame) ?? '');
    let best: readonly [name: string, count: number] | undefined;
    for (const entry of counts ?? []) if (entry[1] > (best?.[1] ?? 0)) best = entry;
    return best?.[0];
  }
}
