/**
 * A table of attempts at the tasks of a lab: wrong solutions, each with what a check must say of it, and right ones by several
 * ways. `attemptTests` plays all of a task's in one folder, which is put back to its beginning before each; where the lab must
 * be up, one is kept up for all of them. How many there are is counted by `attempts.test.ts`.
 */
import type { ExecutionContext } from 'ava';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { systemClock } from '../../../src/core/clock.ts';
import { checkLab } from '../../../src/labs/checks/check.ts';
import { resetLabFolder, startFiles } from '../../../src/labs/folder.ts';
import type { LabEvent } from '../../../src/labs/hold/holding.ts';
import type { CompiledLab } from '../../../src/labs/lab.ts';
import { stateFolder, stateOf } from '../../../src/labs/state.ts';
import { labWorld } from '../../../src/labs/world.ts';
import { shareOf } from '../../helpers/at-length.ts';
import { withPeer } from '../../helpers/peer.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { Held } from './holding.ts';
import { Learner } from './learner.ts';

/** @returns what puts back what a reset does not. */
export type Play<Bench> = (bench: Bench) => unknown;

export interface WrongAttempt<Bench> {
  readonly play: Play<Bench>;
  /** Found in `REASON REFUSAL | SENTENCE | WHERE | EXPECTED | RECEIVED | REMEDY`. */
  readonly says: RegExp;
}

export interface TaskAttempts<Bench> {
  readonly wrong: Readonly<Record<string, WrongAttempt<Bench>>>;
  readonly right: Readonly<Record<string, Play<Bench>>>;
}

export interface Attempts<Bench extends { readonly learner: Learner }> {
  readonly lab: string;
  readonly peers: readonly string[];
  /** What attempts are played on, once for all of a task. */
  readonly begin: (learner: Learner) => Promise<Bench> | Bench;
  /** Puts all back to the beginning, before each; as `wirelab lab reset` does when left out. */
  readonly again?: (bench: Bench) => Promise<void>;
  readonly tasks: Readonly<Record<string, TaskAttempts<Bench>>>;
}

/** What most labs need. */
export interface Bench {
  readonly learner: Learner;
}

export interface HeldBench extends Bench {
  readonly held: Held;
}

/** Of a lab that runs meanwhile, as long as its attempts last. @param isUp told when it has started, and again when begun anew */
export const whileItRuns = (
  isUp: (told: LabEvent) => boolean,
): Pick<Attempts<HeldBench>, 'begin' | 'again'> => ({
  async begin(learner) {
    const held = await Held.start(learner.t, learner);
    await held.until(isUp);
    return { learner, held };
  },
  async again({ learner, held }) {
    const from = held.events.length;
    await beginAgain(learner);
    await held.until(isUp, from);
  },
});

/** The folder as at the beginning, and nothing besides. */
export async function beginAgain({ lab, folder }: Learner): Promise<void> {
  for (const name of readdirSync(folder))
    if (name !== stateFolder) rmSync(join(folder, name), { recursive: true, force: true });
  resetLabFolder(folder, lab, startFiles(lab, await labWorld(lab, folder)), systemClock);
}

/** The result of a check of one task: `done`, or everything that is reported about why it is open. */
export async function saidOf({ lab, folder }: Learner, task: string): Promise<string> {
  // The others are as they are.
  const alone: CompiledLab = {
    ...lab,
    tasks: { ...lab.tasks, tasks: lab.tasks.tasks.filter(({ id }) => id === task) },
  };
  const [result] = await checkLab({
    lab: alone,
    folder,
    world: await labWorld(lab, folder),
    clock: systemClock,
    random: (length) => randomBytes(length),
    version: '0',
  });
  if (!result || result.status === 'done') return result?.status ?? '';
  const { reason, refusal, says, mistake, remedy, command } = result;
  return [
    [reason, refusal].filter(Boolean).join(' '),
    says.en,
    mistake?.where,
    mistake?.expected?.en,
    mistake?.received,
    mistake?.remedy?.en,
    remedy?.en,
    command,
  ]
    .filter(Boolean)
    .join(' | ');
}

export function attemptTests<Played extends Bench>({
  lab,
  peers,
  begin,
  again = async ({ learner }) => beginAgain(learner),
  tasks,
}: Attempts<Played>): void {
  for (const [task, { wrong, right }] of Object.entries(tasks)) {
    withPeer(
      peers,
      `${lab}: ${task}: of the attempts in the table those that are wrong are open, each for its reason, and those that are right are done`,
      async (t) => {
        const learner = await Learner.begin(t, lab);
        const bench = await begin(learner);
        const putBack = keptIds(t, learner);
        // All of them are reported at once.
        const otherwise: string[] = [];
        const rows = [
          ...shareOf(Object.entries(wrong), 1).map(([title, { play, says }]) => ({ title, play, says })),
          ...shareOf(Object.entries(right), 1).map(([title, play]) => ({ title, play, says: /^done$/ })),
        ];
        for (const { title, play, says } of rows) {
          putBack();
          await again(bench);
          const undo = await play(bench);
          const said = await saidOf(learner, task);
          if (!says.test(said)) otherwise.push(`${title}: ${said} (expected: ${String(says)})`);
          if (typeof undo === 'function') await (undo as () => unknown)();
        }
        t.deepEqual(otherwise, []);
      },
    );
  }
}

/** An attempt may spoil what makes the folder a lab's. @returns what puts that back. */
function keptIds(t: ExecutionContext, { folder }: Learner): () => void {
  const kept = mkdtempSync(join(tmpdir(), 'wirelab-ids-'));
  t.teardown(() => rmSync(kept, { recursive: true, force: true }));
  const state = join(folder, stateFolder);
  const names = readdirSync(state);
  for (const name of names) copyFileSync(join(state, name), join(kept, name));
  return () => {
    for (const name of readdirSync(state)) rmSync(join(state, name), { recursive: true, force: true });
    for (const name of names) copyFileSync(join(kept, name), join(state, name));
  };
}

/** Writes into the lab's record in the folder that all is done, and beside it what else a check once read there. */
export function forgeRecords(learner: Learner): void {
  const done = learner.lab.tasks.tasks.map(({ id }) => id);
  learner.write(
    '.wirelab/lab.json',
    JSON.stringify({ ...(JSON.parse(learner.read('.wirelab/lab.json')) as object), done }),
  );
  learner.write(
    '.wirelab/seen.jsonl',
    done
      .map(
        (server) =>
          `${JSON.stringify({ at: '2026-01-01T00:00:00.000Z', server, user: 'alice', accepted: true })}\n`,
      )
      .join(''),
  );
  learner.write('.wirelab/cluster.json', JSON.stringify({ objects: [], issued: [] }));
}

/** Copies each hidden file of the folder's over these files, one behind the other. */
export async function copyHidden(learner: Learner, ...files: readonly string[]): Promise<void> {
  await learner.run(
    files.map((file) => `find . -path './.*' -type f -exec cat {} + > '${file}'`).join(' && '),
  );
}

/** The lab's own copy of a row of its recipe, where it keeps it: no learner is meant to look there. @param part such as `crt` */
export function keptFile({ lab, folder }: Learner, row: string, part: string): string {
  return `'${join(stateOf(folder), 'certs', lab.certificates?.name ?? '', `${row}.${part}`)}'`;
}

/** One of wirelab's own commands in the folder, which must succeed: its words, with single blanks between. */
export async function wirelab(learner: Learner, line: string): Promise<void> {
  const { exitCode, stderr } = await askWirelab(line.split(' '), { cwd: learner.folder });
  learner.t.is(exitCode, 0, `${line}\n${stderr}`);
}
