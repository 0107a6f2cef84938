/**
 * The progress in the course: for each lab, where its folder is, which tasks are done there, and when it was first finished. It
 * is kept with the state, so that it outlives restarts and the folder. Nothing needs it: what cannot be read counts as absent. Of an
 * author's lab it is kept by the lab's place: it may be called as one of wirelab's is.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../capture/file/output-folder.ts';
import { readText } from '../i18n/read-file.ts';
import type { CompiledLab } from './lab.ts';
import { sourceOf } from './source.ts';
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

function fileOf(name: string, source: string | undefined): string {
  if (source === undefined) return `${name}.json`;
  return `${name}@${createHash('sha256').update(source).digest('hex').slice(0, 12)}.json`;
}

/** The folders of authors' labs that were begun here, and are there. */
export function ownLabs(): string[] {
  const place = courseFolder();
  if (place === undefined) return [];
  try {
    return readdirSync(place)
      .filter((name) => /@[0-9a-f]{12}\.json$/.test(name))
      .flatMap((name) => {
        const { source } = JSON.parse(readText(join(place, name), largest)) as { readonly source?: unknown };
        return typeof source === 'string' && existsSync(join(source, 'tasks.yaml')) ? [source] : [];
      })
      .toSorted();
  } catch {
    return [];
  }
}

/** A lab's progress, without tasks that it no longer has. @param source the folder of an author's lab */
export function progressOf(
  { name, tasks: { tasks } }: Pick<CompiledLab, 'name' | 'tasks'>,
  source?: string,
): LabProgress {
  const place = courseFolder();
  if (place === undefined) return { done: [] };
  try {
    const { folder, done, finished } = JSON.parse(
      readText(join(place, fileOf(name, source)), largest),
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
  const source = sourceOf(folder);
  const { finished = done.length === lab.tasks.tasks.length ? at : undefined } = progressOf(lab, source);
  try {
    makeFolder(place, 0o700);
    replaceFile(
      join(place, fileOf(lab.name, source)),
      `${JSON.stringify({ folder, done, finished, source }, null, 2)}\n`,
    );
  } catch {
    // It is a convenience only.
  }
}
