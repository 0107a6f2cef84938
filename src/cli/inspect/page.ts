/**
 * Writes a capture as a page: the whole file is read, then summed up and reported. The log keeps payload up to its limit; older
 * payload is read from the file again.
 */
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { loadCaptureReadings } from '../../analysis/conversation/conversation.ts';
import { Flows } from '../../capture/flows.ts';
import { CaptureLog } from '../../capture/log.ts';
import { PacketClock } from '../../capture/file/replay.ts';
import { grouped } from '../../i18n/number.ts';
import { UserError } from '../../i18n/user-error.ts';
import { loadTlsReport } from '../../presentation/report/load.ts';
import { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import type { Environment, Parsed } from '../command.ts';
import { maxPayloadOf } from '../io/memory.ts';
import { ConnectionBlocks } from '../run/page/connections.ts';
import { loadPage, pageOf } from '../run/page/content.ts';
import type { PageFile } from '../run/page/file.ts';
import { filterOf } from '../io/read-filter.ts';
import { warningLine } from '../io/user-error-text.ts';
import { readVersion } from '../places.ts';
import { FilePayload } from './file-payload.ts';
import { openerBySources, readCapture, unusedKeys } from './open.ts';
import { problemText } from './reading.ts';
import type { InspectRequest } from './request.ts';

/** Events of a capture that one page can show: more make a file that no browser opens. */
export const mostEvents = 200_000;

/** @throws UserError for a capture that is none, or too large for a page. */
export async function writePage(
  request: InspectRequest,
  file: PageFile,
  { parsed, environment }: { readonly parsed: Parsed; readonly environment: Environment },
): Promise<number> {
  const { language, places, stdout, stderr } = environment;
  const filter = filterOf(parsed);
  await Promise.all([loadTlsReport(), loadCaptureReadings(), loadPage()]);
  const clock = new PacketClock();
  const log = new CaptureLog({ clock, ...maxPayloadOf(parsed, 'inspect') });
  const payload = new FilePayload(log, request.input);
  const flows = new Flows(payload);
  const keys = new KeyRing();
  const report = new ConnectionBlocks({ flows, keys, filter });
  let packets = 0;
  log.subscribe((event) => {
    flows.fold(event);
    if (event.type === 'keylog') keys.add([event.line]);
    if (event.type === 'began') report.fold(event);
  });
  const found = await readCapture(request, {
    clock,
    version: readVersion(places.root),
    keeps: true,
    append(draft, position) {
      if (log.length >= mostEvents) throw tooLarge(request.name);
      payload.append(draft, position);
    },
    onFacts: (facts) => void ({ packets } = facts),
    // A signal is heard between two parts of the file.
    onTurn: async () => setImmediate(),
  });
  const open = await openerBySources(request);
  if (open) for (const connection of flows.connections) open(connection, flows, log);
  const { blocks, passed } = report.finish(packets);
  file.write(
    pageOf(
      {
        blocks,
        connections: flows.connections.filter(({ conn }) => passed.has(conn)),
        name: (request.files ?? [request]).map(({ name }) => basename(name)).join(', '),
        keys,
        secrets: new Map(),
        isMasked: false,
      },
      { language, places, now: new Date() },
    ),
  );
  const count = grouped(passed.size);
  stdout.write(`${doneWords[language](file.path, count, passed.size === 1)}\n`);
  const problem = problemText([...found, ...unusedKeys(request, keys)]);
  if (problem) stderr.write(warningLine(problem, language));
  return 0;
}

const doneWords = {
  en: (path: string, count: string, isOne: boolean): string =>
    `${count} ${isOne ? 'connection was' : 'connections were'} written to ${path}`,
  ko: (path: string, count: string): string => `${path}에 연결 ${count}개를 저장했습니다`,
} as const;

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
