/**
 * Opens a bundle for a command: reads the file, plans the scenario of a run, and plays it once without showing it. What a bundle could make
 * fail in the middle of a show fails here, before anything is printed or written.
 */
import { closeSync, readSync } from 'node:fs';
import { loadCaptureReadings, loadReadings } from '../../../analysis/conversation/conversation.ts';
import { languages } from '../../../i18n/language.ts';
import { openFile } from '../../../i18n/read-file.ts';
import { UserError } from '../../../i18n/user-error.ts';
import { loadTlsReport } from '../../../presentation/report/load.ts';
import { TextReport } from '../../../ui/text/text.ts';
import { mostFileBytes } from '../../../ui/bundle/limits.ts';
import type { CaptureBundle, RunBundle } from '../../../ui/bundle/limits.ts';
import { readBundle } from '../../../ui/bundle/read.ts';
import type { Plan } from '../../../engine/plan.ts';
import type { Environment } from '../../command.ts';
import { whileWorking } from '../../io/progress.ts';
import { reportOf } from '../report.ts';
import { planOf, RecordedRun } from './recorded.ts';

export interface OpenedRun {
  readonly path: string;
  readonly bundle: RunBundle;
  readonly plan: Plan;
}

/** What was read from captures, or recorded by a proxy. */
export interface OpenedRecording {
  readonly path: string;
  readonly bundle: CaptureBundle;
}

export type OpenedBundle = OpenedRun | OpenedRecording;

export const isRun = (opened: OpenedBundle): opened is OpenedRun => opened.bundle.of === 'run';

/** @throws UserError that says what is wrong with it */
export async function openBundle(
  path: string,
  environment: Pick<Environment, 'stderr' | 'language'>,
): Promise<OpenedBundle> {
  return whileWorking(environment, { en: 'reading the bundle', ko: '번들을 읽는 중' }, async () =>
    checkedBundle(bytesOf(path), path),
  );
}

/** @param path of the file, for errors. @throws UserError that says what is wrong with it */
export async function checkedBundle(file: Uint8Array, path: string): Promise<OpenedBundle> {
  const bundle = await readBundle(file, path);
  return fitting(path, async () => {
    if (bundle.of !== 'run') {
      await playRecording(bundle);
      return { path, bundle };
    }
    const plan = planOf(bundle);
    await playThrough(bundle, plan);
    return { path, bundle, plan };
  });
}

/** Does something with a bundle for the first time; what fails then is the bundle. */
export async function fitting<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      {
        what: {
          en: 'the bundle cannot be replayed: its parts do not fit together',
          ko: '번들을 재생할 수 없습니다. 각 부분이 서로 맞지 않습니다',
        },
        where: path,
        received:
          (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.slice(0, 300) ?? '',
      },
      { cause: error },
    );
  }
}

/** One byte more than a bundle may have says that it is too large. */
function bytesOf(path: string): Uint8Array {
  const { descriptor, size } = openFile(path);
  try {
    const room = Buffer.alloc(Math.min(size ?? mostFileBytes, mostFileBytes) + 1);
    let length = 0;
    for (let count = -1; count !== 0 && length < room.length; length += count)
      count = readSync(descriptor, room, length, room.length - length, null);
    return room.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

const textsForNobody = (): readonly TextReport[] =>
  languages.map((language) => new TextReport({ language, columns: 80, ascii: false, write: () => {} }));

async function playRecording(bundle: CaptureBundle): Promise<void> {
  const [{ loadCapture }, { requestOf }, { ConnectionBlocks }] = await Promise.all([
    import('../../inspect/loaded.ts'),
    import('../../inspect/bundled.ts'),
    import('../page/connections.ts'),
    loadCaptureReadings(),
    loadTlsReport(),
  ]);
  const { flows, keys, began, packets } = await loadCapture(requestOf(bundle), {
    version: bundle.version,
    maxPayload: Infinity,
    onTurn: () => {},
  });
  const report = new ConnectionBlocks({ flows, keys });
  const head = began ? report.fold(began) : [];
  for (const block of [...head, ...report.finish(packets).blocks])
    for (const text of textsForNobody()) text.set(block);
}

async function playThrough(bundle: RunBundle, plan: Plan): Promise<void> {
  await Promise.all([loadReadings(), loadTlsReport()]);
  const run = new RecordedRun(bundle, plan);
  const texts = textsForNobody();
  const report = await reportOf(plan, run, {
    notes: true,
    onBlock: (block) => texts.forEach((text) => text.set(block)),
  });
  run.log.subscribe(report.fold);
  run.finish();
  report.finish(bundle.verdict);
  const known = new Set(plan.steps.map(({ id }) => id));
  const stray = [...bundle.findings, ...bundle.verdict.findings].find(
    ({ step }) => step !== undefined && !known.has(step),
  );
  if (stray) throw new Error(`no such step: ${stray.step}`);
  const strange = run.steps.windows.find(({ id }) => !known.has(id));
  if (strange) throw new Error(`no such step: ${strange.id}`);
}
