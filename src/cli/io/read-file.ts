/** Files of a person's own: read by `i18n/read-file.ts`, which the rooms below this one use too. */
export { codeOf, openFile, readBytes } from '../../i18n/read-file.ts';
