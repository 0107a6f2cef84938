/** The same, with every rule switched off in turn. */
import './acceptance.test.ts';
