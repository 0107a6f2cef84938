/** Answers any request with one word. */
import { accept } from '../../../../src/wire/accept.ts';
import type { AcceptOptions } from '../../../../src/wire/endpoint.ts';
import type { RunningServer } from '../../../../src/engine/run-context.ts';

export async function startGreeter(options: AcceptOptions, word: string): Promise<RunningServer> {
  const listener = await accept(options, ({ stream }) => {
    stream.on('error', () => {});
    stream.once('data', () => stream.end(word));
  });
  return {
    address: listener.address,
    report: () => undefined,
    close: async (grace) => listener.close(grace),
  };
}
