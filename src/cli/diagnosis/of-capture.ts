/**
 * Diagnoses a capture: the failed connections in it, from their bytes alone. The most certain one is the answer, the others are
 * named with it; `--stream` picks one.
 */
import { PacketClock } from '../../capture/file/replay.ts';
import { loadCaptureReadings } from '../../analysis/conversation/conversation.ts';
import { defined } from '../../core/defined.ts';
import type { Diagnosis, Finding, ObservedConnection } from '../../diagnosis/diagnosis.ts';
import { found } from '../../diagnosis/found.ts';
import { findingOf } from '../../diagnosis/observed.ts';
import { unfinishedIn } from '../../diagnosis/unfinished.ts';
import { refusedLogin } from '../../diagnosis/refused-login.ts';
import { JsonCapture } from '../../ui/json/json-capture.ts';
import type { LineOf } from '../../ui/json/line.ts';
import type { Environment, Parsed } from '../command.ts';
import { keysForHandshakes, readCapture, unusedKeys } from '../inspect/open.ts';
import { problemText } from '../inspect/reading.ts';
import { readRequest } from '../inspect/request.ts';
import { warningLine } from '../io/user-error-text.ts';
import { readVersion } from '../places.ts';
import type { CapturePage } from './capture-page.ts';

/** Within this time a handshake is done, in milliseconds. */
const promptly = 1000;

/** A scan has thousands: the rest is counted. */
const mostOthers = 20;

const rank = { proven: 0, likely: 1, unknown: 2 } as const;

export interface CaptureDiagnosis extends Diagnosis {
  readonly connections: number;
  readonly failed: number;
}

/** @param page shown the connections while they are read */
export async function diagnoseCapture(
  parsed: Parsed,
  environment: Environment,
  page?: CapturePage,
): Promise<CaptureDiagnosis> {
  const request = readRequest(parsed, environment, 'why');
  try {
    await loadCaptureReadings();
    const keysFor = await keysForHandshakes(request);
    let connections = 0;
    let failed = 0;
    let findings: Finding[] = [];
    const opened: Opened = new Map();
    let last: LineOf<'stream'> | undefined;
    const went = new Set<string>();
    const unfinished: { readonly way: string; readonly opened: number; readonly finding: Finding }[] = [];
    const clock = new PacketClock();
    const capture = new JsonCapture({
      clock,
      keysFor,
      write: () => {},
      onStream(line) {
        connections++;
        const port = portOf(line.server);
        const others = opened.get(port) ?? [];
        others.push({ stream: line.stream, server: line.server, at: Date.parse(line.opened), isWell: false });
        if (others.length > mostOpened) others.shift();
        opened.set(port, others);
        last = line;
        if (!line.failed) return;
        failed++;
        findings.push(findingIn(line));
        // The most certain ones stay, of these the first.
        if (findings.length > 2 * mostOthers) findings = best(findings, opened);
      },
      onSummary(_summary, connection) {
        const line = last;
        last = undefined;
        if (!line || line.failed) return;
        const finding = unfinishedIn(line.outcome, connection);
        if (!finding) {
          went.add(wayOf(line));
          const own = opened.get(portOf(line.server))?.findLast(({ stream }) => stream === line.stream);
          if (own) own.isWell = true;
          page?.wentWell(line.stream);
        } else if (unfinished.length < mostOthers)
          unfinished.push({
            way: wayOf(line),
            opened: Date.parse(line.opened),
            finding: { ...finding, connection: connectionOf(line) },
          });
      },
    });
    const problems = await (page?.read ?? readCapture)(request, {
      clock,
      append: capture.append,
      wants: capture.wants,
      version: readVersion(environment.places.root),
      keeps: false,
    });
    capture.end();
    const problem = problemText([...problems, ...unusedKeys(request, capture.keys)]);
    if (problem) environment.stderr.write(warningLine(problem, environment.language));
    // Of a pair of which another connection went well, one is just under way, as in every capture of a server at work.
    const isUnderWay = ({ way, opened: since, finding: { cause } }: (typeof unfinished)[number]): boolean =>
      cause === 'capture_ends' && went.has(way) && clock.now() - since < promptly;
    // Where another connection went well, one that only was opened and closed is a probe.
    const isProbe = ({ finding: { cause } }: (typeof unfinished)[number]): boolean =>
      cause === 'nothing_sent' && went.size > 0;
    const known = best(findings, opened);
    const overcome = known.filter((one) => isOvercome(one, opened));
    const [finding, ...others] =
      connections === 0
        ? [nothingToRead()]
        : [
            ...known.filter((one) => !isFirstOfSeveral(one, opened)),
            ...unfinished.filter((one) => !isUnderWay(one) && !isProbe(one)).map((one) => one.finding),
            ...known.filter((one) => isFirstOfSeveral(one, opened) && !overcome.includes(one)),
          ].slice(0, mostOthers + 1);
    others.push(...overcome);
    return { ...(finding ? { finding } : {}), others, attempts: [], connections, failed };
  } finally {
    request.input.close();
  }
}

