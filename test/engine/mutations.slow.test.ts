/** The same, with every protection of every scenario. */
import './mutations.test.ts';
