/**
 * The progress in the course: for each lab, where its folder is, which tasks are done there, and when it was first finished. It
 * is kept with the state, so that it outlives restarts and the folder. Nothing needs it: what cannot be read counts as absent.
 */
import { join } from 'node:path';
import { makeFolder } from '../capture/file/output-folder.ts';
import { readText } from '../i18n/read-file.ts';
import type { CompiledLab } from './lab.ts';
import { courseFolder, replaceFile } from './state.ts';

/** The most bytes of a file. */
const largest = 64 * 1024;

export interface LabProgress {
  /** The folder in which it was worked on last. */
  readonly folder?: string;
  /** The tasks that are done there. */
  readonly done: readonly string[];
  /** When all tasks were done for the first time, ISO 8601. */
  readonly finished?: string;
}

/** A lab's progress, without tasks that it no longer has. */
export function progressOf({ name, tasks: { tasks } }: Pick<CompiledLab, 'name' | 'tasks'>): LabProgress {
  const place = courseFolder();
  if (place === undefined) return { done: [] };
  try {
    const { folder, done, finished } = JSON.parse(
      readText(join(place, `${name}.json`), largest),
    ) as Partial<LabProgress>;
    return {
      ...(typeof folder === 'string' ? { folder } : {}),
      done: Array.isArray(done) ? tasks.flatMap(({ id }) => (done.includes(id) ? [id] : [])) : [],
      ...(typeof finished === 'string' ? { finished } : {}),
    };
  } catch {
    return { done: [] };
  }
}

/** @param at ISO 8601 */
export function noteProgress(
  lab: Pick<CompiledLab, 'name' | 'tasks'>,
  folder: string,
  done: readonly string[],
  at: string,
): void {
  const place = courseFolder();
  if (place === undefined) return;
  const { finished = done.length === lab.tasks.tasks.length ? at : undefined } = progressOf(lab);
  try {
    makeFolder(place, 0o700);
    replaceFile(join(place, `${lab.name}.json`), `${JSON.stringify({ folder, done, finished }, null, 2)}\n`);
  } catch {
    // It is a convenience only.
  }
}
