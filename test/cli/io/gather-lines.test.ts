/** Lines of a busy program go out together, none is lost, and the first does not wait. */
import test from 'ava';
import type { Environment } from '../../../src/cli/command.ts';
import { gatherLines } from '../../../src/cli/io/outlets.ts';

function gathering(): { readonly written: string[]; readonly lines: ReturnType<typeof gatherLines> } {
  const written: string[] = [];
  const stdout = { write: (text: string) => written.push(text) > 0 };
  return { written, lines: gatherLines({ stdout } as unknown as Pick<Environment, 'stdout'>) };
}

test('the first lines go out at the end of their turn, the next together', async (t) => {
  const { written, lines } = gathering();
  lines.write('a');
  lines.write('b');
  t.deepEqual(written, []);
  await Promise.resolve();
  t.deepEqual(written, ['a\nb\n']);
  lines.write('c');
  await Promise.resolve();
  lines.write('d');
  await Promise.resolve();
  t.deepEqual(written, ['a\nb\n']);
  lines.end();
  t.deepEqual(written, ['a\nb\n', 'c\nd\n']);
});

test('what is gathered goes out by itself, and a line after a pause at once', async (t) => {
  const { written, lines } = gathering();
  lines.write('a');
  await Promise.resolve();
  lines.write('b');
  while (written.length < 2) await new Promise(setImmediate);
  t.deepEqual(written, ['a\n', 'b\n']);
  lines.end();
});

test('what is too much to gather goes out at once', (t) => {
  const { written, lines } = gathering();
  lines.write('x'.repeat(300_000));
  t.is(written.join('').length, 300_001);
  lines.end();
  t.is(written.join('').length, 300_001);
});

test('an end takes its listener away, and writes nothing twice', (t) => {
  const before = process.listenerCount('exit');
  const { written, lines } = gathering();
  t.is(process.listenerCount('exit'), before + 1);
  lines.write('a');
  lines.end();
  t.is(process.listenerCount('exit'), before);
  t.deepEqual(written, ['a\n']);
});

test('a reader that falls behind is told of once, and again when it has caught up', (t) => {
  const told: string[] = [];
  let catchUp = (): void => {};
  const stdout = {
    writableLength: 0,
    write(text: string) {
      stdout.writableLength += text.length;
      return false;
    },
    once: (_: string, listener: () => void) => (catchUp = listener),
  };
  const lines = gatherLines({ stdout } as unknown as Pick<Environment, 'stdout'>, {
    onBehind: () => told.push('behind'),
    onCaughtUp: () => told.push('caught up'),
  });
  const much = 'x'.repeat(1024 * 1024);
  for (let count = 0; count < 3; count++) lines.write(much);
  t.deepEqual(told, []);
  for (let count = 0; count < 3; count++) lines.write(much);
  t.deepEqual(told, ['behind']);
  stdout.writableLength = 0;
  catchUp();
  t.deepEqual(told, ['behind', 'caught up']);
  for (let count = 0; count < 6; count++) lines.write(much);
  t.deepEqual(told, ['behind', 'caught up', 'behind']);
  lines.end();
});
