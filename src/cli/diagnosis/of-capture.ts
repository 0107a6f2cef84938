/**
 * Diagnoses a capture: the failed connections in it, from their bytes alone. The most certain one is the answer, the others are
 * named with it; `--stream` picks one.
 */
import { isOfExperiments } from '../../capture/file/pcapng-blocks.ts';
import { PacketClock } from '../../capture/file/replay.ts';
import { loadCaptureReadings } from '../../analysis/conversation/conversation.ts';
import { defined } from '../../core/defined.ts';
import type { Diagnosis, Finding, ObservedConnection } from '../../diagnosis/diagnosis.ts';
import { inCode } from '../../diagnosis/programs/in-code.ts';
import { found } from '../../diagnosis/found.ts';
import { findingOf } from '../../diagnosis/observed.ts';
import { Heard } from '../../diagnosis/captured/heard.ts';
import {
  isChallenge,
  isOnlyMissing,
  refusedByError,
  refusedLogin,
  refusedRequest,
  refusedRequestIn,
} from '../../diagnosis/captured/refused-answers.ts';
import { Names } from '../../diagnosis/captured/names.ts';
import { Reports, tooBigIn, unreachedIn } from '../../diagnosis/captured/reports.ts';
import { awaitsAnswer, fullIn, unansweredIn } from '../../diagnosis/captured/unanswered.ts';
import { usedAfterCloseIn } from '../../diagnosis/captured/used-after-close.ts';
import { unfinishedIn } from '../../diagnosis/captured/unfinished.ts';
import type { Connection } from '../../capture/connection.ts';
import type { ConversationReader } from '../../analysis/conversation/conversation.ts';
import { isLoginRefused } from '../../analysis/summary/connection-summary.ts';
import { JsonCapture } from '../../ui/json/json-capture.ts';
import type { LineOf } from '../../ui/json/line.ts';
import type { Localized } from '../../i18n/language.ts';
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
    const reports = new Reports();
    const names = new Names();
    /** Connections, but those to a resolver, that went well. */
    let served = 0;
    let sealed = false;
    /** The file was recorded by a diagnosis. */
    let hasExperiments = false;
    let isBare = false;
    const heard = new Map<number, Heard>();
    const heardOf = (conn: number): Heard => {
      const known = heard.get(conn);
      if (known) return known;
      const own = new Heard();
      heard.set(conn, own);
      return own;
    };
    /** Failed requests for what is not there, of connections that served others. */
    const notes: Finding[] = [];
    /** Connections on which a password was asked for: the client may come again with one. */
    const challenged = new Set<number>();
    /** Connections on which only what is not there was asked for, and the pairs of which others were served. */
    const missing = new Set<number>();
    const servedWays = new Set<string>();
    /** When a request was lost on a connection that was closed, in milliseconds. */
    const lostAt = new Map<number, number>();
    const onLost = ({ stream, opened: since }: LineOf<'stream'>, after: number): void =>
      void lostAt.set(stream, Date.parse(since) + after / 1000);
    const unfinished: {
      readonly way: string;
      readonly opened: number;
      readonly late: boolean;
      readonly finding: Finding;
    }[] = [];
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
      },
      onMessage(message) {
        heardOf(message.conn).message(message);
        names.message(message);
      },
      onExchange: (exchange, { conn }) => heardOf(conn).exchange(exchange),
      onSummary(summary, connection, reader) {
        const line = last;
        last = undefined;
        const said = heardOf(connection.conn);
        heard.delete(connection.conn);
        if (!line) return;
        if (said.served > 0) servedWays.add(wayOf(line));
        const seen = { line, connection, reader, heard: said, reports, onLost };
        const failure = failureIn(seen, isLoginRefused(summary));
        if (failure) {
          const found = { ...failure, connection: connectionOf(line) };
          if (failure.isNote) {
            went.add(wayOf(line));
            if (notes.length < mostOthers) notes.push(found);
            return;
          }
          failed++;
          if (isAskedForPassword(line, said)) challenged.add(line.stream);
          if (isOnlyMissing(said) && failure.cause === 'refused_by_application') missing.add(line.stream);
          findings.push(found);
          // The most certain ones stay, of these the first.
          if (findings.length > 2 * mostOthers) findings = best(findings, opened);
          return;
        }
        const finding =
          unreachedIn(connection, reports) ??
          unfinishedIn(line.outcome, connection, {
            served: said.served,
            awaits: said.asked ? said.pending > 0 : awaitsAnswer(reader),
          });
        if (!finding) {
          if (!line.protocols.includes('dns')) served++;
          sealed ||= isSealed(line, said);
          isBare ||= isSealed(line, said) && line.outcome.withoutCertificate === true;
          went.add(wayOf(line));
          const own = opened.get(portOf(line.server))?.findLast(({ stream }) => stream === line.stream);
          if (own) own.isWell = true;
          page?.wentWell(line.stream);
        } else if (unfinished.length < mostOthers)
          unfinished.push({
            way: wayOf(line),
            opened: Date.parse(line.opened),
            late: line.outcome.joinedLate === true && line.outcome.kind !== 'open',
            finding: { ...finding, connection: connectionOf(line) },
          });
      },
    });
    const problems = await (page?.read ?? readCapture)(request, {
      clock,
      append: capture.append,
      wants: capture.wants,
      onIcmp: reports.add,
      onComment: (text) => void (hasExperiments ||= isOfExperiments(text)),
      version: readVersion(environment.places.root),
      keeps: false,
    });
    capture.end();
    const unused = unusedKeys(request, capture.keys);
    const problem = problemText([...problems, ...unused]);
    if (problem) environment.stderr.write(warningLine(problem, environment.language));
    // Of a pair of which another connection went well, one is just under way, as in every capture of a server at work.
    const isUnderWay = ({ way, opened: since, finding: { cause } }: (typeof unfinished)[number]): boolean =>
      cause === 'capture_ends' && went.has(way) && clock.now() - since < promptly;
    // Where another connection went well, one that only was opened and closed is a probe.
    const isProbe = ({ finding: { cause } }: (typeof unfinished)[number]): boolean =>
      cause === 'nothing_sent' && went.size > 0;
    // A capture of a server at work begins within many connections.
    const isLate = ({ late }: (typeof unfinished)[number]): boolean => late && served > 0;
    const isBeside = ({ connection }: Finding): boolean =>
      connection !== undefined &&
      missing.has(connection.stream) &&
      servedWays.has(wayOf({ client: connection.from, server: connection.to }));
    // What the client tried next counts first.
    const isBehind = (one: Finding): boolean =>
      isFirstOfSeveral(one, opened) || cameAgain(one, opened, challenged).length > 0;
    const known = best(findings, opened).map((one) => cameAnew(one, lostAt, opened));
    const overcome = known.filter(
      (one) =>
        isOvercome(one, opened) ||
        cameAgain(one, opened, challenged).some(({ isWell }) => isWell) ||
        isBeside(one),
    );
    const [finding, ...others] =
      connections === 0
        ? [nothingToRead()]
        : [
            ...known.filter((one) => !isBehind(one) && !overcome.includes(one)),
            ...unfinished
              .filter((one) => !isUnderWay(one) && !isProbe(one) && !isLate(one))
              .map((one) => one.finding),
            ...known.filter((one) => isBehind(one) && !overcome.includes(one)),
          ].slice(0, mostOthers + 1);
    others.push(...overcome, ...notes);
    // Without a connection that went well, or failed, a name that leads nowhere is why there is none.
    const unresolved = names.failures().slice(0, mostOthers);
    const isCause = unresolved.length > 0 && served === 0 && failed === 0;
    if (isCause && finding) others.unshift(finding);
    others.push(
      ...(isCause ? unresolved.slice(1) : unresolved.map((one) => ({ ...one, isNote: true as const }))),
    );
    const cause = isCause ? unresolved[0] : finding;
    // Its client refuses nothing: that it went on proves nothing of a client's.
    if (hasExperiments && cause) others.push({ ...ofExperiments(), isNote: true });
    const main = cause ?? (hasExperiments ? ofExperiments() : undefined);
    if (!main && sealed)
      others.push(
        unread(isBare, unused.length > 0 ? 'unfit' : request.keylog.length > 0 ? 'incomplete' : 'none'),
      );
    return {
      ...(main ? { finding: inAnyOptions(main) } : {}),
      others: others.map(inAnyOptions),
      attempts: [],
      isOnlySeen: true,
      connections,
      failed,
    };
  } finally {
    request.input.close();
  }
}

