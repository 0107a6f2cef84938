/** Has the command diagnose a setting, and compares what it says with what is so. */
import type { ExecutionContext } from 'ava';
import { asWirelab, mainFile, wirelabEnvironment } from '../../helpers/wirelab.ts';
import { atMost } from '../../helpers/in-turn.ts';
import { runProgram } from '../../helpers/peer.ts';
import { Started } from './setting.ts';
import type { Failure, Setting } from './setting.ts';

export interface Said {
  readonly exitCode: number | null;
  readonly milliseconds: number;
  readonly stderr: string;
  readonly experiments: number;
  readonly cause: string;
  readonly by: string;
  readonly confidence: string;
  readonly line: Record<string, unknown>;
}

/** So many at a time: most of a diagnosis is waiting, and some of it is not. */
const inTurn = atMost(4);

export const diagnosed = async (setting: Setting): Promise<Said> => inTurn(async () => diagnose(setting));

async function diagnose({ serve, host = 'localhost', call, under }: Setting): Promise<Said> {
  const started = new Started();
  try {
    const port = await serve(started);
    const words = ['why', `${host}:${port}`, ...call, '--json'];
    const began = performance.now();
    const { exitCode, stdout, stderr } = under
      ? await runProgram(under[0] ?? '', [...under.slice(1), process.execPath, mainFile, ...words], {
          env: wirelabEnvironment(),
          timeout: 60_000,
        })
      : await asWirelab(words);
    const milliseconds = performance.now() - began;
    const last = stdout.trimEnd().split('\n').at(-1) ?? '';
    const line = (last === '' ? {} : JSON.parse(last)) as Record<string, unknown>;
    const {
      cause = '',
      by = '',
      confidence = '',
      experiments = 0,
    } = line as Partial<Record<string, string>> & { experiments?: number };
    return { exitCode, milliseconds, stderr, cause, by, confidence, experiments, line };
  } finally {
    await started.end();
  }
}

export const isRight = ({ by, causes }: Failure, said: Said): boolean =>
  said.exitCode === 1 &&
  [by].flat().some((one) => one === said.by) &&
  causes.some((one) => one === said.cause);

/** Proven, and another cause than is so: what a diagnosis must never be. */
export const isConfidentlyWrong = (failure: Failure, said: Said): boolean =>
  said.confidence === 'proven' && said.exitCode !== 3 && !isRight(failure, said);

export const wordsOf = ({ cause, by, confidence, exitCode, milliseconds, stderr }: Said): string =>
  `exit ${exitCode}: ${cause} by ${by}, ${confidence}, ${Math.round(milliseconds)} ms${stderr && ` (${stderr})`}`;

/** A failure and its counterpart. */
export async function compare(
  t: ExecutionContext,
  failure: Failure,
  onSaid: (said: Said) => void = () => {},
): Promise<Said> {
  const failed = await diagnosed(failure.set(false));
  onSaid(failed);
  t.true(failed.milliseconds < 3 * (failure.within ?? 4000), wordsOf(failed));
  t.true(
    isRight(failure, failed),
    `${failure.title}: ${wordsOf(failed)}\n${JSON.stringify(failed.line, undefined, 1).slice(0, 3000)}`,
  );
  if (failure.hasNoCounterpart) return failed;
  const sound = await diagnosed(failure.set(true));
  t.is(sound.exitCode, 0, `${failure.title}, the counterpart: ${wordsOf(sound)}`);
  return failed;
}
