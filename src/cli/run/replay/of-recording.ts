/**
 * Replays what was read from captures or recorded by a proxy: as `inspect` and `proxy` show it. Nobody walks through it step by
 * step, so there is no pace and no asciicast.
 */
import { UserError } from '../../../i18n/user-error.ts';
import type { Environment, Parsed } from '../../command.ts';
import { isForScreen } from '../../io/outlets.ts';
import { watchEndingSignals } from '../../io/signals.ts';
import { requestOf } from '../../inspect/bundled.ts';
import { openPage } from '../page/file.ts';
import type { PageFile } from '../page/file.ts';
import { fitting } from './checked.ts';
import type { OpenedRecording } from './checked.ts';
import { sayWhatWasRedacted } from './redaction.ts';

/** @returns the exit code */
export async function replayRecording(
  { path, bundle }: OpenedRecording,
  parsed: Parsed,
  environment: Environment,
): Promise<number> {
  refuseSteps(path, parsed);
  const request = requestOf(bundle);
  const ending = watchEndingSignals();
  // Nothing is left half-written.
  const leave = (): void => {
    page?.abandon();
    process.exit(ending.exitCode);
  };
  ending.signal.addEventListener('abort', leave);
  let page: PageFile | undefined;
  try {
    page = openPage(parsed);
    const file = page;
    if (file)
      await fitting(path, async () => {
        if (bundle.of === 'proxy')
          return (await import('../../proxy/replayed.ts')).writeRecordedPage(bundle, file, environment);
        return (await import('../../inspect/files.ts')).writePageOf(request, file, environment);
      });
    if (isForScreen(parsed, environment)) {
      ending.signal.removeEventListener('abort', leave);
      ending.stop();
      const { inspectOnScreen } = await import('../../inspect/on-screen.ts');
      return await inspectOnScreen(request, parsed, environment);
    }
    sayWhatWasRedacted(bundle, environment);
    return await fitting(path, async () => {
      if (bundle.of === 'proxy')
        return (await import('../../proxy/replayed.ts')).replayProxy(bundle, parsed, environment);
      return (await import('../../inspect/headless.ts')).inspectHeadless(request, parsed, environment);
    });
  } finally {
    ending.stop();
    page?.abandon();
  }
}

function refuseSteps(path: string, parsed: Parsed): void {
  const given = ['cast', 'pace', 'notes'].find(
    (name) => parsed.flag(name) || parsed.text(name) !== undefined,
  );
  if (given === undefined) return;
  throw new UserError({
    what: {
      en: `--${given} is about the steps of a run, and this bundle has none: it has what inspect or proxy saved`,
      ko: `--${given} 옵션은 실행의 단계에 쓰입니다. 이 번들은 inspect나 proxy로 저장한 것이라 단계가 없습니다`,
    },
    where: `wirelab replay ${path}`,
    received: `--${given}`,
  });
}
