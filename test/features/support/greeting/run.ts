/** Greets, and reports the answer. */
import { dial } from '../../../../src/wire/dial.ts';
import type { RunStep } from '../../../../src/engine/feature.ts';

export const runGreet: RunStep = async ({ client, greet }, { log, clock, plan }, { addresses }) => {
  const to = greet && addresses.get(greet.to);
  if (!greet || !to) throw new Error('no peer to greet');
  const dialed = await dial({
    security: 'plain',
    to,
    clock,
    timeout: plan.stepTimeoutMs,
    tap: { log, hop: greet.wire },
  });
  if (dialed.outcome === 'failed') throw new Error(dialed.failure.message);
  const { stream } = dialed;
  let heard = '';
  stream.on('data', (bytes: Uint8Array) => (heard += Buffer.from(bytes).toString()));
  stream.end(greet.word);
  await new Promise<void>((resolve) => stream.once('close', () => resolve()));
  log.append({ type: 'observed', who: client, result: { kind: 'greeting', heard } });
};
