/** Compares connections of two versions of TLS: what an eavesdropper knows of each. Loaded by `tls.ts`. */
import { conversationSoFar } from '../../analysis/conversation/conversation.ts';
import { versionOnWire } from '../../analysis/eavesdropper/visibility.ts';
import type { Connection } from '../../capture/connection.ts';
import { counterpartOf, inOrder, sideOf, sidesTable } from '../../presentation/sides.ts';
import type { FormEntries } from '../../presentation/types/values.ts';
import type { TextContext } from './context.ts';
import { setTable } from './set.ts';

/** How many connections of a file are searched for two of different versions. */
const lookedAt = 200;

/** The first connection that can be compared with one of another version; else the first with TLS. */
export function setSidesOfAll(context: TextContext, connections: readonly Connection[]): void {
  const { flows } = context.options;
  const sealed = connections
    .slice(0, lookedAt)
    .filter((connection) => versionOnWire(connection) !== undefined);
  const [first] = sealed;
  if (!first) return;
  for (const connection of sealed) {
    const other = counterpartOf(connection, flows);
    if (other) {
      setSides(context, [connection, other]);
      return;
    }
  }
  setSides(context, [first]);
}

/** What an eavesdropper knows of each, side by side. */
export function setSides(
  context: TextContext,
  connections: readonly Connection[],
  typed?: FormEntries,
): void {
  const { language, flows } = context.options;
  const sides = inOrder(connections).flatMap(
    (connection) => sideOf(connection, conversationSoFar(connection), typed, flows, context.shown) ?? [],
  );
  if (sides.length === 0) return;
  const table = sidesTable(sides);
  setTable(context, table);
  for (const note of table.notes) {
    const said = context.once(note[language]);
    if (said) context.paragraphs(said, '  ');
  }
}
