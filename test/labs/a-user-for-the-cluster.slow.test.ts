/** The same, with every attempt at each task. */
import './a-user-for-the-cluster.test.ts';
