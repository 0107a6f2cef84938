/** The same, with thousands of requests. */
import './read-back.test.ts';
