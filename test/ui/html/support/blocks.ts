/** The blocks of runs, and of a log, as a renderer gets them. */
import type { CaptureEvent } from '../../../../src/capture/event.ts';
import { SecretHunt } from '../../../../src/analysis/secrets/secret-hunt.ts';
import { Flows } from '../../../../src/capture/flows.ts';
import type { ReportOptions } from '../../../../src/presentation/report/report-context.ts';
import { RunReport } from '../../../../src/presentation/report/run-report.ts';
import type { ReportBlock } from '../../../../src/presentation/types/report.ts';
import { allShown } from '../../../helpers/shown.ts';
import { secrets as storySecrets, verdictOf } from '../../support/story.ts';
import { recorded } from '../../tui/support/scenes.ts';
import type { Demonstration } from '../../tui/support/scenes.ts';

export interface Reported {
  readonly blocks: readonly ReportBlock[];
  readonly flows: Flows;
  readonly secrets: ReadonlyMap<string, string>;
}

/** A run that was recorded, from its introduction to its verdict. */
export function blocksOfRun(name: Demonstration): Reported {
  const { driver, log } = recorded(name);
  for (let stop = ''; stop !== driver.stop; driver.press('space')) stop = driver.stop;
  const { secrets, findingsOf } = driver.scene.sources;
  return reported(log.events, secrets, findingsOf);
}

export const blocksOfLog = (events: readonly CaptureEvent[]): Reported =>
  reported(events, new Map(storySecrets.map(({ id, value }) => [id, value])));

function reported(
  events: readonly CaptureEvent[],
  secrets: ReadonlyMap<string, string>,
  findingsOf?: ReportOptions['findingsOf'],
): Reported {
  const flows = new Flows({ events });
  const hunt = new SecretHunt([...secrets].map(([id, value]) => ({ id, value })));
  const blocks: ReportBlock[] = [];
  const report = new RunReport({
    flows,
    hunt,
    secrets,
    shown: allShown,
    ...(findingsOf ? { findingsOf } : {}),
    onBlock: (block) => void blocks.push(block),
  });
  for (const event of events) {
    flows.fold(event);
    hunt.fold(event);
    report.fold(event);
  }
  report.finish(verdictOf([{}, { status: 'missed' }]));
  return { blocks, flows, secrets };
}
