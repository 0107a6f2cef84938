/** The same, with every attempt at each task. */
import './find-the-password.test.ts';
