/**
 * Checks by itself what a change concerns, while the lab runs: the tasks whose files in the learner's folder or whose objects in
 * the cluster have changed, and no others. It reports what is new: a task that is done now, one that no longer is, and the
 * finding of the current task, once.
 *
 * 1. Tasks that are about a login are checked after each one.
 * 2. A check that is overtaken by another change is called off: the next one checks its tasks again.
 * 3. A task that could not be checked, since a server is being restarted, keeps its state.
 */
import { noteProgress } from '../course.ts';
import { readLabFolder, remember } from '../folder.ts';
import { scenarioWith } from '../learner.ts';
import { isUnasked, keepsDone } from '../lab.ts';
import { filesOfTask } from '../task-files.ts';
import { concernsTask, namesOfKeys } from '../task-objects.ts';
import { checkLab, settingsOf } from './check.ts';
import type { CheckOptions, TaskResult } from './checking.ts';

/** What a check has found. */
export interface AutoChecked {
  /** The files that have changed. */
  readonly files: readonly string[];
  /** The objects of the cluster that have changed, as kubectl names them: `csr/alice`. */
  readonly objects: readonly string[];
  /** What is new. */
  readonly results: readonly TaskResult[];
  /** Everything that was looked at, and the current task. */
  readonly found: readonly TaskResult[];
  /** The current task, where something of it has changed and it is open for the same reason as before. */
  readonly same?: string;
  /** With this, every task of the lab is done. */
  readonly isComplete?: true;
  readonly milliseconds: number;
}

interface AutoCheckOptions extends CheckOptions {
  /** Whether the current task is always looked at, too, and each check is reported, also without anything new. */
  readonly follows?: boolean;
}

export class AutoCheck {
  readonly #options: AutoCheckOptions;
  /** What was last found of each task. */
  readonly #known = new Map<string, string>();
  /** What has changed, and is not reported yet. */
  readonly #files = new Set<string>();
  readonly #keys = new Set<string>();
  #isHeld = false;
  #isLogin = false;
  #turn = 0;
  /** Of the check that is under way. */
  #under = new AbortController();

  constructor(options: AutoCheckOptions) {
    this.#options = options;
  }

  /**
   * @param keys of changed objects, as in the store.
   * @returns undefined if there is nothing new.
   */
  async changed(files: readonly string[], keys: readonly string[] = []): Promise<AutoChecked | undefined> {
    const { lab, folder, clock, follows } = this.#options;
    const turn = ++this.#turn;
    const began = clock.microseconds();
    for (const name of files) this.#files.add(name);
    for (const key of keys) this.#keys.add(key);
    const { compiled } = await scenarioWith(lab, () => settingsOf(lab, folder));
    const own = new Map(
      lab.tasks.tasks.map((task) => [task, filesOfTask(task, compiled, lab, folder)] as const),
    );
    const [changedFiles, changedKeys] = [[...this.#files], [...this.#keys]];
    const concerned = lab.tasks.tasks.filter(
      (task) =>
        (this.#isHeld && task.held !== undefined) ||
        (this.#isLogin && task.login !== undefined) ||
        changedFiles.some((name) => own.get(task)?.has(name)) ||
        changedKeys.some((key) => concernsTask(task, key)),
    );
    if (concerned.length === 0) {
      this.#forget(turn);
      return undefined;
    }
    if (turn !== this.#turn) return undefined;
    // Whatever the one that is under way finds is of what was before.
    this.#under.abort();
    this.#under = new AbortController();
    const options = this.#underWay();
    const checked = await unlessAborted(
      checkLab(options, new Set(concerned.map(({ id }) => id))),
      options.signal,
    );
    if (!checked) return undefined;
    const record = readLabFolder(folder);
    if (turn !== this.#turn || !record || checked.length < concerned.length) return undefined;
    this.#forget(turn);
    const results = checked.filter(({ reason }) => !isUnasked(reason));
    const before = new Set(record.done);
    const after = new Set(before);
    for (const { id, status, reason } of results)
      if (status === 'done') after.add(id);
      else if (!keepsDone(reason)) after.delete(id);
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
    const isSaved = changedFiles.length + changedKeys.length > 0;
    const same =
      isSaved && news.length === 0 && results.some(({ id }) => id === current) ? current : undefined;
    if (news.length === 0 && same === undefined && !follows) return undefined;
    const wasLookedAt = results.some(({ id }) => id === current);
    const next = follows && !wasLookedAt ? await this.#currentAfter(after, options) : [];
    if (turn !== this.#turn) return undefined;
    return {
      files: changedFiles,
      objects: namesOfKeys(changedKeys),
      results: news,
      found: [...results, ...next],
      ...(same === undefined ? {} : { same }),
      ...(news.length > 0 && current === undefined ? { isComplete: true } : {}),
      milliseconds,
    };
  }

  /** After a login: the tasks that are about one. */
  async loggedIn(): Promise<AutoChecked | undefined> {
    this.#isLogin = true;
    return this.changed([]);
  }

  /** The current task as it is at the start; what it finds is reported by no check again. */
  async current(): Promise<readonly TaskResult[]> {
    const turn = this.#turn;
    const done = new Set(readLabFolder(this.#options.folder)?.done);
    const found = await this.#currentAfter(done, this.#underWay());
    if (turn !== this.#turn) return [];
    for (const result of found) this.#known.set(result.id, foundIn(result));
    return found;
  }

  /** The result of the first task that is not done. */
  async #currentAfter(done: ReadonlySet<string>, options: Overtaken): Promise<readonly TaskResult[]> {
    const { lab } = options;
    const current = lab.tasks.tasks.find(({ id }) => !done.has(id));
    // The learner's program runs when it was saved, and when it is asked for.
    if (!current || current.ownClient) return [];
    return (await unlessAborted(checkLab(options, new Set([current.id])), options.signal)) ?? [];
  }

  /** Each check has a signal of its own: hundreds may be called off while the lab runs. */
  #underWay(): Overtaken {
    const own = this.#under.signal;
    const { signal } = this.#options;
    return { ...this.#options, signal: signal ? AbortSignal.any([signal, own]) : own };
  }

  /** The client that the lab keeps connected has come or gone: the tasks that are about it. */
  async heldChanged(): Promise<AutoChecked | undefined> {
    this.#isHeld = true;
    return this.changed([]);
  }

  /** Unless more has changed meanwhile. */
  #forget(turn: number): void {
    if (turn !== this.#turn) return;
    this.#files.clear();
    this.#keys.clear();
    this.#isHeld = false;
    this.#isLogin = false;
  }
}

type Overtaken = CheckOptions & { readonly signal: AbortSignal };

/** Undefined for a check that was called off, also where it ends with an error for that. */
async function unlessAborted<Result>(
  checking: Promise<Result>,
  signal: AbortSignal,
): Promise<Result | undefined> {
  try {
    const result = await checking;
    return signal.aborted ? undefined : result;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

const foundIn = ({ status, reason, refusal, says, mistake }: TaskResult): string =>
  JSON.stringify([status, reason, refusal, says, mistake]);
