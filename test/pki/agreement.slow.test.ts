/** The same, with three times as many chains. */
import './agreement.test.ts';
