/**
 * `kube pki check` on folders with one fault each, on the disk: each is found, its file named, and no other file is
 * called wrong.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { checkFolder, readCluster } from '../../../src/cli/kube/folder.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { problems } from '../../../src/pki/kubeadm/check/finding.ts';
import { now } from '../../pki/support/cluster.ts';
import type { MemoryFolder } from '../../pki/support/cluster.ts';
import { forty } from './support/broken/forty.ts';
import { healthy } from './support/broken/healthy.ts';
import { hundred } from './support/broken/hundred.ts';
import { processes } from './support/broken/processes.ts';
import { laidOutFolder, soundFolder, writeFolder } from './support/broken/workshop.ts';
import type { BrokenFolder } from './support/broken/workshop.ts';

interface Told {
  readonly file: string;
  readonly problem: string;
  readonly isWrong: boolean;
  readonly says: string;
}

async function told(root: string): Promise<Told[]> {
  try {
    return checkFolder(await readCluster(root), root, now).findings.map(
      ({ file, problem, what, remedy }) => ({
        file: file.slice(root.length + 1),
        problem,
        isWrong: problems[problem] === 'wrong',
        says: `${what.en} / ${remedy.en}`,
      }),
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { where = '', what } = error.facts;
    return [{ file: where.slice(root.length + 1), problem: 'refused_folder', isWrong: true, says: what.en }];
  }
}

test('a hundred faults are known', (t) => {
  t.true(hundred.length >= 100);
});

async function missed(parent: string, broken: readonly BrokenFolder[]): Promise<string[]> {
  const all: string[] = [];
  const there = new Map<string, MemoryFolder>();
  for (const [
    at,
    { title, isLaidOut, spoil, onDisk, files, problems: expected, also = [] },
  ] of broken.entries()) {
    const folder = isLaidOut ? laidOutFolder() : soundFolder();
    spoil?.(folder);
    // What is done to files alone is done to one folder of its kind, and put right again.
    const kind = isLaidOut ? 'laid-out' : 'sound';
    const root = join(parent, onDisk ? String(at) : kind);
    const before = onDisk ? undefined : there.get(kind);
    writeFolder(root, folder, before);
    if (!onDisk && !before) there.set(kind, isLaidOut ? laidOutFolder() : soundFolder());
    onDisk?.(root);
    const findings = await told(root);
    if (!onDisk) writeFolder(root, there.get(kind) ?? folder, folder);
    const lines = findings.map(({ file, problem, says }) => `    ${file} ${problem}: ${says}`).join('\n');
    const silent = files.filter(
      (file) => !findings.some((one) => one.file === file && expected.includes(one.problem as never)),
    );
    if (silent.length > 0)
      all.push(
        `${title}: ${findings.length === 0 ? 'FALSE OK' : 'not as it is'} (${silent.join(', ')}: ${expected.join(', ')})\n${lines}`,
      );
    const blamed = findings.filter(
      ({ file, isWrong }) => isWrong && !files.includes(file) && !also.includes(file),
    );
    if (blamed.length > 0) all.push(`${title}: others are blamed\n${lines}`);
  }
  return all;
}

/** Of the hundred every third; all of them in the slow test. */
const tried = process.env['WIRELAB_SLOW'] === '1' ? hundred : hundred.filter((_, at) => at % 3 === 0);

for (const [name, broken] of Object.entries({ hundred: tried, forty, processes })) {
  test(`${name}: each of ${broken.length} faults is found where it is, and nothing else is called wrong`, async (t) => {
    t.true(broken.length >= { hundred: 40, forty: 40, processes: 28 }[name as 'forty']);
    t.is(new Set(broken.map(({ title }) => title)).size, broken.length, 'each title once');
    const all = await missed(parentOf(t), broken);
    t.is(all.length, 0, `${all.length}\n${all.join('\n\n')}`);
  });
}

test(`${healthy.length} healthy folders raise no alarm`, async (t) => {
  t.true(healthy.length >= 20);
  const parent = parentOf(t);
  for (const [at, { title, make, onDisk, warnings = [] }] of healthy.entries()) {
    const root = join(parent, String(at));
    const folder = soundFolder();
    writeFolder(root, make?.(folder) ?? folder);
    onDisk?.(root);
    const findings = await told(root);
    t.deepEqual(
      findings.map(({ file, problem }) => `${file} ${problem}`).sort(),
      [...warnings].sort(),
      `${title}\n${findings.map(({ says }) => says).join('\n')}`,
    );
    t.true(
      findings.every(({ isWrong }) => !isWrong),
      title,
    );
  }
});

function parentOf(t: ExecutionContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'wirelab-broken-'));
  t.teardown(() => rmSync(parent, { recursive: true, force: true }));
  return parent;
}
