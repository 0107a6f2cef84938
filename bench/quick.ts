/**
 * A part of the bench, for who changes a relay: `node dist/bench/quick.js [WHO [ROWS [ROUNDS]]]` measures the contestants and
 * rows that regular expressions choose beside the baseline, and prints their table. Nothing is written.
 */
import { markdownTable } from './figures.ts';
import { buildGenerator } from './generator.ts';
import { baseline } from './relay/contestants.ts';
import { measureRelays } from './relay/relay.ts';
import { tableHead, tableRows } from './relay/table.ts';

const [who = 'proxy, to a file$', rows = '.', rounds = '1'] = process.argv.slice(2);
const problem = buildGenerator();
if (problem !== undefined) throw new Error(problem);
const { results, absent } = await measureRelays({
  rounds: Number(rounds),
  who: new RegExp(`^${baseline}$|${who}`),
  rows: new RegExp(rows),
  note: (text) => process.stderr.write(`${text}\n`),
});
process.stdout.write(`${markdownTable([tableHead, ...results.flatMap(tableRows)]).join('\n')}\n`);
for (const [name, reason] of absent) process.stdout.write(`not there: ${name}: ${reason}\n`);
