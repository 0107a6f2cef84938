/**
 * The page of a diagnosis: the blocks of its lines, and behind them the connection of each experiment, and those that were observed.
 */
import { Flows } from '../../capture/flows.ts';
import type { CaptureLog } from '../../capture/log.ts';
import { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { experimentBlock } from '../../presentation/report/diagnosis.ts';
import { cellWidth, cutAtWord } from '../../i18n/width.ts';
import { loadTlsReport } from '../../presentation/report/load.ts';
import { RunReport } from '../../presentation/report/run-report.ts';
import type { ReportBlock } from '../../presentation/types/report.ts';
import type { Environment } from '../command.ts';
import { loadPage, pageOf } from '../run/page/content.ts';
import type { PageFile } from '../run/page/file.ts';

/** As it is typed; a command may be a page long. */
export const pageName = (target: string): string =>
  cellWidth(target) > mostName ? `why ${cutAtWord(target, mostName)}…` : `why ${target}`;

/** In cells. */
const mostName = 72;

/** @param answer the blocks that the terminal shows; @param log complete, with the keys of its connections */
export async function writeDiagnosis(
  file: PageFile,
  {
    diagnosis,
    answer,
    log,
  }: { readonly diagnosis: Diagnosis; readonly answer: readonly ReportBlock[]; readonly log: CaptureLog },
  name: string,
  { language, places }: Environment,
): Promise<void> {
  await Promise.all([loadTlsReport(), loadPage()]);
  const flows = new Flows(log);
  const blocks: ReportBlock[] = [...answer];
  const report = new RunReport({
    flows,
    opens: true,
    hunt: new SecretHunt([]),
    secrets: new Map(),
    onBlock: (block) => void blocks.push(block),
  });
  for (const event of log.events) {
    flows.fold(event);
    if (event.type === 'began') report.fold(event);
  }
  const heads = diagnosis.attempts.flatMap((attempt) => experimentBlock(attempt, !diagnosis.finding) ?? []);
  const tried = new Set(heads.map(({ conn }) => conn));
  // Those of a command come first: the experiments are about them.
  for (const { conn } of flows.connections) if (!tried.has(conn)) report.reportWhole(conn);
  for (const head of heads) {
    blocks.push(head);
    report.reportWhole(head.conn);
  }
  file.write(
    pageOf(
      {
        blocks,
        connections: flows.connections,
        name: pageName(name),
        keys: flows.keylog,
        secrets: new Map(),
        isMasked: false,
      },
      { language, places, now: new Date() },
    ),
  );
}
