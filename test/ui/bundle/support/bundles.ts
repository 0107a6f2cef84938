/** Bundles for tests: a real run, a tiny one, and what becomes of one whose lines are edited. */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { bundleFile } from '../../../../src/ui/bundle/write.ts';
import type { Bundle } from '../../../../src/ui/bundle/limits.ts';
import { RunRecorder } from '../../../../src/cli/run/replay/recorder.ts';
import { compiled, perform, worldOf } from '../../../engine/support/demonstration.ts';
import { loadReadings } from '../../../../src/analysis/conversation/conversation.ts';

/** A real run of a scenario. */
export async function recorded(name: string): Promise<RunRecorder> {
  await loadReadings();
  const scenario = await compiled(name);
  const world = await worldOf(scenario);
  let recorder: RunRecorder | undefined;
  const { verdict } = await perform(scenario, {
    async listening({ plan, log, judge }) {
      recorder = new RunRecorder({ compiled: scenario, plan, short: false, supplied: {} }, judge, world);
      log.subscribe(recorder.fold);
      return Promise.resolve();
    },
  });
  if (!recorder) throw new Error('nothing ran');
  recorder.finish(verdict);
  return recorder;
}

export function bundleOf(recorder: RunRecorder, withSecrets = false): Bundle {
  const bundle = recorder.bundle({ version: '0.1.0', made: new Date(0), withSecrets });
  if (!bundle) throw new Error('no bundle');
  return bundle;
}

/** With few events and short texts: every byte of it can be tried. */
export function tiny(bundle: Bundle): Uint8Array {
  const events = bundle.events.filter(({ type }) => type === 'began').map((event) => ({ ...event, seq: 0 }));
  const { compiled: scenario } = bundle.scenario;
  const short = { title: 't', intro: 'i', doesNotProve: 'd', steps: {} };
  return bundleFile({
    ...bundle,
    scenario: {
      ...bundle.scenario,
      compiled: { ...scenario, narration: { en: short, ko: short } },
    },
    events,
    findings: [],
    hits: [],
    redactions: [],
    count: { places: {}, texts: 0, keylog: 0 },
    verdict: { ...bundle.verdict, status: 'failed', findings: [] },
  });
}

/** What a test changes in a line is no type's business. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each kind of line has other fields
export type Lines = Record<string, any>[];

/** The lines of a bundle, the header first. */
export const linesOf = (file: Uint8Array): Lines =>
  gunzipSync(file)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Lines[number]);

/** A file with these lines. @param isHonest the header counts and digests what follows */
export function fileOf([header = {}, ...rest]: Lines, isHonest = true): Uint8Array {
  const content = Buffer.from(rest.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const kindOf = ({ kind }: Lines[number]): string =>
    ['scenario', 'certificate', 'findings', 'hit', 'redacted', 'verdict'].includes(String(kind))
      ? String(kind)
      : 'event';
  const lines = Object.fromEntries(
    Object.keys((header['lines'] ?? {}) as object).map((kind) => [
      kind,
      rest.filter((line) => kindOf(line) === kind).length,
    ]),
  );
  const honest = {
    ...header,
    lines,
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  };
  return gzipSync(Buffer.concat([Buffer.from(`${JSON.stringify(isHonest ? honest : header)}\n`), content]));
}

/** The bundle with edited lines. */
export function edited(file: Uint8Array, edit: (lines: Lines) => Lines | void, isHonest = true): Uint8Array {
  const lines = linesOf(file);
  return fileOf(edit(lines) ?? lines, isHonest);
}
