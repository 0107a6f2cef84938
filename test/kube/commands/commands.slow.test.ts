/** The same, with every command. */
import './commands.test.ts';
