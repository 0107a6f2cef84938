/** The same, with every case. */
import './agreement-cases.test.ts';
