/**
 * Loaded into each process of the slow tests: it ends when its tests have. What a program of theirs has left open, such as a
 * socket that nobody reads any more, would keep it for as long as AVA waits.
 */
import { registerCompletionHandler } from 'ava';

registerCompletionHandler(() => process.exit());
