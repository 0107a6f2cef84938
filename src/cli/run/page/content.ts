/** Makes the page of a log: its blocks, and the explorer of its bytes. For a run and for a capture. */
import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { loadCaptureReadings } from '../../../analysis/conversation/conversation.ts';
import type { Connection } from '../../../capture/connection.ts';
import type { Language, Localized } from '../../../i18n/language.ts';
import { inEach, verbatim } from '../../../i18n/language.ts';
import { loadExplanations } from '../../../presentation/conversation/explain.ts';
import type { LadderHead } from '../../../presentation/types/ladder.ts';
import type { ReportBlock } from '../../../presentation/types/report.ts';
import { messageWords } from '../../../presentation/words.ts';
import { ExplorerBuilder } from '../../../ui/html/bytes/explorer.ts';
import type { ExplorerOptions } from '../../../ui/html/bytes/explorer.ts';
import { pageDocument } from '../../../ui/html/document.ts';
import { maskedBlocks } from '../../../ui/html/masking.ts';
import { pageReport, withPlots } from '../../../ui/html/report.ts';
import type { Places } from '../../places.ts';
import { pageScriptFile } from '../../places.ts';
import { madeBy } from './made.ts';

export interface PageContent {
  readonly blocks: readonly ReportBlock[];
  readonly connections: Iterable<Connection>;
  /** What the page is called where the report has no title. */
  readonly name: string;
  readonly keys: ExplorerOptions['keys'];
  /** Secrets that the run knows, by their names. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly isMasked: boolean;
  readonly redacted?: ExplorerOptions['redacted'];
  /** What stands below the title. */
  readonly notice?: Localized | undefined;
}

/** Await this before connections are read. */
export async function loadPage(): Promise<void> {
  await Promise.all([loadCaptureReadings(), loadExplanations()]);
}

export function pageOf(
  { blocks, connections, name, keys, secrets, isMasked, redacted, notice }: PageContent,
  { language, places, now }: { readonly language: Language; readonly places: Places; readonly now: Date },
): string {
  const explorer = explorerOf({ blocks, connections, keys, secrets, isMasked, redacted });
  const shown = isMasked ? maskedBlocks(blocks, secrets) : blocks;
  return pageDocument({
    language,
    report: withPlots(pageReport(shown, { toBytes: (place) => explorer.linkAt(place) }), shown),
    name,
    explorer: explorer.isEmpty ? undefined : explorer.finish(),
    script: readFileSync(pageScriptFile(places), 'utf8'),
    made: madeBy(places, now),
    isMasked,
    notice,
  });
}

type Bytes = Omit<PageContent, 'name' | 'notice'>;

/** The explorer of every byte of a log. */
export function explorerOf(content: Bytes): ExplorerBuilder {
  const explorer = builderOf(content);
  for (const add of additions(explorer, content)) add();
  return explorer;
}

/** The same while a run goes on, which has its turn after each connection. */
export async function explorerInTurns(content: Bytes): Promise<ExplorerBuilder> {
  const explorer = builderOf(content);
  // Connections of later are not waited for.
  for (const add of Array.from(additions(explorer, content))) {
    await nextTurn();
    add();
  }
  await nextTurn();
  return explorer;
}

const builderOf = ({ keys, secrets, isMasked, redacted }: Bytes): ExplorerBuilder =>
  new ExplorerBuilder({ ...(keys ? { keys } : {}), secrets, isMasked, redacted });

function* additions(explorer: ExplorerBuilder, { blocks, connections }: Bytes): Generator<() => void> {
  const heads = new Map<number, LadderHead>();
  for (const block of blocks)
    if (block.kind === 'connection' && !heads.has(block.conn)) heads.set(block.conn, block.head);
  for (const connection of connections)
    yield () => explorer.add(connection, heads.get(connection.conn) ?? headOf(connection));
}

/** Of a connection that the report does not name: a program's, or one of continuous callers. */
function headOf({ hop, conn, began }: Connection): LadderHead {
  const wire = began?.topology.wires.find((one) => one.hop === hop);
  return {
    place: inEach((language) => messageWords.connection[language](hop, conn, wire?.seat?.[language] ?? '')),
    client: verbatim(wire?.from ?? 'client'),
    server: verbatim(wire?.to ?? 'server'),
  };
}
