/** The same at every byte. */
import './coverage-mutation.test.ts';
