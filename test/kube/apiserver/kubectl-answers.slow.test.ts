/** The same, with every list of commands. */
import './kubectl-answers.test.ts';
