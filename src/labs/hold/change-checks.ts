/**
 * Notices, while a lab with a cluster runs, what has changed of its tasks' files, objects and processes, and has it checked by
 * itself (`checks/auto-check.ts`) when nothing more has changed for a moment.
 *
 * The files are looked at, not watched: they lie in folders that a learner moves and replaces.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { AutoCheck } from '../checks/auto-check.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import { examinersRequest } from './control-plane-files.ts';
import type { HoldOptions } from './holding.ts';
import { learnersScenario } from '../learner.ts';
import { filesOfTask } from '../task-files.ts';
import { concernsTask, namesOfKeys } from '../task-objects.ts';

/** Milliseconds between two looks at the files. */
const lookMs = 100;
/** Milliseconds without a change after which it is checked: what one command does is checked once. */
const settleMs = 150;

export class ChangeChecks {
  readonly #options: HoldOptions;
  readonly #checks: AutoCheck;
  readonly #compiled: CompiledScenario;
  readonly #fail: (error: unknown) => void;
  readonly #files = new Set<string>();
  readonly #keys = new Set<string>();
  readonly #stamps = new Map<string, string | undefined>();
  readonly #look: NodeJS.Timeout;
  #settling: NodeJS.Timeout | undefined;
  #going: Promise<unknown> = Promise.resolve();

  /** @param fail called with an error of a check. */
  static async begin(options: HoldOptions, fail: (error: unknown) => void): Promise<ChangeChecks> {
    return new ChangeChecks(options, await learnersScenario(options.lab, undefined), fail);
  }

  private constructor(options: HoldOptions, compiled: CompiledScenario, fail: (error: unknown) => void) {
    this.#options = options;
    this.#checks = new AutoCheck(options);
    this.#compiled = compiled;
    this.#fail = fail;
    for (const name of this.#names()) this.#stamps.set(name, this.#stampOf(name));
    this.#look = setInterval(() => this.#lookAtFiles(), lookMs);
  }

  /** The lab itself has written files: what they are now is no change. */
  asTheyAre(): void {
    for (const name of [...this.#stamps.keys(), ...this.#names()])
      this.#stamps.set(name, this.#stampOf(name));
  }

  /** Once the cluster is up: the current task as it is, where somebody looks at it all the time. */
  follow(): void {
    if (this.#options.follows) this.#going = Promise.all([this.#going, this.#current().catch(this.#fail)]);
  }

  async #current(): Promise<void> {
    const results = await this.#checks.current();
    const { signal, onEvent } = this.#options;
    if (results.length > 0 && !signal.aborted) onEvent({ kind: 'found', results });
  }

  /** A file, or a process by its manifest, is another one now. */
  file(name: string): void {
    this.#files.add(name);
    this.#soon();
  }

  /** An object was written or removed, by its key in the store; those that a check makes do not count. */
  object(key: string): void {
    const name = key.slice(key.lastIndexOf('/') + 1);
    const { tasks } = this.#options.lab.tasks;
    if (name.startsWith(examinersRequest) || !tasks.some((task) => concernsTask(task, key))) return;
    this.#keys.add(key);
    this.#soon();
  }

  /** Resolves when no check is under way any more. */
  async end(): Promise<void> {
    clearInterval(this.#look);
    clearTimeout(this.#settling);
    await this.#going;
  }

  #names(): ReadonlySet<string> {
    const { lab, folder } = this.#options;
    return new Set(lab.tasks.tasks.flatMap((task) => [...filesOfTask(task, this.#compiled, lab, folder)]));
  }

  /** Changes whenever the file is written, replaced or moved; undefined where there is none. */
  #stampOf(name: string): string | undefined {
    try {
      const found = statSync(join(this.#options.folder, name), { throwIfNoEntry: false });
      return found && `${found.ino} ${found.size} ${found.ctimeMs}`;
    } catch {
      return undefined;
    }
  }

  #lookAtFiles(): void {
    const changed = [...this.#stamps].filter(([name, stamp]) => this.#stampOf(name) !== stamp);
    if (changed.length === 0) return;
    for (const [name] of changed) {
      this.#stamps.set(name, this.#stampOf(name));
      this.file(name);
    }
    // A manifest may name other files now.
    for (const name of this.#names())
      if (!this.#stamps.has(name)) this.#stamps.set(name, this.#stampOf(name));
  }

  #soon(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      const [files, keys] = [[...this.#files], [...this.#keys]];
      this.#files.clear();
      this.#keys.clear();
      this.#going = Promise.all([this.#going, this.#check(files, keys).catch(this.#fail)]);
    }, settleMs);
  }

  async #check(files: readonly string[], keys: readonly string[]): Promise<void> {
    const { signal, onEvent, follows } = this.#options;
    // Where somebody looks at it all the time, it is said before the check has ended.
    if (follows && !signal.aborted) onEvent({ kind: 'changed', files: [...files, ...namesOfKeys(keys)] });
    const checked = await this.#checks.changed(files, keys);
    if (checked && !signal.aborted) onEvent({ kind: 'checked', ...checked });
  }
}
