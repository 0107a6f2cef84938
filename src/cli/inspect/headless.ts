/**
 * Prints a capture as text or as JSON. As JSON each connection is printed when it has closed. As text, a file is summed up first,
 * then its connections follow in the order of their opening; what a pipe brings is printed as it comes, and summed up at the end.
 * Read problems are printed at the end, when they are known, and on standard error.
 */
import type { Filter } from '../../analysis/summary/filter.ts';
import { Statistics } from '../../analysis/summary/statistics.ts';
import { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import type { CapturedFile } from '../../capture/event.ts';
import { CaptureLog } from '../../capture/log.ts';
import { PacketClock } from '../../capture/file/replay.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import type { Environment, Parsed } from '../command.ts';
import { writesHttp } from '../io/http-options.ts';
import { filterOf } from '../io/read-filter.ts';
import { LineSpool } from '../io/line-spool.ts';
import { collectEarlier, maxPayloadOf } from '../io/memory.ts';
import { lineWriter, untilWritten } from '../io/outlets.ts';
import { readSoFar, showProgress } from '../io/progress.ts';
import { warningLine } from '../io/user-error-text.ts';
import { readVersion } from '../places.ts';
import { FilePayload } from './file-payload.ts';
import { keysForHandshakes, openerBySources, readCapture, unusedKeys } from './open.ts';
import { problemText } from './reading.ts';
import { HeldReport } from './held-report.ts';
import type { FileProblem } from './reading.ts';
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
      progress.at(readSoFar(position, size));
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
  let together: readonly CapturedFile[] | undefined;
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
      onLatency: (latency, connection) => statistics.addLatency(latency, connection),
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
    const { wants } = capture;
    const found = await readCapture(request, {
      clock,
      append(draft) {
        if (draft.type === 'began') together = draft.files;
        capture.append(draft);
      },
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
    if (isJson)
      write(
        jsonText(summaryLine(statistics.value, { began, packets, ...(together ? { files: together } : {}) })),
      );
    else if (parsed.flag('stats'))
      await printCounts(
        statistics,
        { began, packets, ...(together ? { files: together } : {}) },
        parsed,
        environment,
        write,
      );
    if (!isJson) for (const words of written) write(words[environment.language]);
    return problems;
  } finally {
    progress.stop();
    if (!isDone) files?.abandon();
    spool.close();
  }
}

async function printCounts(
  { value }: Statistics,
  facts: { readonly began: number; readonly packets: number; readonly files?: readonly CapturedFile[] },
  parsed: Parsed,
  { language, variables }: Environment,
  write: (line: string) => void,
): Promise<void> {
  const { printStatistics } = await import('../../ui/text/statistics.ts');
  printStatistics(value, facts, {
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
    { CaptureReport },
    { listedBlock, summaryBlock },
    { loadTlsReport },
    { TextReport, linesOf },
    { KeyRing },
    { loadCaptureReadings },
    keysFor,
  ] = await Promise.all([
    import('../../presentation/report/capture-report.ts'),
    import('../../presentation/report/capture-summary.ts'),
    import('../../presentation/report/load.ts'),
    import('../../ui/text/text.ts'),
    import('../../analysis/conversation/readings.ts'),
    import('../../analysis/conversation/conversation.ts'),
    keysForHandshakes(request),
  ]);
  await Promise.all([loadTlsReport(), loadCaptureReadings()]);
  const { language, variables } = environment;
  const clock = new PacketClock();
  const log = new CaptureLog({ clock, endless: true, maxPayload });
  const payload = new FilePayload(log, request.input);
  const keys = new KeyRing();
  const open = await openerBySources(request);
  const progress = progressing(request, environment);
  const { write } = progress;
  const held = new HeldReport({
    isOrdered: request.input.canRewind,
    isFiltered: filter !== undefined,
    write,
  });
  const statistics = new Statistics();
  const page = { language, columns: 100, ascii: ascii || wantsAscii(variables) };
  let began = 0;
  let packets = 0;
  let together: readonly CapturedFile[] = [];
  const text = new TextReport({ ...page, write: (line, conn) => held.line(conn, line) });
  try {
    const capture = new CaptureReport({
      log,
      source: payload,
      mostOpen: mostOpenIn(maxPayload, openAsText),
      report: {
        opens: true,
        keys,
        keysFor,
        hunt: new SecretHunt([]),
        secrets: new Map(),
        onBlock: text.set,
        summary: {
          ...(filter ? { texts: filter.texts } : {}),
          ...(tshark ? { tsharkName: tshark.nameOf } : {}),
          onLatency: (latency, connection) => statistics.addLatency(latency, connection),
        },
        onSummary(summary, connection) {
          began = Date.parse(connection.began?.wallClock ?? '');
          const passes = filter === undefined || filter.test(summary) === true;
          if (passes) statistics.add(summary);
          held.ended(summary, passes, () => linesOf(listedBlock(summary, began), page));
        },
      },
      ...(open ? { beforeReport: (connection, flows) => open(connection, flows, log) } : {}),
    });
    log.subscribe((event) => {
      capture.fold(event);
      if (event.type === 'keylog') keys.add([event.line]);
      if (event.type === 'began') together = event.files ?? [];
    });
    const found = await readCapture(request, {
      clock,
      version: readVersion(environment.places.root),
      keeps: true,
      append: (draft, position) => {
        payload.append(draft, position);
        capture.reportDue();
        held.flush();
      },
      onFacts: (facts) => void ({ packets } = facts),
      onTurn: async (position) => {
        progress.at(position);
        return untilWritten(environment);
      },
    });
    capture.end(held.isWanted);
    held.flush();
    const heading = summaryBlock(statistics.value, { began, packets, files: together });
    for (const line of linesOf(heading, page)) write(line);
    if (held.hasRows) write('');
    await held.print(async () => untilWritten(environment));
    return [...found, ...unusedKeys(request, keys), ...(tshark?.problems ?? [])];
  } finally {
    progress.stop();
    held.close();
  }
}
