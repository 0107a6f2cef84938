/** Shows what a proxy recorded (`proxy --save`) as the proxy showed it: its lines, its JSON, its page. */
import type { Clock } from '../../core/clock.ts';
import { CaptureLog } from '../../capture/log.ts';
import type { CaptureBundle } from '../../ui/bundle/limits.ts';
import type { Environment, Parsed } from '../command.ts';
import { commandsOf, readBundled } from '../inspect/bundled.ts';
import { LivePage } from '../run/page/live-page.ts';
import type { PageFile } from '../run/page/file.ts';
import { redactedIn, replaySentence } from '../run/replay/redaction.ts';
import { problemText } from '../inspect/reading.ts';
import { PacketClock } from '../../capture/file/replay.ts';
import { warningLine } from '../io/user-error-text.ts';
import { untilWritten } from '../io/outlets.ts';
import { reportOf } from './report.ts';

/** A log that the events come into at their times. */
async function play(
  bundle: CaptureBundle,
  subscribe: (log: CaptureLog) => Promise<void> | void,
  onTurn: () => Promise<void> | void = () => {},
): Promise<void> {
  const clock = new PacketClock();
  const log = new CaptureLog({ clock: clock satisfies Clock, endless: true, maxPayload: Infinity });
  await subscribe(log);
  await readBundled(bundle, {
    clock,
    version: bundle.version,
    keeps: true,
    append: (draft) => void log.append(draft),
    onTurn,
  });
}

/** @param write called with each line */
export async function printRecorded(
  bundle: CaptureBundle,
  parsed: Parsed,
  environment: Pick<Environment, 'language' | 'variables' | 'places'>,
  { write, onTurn }: { readonly write: (line: string) => void; readonly onTurn?: () => Promise<void> },
): Promise<void> {
  let end = (): void => {};
  await play(
    bundle,
    async (log) => {
      const report = await reportOf(log, {
        parsed,
        environment,
        reproduce: commandsOf(bundle),
        write,
      });
      log.subscribe(report.fold);
      ({ end } = report);
    },
    onTurn,
  );
  end();
}

/** As lines, for a person or as JSON. */
export async function replayProxy(
  bundle: CaptureBundle,
  parsed: Parsed,
  environment: Environment,
): Promise<number> {
  const { stdout, stderr, language } = environment;
  await printRecorded(bundle, parsed, environment, {
    write: (line) => void stdout.write(`${line}\n`),
    onTurn: async () => untilWritten(environment),
  });
  const problem = problemText(bundle.source.problems);
  if (problem) stderr.write(warningLine(problem, language));
  return 0;
}

export async function writeRecordedPage(
  bundle: CaptureBundle,
  file: PageFile,
  environment: Environment,
): Promise<void> {
  const page = await LivePage.start();
  await play(bundle, (log) => void log.subscribe(page.fold));
  page.write(file, environment, {
    title: bundle.source.title,
    notice: replaySentence(bundle),
    ...(bundle.hasSecrets ? {} : { redacted: redactedIn(bundle.redactions) }),
  });
}
