#!/usr/bin/env node
/**
 * The regular entry point. The launcher of a checkout uses the fast one (start.ts) for the same program.
 */
import { main } from './program.ts';

await main(process.argv.slice(2));
