/** The same with every pair of flaws, below every CA. */
import './who-gets-in.test.ts';
