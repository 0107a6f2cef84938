/** The same with twice as many chains. */
import './agreement.test.ts';
