/**
 * Checks by itself what a change in the learner's folder concerns, while the lab runs: the tasks whose files have changed, and no
 * others. It reports what is new: a task that is done now, one that no longer is, and the finding of the current task, once.
 *
 * 1. Tasks that are about a login are checked after each one. Those that are about a cluster have no files of their own here; their
 *    events are reported as they happen.
 * 2. A check that is overtaken by another change is not reported: the next one has seen more.
 */
import { noteProgress } from '../course.ts';
import { readLabFolder, remember } from '../folder.ts';
import { scenarioWith } from '../learner.ts';
import { filesOfTask } from '../task-files.ts';
import { checkLab, settingsOf } from './check.ts';
import type { CheckOptions, TaskResult } from './checking.ts';
import type { TaskFile } from '../lab.ts';

/** What a check has found. */
export interface AutoChecked {
  /** The files that have changed; none where something else has happened. */
  readonly files: readonly string[];
  /** What is new. */
  readonly results: readonly TaskResult[];
  /** Everything that was looked at, and the current task. */
  readonly found: readonly TaskResult[];
  readonly milliseconds: number;
}

interface AutoCheckOptions extends CheckOptions {
  /** Whether the current task is always looked at, too. */
  readonly follows?: boolean;
}

export class AutoCheck {
  readonly #options: AutoCheckOptions;
  /** What was last found of each task. */
  readonly #known = new Map<string, string>();
  /** Tasks whose check was overtaken: the next one looks at them, too. */
  readonly #pending = new Set<string>();
  #turn = 0;

  constructor(options: AutoCheckOptions) {
    this.#options = options;
  }

  /** @returns undefined if the files concern no task, or the check was overtaken. */
  async changed(files: readonly string[]): Promise<AutoChecked | undefined> {
    const { lab, folder } = this.#options;
    const { compiled } = await scenarioWith(lab, () => settingsOf(lab, folder));
    return this.#check(files, (task) => {
      if (!task.steps && !task.ownClient) return false;
      const own = filesOfTask(task, compiled, lab);
      return files.some((name) => own.has(name));
    });
  }

  /** After a login: the tasks that are about one. */
  async loggedIn(): Promise<AutoChecked | undefined> {
    return this.#check([], (task) => task.login !== undefined);
  }

  /** The current task as it is at the start; what it finds is reported by no check again. */
  async current(): Promise<readonly TaskResult[]> {
    const turn = this.#turn;
    const found = await this.#currentAfter(new Set(readLabFolder(this.#options.folder)?.done));
    if (turn !== this.#turn) return [];
    for (const result of found) this.#known.set(result.id, foundIn(result));
    return found;
  }

  async #check(
    files: readonly string[],
    concerns: (task: TaskFile) => boolean,
  ): Promise<AutoChecked | undefined> {
    const { lab, folder, clock, follows } = this.#options;
    const concerned = lab.tasks.tasks.filter(concerns);
    if (concerned.length === 0) return undefined;
    for (const { id } of concerned) this.#pending.add(id);
    const turn = ++this.#turn;
    const began = clock.microseconds();
    const asked = new Set(this.#pending);
    const results = await checkLab(this.#options, asked);
    const record = readLabFolder(folder);
    if (turn !== this.#turn || !record || results.length < asked.size) return undefined;
    this.#pending.clear();
    const before = new Set(record.done);
    const after = new Set(before);
    for (const { id, status } of results)
      if (status === 'done') after.add(id);
      else after.delete(id);
    const current = lab.tasks.tasks.find(({ id }) => !after.has(id))?.id;
    const news = results.filter((result) => {
      const { id, status } = result;
      const found = foundIn(result);
      const isNew = this.#known.get(id) !== found;
      this.#known.set(id, found);
      return isNew && ((status === 'done') !== before.has(id) || (status === 'open' && id === current));
    });
    const done = lab.tasks.tasks.flatMap(({ id }) => (after.has(id) ? [id] : []));
    const at = new Date(clock.now()).toISOString();
    const doneAt = Object.fromEntries(done.map((id) => [id, record.doneAt[id] ?? at]));
    remember(folder, { done, doneAt: { ...record.doneAt, ...doneAt } });
    noteProgress(lab, folder, done, at);
    const milliseconds = Math.round((clock.microseconds() - began) / 1000);
    const wasLookedAt = results.some(({ id }) => id === current);
    const next = follows && !wasLookedAt ? await this.#currentAfter(after) : [];
    if (turn !== this.#turn) return undefined;
    return { files, results: news, found: [...results, ...next], milliseconds };
  }

  /** The result of the first task that is not done. */
  async #currentAfter(done: ReadonlySet<string>): Promise<readonly TaskResult[]> {
    const { lab } = this.#options;
    const current = lab.tasks.tasks.find(({ id }) => !done.has(id));
    // The learner's program runs when it was saved, and when it is asked for.
    return !current || current.ownClient ? [] : checkLab(this.#options, new Set([current.id]));
  }
}

const foundIn = ({ status, reason, refusal, says, mistake }: TaskResult): string =>
  JSON.stringify([status, reason, refusal, says, mistake]);
