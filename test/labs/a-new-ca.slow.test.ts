/** The same, with every attempt at each task. */
import './a-new-ca.test.ts';
