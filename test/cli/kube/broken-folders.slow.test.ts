/** The same, with all of the hundred. */
import './broken-folders.test.ts';
