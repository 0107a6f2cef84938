/** The same with every head, body and flood. */
import './hostile.test.ts';
