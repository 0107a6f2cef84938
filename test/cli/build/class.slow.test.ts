/** The same, with each thing that a class does with its folder. */
import './class.test.ts';
