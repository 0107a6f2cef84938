/**
 * Writes a capture as a page (`--html`), as a bundle (`--save`), or as both: the whole file is read, then summed up and reported.
 */
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { loadCaptureReadings, readToEnd } from '../../analysis/conversation/conversation.ts';
import type { Filter } from '../../analysis/summary/filter.ts';
import type { CaptureLog } from '../../capture/log.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { UserError } from '../../i18n/user-error.ts';
import { loadTlsReport } from '../../presentation/report/load.ts';
import type { ReportBlock } from '../../presentation/types/report.ts';
import { BundleRoom } from '../../ui/bundle/room.ts';
import type { Environment, Parsed } from '../command.ts';
import { maxPayloadOf } from '../io/memory.ts';
import { readSoFar, showProgress } from '../io/progress.ts';
import { filterOf } from '../io/read-filter.ts';
import { warningLine } from '../io/user-error-text.ts';
import { readVersion } from '../places.ts';
import { ConnectionBlocks } from '../run/page/connections.ts';
import { loadPage, pageOf } from '../run/page/content.ts';
import type { PageFile } from '../run/page/file.ts';
import { eventsOf } from '../run/replay/chosen.ts';
import { replaySentence } from '../run/replay/redaction.ts';
import { tooLarge as tooLargeToSave } from '../run/replay/save.ts';
import type { BundleFile } from '../run/replay/save.ts';
import { loadCapture } from './loaded.ts';
import type { LoadedCapture } from './loaded.ts';
import { unusedKeys } from './open.ts';
import { problemText } from './reading.ts';
import type { InspectRequest } from './request.ts';

/** Events of a capture that one page can show: more make a file that no browser opens. */
export const mostEvents = 200_000;
/** A filter is asked of each connection at its end, and so many are kept until then. */
const mostSifted = 4_000_000;

export interface WantedFiles {
  readonly page?: PageFile | undefined;
  readonly save?: BundleFile | undefined;
}

/** @throws UserError for a capture that is none, or too large for one of these files: as soon as so much was read */
export async function writeFiles(
  request: InspectRequest,
  { page, save }: WantedFiles,
  { parsed, environment }: { readonly parsed: Parsed; readonly environment: Environment },
): Promise<number> {
  const { language, places, stdout, stderr } = environment;
  const filter = filterOf(parsed);
  await Promise.all([loadTlsReport(), loadCaptureReadings(), loadPage()]);
  const room = new BundleRoom();
  const given = maxPayloadOf(parsed, 'inspect').maxPayload;
  const progress = showProgress(environment, { en: 'reading the capture', ko: '캡처를 읽는 중' });
  const loaded = await loadCapture(request, {
    version: readVersion(places.root),
    // What is saved is whole.
    maxPayload: save && !filter ? Infinity : given,
    onDraft(draft, log) {
      if (page) checkPage(log, request.name);
      if (!save) return;
      room.add(draft);
      if (filter ? log.length >= mostSifted || log.droppedBytes > 0 : room.isTooSmall)
        throw tooLargeToSave(save.path, saveLess);
    },
    // A signal is heard between two parts of the file.
    onTurn: async (position) => {
      progress.at(readSoFar(position, request.input.size));
      await setImmediate();
    },
  }).finally(() => progress.stop());
  const { flows, keys, packets } = loaded;
  const name = nameOf(request);
  const shown = page || filter ? blocksOf(loaded, filter) : undefined;
  const connections = flows.connections.filter(({ conn }) => !shown || shown.passed.has(conn));
  if (!shown && request.keylogName !== undefined) for (const one of connections) readToEnd(one, { keys });
  const problems = [...loaded.problems, ...unusedKeys(request, keys)];
  const events = shown ? eventsOf(loaded.log.events, shown.passed) : loaded.log.events;
  if (save)
    await save.putRecording({ of: 'capture', title: verbatim(name), packets, problems, events }, environment);
  if (page && shown) putPage(page, request, { loaded, shown }, environment);
  const count = grouped(connections.length);
  for (const file of [page, save])
    if (file) stdout.write(`${doneWords[language](file.path, count, connections.length === 1)}\n`);
  const problem = problemText(problems);
  if (problem) stderr.write(warningLine(problem, language));
  return 0;
}

/** The names of its files. */
export const nameOf = (request: Pick<InspectRequest, 'name' | 'files'>): string =>
  (request.files ?? [request]).map(({ name }) => basename(name)).join(', ');

/** The page of what a bundle has. */
export async function writePageOf(
  request: InspectRequest,
  page: PageFile,
  environment: Environment,
): Promise<void> {
  await Promise.all([loadTlsReport(), loadCaptureReadings(), loadPage()]);
  const loaded = await loadCapture(request, {
    version: readVersion(environment.places.root),
    maxPayload: Infinity,
    onDraft: (_, log) => checkPage(log, request.name),
    onTurn: async () => setImmediate(),
  });
  putPage(page, request, { loaded, shown: blocksOf(loaded, undefined) }, environment);
}

function checkPage(log: CaptureLog, name: string): void {
  if (log.length >= mostEvents) throw tooLarge(name);
}

function putPage(
  page: PageFile,
  request: InspectRequest,
  { loaded, shown }: { readonly loaded: LoadedCapture; readonly shown: ReturnType<typeof blocksOf> },
  { language, places }: Environment,
): void {
  page.write(
    pageOf(
      {
        blocks: shown.blocks,
        connections: loaded.flows.connections.filter(({ conn }) => shown.passed.has(conn)),
        name: nameOf(request),
        keys: loaded.keys,
        secrets: new Map(),
        isMasked: false,
        redacted: request.redacted,
        notice: request.bundle && replaySentence(request.bundle),
      },
      { language, places, now: new Date() },
    ),
  );
}

function blocksOf(
  { flows, keys, began, packets }: LoadedCapture,
  filter: Filter | undefined,
): { readonly blocks: readonly ReportBlock[]; readonly passed: ReadonlySet<number> } {
  const report = new ConnectionBlocks({ flows, keys, filter });
  if (began) report.fold(began);
  return report.finish(packets);
}

const doneWords = {
  en: (path: string, count: string, isOne: boolean): string =>
    `${count} ${isOne ? 'connection was' : 'connections were'} written to ${path}`,
  ko: (path: string, count: string): string => `${path}에 연결 ${count}개를 저장했습니다`,
} as const;

const saveLess: Localized = {
  en: 'Choose one connection with --stream, or some with --filter, or cut the capture (editcap).',
  ko: '--stream이나 --filter로 연결을 고르거나 캡처를 나누세요(editcap).',
};

export const tooLarge = (name: string): UserError =>
  new UserError({
    what: {
      en: `the capture is too large for one page: more than ${grouped(mostEvents)} pieces`,
      ko: `페이지 하나에 담기에는 캡처가 너무 큽니다(조각 ${grouped(mostEvents)}개 초과)`,
    },
    where: `--html ${name}`,
    remedy: {
      en: 'Choose one connection with --stream, or cut the capture (editcap).',
      ko: '--stream으로 연결 하나를 고르거나 캡처를 나누세요(editcap).',
    },
  });
