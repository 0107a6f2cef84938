/** The same, with every attempt at each task. */
import './revoke.test.ts';
