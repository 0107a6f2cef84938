/**
 * The page of a lab (`--html`): its file is opened before anything runs, and written when the lab has ended: the tasks with what was
 * found of each, what happened, and the learner's connections.
 */
import { hostPort } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { CaptureEvent } from '../../capture/event.ts';
import type { Flows } from '../../capture/flows.ts';
import { inEach } from '../../i18n/language.ts';
import type { LabBoard } from '../../labs/board.ts';
import { labBlocks } from '../../labs/report.ts';
import { labWords } from '../../ui/text/words.ts';
import type { Environment, Parsed } from '../command.ts';
import { closePage, openPage } from '../run/page/file.ts';

export interface LabPage {
  readonly fold: (event: CaptureEvent) => void;
  write(board: LabBoard, environment: Environment, isMasked?: boolean): void;
  /** Says where it was not written. */
  close(environment: Environment): void;
}

/** Undefined where none is asked for. @throws UserError for a place where no file can be written */
export async function openLabPage(parsed: Parsed): Promise<LabPage | undefined> {
  const file = openPage(parsed);
  if (!file) return undefined;
  const { LivePage } = await import('../run/page/live-page.ts');
  const page = await LivePage.start();
  return {
    fold: page.fold,
    write(board, environment, isMasked = false) {
      const { tasks, heldConnections } = board;
      const done = tasks.filter(({ isDone }) => isDone).length;
      const total = inEach((language) => labWords.count[language](done, tasks.length));
      page.write(file, environment, {
        title: board.title,
        more: labBlocks(board, total),
        isMasked,
        shows: (connection, flows) => !isHeld(connection, flows, heldConnections),
      });
    },
    close: (environment) => closePage(file, environment, 'lab'),
  };
}

/** Of the client that goes on asking for the same, or of a proxy on its behalf. */
function isHeld(connection: Connection, flows: Flows, held: LabBoard['heldConnections']): boolean {
  const { opened, cause } = connection;
  if (opened && Object.hasOwn(held, hostPort(opened.from))) return true;
  const other = cause && flows.connection(cause.conn);
  return other !== undefined && other !== connection && isHeld(other, flows, held);
}
