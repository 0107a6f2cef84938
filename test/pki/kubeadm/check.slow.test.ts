/** The same, with every file cut and spoilt. */
import './check.test.ts';
