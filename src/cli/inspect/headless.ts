/**
 * Prints a capture as text or as JSON. As JSON each connection is printed when it has closed. As text, a file is summed up first,
 * then its connections follow in the order of their opening; what a pipe brings is printed as it comes, and summed up at the end.
 * Read problems are printed at the end, when they are known, and on standard error.
 */
import type { ConnectionSummary } from '../../analysis/summary/connection-summary.ts';
import type { Filter } from '../../analysis/summary/filter.ts';
import { Statistics } from '../../analysis/summary/statistics.ts';
import { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import { CaptureLog } from '../../capture/log.ts';
import { PacketClock } from '../../capture/file/replay.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import type { Environment, Parsed } from '../command.ts';
import { writesHttp } from '../io/http-options.ts';
import { filterOf } from '../io/read-filter.ts';
import { LineSpool } from '../io/line-spool.ts';
import { collectEarlier, maxPayloadOf } from '../io/memory.ts';
import { lineWriter } from '../io/outlets.ts';
import { showProgress } from '../io/progress.ts';
import { warningLine } from '../io/user-error-text.ts';
import { readVersion } from '../places.ts';
import { FilePayload } from './file-payload.ts';
import { keysForHandshakes, openerBySources, problemText, readCapture, unusedKeys } from './open.ts';
import type { FileProblem } from './open.ts';
import type { TsharkNames } from './tshark.ts';
import type { InspectRequest } from './request.ts';

export async function inspectHeadless(
  request: InspectRequest,
  parsed: Parsed,
  environment: Environment,
): Promise<number> {
  try {
    const { maxPayload } = maxPayloadOf(parsed, 'inspect');
    const filter = filterOf(parsed);
    collectEarlier();
    const isJson = parsed.flag('json');
    const tshark = parsed.flag('tshark')
      ? await (await import('./tshark.ts')).askTshark(request, { env: environment.variables })
      : undefined;
    const problems =
      isJson || parsed.flag('stats') || writesHttp(parsed)
        ? await printAsJson(request, { maxPayload, filter, isJson, parsed, tshark }, environment)
        : await printAsText(
            request,
            { ascii: parsed.flag('ascii'), maxPayload, filter, tshark },
            environment,
          );
    const problem = problemText(problems);
    if (problem) environment.stderr.write(warningLine(problem, environment.language));
    return 0;
  } finally {
    request.input.close();
  }
}

/** Memory that an open connection is counted with, in bytes; limits how many are open at once. */
const openAsJson = 80 * 1024;
const openAsText = 32 * 1024;
const fewestOpen = 16;
const mostOpenIn = (maxPayload: number, each: number): number =>
  Math.max(fewestOpen, Math.floor(maxPayload / each));

/**
 * Lines of the output, and on a terminal how far the file was read until the first of them: both on one terminal would be mixed up.
 */
function progressing(
  { input }: InspectRequest,
  environment: Environment,
): {
  readonly write: (line: string) => void;
  readonly at: (position: number) => void;
  readonly stop: () => void;
} {
  const progress = showProgress(environment, { en: 'reading the capture', ko: '캡처를 읽는 중' });
  const write = lineWriter(environment);
  const { size } = input;
  let isPrinting = false;
  return {
    write(line) {
      if (!isPrinting && environment.stdout.isTTY) progress.stop();
      isPrinting = true;
      write(line);
    },
    at(position) {
      if (isPrinting && environment.stdout.isTTY) return;
      progress.at(size ? `${Math.floor((100 * position) / size)} %` : `${Math.round(position / 1e6)} MB`);
    },
    stop: () => progress.stop(),
  };
}

interface JsonSettings {
  readonly maxPayload: number;
  readonly filter: Filter | undefined;
  /** False: only what was counted is printed, as tables. */
  readonly isJson: boolean;
  readonly parsed: Parsed;
  readonly tshark: TsharkNames | undefined;
}

async function printAsJson(
  request: InspectRequest,
  { maxPayload, filter, isJson, parsed, tshark }: JsonSettings,
  environment: Environment,
): Promise<readonly FileProblem[]> {
  const [{ JsonCapture }, { summaryLine }, { jsonText }, { loadCaptureReadings }, keysFor] =
    await Promise.all([
      import('../../ui/json/json-capture.ts'),
      import('../../ui/json/summary-line.ts'),
      import('../../ui/json/line.ts'),
      import('../../analysis/conversation/conversation.ts'),
      keysForHandshakes(request),
    ]);
  await loadCaptureReadings();
  const clock = new PacketClock();
  const progress = progressing(request, environment);
  const { write } = progress;
  const spool = new LineSpool();
  const statistics = new Statistics();
  const isListed = isJson && !parsed.flag('stats');
  const files = writesHttp(parsed)
    ? (await import('../io/http-files.ts')).openHttpFiles(parsed, readVersion(environment.places.root))
    : undefined;
  let isDone = false;
  let began = 0;
  let packets = 0;
  try {
    const capture = new JsonCapture({
      clock,
      mostOpen: mostOpenIn(maxPayload, openAsJson),
      write,
      keysFor,
      ...(tshark ? { tsharkName: tshark.nameOf } : {}),
      ...(filter ? { texts: filter.texts } : {}),
      ...(!isListed
        ? { writeOf: () => {} }
        : filter
          ? { writeOf: (conn: number, line: string) => spool.add(conn, line) }
          : {}),
      onLatency: (latency) => statistics.addLatency(latency),
      ...(files ? { onExchange: files.add, mostBody: files.mostBody } : {}),
      onSummary(summary, connection) {
        began = Date.parse(connection.began?.wallClock ?? '');
        const passes = filter === undefined || filter.test(summary) === true;
        if (passes) statistics.add(summary);
        files?.ended(summary.stream, passes);
        if (!filter || !isListed) return;
        if (passes) for (const line of spool.take(summary.stream)) write(line);
        else spool.drop(summary.stream);
      },
    });
    const { append, wants } = capture;
    const found = await readCapture(request, {
      clock,
      append,
      wants,
      version: readVersion(environment.places.root),
      keeps: false,
      onFacts: (facts) => void ({ packets } = facts),
      onTurn: async (position) => {
        progress.at(position);
        return untilWritten(environment);
      },
    });
    capture.end();
    const problems = [...found, ...unusedKeys(request, capture.keys), ...(tshark?.problems ?? [])];
    if (isListed) for (const problem of problems) capture.problem(problem);
    const written = files?.finish() ?? [];
    isDone = true;
    if (isJson) write(jsonText(summaryLine(statistics.value, { began, packets })));
    else if (parsed.flag('stats'))
      await printStatistics(statistics, { began, packets }, parsed, environment, write);
    if (!isJson) for (const words of written) write(words[environment.language]);
    return problems;
  } finally {
    progress.stop();
    if (!isDone) files?.abandon();
    spool.close();
  }
}

async function printStatistics(
  { value }: Statistics,
  facts: { readonly began: number; readonly packets: number },
  parsed: Parsed,
  { language, variables }: Environment,
  write: (line: string) => void,
): Promise<void> {
  const { setStatistics } = await import('../../ui/text/summary.ts');
  setStatistics(value, facts, {
    language,
    columns: 100,
    ascii: parsed.flag('ascii') || wantsAscii(variables),
    write,
  });
}

interface TextSettings {
  readonly ascii: boolean;
  readonly maxPayload: number;
  readonly filter: Filter | undefined;
  readonly tshark: TsharkNames | undefined;
}

/** The log keeps payload up to its limit; older payload is read from the file again. */
async function printAsText(
  request: InspectRequest,
  { ascii, maxPayload, filter, tshark }: TextSettings,
  environment: Environment,
): Promise<readonly FileProblem[]> {
  const [
    { TextCapture },
    { connectionRow, setSummary },
    { loadTls },
    { KeyRing },
    { loadCaptureReadings },
    keysFor,
  ] = await Promise.all([
    import('../../ui/text/text-capture.ts'),
    import('../../ui/text/summary.ts'),
    import('../../ui/text/tls.ts'),
    import('../../analysis/conversation/readings.ts'),
    import('../../analysis/conversation/conversation.ts'),
    keysForHandshakes(request),
  ]);
  await Promise.all([loadTls(), loadCaptureReadings()]);
  const { language, variables } = environment;
  const clock = new PacketClock();
  const log = new CaptureLog({ clock, endless: true, maxPayload });
  const payload = new FilePayload(log, request.input);
  const keys = new KeyRing();
  const open = await openerBySources(request);
  const progress = progressing(request, environment);
  const { write } = progress;
  // A pipe may never end: what it brings is printed as it comes.
  const isOrdered = request.input.canRewind;
  const lines = new LineSpool();
  const rows = new LineSpool();
  const closing: string[] = [];
  const statistics = new Statistics();
  const page = { language, columns: 100, ascii: ascii || wantsAscii(variables) };
  let began = 0;
  let packets = 0;
  let printing: number | undefined;
  const ended = ({ stream }: ConnectionSummary, passes: boolean): void => {
    if (!passes) {
      lines.drop(stream);
      unwanted.add(stream);
    } else if (!isOrdered) wanted.add(stream);
  };
  /** When each was opened. */
  const opened = new Map<number, number>();
  /** Those that the filter lets through. */
  const passed = new Set<number>();
  /** Connections whose last lines are being printed. */
  const unwanted = new Set<number>();
  const wanted = new Set<number>();
  const flush = (): void => {
    for (const conn of unwanted) lines.drop(conn);
    for (const conn of wanted) for (const line of lines.take(conn)) write(line);
    unwanted.clear();
    wanted.clear();
  };
  try {
    const capture = new TextCapture({
      log,
      source: payload,
      mostOpen: mostOpenIn(maxPayload, openAsText),
      onPrinting: (conn) => void (printing = conn),
      report: {
        ...page,
        opens: true,
        keys,
        keysFor,
        hunt: new SecretHunt([]),
        secrets: new Map(),
        write(line) {
          if (printing === undefined) closing.push(line);
          else if (isOrdered || filter) lines.add(printing, line);
          else write(line);
        },
        summary: {
          ...(filter ? { texts: filter.texts } : {}),
          ...(tshark ? { tsharkName: tshark.nameOf } : {}),
          onLatency: (latency) => statistics.addLatency(latency),
        },
        onSummary(summary, connection) {
          began = Date.parse(connection.began?.wallClock ?? '');
          const passes = filter === undefined || filter.test(summary) === true;
          if (passes) statistics.add(summary);
          if (passes && filter) passed.add(summary.stream);
          opened.set(summary.stream, summary.openedAt);
          ended(summary, passes);
          if (passes && isOrdered)
            for (const row of connectionRow(summary, began, page)) rows.add(summary.stream, row);
        },
      },
      ...(open ? { beforePrint: (connection, flows) => open(connection, flows, log) } : {}),
    });
    log.subscribe((event) => {
      capture.fold(event);
      if (event.type === 'keylog') keys.add([event.line]);
    });
    const found = await readCapture(request, {
      clock,
      version: readVersion(environment.places.root),
      keeps: true,
      append: (draft, position) => {
        payload.append(draft, position);
        capture.printDue();
        if (unwanted.size + wanted.size > 0) flush();
      },
      onFacts: (facts) => void ({ packets } = facts),
      onTurn: async (position) => {
        progress.at(position);
        return untilWritten(environment);
      },
    });
    capture.end((conn) => !filter || passed.has(conn));
    flush();
    setSummary(statistics.value, { began, packets }, { ...page, write });
    if (rows.connections.length > 0) write('');
    for (const from of [rows, lines]) {
      const inOrder = from.connections.toSorted(
        (one, other) => (opened.get(one) ?? 0) - (opened.get(other) ?? 0) || one - other,
      );
      for (const conn of inOrder) {
        for (const line of from.take(conn)) write(line);
        await untilWritten(environment);
      }
    }
    for (const line of closing) write(line);
    return [...found, ...unusedKeys(request, keys), ...(tshark?.problems ?? [])];
  } finally {
    progress.stop();
    lines.close();
    rows.close();
  }
}

/** Applies backpressure: output that the reader has not consumed must not pile up. */
async function untilWritten({ stdout }: Environment): Promise<void> {
  // What `once` of node:events adds would take the error of a reader that has left, which ends the program.
  if (stdout.writableNeedDrain) await new Promise((resolve) => void stdout.once('drain', resolve));
}