/** The most certain ones first; behind all others an address that refused a client which then tried another. */
function best(findings: readonly Finding[], opened: Opened): Finding[] {
  const keyOf = (one: Finding): number => rank[one.confidence] + (isFirstOfSeveral(one, opened) ? 10 : 0);
  return findings.toSorted((one, other) => keyOf(one) - keyOf(other)).slice(0, mostOthers + 1);
}

/** When connections to a port were opened, in milliseconds, with their number. */
type Opened = Map<string, OpenedOne[]>;

interface OpenedOne {
  readonly stream: number;
  readonly server: string;
  readonly at: number;
  /** It was seen to go well. */
  isWell: boolean;
}

/** Of each port the last ones are kept. */
const mostOpened = 1000;

/** In milliseconds: how soon a client tries the next address of a name (RFC 8305). */
const nextAddress = 1000;

const isFirstOfSeveral = (finding: Finding, opened: Opened): boolean => triedNext(finding, opened).length > 0;

/** `localhost` is ::1 first, and many servers listen on 127.0.0.1 alone: the client has got to where it wanted. */
const isOvercome = (finding: Finding, opened: Opened): boolean =>
  triedNext(finding, opened).some(({ isWell }) => isWell);

function triedNext({ cause, connection }: Finding, opened: Opened): readonly OpenedOne[] {
  if (cause !== 'nothing_listens' || !connection) return [];
  const same = opened.get(portOf(connection.to)) ?? [];
  const own = same.find(({ stream }) => stream === connection.stream);
  return same.filter(
    ({ server, at }) => own && server !== own.server && at >= own.at && at - own.at <= nextAddress,
  );
}

const portOf = (address: string): string => address.slice(address.lastIndexOf(':') + 1);

/** Nothing can be said of a file without a connection, and least of all that nothing is wrong. */
const nothingToRead = (): Finding => ({
  ...found({ cause: 'no_connection_seen', by: 'unknown', confidence: 'unknown', evidence: [] }),
  name: { en: 'no connection could be read', ko: '읽을 수 있는 연결이 없음' },
  because: {
    en: 'the capture has no connection that could be read: nothing can be said of it',
    ko: '캡처에 읽을 수 있는 연결이 없어 아무것도 알 수 없습니다.',
  },
  remedy: {
    on: 'client',
    words: {
      en: 'capture again while the connection is made (tcpdump -i any -w FILE)',
      ko: '연결하는 동안 다시 캡처하세요(tcpdump -i any -w 파일).',
    },
  },
});

function findingIn(line: LineOf<'stream'>): Finding {
  const { outcome } = line;
  const finding =
    line.login === 'refused' && outcome.cause === undefined ? refusedLogin() : findingOf(outcome);
  return { ...finding, connection: connectionOf(line) };
}

const connectionOf = ({ stream, client, server, name }: LineOf<'stream'>): ObservedConnection =>
  defined({ stream, from: client, to: server, name });

/** From which machine to which port. */
const wayOf = ({ client, server }: LineOf<'stream'>): string =>
  `${client.slice(0, client.lastIndexOf(':'))} ${server}`;
