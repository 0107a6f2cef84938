/**
 * Runs a proxy with output as text or as JSON until a signal ends it: the first SIGINT or SIGTERM lets open connections
 * finish, a second one ends the process at once. Nothing of a connection is kept once it has closed.
 */
import type { CaptureFeed } from '../../capture/boundary.ts';
import { CaptureLog } from '../../capture/log.ts';
import type { CaptureEvent } from '../../capture/event.ts';
import { Flows } from '../../capture/flows.ts';
import { EventReleaser } from '../../capture/event-releaser.ts';
import { systemClock } from '../../core/clock.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Environment, Parsed } from '../command.ts';
import { exitCodes } from '../io/ending.ts';
import { maxPayloadOf } from '../io/memory.ts';
import { gatherLines, openFiles } from '../io/outlets.ts';
import { warningLine } from '../io/user-error-text.ts';
import { readVersion } from '../places.ts';
import { reproduceWith, startService } from './perform.ts';
import type { Service } from './perform.ts';
import type { ProxySettings } from './proxy-settings.ts';

interface LiveReport {
  readonly fold: (event: CaptureEvent) => void;
  readonly end: () => void;
}

export async function performHeadless(
  settings: ProxySettings,
  parsed: Parsed,
  environment: Environment,
): Promise<number> {
  const log = new CaptureLog({ clock: systemClock, endless: true, ...maxPayloadOf(parsed, 'proxy') });
  const warn = (words: Localized): void =>
    void environment.stderr.write(warningLine(words, environment.language));
  if (settings.insecure) {
    warn({
      en: '--insecure: the server is not verified. Any server is trusted, including an attacker’s',
      ko: '--insecure: 서버를 전혀 검증하지 않습니다. 공격자를 포함해 누가 응답하든 믿게 됩니다',
    });
  }
  const files = await openFiles(parsed, environment, ({ facts }) => warn(facts.what));
  const lines = gatherLines(environment);
  let service: Service | undefined;
  const signals = watchSignals(() => void service?.reload());
  try {
    const report = await reportOf(
      settings,
      parsed,
      environment,
      log,
      lines.write,
      () => service?.address ?? settings.listen,
    );
    for (const fold of files.folds) log.subscribe(fold);
    log.subscribe(report.fold);
    const running = await startService({
      settings,
      log: log.openRun(),
      version: readVersion(environment.places.root),
    });
    service = running;
    const signal = await signals.ended;
    const left = await running.drain();
    if (left > 0) warn({ en: `connections aborted: ${left}`, ko: `강제로 끊은 연결: ${left}개` });
    await running.close();
    service = undefined;
    report.end();
    return exitCodes[signal];
  } finally {
    signals.stop();
    await service?.close();
    lines.end();
    files.finish();
  }
}

async function reportOf(
  settings: ProxySettings,
  parsed: Parsed,
  environment: Environment,
  log: CaptureFeed,
  write: (line: string) => void,
  address: () => ProxySettings['listen'],
): Promise<LiveReport> {
  const { language, variables } = environment;
  const flows = new Flows(log);
  const forgetting = new EventReleaser(log);
  const onPrinted = (conn: number): void => {
    flows.forget(conn);
    forgetting.forget(conn);
  };
  if (parsed.flag('json')) {
    const [{ JsonLive }, { loadReadings }] = await Promise.all([
      import('../../ui/json/json-live.ts'),
      import('../../analysis/conversation/conversation.ts'),
    ]);
    await loadReadings();
    const json = new JsonLive({ flows, withSecrets: parsed.flag('with-secrets'), write, onPrinted });
    return {
      fold(event) {
        flows.fold(event);
        forgetting.fold(event);
        json.fold(event);
      },
      end: () => json.end(),
    };
  }
  const { LiveReport, loadLive } = await import('../../ui/text/live.ts');
  await loadLive();
  const live = new LiveReport({
    flows,
    language,
    columns: 100,
    ascii: parsed.flag('ascii') || wantsAscii(variables),
    write,
    reproduce: reproduceWith(settings, address),
    onPrinted,
  });
  return {
    fold(event) {
      flows.fold(event);
      forgetting.fold(event);
      live.fold(event);
    },
    end: () => {},
  };
}

interface Signals {
  /** Resolves with the first signal that requests the end; a second one ends the process. */
  readonly ended: Promise<'SIGINT' | 'SIGTERM'>;
  stop(): void;
}

/** Installed before the proxy becomes reachable. */
function watchSignals(onReload: () => void): Signals {
  let stop = (): void => {};
  const ended = new Promise<'SIGINT' | 'SIGTERM'>((resolve) => {
    let first: 'SIGINT' | 'SIGTERM' | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (first) process.exit(exitCodes[first]);
      first = signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
      resolve(first);
    };
    process.on('SIGHUP', onReload).on('SIGINT', onSignal).on('SIGTERM', onSignal);
    stop = () => void process.off('SIGHUP', onReload).off('SIGINT', onSignal).off('SIGTERM', onSignal);
  });
  return { ended, stop };
}
