#!/usr/bin/env node
/**
 * The plain way in. The launcher of a checkout takes the quick one (start.ts) to the same program.
 */
import { main } from './program.ts';

await main(process.argv.slice(2));
