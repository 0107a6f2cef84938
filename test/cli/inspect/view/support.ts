/** Captures to be viewed, and `wirelab view` as a process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { ViewFault, ViewRows } from '../../../../src/ui/html/view/format.ts';
import { ask } from '../../../helpers/ask-http.ts';
import { start } from '../../../helpers/running.ts';
import type { Running } from '../../../helpers/running.ts';
import { writeCapture } from './captures.ts';
import type { Exchanged } from './captures.ts';

export function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-view-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A capture as `writeCapture` makes it, which goes with the test. */
export function captureOf(
  t: ExecutionContext,
  count: number,
  exchanged?: (index: number) => Exchanged,
  pace?: (index: number) => number,
): string {
  const path = join(folderFor(t), 'seen.pcap');
  writeCapture(path, count, exchanged, pace);
  return path;
}

export interface Viewing {
  readonly url: string;
  readonly running: Running;
}

/** @param words behind `view`; without a browser unless an environment is given */
export async function viewing(
  t: ExecutionContext,
  words: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Viewing> {
  const running = start(t, ['view', ...(env ? [] : ['--no-open']), ...words], undefined, env);
  const printed = await running.until(/^http:\S+\n/);
  return { url: printed.trim(), running };
}

/** Rows, asked for until all are there. @param more of the question: the order, a connection */
export async function rowsOf(
  url: string,
  filter = '',
  from = 0,
  count = 200,
  more: Readonly<Record<string, string>> = {},
): Promise<ViewRows> {
  for (;;) {
    const query = new URLSearchParams({ filter, from: String(from), count: String(count), ...more });
    const { body } = await ask(`${url}rows?${query.toString()}`);
    const answer = JSON.parse(body) as ViewRows | ViewFault;
    if ('fault' in answer) throw new Error(JSON.stringify(answer.fault));
    if (answer.isDone) return answer;
  }
}
