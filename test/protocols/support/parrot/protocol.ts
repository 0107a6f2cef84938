/**
 * A protocol that nobody speaks, for tests: the server greets with `PARROT 1`, the client says `ENTER user password`, the
 * server repeats the user. It shows what a protocol needs: this value, a reader, and words for its fields.
 */
import type { Protocol } from '../../../../src/protocols/protocol.ts';

const openings = { client: 'ENTER ', server: 'PARROT ' } as const;

export const parrot: Protocol = {
  name: 'parrot',
  looksLike(start, from) {
    const opening = openings[from];
    const text = Buffer.from(start.subarray(0, opening.length)).toString('latin1');
    return opening.startsWith(text) ? (text === opening ? true : undefined) : false;
  },
  load: async () => {
    const { parrotReader } = await import('./reader.ts');
    return { reader: parrotReader };
  },
  texts: async () => (await import('./texts.ts')).parrotTexts,
};
