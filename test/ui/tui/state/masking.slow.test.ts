/** The same at every stop and every byte. */
import './masking.test.ts';
