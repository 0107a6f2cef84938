/** Prints a proxy's connections as they happen, as text or as JSON. Nothing of a connection is kept once it has closed. */
import type { CaptureFeed } from '../../capture/boundary.ts';
import type { CaptureEvent } from '../../capture/event.ts';
import { EventReleaser } from '../../capture/event-releaser.ts';
import type { EventSource } from '../../capture/flow-stream.ts';
import { Flows } from '../../capture/flows.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import type { Environment, Parsed } from '../command.ts';
import { Statistics } from '../../analysis/summary/statistics.ts';
import type { LiveOptions, LiveSummaries } from '../../ui/text/live.ts';
import { FilterGate } from '../io/filter-gate.ts';
import { writesHttp } from '../io/http-options.ts';
import { readVersion } from '../places.ts';
import { filterOf } from '../io/read-filter.ts';

export interface ProxyReport {
  readonly fold: (event: CaptureEvent) => void;
  readonly end: () => void;
  /** Nothing ran: files that were begun are removed. */
  readonly abandon: () => void;
}

export interface ReportOptions {
  readonly parsed: Parsed;
  readonly environment: Pick<Environment, 'language' | 'variables' | 'places'>;
  /** The shell command that reproduces a refusal; undefined if there is none. */
  readonly reproduce: LiveOptions['reproduce'];
  /** Called with each line. */
  readonly write: (line: string) => void;
}

export async function reportOf(log: CaptureFeed, options: ReportOptions): Promise<ProxyReport> {
  return (await loadReport(options))(log);
}

/**
 * What is counted and written beside the screen: connections have no lines, and the log is left to the screen.
 * Lines at the end go to `write`. Undefined where nothing is asked for.
 */
export async function loadBesideScreen(
  options: ReportOptions,
): Promise<((log: CaptureFeed) => ProxyReport) | undefined> {
  const { parsed } = options;
  return parsed.flag('stats') || writesHttp(parsed) ? loadReport(options, true) : undefined;
}

/** Loads what reads; the files that are asked for are opened. */
async function loadReport(
  { parsed, environment, reproduce, write }: ReportOptions,
  isBeside = false,
): Promise<(log: CaptureFeed) => ProxyReport> {
  const { language, variables } = environment;
  const filter = filterOf(parsed);
  const gate = filter && !isBeside ? new FilterGate(filter, write) : undefined;
  const statistics = parsed.flag('stats') ? new Statistics() : undefined;
  const files = writesHttp(parsed)
    ? (await import('../io/http-files.ts')).openHttpFiles(parsed, readVersion(environment.places.root))
    : undefined;
  let began = 0;
  const summaries: LiveSummaries | undefined =
    gate || statistics || files
      ? {
          texts: filter?.texts ?? [],
          ...(files ? { mostBody: files.mostBody, onExchange: files.add } : {}),
          onLatency: (latency, connection) => statistics?.addLatency(latency, connection),
          onProgress: (conn, summary) => gate?.progress(conn, summary),
          onEnd(summary, connection) {
            began = Date.parse(connection.began?.wallClock ?? '');
            const passes = !filter || filter.test(summary) === true;
            if (passes) statistics?.add(summary);
            files?.ended(summary.stream, passes);
            gate?.ended(summary);
          },
        }
      : undefined;
  const counts =
    parsed.flag('stats') || isBeside ? { writeOf: () => {} } : gate ? { writeOf: gate.line } : {};
  const abandon = (): void => files?.abandon();
  if (parsed.flag('json')) {
    const [{ JsonLive }, { summaryLine }, { jsonText }, { loadReadings }] = await Promise.all([
      import('../../ui/json/json-live.ts'),
      import('../../ui/json/summary-line.ts'),
      import('../../ui/json/line.ts'),
      import('../../analysis/conversation/conversation.ts'),
    ]);
    await loadReadings();
    return (log) => {
      const { flows, fold, onPrinted } = folding(log, isBeside);
      const json = new JsonLive({
        flows,
        withSecrets: parsed.flag('with-secrets'),
        write,
        onPrinted,
        ...summaries,
        ...counts,
      });
      return {
        fold: fold(json.fold),
        end() {
          json.end();
          gate?.close();
          files?.finish();
          if (statistics) write(jsonText(summaryLine(statistics.value, { began })));
        },
        abandon,
      };
    };
  }
  const { LiveReport, loadLive } = await import('../../ui/text/live.ts');
  const detail = detailOf(parsed);
  await loadLive(detail);
  const { printStatistics } = statistics ? await import('../../ui/text/statistics.ts') : {};
  return (log) => {
    const { flows, fold, onPrinted } = folding(log, isBeside);
    const page = { language, columns: 100, ascii: parsed.flag('ascii') || wantsAscii(variables) };
    const live = new LiveReport({
      ...page,
      flows,
      detail,
      write: isBeside ? () => {} : write,
      reproduce,
      onPrinted,
      ...(summaries ? { summaries } : {}),
      ...counts,
    });
    return {
      fold: fold(live.fold),
      end() {
        live.end();
        gate?.close();
        for (const words of files?.finish() ?? []) write(words[language]);
        if (statistics) printStatistics?.(statistics.value, { began }, { ...page, write });
      },
      abandon,
    };
  };
}

type Fold = (event: CaptureEvent) => void;

/** Connections as they are read, and their release from the log, unless others read it too. */
function folding(
  log: CaptureFeed,
  isBeside: boolean,
): {
  readonly flows: Flows;
  readonly fold: (report: Fold) => Fold;
  readonly onPrinted: (conn: number) => void;
} {
  const source: EventSource = isBeside
    ? {
        get events() {
          return log.events;
        },
        eventAt: (seq) => log.eventAt(seq),
      }
    : log;
  const flows = new Flows(source);
  const forgetting = isBeside ? undefined : new EventReleaser(log);
  return {
    flows,
    fold: (report) => (event) => {
      flows.fold(event);
      forgetting?.fold(event);
      report(event);
    },
    onPrinted(conn) {
      flows.forget(conn);
      forgetting?.forget(conn);
    },
  };
}

function detailOf(parsed: Parsed): LiveOptions['detail'] {
  return parsed.flag('quiet') ? 'quiet' : parsed.flag('verbose') ? 'verbose' : undefined;
}
