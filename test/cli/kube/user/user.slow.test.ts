/** The same, with the real kubectl against a running cluster. */
import './user.test.ts';
