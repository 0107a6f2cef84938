/** The same, with every attempt at each task. */
import './the-webhook-nobody-trusts.test.ts';
