/** The same, with every attempt at each task. */
import './tls-in-front.test.ts';
