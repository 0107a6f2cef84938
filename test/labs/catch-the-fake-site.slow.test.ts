/** The same, with every attempt at each task. */
import './catch-the-fake-site.test.ts';
