/** How the commands of a scripted peer's protocol are framed, as a scenario file has it. `commands.ts` reads and writes them. */
import type { Z } from '../../engine/extensions.ts';

const framings = ['lines', 'resp'] as const;
export type Framing = (typeof framings)[number];

export function framingSchema(zod: Z) {
  return zod
    .enum(framings)
    .describe(
      'For a scripted peer: how commands are framed. lines (default): each is a line. resp: as Redis clients send them, an array of bulk strings; a server reads it as one line, its words with a blank between them, and inline commands too. A client sends its lines so, one array each.',
    );
}
