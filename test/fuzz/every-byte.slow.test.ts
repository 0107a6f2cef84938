/** The same, with every prefix and every byte. */
import './every-byte.test.ts';
