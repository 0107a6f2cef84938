/** The replays of `screen.test.ts`, of more scenarios. */
import './screen.test.ts';
