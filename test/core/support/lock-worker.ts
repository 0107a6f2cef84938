/**
 * A process that takes a lock again and again, to be stopped and killed. Each time it notes in a common record that it has
 * entered, and looks whether another one enters while it holds the lock: it is running then, so there are two holders.
 * A dot on standard output is one turn.
 */
import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { takeLock } from '../../../src/core/file-lock.ts';

const [lock = '', record = '', holdsOn = ''] = process.argv.slice(2);

/** The last whole line of the record. */
function lastLine(): string | undefined {
  const file = openSync(record, 'r');
  const bytes = Buffer.alloc(100);
  const read = readSync(file, bytes, 0, bytes.length, Math.max(0, fstatSync(file).size - bytes.length));
  closeSync(file);
  return bytes.toString('latin1', 0, read).split('\n').at(-2);
}

for (let turn = 0; ; turn++) {
  const release = await takeLock(lock);
  const entered = `enter ${process.pid} ${turn}`;
  appendFileSync(record, `${entered}\n`);
  process.stdout.write('.');
  if (holdsOn) await new Promise(() => setInterval(() => {}, 60_000));
  for (let look = 0; look < 12; look++) {
    await setImmediate();
    const last = lastLine();
    if (last === entered) continue;
    process.stdout.write(`two holders: ${entered}, ${last}\n`);
    process.exit(3);
  }
  appendFileSync(record, `leave ${process.pid} ${turn}\n`);
  release();
}
