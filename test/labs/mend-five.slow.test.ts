/** The same, with every attempt at each task. */
import './mend-five.test.ts';
