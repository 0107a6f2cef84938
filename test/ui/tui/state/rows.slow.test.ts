/** The same, with three times as many runs of each property. */
import './rows.test.ts';
