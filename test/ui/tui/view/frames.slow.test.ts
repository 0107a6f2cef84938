/** The same, with three times as many runs of each property. */
import './frames.test.ts';
