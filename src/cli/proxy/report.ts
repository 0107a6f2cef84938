/** Prints a proxy's connections as they happen, as text or as JSON. Nothing of a connection is kept once it has closed. */
import type { CaptureFeed } from '../../capture/boundary.ts';
import type { Address, CaptureEvent } from '../../capture/event.ts';
import { EventReleaser } from '../../capture/event-releaser.ts';
import { Flows } from '../../capture/flows.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import type { Environment, Parsed } from '../command.ts';
import { Statistics } from '../../analysis/summary/statistics.ts';
import type { LiveOptions, LiveSummaries } from '../../ui/text/live.ts';
import { FilterGate } from '../io/filter-gate.ts';
import { writesHttp } from '../io/http-options.ts';
import { readVersion } from '../places.ts';
import { filterOf } from '../io/read-filter.ts';
import { reproduceWith } from './perform.ts';
import type { ProxySettings } from './proxy-settings.ts';

export interface ProxyReport {
  readonly fold: (event: CaptureEvent) => void;
  readonly end: () => void;
}

export interface ReportOptions {
  readonly settings: ProxySettings;
  readonly parsed: Parsed;
  readonly environment: Pick<Environment, 'language' | 'variables' | 'places'>;
  /** Where the proxy listens. */
  readonly address: () => Address;
  /** Called with each line. */
  readonly write: (line: string) => void;
}

export async function reportOf(
  log: CaptureFeed,
  { settings, parsed, environment, address, write }: ReportOptions,
): Promise<ProxyReport> {
  const { language, variables } = environment;
  const filter = filterOf(parsed);
  const gate = filter && new FilterGate(filter, write);
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
  const counts = parsed.flag('stats') ? { writeOf: () => {} } : gate ? { writeOf: gate.line } : {};
  const flows = new Flows(log);
  const forgetting = new EventReleaser(log);
  const onPrinted = (conn: number): void => {
    flows.forget(conn);
    forgetting.forget(conn);
  };
  if (parsed.flag('json')) {
    const [{ JsonLive }, { summaryLine }, { jsonText }, { loadReadings }] = await Promise.all([
      import('../../ui/json/json-live.ts'),
      import('../../ui/json/summary-line.ts'),
      import('../../ui/json/line.ts'),
      import('../../analysis/conversation/conversation.ts'),
    ]);
    await loadReadings();
    const json = new JsonLive({
      flows,
      withSecrets: parsed.flag('with-secrets'),
      write,
      onPrinted,
      ...summaries,
      ...counts,
    });
    return {
      fold(event) {
        flows.fold(event);
        forgetting.fold(event);
        json.fold(event);
      },
      end() {
        json.end();
        gate?.close();
        files?.finish();
        if (statistics) write(jsonText(summaryLine(statistics.value, { began })));
      },
    };
  }
  const { LiveReport, loadLive } = await import('../../ui/text/live.ts');
  const detail = detailOf(parsed);
  await loadLive(detail);
  const live = new LiveReport({
    flows,
    language,
    columns: 100,
    detail,
    ascii: parsed.flag('ascii') || wantsAscii(variables),
    write,
    reproduce: reproduceWith(settings, address),
    onPrinted,
    ...(summaries ? { summaries } : {}),
    ...counts,
  });
  const { setStatistics } = statistics ? await import('../../ui/text/summary.ts') : {};
  return {
    fold(event) {
      flows.fold(event);
      forgetting.fold(event);
      live.fold(event);
    },
    end() {
      live.end();
      gate?.close();
      for (const words of files?.finish() ?? []) write(words[language]);
      if (statistics)
        setStatistics?.(
          statistics.value,
          { began },
          { language, columns: 100, ascii: parsed.flag('ascii') || wantsAscii(variables), write },
        );
    },
  };
}

function detailOf(parsed: Parsed): LiveOptions['detail'] {
  return parsed.flag('quiet') ? 'quiet' : parsed.flag('verbose') ? 'verbose' : undefined;
}