/** The most certain ones first; behind all others an address that refused a client which then tried another. */
function best(findings: readonly Finding[], opened: Opened): Finding[] {
  // What a server answers counts less than a connection that never came so far.
  const keyOf = (one: Finding): number =>
    rank[one.confidence] +
    (one.cause === 'refused_by_application' || one.cause === 'stale_connection' ? 1.5 : 0) +
    (isFirstOfSeveral(one, opened) ? 10 : 0);
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

/** Which program the client is, is not known. */
const inAnyOptions = (finding: Finding): Finding => ({
  ...finding,
  remedy: { ...finding.remedy, words: inCode(finding.remedy.words, undefined) },
});

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

/** Over TLS more was said than could be read. */
const isSealed = (line: LineOf<'stream'>, { asked, error, login }: Heard): boolean =>
  line.tls !== undefined &&
  line.plaintext === undefined &&
  line.applicationDataRecords.toClient > 0 &&
  !asked &&
  !error &&
  !login;

/** Nothing that a client does not accept stands in it. */
const ofExperiments = (): Finding => ({
  ...found({ cause: 'capture_ends', by: 'unknown', confidence: 'unknown', evidence: [] }),
  name: { en: 'recorded by wirelab itself', ko: 'wirelab이 기록한 실험' },
  because: {
    en: 'the connections in this file are experiments of wirelab, whose client refuses no certificate and changes one thing at a time: what a client of the server would refuse does not fail in them',
    ko: '이 파일의 연결은 wirelab의 실험입니다. 실험하는 클라이언트는 인증서를 거부하지 않고 조건을 하나씩 바꾸므로, 실제 클라이언트가 거부할 것도 실패로 나타나지 않습니다.',
  },
  remedy: {
    on: 'client',
    words: {
      en: 'read the answer that wirelab gave when it recorded the file, or ask again (./wirelab why HOST:PORT, ./wirelab why -- COMMAND); for a diagnosis from packets capture what the client itself does (tcpdump -i any -w FILE)',
      ko: '파일을 기록할 때 wirelab이 낸 답을 보거나 다시 실행하세요(./wirelab why HOST:PORT, ./wirelab why -- 명령). 패킷으로 진단하려면 클라이언트가 실제로 하는 통신을 캡처하세요(tcpdump -i any -w 파일).',
    },
  },
});

/** `unfit`: the key log opens nothing; `incomplete`: it opens other connections. */
type GivenKeys = 'none' | 'unfit' | 'incomplete';

const howToRead: Readonly<Record<GivenKeys, Localized>> = {
  none: {
    en: 'could only be read with their keys (--keylog FILE)',
    ko: '키가 있어야 읽을 수 있습니다(--keylog 파일).',
  },
  unfit: {
    en: 'cannot be read, since the key log that was given is of other connections: record both at once (SSLKEYLOGFILE of the client, while tcpdump runs)',
    ko: '읽을 수 없습니다. 지정한 키 로그는 다른 연결의 것이므로, 캡처하는 동안 클라이언트의 SSLKEYLOGFILE도 함께 기록하세요.',
  },
  incomplete: {
    en: 'cannot be read in those of which the key log that was given has no keys',
    ko: '지정한 키 로그에 키가 없는 연결에서는 읽을 수 없습니다.',
  },
};

/** @param isBare a certificate was asked for, and the client presented none */
const unread = (isBare: boolean, keys: GivenKeys): Finding => ({
  ...found({ cause: 'capture_ends', by: 'unknown', confidence: 'unknown', evidence: [] }),
  name: { en: 'what was answered is encrypted', ko: '응답은 암호화됨' },
  because: {
    en: `nothing failed in the connections themselves; whether the application refused over TLS ${howToRead[keys].en}${isBare ? '. The server asked for a certificate, and the client presented none: some servers refuse that only in their answer' : ''}`,
    ko: `연결 자체에는 실패가 없습니다. 애플리케이션이 TLS 위에서 거부했는지는 ${howToRead[keys].ko}${isBare ? ' 서버가 인증서를 요구했지만 클라이언트가 제시하지 않았습니다. 이를 응답에서야 거부하는 서버도 있습니다.' : ''}`,
  },
  isNote: true,
});

interface Seen {
  readonly line: LineOf<'stream'>;
  readonly connection: Connection;
  readonly reader: ConversationReader;
  readonly heard: Heard;
  readonly reports: Reports;
  /** A request came too late, so long after the connection was opened; in microseconds. */
  readonly onLost: (line: LineOf<'stream'>, after: number) => void;
}

/** Undefined where nothing failed, or nothing shows that it did. */
function failureIn(
  { line, connection, reader, heard, reports, onLost }: Seen,
  isRefused: boolean,
): Finding | undefined {
  const { outcome } = line;
  const isTls = line.tls !== undefined || connection.carriesTls;
  // What is lost again and again on a connection that is still open has failed as well, and so has a client that leaves without a word
  // behind a certificate that it would not accept.
  const hasCause =
    (line.failed || outcome.kind === 'open' || outcome.kind === 'nothing_said') &&
    outcome.cause !== undefined &&
    outcome.cause !== 'no_reply';
  if (outcome.cause === 'unanswered') return unreachedIn(connection, reports) ?? findingOf(outcome);
  if (hasCause) {
    const finding = findingOf(outcome);
    return (lossCauses.has(finding.cause) ? tooBigIn(finding, connection, reports) : undefined) ?? finding;
  }
  if (isRefused) return refusedLogin(heard, isTls);
  const lost = usedAfterCloseIn(outcome, connection, heard, reader);
  if (lost) {
    onLost(line, lost.at - (connection.opened?.at ?? 0));
    return lost.finding;
  }
  const unanswered = fullIn(outcome, connection) ?? unansweredIn(outcome, connection, heard, reader);
  if (unanswered) return unanswered;
  // What was asked again, and served, is no failure; a reset behind a refusal changes nothing of it.
  const refused = refusedRequest(heard, isTls) ?? refusedByError(heard, isTls);
  if (refused) return refused;
  return line.failed ? (unreachedIn(connection, reports) ?? findingOf(outcome)) : undefined;
}

const lossCauses: ReadonlySet<Finding['cause']> = new Set<Finding['cause']>([
  'large_packets_lost',
  'packets_lost',
]);

/** A proxy, or a server, wanted a password: many clients come without one first. */
function isAskedForPassword({ outcome }: LineOf<'stream'>, heard: Heard): boolean {
  if (outcome.cause === 'tunnel_refused') return / 407\b/.test(outcome.detail.said ?? '');
  const request = outcome.cause === undefined ? refusedRequestIn(heard) : undefined;
  return request !== undefined && isChallenge(request);
}

/** Connections with which the client came again, where a password was asked for. */
function cameAgain(
  { connection }: Finding,
  opened: Opened,
  challenged: ReadonlySet<number>,
): readonly OpenedOne[] {
  if (!connection || !challenged.has(connection.stream)) return [];
  const same = opened.get(portOf(connection.to)) ?? [];
  const own = same.find(({ stream }) => stream === connection.stream);
  return same.filter(
    ({ server, at, stream }) => own && stream !== own.stream && server === own.server && at >= own.at,
  );
}

/** Many clients repeat what was lost like this on a new connection by themselves: whether this one did is not always to be read. */
function cameAnew(finding: Finding, lostAt: ReadonlyMap<number, number>, opened: Opened): Finding {
  const { connection, because } = finding;
  const at = connection && lostAt.get(connection.stream);
  if (!connection || at === undefined || finding.cause !== 'stale_connection') return finding;
  const next = (opened.get(portOf(connection.to)) ?? []).find(
    (one) => one.server === connection.to && one.at >= at && one.at - at <= nextAddress,
  );
  return next
    ? {
        ...finding,
        because: {
          en: `${because.en}. Stream ${next.stream} was opened to the same server soon after: it may have been repeated there`,
          ko: `${because.ko} 곧이어 같은 서버로 연결 ${next.stream}번이 열렸으므로 그곳에서 다시 보냈을 수 있습니다.`,
        },
      }
    : finding;
}

const connectionOf = ({ stream, client, server, name }: LineOf<'stream'>): ObservedConnection =>
  defined({ stream, from: client, to: server, name });

/** From which machine to which port. */
const wayOf = ({ client, server }: Pick<LineOf<'stream'>, 'client' | 'server'>): string =>
  `${client.slice(0, client.lastIndexOf(':'))} ${server}`;
