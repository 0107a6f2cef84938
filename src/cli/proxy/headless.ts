/**
 * Runs a proxy with output as text or as JSON until a signal ends it: the first SIGINT or SIGTERM lets open connections
 * finish, a second one ends the process at once. A terminal that was closed ends it like the first: files are
 * finished. Nothing of a connection is kept once it has closed.
 */
import { CaptureLog } from '../../capture/log.ts';
import { systemClock } from '../../core/clock.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Environment, Parsed } from '../command.ts';
import { exitCodes } from '../io/ending.ts';
import { maxPayloadOf } from '../io/memory.ts';
import { gatherLines, openFiles } from '../io/outlets.ts';
import { watchSignals } from '../io/signals.ts';
import { warningLine } from '../io/user-error-text.ts';
import { readVersion } from '../places.ts';
import { intake } from '../../wire/tap/intake.ts';
import { reproduceWith, startService } from './perform.ts';
import type { Service } from './perform.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { openLivePage } from './page.ts';
import type { ProxyPage } from './page.ts';
import { openLiveSave } from './save.ts';
import type { ProxySave } from './save.ts';
import { reportOf } from './report.ts';

export async function performHeadless(
  settings: ProxySettings,
  parsed: Parsed,
  environment: Environment,
): Promise<number> {
  const { maxPayload } = maxPayloadOf(parsed, 'proxy');
  const warn = (words: Localized): void =>
    void environment.stderr.write(warningLine(words, environment.language));
  if (settings.insecure) {
    warn({
      en: '--insecure: the server is not verified. Any server is trusted, including an attacker’s',
      ko: '--insecure: 서버를 전혀 검증하지 않습니다. 공격자를 포함해 누가 응답하든 믿게 됩니다',
    });
  }
  const files = await openFiles(parsed, environment, ({ facts }) => warn(facts.what));
  let page: ProxyPage | undefined;
  let save: ProxySave | undefined;
  try {
    page = await openLivePage(settings, parsed);
    save = await openLiveSave(settings, parsed, environment);
  } catch (error) {
    files.close();
    page?.close(environment);
    throw error;
  }
  const log = new CaptureLog({
    clock: systemClock,
    endless: true,
    relaysFirst: true,
    maxPayload,
  });
  const lines = gatherLines(environment, {
    onBehind: () => intake.hold(),
    onCaughtUp: () => intake.release(),
  });
  let service: Service | undefined;
  let address = settings.listen;
  const reproduce = reproduceWith(settings, () => address);
  let abandon: (() => void) | undefined;
  const signals = watchSignals(environment, () => void service?.reload());
  try {
    const report = await reportOf(log, {
      parsed,
      environment,
      reproduce,
      write: lines.write,
    });
    ({ abandon } = report);
    for (const fold of files.folds) log.subscribe(fold);
    if (page) log.subscribe(page.fold);
    if (save) log.subscribe(save.fold);
    log.subscribe(report.fold);
    const running = await startService({
      settings,
      log: log.openRun(),
      version: readVersion(environment.places.root),
    });
    service = running;
    ({ address } = running);
    abandon = undefined;
    const signal = await signals.ended;
    const left = await running.drain();
    if (left > 0) warn({ en: `connections aborted: ${left}`, ko: `강제로 끊은 연결: ${left}개` });
    await running.close();
    service = undefined;
    report.end();
    page?.write(environment);
    await save?.write(environment, reproduce);
    return exitCodes[signal];
  } finally {
    signals.stop();
    abandon?.();
    await service?.close();
    lines.end();
    files.finish();
    page?.close(environment);
    save?.close(environment);
  }
}
