/** The same through the whole story. */
import './hostile.test.ts';
