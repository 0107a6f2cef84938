/** The same, with every attempt at each task. */
import './be-a-ca.test.ts';
