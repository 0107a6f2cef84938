/**
 * A learner: a lab's folder, actions in it with openssl, curl and an editor, and the results of a check.
 * `labTests` plays the right solution of a lab and wrong ones; the reasons that are named must come out.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '../../../src/core/clock.ts';
import { checkLab } from '../../../src/labs/checks/check.ts';
import type { TaskResult } from '../../../src/labs/checks/checking.ts';
import { openLabFolder, startFiles } from '../../../src/labs/folder.ts';
import type { CompiledLab } from '../../../src/labs/lab.ts';
import { loadLab } from '../../../src/labs/load.ts';
import { labWorld } from '../../../src/labs/world.ts';
import { shareOf } from '../../helpers/at-length.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import '../../helpers/state-home.ts';

export const compiledLabs = join(resolve(import.meta.dirname, '../../../..'), 'dist', 'data', 'labs');

export class Learner {
  readonly lab: CompiledLab;
  readonly folder: string;
  readonly t: ExecutionContext;

  private constructor(t: ExecutionContext, lab: CompiledLab, folder: string) {
    this.t = t;
    this.lab = lab;
    this.folder = folder;
  }

  /** Begins a lab in a folder of its own, whose path has a blank. */
  static async begin(t: ExecutionContext, name: string): Promise<Learner> {
    const lab = loadLab(name, compiledLabs);
    const parent = mkdtempSync(join(tmpdir(), 'wirelab lab-'));
    t.teardown(() => rmSync(parent, { recursive: true, force: true }));
    const folder = join(parent, `lab-${name}`);
    t.true(await openLabFolder(folder, lab, async () => startFiles(lab, await labWorld(lab, folder))));
    return new Learner(t, lab, folder);
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  remove(...files: readonly string[]): void {
    for (const file of files) rmSync(join(this.folder, file), { force: true });
  }

  /** As with an editor: what is replaced must be there. */
  edit(file: string, from: string | RegExp, to: string): void {
    const before = this.read(file);
    const after = before.replace(from, to);
    this.t.not(after, before, `${String(from)} is not in ${file}`);
    this.write(file, after);
  }

  /** A command line in the folder, which must succeed. @returns its standard output */
  async run(line: string, input?: string): Promise<string> {
    const { exitCode, stdout, stderr } = await runProgram('sh', ['-c', line], {
      cwd: this.folder,
      ...(input === undefined ? {} : { input }),
    });
    this.t.is(exitCode, 0, `${line}\n${stderr}`);
    return stdout;
  }

  /** Types the commands of a task's hint: its indented lines. @param number from 1; the last one when left out. */
  async follow(task: string, number?: number): Promise<void> {
    const commands = commandsOf(this.lab.narration.en.tasks[task]?.hints.at((number ?? 0) - 1) ?? '');
    this.t.not(commands, '', `no commands in hint ${number ?? 'last'} of ${task}`);
    await this.run(`set -e\n${commands}`);
  }

  async check(): Promise<readonly TaskResult[]> {
    const { lab, folder } = this;
    return checkLab({
      lab,
      folder,
      world: await labWorld(lab, folder),
      clock: systemClock,
      random: (length) => randomBytes(length),
      version: '0',
    });
  }

  /** What a check says, a line a task: `seal: done`, `seal: open readable`, `seal: open refused unknown_ca`. */
  async outcome(): Promise<readonly string[]> {
    return (await this.check()).map(({ id, status, reason, refusal }) =>
      [`${id}: ${status}`, reason, refusal].filter((word) => word !== undefined).join(' '),
    );
  }
}

/** The lines of a text that are there to be typed. */
export function commandsOf(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.startsWith('    '))
    .join('\n');
}

export interface LabPlay {
  /** Programs that the solution uses. */
  readonly peers: readonly string[];
  readonly solve: (learner: Learner) => Promise<void> | void;
  /** What an unedited beginning comes to: a line a task. */
  readonly unedited: readonly string[];
  /** What comes of an empty folder. */
  readonly empty: readonly string[];
  /** Typical mistakes, each with what a check must say of it. */
  readonly wrong: Readonly<
    Record<
      string,
      { readonly play: (learner: Learner) => Promise<void> | void; readonly outcome: readonly string[] }
    >
  >;
}

export function labTests(name: string, { peers, solve, unedited, empty, wrong }: LabPlay): void {
  withPeer(peers, `${name}: the right solution does every task`, async (t) => {
    const learner = await Learner.begin(t, name);
    await solve(learner);
    t.deepEqual(
      await learner.outcome(),
      learner.lab.tasks.tasks.map(({ id }) => `${id}: done`),
    );
  });
  test(`${name}: the hints give the same commands in every language`, (t) => {
    const { en, ko } = loadLab(name, compiledLabs).narration;
    const typed = (tasks: (typeof en)['tasks']): string[] =>
      Object.values(tasks).flatMap(({ hints }) => hints.map(commandsOf));
    t.deepEqual(typed(ko.tasks), typed(en.tasks));
  });
  test(`${name}: an unedited beginning does not pass`, async (t) => {
    const learner = await Learner.begin(t, name);
    t.deepEqual(await learner.outcome(), unedited);
    t.true(unedited.every((line) => line.includes(': open ')));
  });
  test(`${name}: an empty folder does not pass`, async (t) => {
    const learner = await Learner.begin(t, name);
    learner.remove(...startFiles(learner.lab, await labWorld(learner.lab, learner.folder)).keys());
    t.deepEqual(await learner.outcome(), empty);
    t.true(empty.every((line) => line.includes(': open ')));
  });
  for (const [title, { play, outcome }] of shareOf(Object.entries(wrong), 1)) {
    withPeer(peers, `${name}: ${title}`, async (t) => {
      const learner = await Learner.begin(t, name);
      await play(learner);
      t.deepEqual(await learner.outcome(), outcome);
      t.true(outcome.some((line) => line.includes(': open ')));
    });
  }
}
