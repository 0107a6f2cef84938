/** The same, with three times as many runs of each property. */
import './pen.test.ts';
