/** What a saved run is replayed as, and what is in its file. */
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { ExecutionContext } from 'ava';
import { parseCommand } from '../../../../../src/cli/command.ts';
import { replay } from '../../../../../src/cli/run/replay/command.ts';
import { RecordedRun } from '../../../../../src/cli/run/replay/recorded.ts';
import type { RunRecorder } from '../../../../../src/cli/run/replay/recorder.ts';
import { createReport } from '../../../../../src/cli/run/in-lines.ts';
import { encodedForms } from '../../../../../src/analysis/secrets/encodings.ts';
import { bundleFile } from '../../../../../src/ui/bundle/write.ts';
import { bundleOf, checkedRun } from '../../../../ui/bundle/support/bundles.ts';

/** The lines of a replay, from the file that the run was saved in. */
export async function replayedText(
  recorder: RunRecorder,
  withSecrets: boolean,
): Promise<Readonly<Record<'en' | 'ko' | 'json', string>>> {
  const { bundle, plan } = await checkedRun(bundleFile(bundleOf(recorder, withSecrets)));
  const run = new RecordedRun(bundle, plan);
  const output = { en: '', ko: '', json: '' };
  const reports: Awaited<ReturnType<typeof createReport>>[] = [];
  for (const form of ['en', 'ko', 'json'] as const)
    reports.push(
      await createReport(
        plan,
        run,
        parseCommand('replay', replay.options, [form === 'json' ? '--json' : '--no-tui']),
        { language: form === 'ko' ? 'ko' : 'en', variables: { LANG: 'C.UTF-8' } },
        (line) => void (output[form] += `${line}\n`),
      ),
    );
  for (const report of reports) run.log.subscribe((event) => report.fold(event));
  run.finish();
  for (const report of reports) report.finish(bundle.verdict);
  return output;
}

/** The first line in which a replay is not as the run was, but for what was redacted: as many cells of anything. */
export function firstDifference(replayed: string, printed: string, isRedacted: boolean): string | undefined {
  const lines = replayed.split('\n');
  const others = printed.split('\n');
  if (lines.length !== others.length) return `${lines.length} lines, and ${others.length}`;
  const at = lines.findIndex((line, index) => !isSame(line, others[index] ?? '', isRedacted));
  return at < 0 ? undefined : `${at}: ${lines[at]?.slice(0, 400)}\n${others[at]?.slice(0, 400)}`;
}

function isSame(line: string, other: string, isRedacted: boolean): boolean {
  if (line === other) return true;
  // The order of the fields of an object is no content.
  if (line.startsWith('{')) return isDeepStrictEqual(JSON.parse(line), JSON.parse(other));
  const characters = Array.from(line);
  return (
    isRedacted &&
    /\*{3}/.test(line) &&
    line.length === other.length &&
    characters.every((character, index) => character === '*' || character === other[index])
  );
}

/** Nothing of the run's secrets is in the file without them: no value in any encoding, no key, no cookie. */
export function checkSecrecy(t: ExecutionContext, recorder: RunRecorder): void {
  const [kept, redacted] = [true, false].map((withSecrets) => bundleOf(recorder, withSecrets));
  if (!kept || !redacted) throw new Error('no bundle');
  const content = gunzipSync(bundleFile(redacted)).toString();
  const payload = redacted.events.map((event) =>
    event.type === 'bytes' ? Buffer.from(event.bytes) : Buffer.alloc(0),
  );
  const bytes = Buffer.concat(payload);
  const { secrets } = kept.scenario.compiled.file;
  for (const [name, { value }] of Object.entries(secrets))
    for (const { encoding, pattern } of encodedForms(value)) {
      t.false(bytes.includes(Buffer.from(pattern)), `${name} as ${encoding} in the bytes`);
      t.false(content.includes(Buffer.from(pattern).toString()), `${name} as ${encoding} in a text`);
    }
  t.notRegex(content + bytes.toString('latin1'), /(CLIENT_RANDOM|_SECRET(_\d)?) [0-9a-f]{64} /);
  t.notRegex(content + bytes.toString('latin1'), /-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[A-Za-z0-9+/]{16}/);
  t.notRegex(bytes.toString('latin1'), /^(?:set-)?cookie: session=[^*;\s]{4}/im);
  t.is(
    Object.values(redacted.count.places).reduce((sum, count) => sum + count, 0),
    redacted.redactions.length,
  );
  t.is(redacted.count.keylog, kept.events.filter(({ type }) => type === 'keylog').length);
}
