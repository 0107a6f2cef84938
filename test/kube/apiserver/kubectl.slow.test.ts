/** The same, with every list of commands. */
import './kubectl.test.ts';
