/** The same at every byte, and more often. */
import './bytes.test.ts';
