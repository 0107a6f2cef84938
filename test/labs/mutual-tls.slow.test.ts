/** The same, with every attempt at each task. */
import './mutual-tls.test.ts';
