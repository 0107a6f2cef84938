/** Compares connections of two versions of TLS: what an eavesdropper knows of each. Loaded by `load.ts`. */
import { conversationSoFar } from '../../analysis/conversation/conversation.ts';
import { versionOnWire } from '../../analysis/eavesdropper/visibility.ts';
import type { Connection } from '../../capture/connection.ts';
import { counterpartOf, inOrder, sideOf, sidesTable } from '../sides.ts';
import type { FormEntries } from '../types/values.ts';
import type { ReportContext } from './report-context.ts';

/** How many connections of a file are searched for two of different versions. */
const lookedAt = 200;

/** The first connection that can be compared with one of another version; else the first with TLS. */
export function compareAll(context: ReportContext, connections: readonly Connection[]): void {
  const { flows } = context.options;
  const sealed = connections
    .slice(0, lookedAt)
    .filter((connection) => versionOnWire(connection) !== undefined);
  const [first] = sealed;
  if (!first) return;
  for (const connection of sealed) {
    const other = counterpartOf(connection, flows);
    if (other) {
      compareVersions(context, [connection, other]);
      return;
    }
  }
  compareVersions(context, [first]);
}

/** What an eavesdropper knows of each, side by side. */
export function compareVersions(
  context: ReportContext,
  connections: readonly Connection[],
  typed?: FormEntries,
): void {
  const { flows } = context.options;
  const sides = inOrder(connections).flatMap(
    (connection) => sideOf(connection, conversationSoFar(connection), typed, flows, context.shown) ?? [],
  );
  if (sides.length === 0) return;
  const table = sidesTable(sides);
  context.emit({
    kind: 'sides',
    conns: sides.map(({ connection }) => connection.conn),
    table,
    remarks: table.notes.map((note) => context.remark(note)),
  });
}
