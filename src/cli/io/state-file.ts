/**
 * Small JSON files in the user's folder for state. Nothing needs them: a file that cannot be read counts as absent, and one that
 * cannot be written is not. It is written under another name first, so that a reader never finds half of it.
 */
import { randomBytes } from 'node:crypto';
import { accessSync, constants, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../../capture/file/output-folder.ts';
import { statePlace } from '../../core/state-place.ts';
import type { Localized } from '../../i18n/language.ts';
import { readText } from '../../i18n/read-file.ts';

/** The most bytes of a file. */
const largest = 64 * 1024;

/** An object's entries; none if there is no such file, or something else in it. */
export function readState(file: string | undefined): Readonly<Record<string, unknown>> {
  if (file === undefined) return {};
  try {
    const content: unknown = JSON.parse(readText(file, largest));
    return typeof content === 'object' && content !== null && !Array.isArray(content)
      ? (content as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

export function writeState(file: string | undefined, content: Readonly<Record<string, unknown>>): void {
  if (file === undefined) return;
  const fresh = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    makeFolder(dirname(file), 0o700);
    writeFileSync(fresh, `${JSON.stringify(content, undefined, 2)}\n`, { flag: 'wx', mode: 0o600 });
    renameSync(fresh, file);
  } catch {
    removeIfThere(fresh);
  }
}

/** Why nothing is remembered, if the user has named a folder for state and it cannot be used. */
export function stateProblem(variables: NodeJS.ProcessEnv): Localized | undefined {
  const name = (['WIRELAB_STATE', 'XDG_STATE_HOME'] as const).find((one) => variables[one]);
  const place = statePlace(variables);
  if (name === undefined || place === undefined) return undefined;
  try {
    makeFolder(place, 0o700);
    accessSync(place, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'ENOTDIR';
    const value = variables[name] ?? '';
    return {
      en: `nothing is remembered for the next start: ${name}=${value} is not a writable folder (${code})`,
      ko: `다음 시작을 위해 기억해 둔 것이 없습니다. ${name}=${value} 폴더에 쓸 수 없습니다(${code})`,
    };
  }
}

function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // What should be its folder is none.
  }
}
