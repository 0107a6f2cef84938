/** The same, with twice as many inputs. */
import './targets.test.ts';
