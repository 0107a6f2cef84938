/** The same, with more places of each file. */
import './hostile-files.test.ts';
