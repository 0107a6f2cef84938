/** The same with ten thousand keys, twenty restarts, and in Korean. */
import './screen.test.ts';
