/** The examples of docs/proxy.md, unchanged except for the ports. */
import test from 'ava';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { start } from '../../helpers/running.ts';
import { certificatesFolder, runWirelab } from '../../helpers/wirelab.ts';

const document = readFileSync(join(resolve(import.meta.dirname, '../../../..'), 'docs/proxy.md'), 'utf8');
const lines = [...document.matchAll(/^ {4}\.\/wirelab (proxy .*)$/gm)].map(([, words = '']) => words);

test('there are four', (t) => t.is(lines.length, 4));

for (const line of lines) {
  test(`./wirelab ${line}`, async (t) => {
    const words = line
      .replace(/--listen \S+/, '--listen 127.0.0.1:0')
      .replace('-w seen.pcapng', `-w ${join(certificatesFolder, '..', 'seen.pcapng')}`)
      .replaceAll('certs/out/', `${certificatesFolder}/`)
      .split(' ');
    if (line.includes('certs/out')) t.is((await runWirelab(['certs', 'make', 'workshop'])).exitCode, 0);
    const running = start(t, words);
    await running.until(/listening on 127\.0\.0\.1:\d+/);
    running.child.kill('SIGTERM');
    t.deepEqual([...(await running.exit)], [143, null]);
  });
}
