/** The same, with the short version of every scenario. */
import './short.test.ts';
