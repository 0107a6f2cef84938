/**
 * `kube pki check` on folders with one fault each, on the disk: each is found, its file named, and no other file is
 * called wrong.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { checkFolder, readCluster } from '../../../src/cli/kube/folder.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { problems } from '../../../src/pki/kubeadm/check/finding.ts';
import { now } from '../../pki/support/cluster.ts';
import { hundred } from './support/broken/hundred.ts';
import { soundFolder, writeFolder } from './support/broken/workshop.ts';
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

async function missed(parent: string, broken: readonly BrokenFolder[]): Promise<string[]> {
  const all: string[] = [];
  for (const [at, { title, spoil, onDisk, files, problems: expected, also = [] }] of broken.entries()) {
    const root = join(parent, String(at));
    const folder = soundFolder();
    spoil?.(folder);
    mkdirSync(root);
    writeFolder(root, folder);
    onDisk?.(root);
    const findings = await told(root);
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

test(`each of ${hundred.length} faults is found where it is, and nothing else is called wrong`, async (t) => {
  t.true(hundred.length >= 100);
  t.is(new Set(hundred.map(({ title }) => title)).size, hundred.length, 'each title once');
  const parent = mkdtempSync(join(tmpdir(), 'wirelab-broken-'));
  t.teardown(() => rmSync(parent, { recursive: true, force: true }));
  const all = await missed(parent, hundred);
  t.is(all.length, 0, `${all.length}\n${all.join('\n\n')}`);
});
