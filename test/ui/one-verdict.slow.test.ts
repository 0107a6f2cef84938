/** The same through every mode of a proxy. */
import './one-verdict.test.ts';
