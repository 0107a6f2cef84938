/**
 * Runs a lab with output as lines until a signal ends it: its events, and the learner's connections as they come, with a card for each
 * refusal. Nothing of a connection is kept once it has closed.
 */
import { randomBytes } from 'node:crypto';
import { CaptureLog } from '../../capture/log.ts';
import { EventReleaser } from '../../capture/event-releaser.ts';
import { Flows } from '../../capture/flows.ts';
import { systemClock } from '../../core/clock.ts';
import { boardAfter, startBoard, withProgress } from '../../labs/board.ts';
import { progressIn } from '../../labs/folder.ts';
import { holdLab } from '../../labs/hold/hold.ts';
import type { LabEvent } from '../../labs/hold/holding.ts';
import { KeptCommands } from '../../labs/hold/printed-commands.ts';
import { WireCaptures } from '../../labs/hold/wire-captures.ts';
import type { CompiledLab } from '../../labs/lab.ts';
import { labCalledAs } from '../../labs/wirelab-command.ts';
import type { World } from '../../pki/keystore/world.ts';
import { commandsAfter, LabSpeech } from '../../ui/text/lab-speech.ts';
import type { LabReport } from '../../ui/text/lab.ts';
import { LiveReport, loadLive } from '../../ui/text/live.ts';
import type { LiveOptions } from '../../ui/text/live.ts';
import type { Environment, Parsed } from '../command.ts';
import type { ScriptFolder } from '../io/script-folder.ts';
import { watchEndingSignals } from '../io/signals.ts';
import { launcherFrom } from '../places.ts';
import type { Invitation } from '../class/roster/invitation.ts';
import { loadReporting } from './class/reporting.ts';
import { pageOf } from './opened.ts';
import type { LabPage } from './page.ts';

export interface PrintedLab {
  readonly lab: CompiledLab;
  readonly folder: string;
  readonly world: World;
  readonly version: string;
  readonly scripts: ScriptFolder;
  readonly report: LabReport;
  readonly page?: LabPage | undefined;
  /** Where its state is reported. */
  readonly invitation?: Invitation | undefined;
}

/** @returns the exit code. @throws UserError if the folder is moved, or another lab runs in it. */
export async function labInLines(
  { lab, folder, world, version, scripts, report, page, invitation }: PrintedLab,
  parsed: Parsed,
  environment: Environment,
): Promise<number> {
  const reporting = await loadReporting(folder, lab, invitation);
  // A closed window too: what was written for this run is removed.
  const ending = watchEndingSignals();
  const kept = new KeptCommands(folder);
  // What a page tells of the lab at its end.
  const own = labCalledAs(lab, launcherFrom(folder, environment));
  const speech = new LabSpeech(own);
  let board = startBoard(own, progressIn(folder));
  const onEvent = (event: LabEvent): void => {
    const written =
      event.kind === 'open' ? scripts.write(event.ways, event.tasks.join(' '), event.others) : undefined;
    report.print(event, written);
    const commands = commandsAfter(event, written);
    kept.after(event, commands);
    reporting?.onEvent(event);
    if (page) board = boardAfter(board, event, systemClock.now(), { said: speech.say(event), commands });
  };
  const captures = new WireCaptures({
    folder,
    onFailure: (file, { facts }) => onEvent({ kind: 'unrecorded', file, mistake: facts }),
  });
  try {
    report.holding();
    reporting?.start(onEvent);
    const held = new Set<number>();
    const log = await printedLog(pageOf(parsed, environment), held);
    log.subscribe(captures.fold);
    if (page) log.subscribe(page.fold);
    await holdLab({
      lab,
      folder,
      world,
      clock: systemClock,
      random: (length) => randomBytes(length),
      version,
      command: launcherFrom(folder, environment),
      signal: ending.signal,
      log,
      onHeldConnection(from) {
        const { conn } = log.connectionFrom(from) ?? {};
        held.clear();
        if (conn !== undefined) held.add(conn);
      },
      onEvent,
    });
    page?.write(withProgress(board, own, progressIn(folder)), environment);
    // Ctrl-C is the normal way to end a lab.
    return ending.first === 'SIGINT' ? 0 : (ending.exitCode ?? 0);
  } finally {
    await reporting?.close();
    ending.stop();
    captures.close();
    kept.close();
  }
}

/** A log whose connections are printed. @param held those that go on asking for the same, with what proxies opened for them */
async function printedLog(
  page: Pick<LiveOptions, 'language' | 'ascii' | 'columns' | 'write'>,
  held: ReadonlySet<number>,
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
    isRoutine: (conn) => held.has(conn) || held.has(flows.connection(conn)?.cause?.conn ?? -1),
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
