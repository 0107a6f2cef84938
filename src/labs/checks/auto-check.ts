/**
 * Checks by itself what a change in the learner's folder concerns, while the lab runs: the tasks whose files have changed, and no
 * others. It reports what is new: a task that is done now, one that no longer is, and the finding of the current task, once.
 *
 * 1. Tasks that are about a login or a cluster have no files of their own here; their events are reported as they happen.
 * 2. A check that is overtaken by another one on the same occasion is not reported: the next one has seen more.
 */
import { noteProgress } from '../course.ts';
import { readLabFolder, remember } from '../folder.ts';
import { scenarioWith } from '../learner.ts';
import type { TaskFile } from '../lab.ts';
import { filesOfTask } from '../task-files.ts';
import { checkLab, settingsOf } from './check.ts';
import type { CheckOptions, TaskResult } from './checking.ts';

/** A check that has something new to say. */
export interface AutoChecked {
  /** The files that have changed. */
  readonly files: readonly string[];
  readonly results: readonly TaskResult[];
  readonly milliseconds: number;
}

export class AutoCheck {
  readonly #options: CheckOptions;
  /** What was last found of each task. */
  readonly #known = new Map<string, string>();
  /** How many checks were begun, by what occasions them. */
  readonly #turns = { files: 0, held: 0 };

  constructor(options: CheckOptions) {
    this.#options = options;
  }

  /** @returns undefined if there is nothing new. */
  async changed(files: readonly string[]): Promise<AutoChecked | undefined> {
    const { lab, folder } = this.#options;
    const { compiled } = await scenarioWith(lab, () => settingsOf(lab, folder));
    const concerned = lab.tasks.tasks.filter((task) => {
      if (!task.steps && !task.ownClient) return false;
      const own = filesOfTask(task, compiled, lab);
      return files.some((name) => own.has(name));
    });
    return this.#check('files', concerned, files);
  }

  /** The client that the lab keeps connected has come or gone. @returns undefined if there is nothing new. */
  async heldChanged(): Promise<AutoChecked | undefined> {
    return this.#check(
      'held',
      this.#options.lab.tasks.tasks.filter(({ held }) => held !== undefined),
      [],
    );
  }

  async #check(
    occasion: 'files' | 'held',
    concerned: readonly TaskFile[],
    files: readonly string[],
  ): Promise<AutoChecked | undefined> {
    if (concerned.length === 0) return undefined;
    const { lab, folder, clock } = this.#options;
    const began = clock.microseconds();
    const turn = ++this.#turns[occasion];
    const results = await checkLab(this.#options, new Set(concerned.map(({ id }) => id)));
    const record = readLabFolder(folder);
    if (turn !== this.#turns[occasion] || !record || results.length < concerned.length) return undefined;
    const before = new Set(record.done);
    const after = new Set(before);
    for (const { id, status } of results)
      if (status === 'done') after.add(id);
      else after.delete(id);
    const current = lab.tasks.tasks.find(({ id }) => !after.has(id))?.id;
    const news = results.filter((result) => {
      const { id, status } = result;
      const found = JSON.stringify([status, result.reason, result.refusal, result.says, result.mistake]);
      const isNew = this.#known.get(id) !== found;
      this.#known.set(id, found);
      return isNew && ((status === 'done') !== before.has(id) || (status === 'open' && id === current));
    });
    const done = lab.tasks.tasks.flatMap(({ id }) => (after.has(id) ? [id] : []));
    const at = new Date(clock.now()).toISOString();
    const doneAt = Object.fromEntries(done.map((id) => [id, record.doneAt[id] ?? at]));
    remember(folder, { done, doneAt: { ...record.doneAt, ...doneAt } });
    noteProgress(lab, folder, done, at);
    return news.length === 0
      ? undefined
      : { files, results: news, milliseconds: Math.round((clock.microseconds() - began) / 1000) };
  }
}
