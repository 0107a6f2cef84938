/** The same, and whether tshark knows a name that is missing here. */
import './extensions.test.ts';
