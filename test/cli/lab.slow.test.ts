/** The same, with every lab. */
import './lab.test.ts';
