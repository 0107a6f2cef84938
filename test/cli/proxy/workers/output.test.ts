/** Slow readers of the output: the workers' pipes are not read meanwhile, and nothing is lost. */
import test from 'ava';
import { PassThrough, Writable } from 'node:stream';
import { FrameWriter } from '../../../../src/cli/proxy/workers/frames.ts';
import { WorkersOutput } from '../../../../src/cli/proxy/workers/output.ts';

/** Takes what is written only when it is told to. */
class SlowStdout extends Writable {
  text = '';
  #done: (() => void) | undefined;
  onWrite = (): void => {};

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    this.#done = done;
    this.onWrite();
  }

  takeOn(): void {
    const done = this.#done;
    this.#done = undefined;
    done?.();
  }
}

function worker(pipe: PassThrough, seq: () => number): FrameWriter {
  return new FrameWriter(
    (bytes) => pipe.write(Buffer.from(bytes)),
    () => ({ seq: seq(), open: 0, nextConnection: 1 }),
  );
}

const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('while standard output takes nothing, no pipe is read beyond a bound; then everything comes, in order', async (t) => {
  const stdout = new SlowStdout({ highWaterMark: 1024 });
  const output = new WorkersOutput({ stdout: stdout as unknown as NodeJS.WriteStream }, { folds: [] });
  output.begin();
  const pipes = [new PassThrough(), new PassThrough()];
  let seq = 0;
  const writers = pipes.map((pipe) => worker(pipe, () => seq));
  const opened = pipes.map((pipe) =>
    output.open(pipe, { ask: () => {}, onCrowding: () => {}, onPlace: () => {} }),
  );
  for (const writer of writers) writer.flush();
  const lines = 2000;
  for (; seq < lines; seq++) writers[seq % 2]?.line(seq, `line ${seq} ${'x'.repeat(100)}`);
  for (const writer of writers) writer.flush();
  await new Promise<void>((resolve) => (stdout.onWrite = resolve));
  await turn();
  t.true(pipes.every((pipe) => pipe.isPaused()));

  // A second batch stays where it is.
  const before = stdout.writableLength;
  for (; seq < 2 * lines; seq++) writers[seq % 2]?.line(seq, `line ${seq} ${'x'.repeat(100)}`);
  for (const writer of writers) writer.flush();
  await turn();
  await turn();
  t.is(stdout.writableLength, before);
  t.true(pipes.every((pipe) => pipe.readableLength > 0));

  stdout.onWrite = () => setImmediate(() => stdout.takeOn());
  stdout.takeOn();
  for (const pipe of pipes) pipe.end();
  await Promise.all(opened.map(async ({ ended }) => ended));
  output.finish();
  await new Promise<void>((resolve) => stdout.end(resolve));
  const numbers = stdout.text
    .trimEnd()
    .split('\n')
    .map((line) => Number(/^line (\d+)/.exec(line)?.[1]));
  t.deepEqual(
    numbers,
    Array.from({ length: 2 * lines }, (_, index) => index),
  );
});

test('one that is far ahead of another is not read further', async (t) => {
  const stdout = new SlowStdout();
  const output = new WorkersOutput({ stdout: stdout as unknown as NodeJS.WriteStream }, { folds: [] });
  output.begin();
  const [ahead, behind] = [new PassThrough(), new PassThrough()];
  let seq = 0;
  const asked = new Promise<void>((resolve) => {
    output.open(behind, { ask: resolve, onCrowding: () => {}, onPlace: () => {} });
  });
  output.open(ahead, { ask: () => {}, onCrowding: () => {}, onPlace: () => {} });
  worker(behind, () => 0).flush();
  await turn();
  const writer = worker(ahead, () => seq);
  for (; seq < 9; seq++) writer.line(seq, 'y'.repeat(1024 * 1024));
  writer.flush();
  await asked;
  t.true(ahead.isPaused());
  t.true(ahead.readableLength > 0);
  t.is(stdout.text, '');
  worker(behind, () => 100).flush();
  stdout.onWrite = () => stdout.takeOn();
  ahead.end();
  await new Promise((resolve) => ahead.once('close', resolve));
  output.finish();
  t.is(stdout.text.length + stdout.writableLength, 9 * (1024 * 1024 + 1));
});

test('packets and keys go to the files, in order', async (t) => {
  const stdout = new SlowStdout();
  const written: unknown[] = [];
  const output = new WorkersOutput(
    { stdout: stdout as unknown as NodeJS.WriteStream },
    {
      folds: [(event) => written.push(event.type === 'keylog' ? event.line : event)],
      packets: (blocks, count) => written.push([[...blocks], count]),
    },
  );
  const pipe = new PassThrough();
  output.open(pipe, { ask: () => {}, onCrowding: ({ seq }) => written.push(seq), onPlace: () => {} });
  const writer = worker(pipe, () => 9);
  writer.packets(1, [Uint8Array.of(1), Uint8Array.of(2)]);
  writer.key(2, 'CLIENT_RANDOM a b');
  writer.crowding(3, {});
  writer.packets(4, [Uint8Array.of(3)]);
  writer.flush();
  pipe.resume();
  await turn();
  output.finish();
  t.deepEqual(written, [[[1, 2], 2], 'CLIENT_RANDOM a b', 3, [[3], 1]]);
});
