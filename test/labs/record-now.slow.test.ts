/** The same, with every attempt at each task. */
import './record-now.test.ts';
