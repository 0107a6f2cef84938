/** The same, with kubectl and etcd as they are installed, and every other program. */
import './scenarios.test.ts';
