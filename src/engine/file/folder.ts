/** What a path leads to, limits for reading a scenario's folder, and the error for a file that cannot be read. */
import { statSync } from 'node:fs';
import { UnreadableFile } from '../../i18n/read-file.ts';

/** Maximum bytes of a scenario's file; the longest bundled one has about twenty thousand. */
export const largestPart = 256 * 1024;

/** Why an existing file is not read: it is not a regular file (reading could block forever), or it is too large. */
export const isUnfit = (error: unknown): boolean =>
  error instanceof UnreadableFile && (error.code === 'NOTREGULAR' || error.code === 'TOOLARGE');

export const codeOf = (error: unknown): string =>
  error instanceof UnreadableFile ? error.code : String(error);

/** False where there is nothing, and where nothing can be found out. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
