/** The bounds for what is read of a scenario's folder, and what is said of a part that cannot be read. */
import { UnreadableFile } from '../../i18n/read-file.ts';

/** Bytes of a file of a scenario; the longest that come with wirelab have some twenty thousand. */
export const largestPart = 256 * 1024;

/** A file that is there and that nobody will read: no regular file, which might be waited for for ever, or too large a one. */
export const isUnfit = (error: unknown): boolean =>
  error instanceof UnreadableFile && (error.code === 'NOTREGULAR' || error.code === 'TOOLARGE');

export const codeOf = (error: unknown): string =>
  error instanceof UnreadableFile ? error.code : String(error);
