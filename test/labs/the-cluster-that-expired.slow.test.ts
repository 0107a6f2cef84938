/** The same, with every attempt at each task. */
import './the-cluster-that-expired.test.ts';
