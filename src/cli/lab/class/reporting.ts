/** Reports a running lab to its class, from its events on; loaded only where the learner takes part in one. */
import { systemClock } from '../../../core/clock.ts';
import type { LabEvent } from '../../../labs/hold/holding.ts';
import type { CompiledLab } from '../../../labs/lab.ts';
import type { Invitation } from '../../class/roster/invitation.ts';

export interface Reporting {
  /** To be called with each event of the lab. */
  readonly onEvent: (event: LabEvent) => void;
  /** Begins to report. @param onNews called with what becomes of it */
  start(onNews: (event: LabEvent) => void): void;
  close(): Promise<void>;
}

/** Undefined without an invitation. */
export async function loadReporting(
  folder: string,
  lab: CompiledLab,
  invitation: Invitation | undefined,
): Promise<Reporting | undefined> {
  if (!invitation) return undefined;
  const [{ ClassReporter }, { entryOf, noteEvent }] = await Promise.all([
    import('./reporter.ts'),
    import('./state.ts'),
  ]);
  let reporter: InstanceType<typeof ClassReporter> | undefined;
  return {
    onEvent: (event) => noteEvent(folder, lab, event, systemClock),
    start(onNews) {
      reporter = new ClassReporter({
        invitation,
        clock: systemClock,
        entry: () => entryOf(folder, lab, invitation.learner),
        onNews: (news) => onNews({ kind: 'class', news }),
      });
    },
    close: async () => reporter?.close(),
  };
}
