/** Re-exports `i18n/read-file.ts` for reading the user's files. */
export { codeOf, openFile, readBytes } from '../../i18n/read-file.ts';
