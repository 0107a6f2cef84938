/**
 * Prints the connections of a running lab as they happen, as lines and cards. Nothing of a connection is kept once it has closed.
 */
import { CaptureLog } from '../../capture/log.ts';
import { EventReleaser } from '../../capture/event-releaser.ts';
import { Flows } from '../../capture/flows.ts';
import { systemClock } from '../../core/clock.ts';
import { LiveReport, loadLive } from '../../ui/text/live.ts';
import type { LiveOptions } from '../../ui/text/live.ts';

/** @returns the log whose connections are printed. */
export async function printedLog(
  page: Pick<LiveOptions, 'language' | 'ascii' | 'columns' | 'write'>,
): Promise<CaptureLog> {
  await loadLive();
  const log = new CaptureLog({ clock: systemClock, endless: true });
  const flows = new Flows(log);
  const forgetting = new EventReleaser(log);
  const live = new LiveReport({
    ...page,
    flows,
    withoutRemedies: true,
    reproduce: () => undefined,
    onPrinted(conn) {
      flows.forget(conn);
      forgetting.forget(conn);
    },
  });
  log.subscribe((event) => {
    flows.fold(event);
    forgetting.fold(event);
    live.fold(event);
  });
  return log;
}
