/**
 * A capture as lines or as JSON, each connection when it has closed. What could not be read is told behind them, since nobody
 * knows it before, and on standard error.
 */
import { once } from 'node:events';
import { SecretHunt } from '../../analysis/secret-hunt.ts';
import { Flows } from '../../capture/flows.ts';
import { Forgetting } from '../../capture/forgetting.ts';
import { CaptureLog } from '../../capture/log.ts';
import { PacketClock } from '../../capture/replay.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import type { Environment, Parsed } from '../command.ts';
import { lineWriter } from '../outlets.ts';
import { readVersion } from '../places.ts';
import { FilePayload } from './file-payload.ts';
import { problemText, readCapture, rsaOpener } from './open.ts';
import type { FileProblem } from './open.ts';
import type { InspectRequest } from './request.ts';

export async function inspectHeadless(request: InspectRequest, parsed: Parsed, environment: Environment): Promise<number> {
  try {
    const problems = parsed.flag('json') ? await tellAsJson(request, environment) : await tellAsText(request, parsed.flag('ascii'), environment);
    const problem = problemText(problems);
    if (problem) environment.stderr.write(`wirelab: ${problem[environment.language]}\n`);
    return 0;
  } finally {
    request.input.close();
  }
}

async function tellAsJson(request: InspectRequest, environment: Environment): Promise<readonly FileProblem[]> {
  const [{ JsonCapture }, { loadReadings }, rsa] = await Promise.all([
    import('../../report/json-capture.ts'),
    import('../../analysis/conversation.ts'),
    request.rsaKeys.length > 0 ? import('../../dissect/tls/rsa-key.ts') : undefined,
  ]);
  await loadReadings();
  const keys = request.rsaKeys.flatMap(({ pem, name }) => rsa?.readRsaKey(pem, name) ?? []);
  const clock = new PacketClock();
  const capture = new JsonCapture({ clock, write: lineWriter(environment), keysFor: rsa && ((messages) => rsa.keylogLinesByRsa(messages, keys)) });
  const { append, wants } = capture;
  const problems = await readCapture(request, { clock, append, wants, version: readVersion(environment.places.root), keeps: false, onTurn: async () => untilWritten(environment) });
  capture.end();
  for (const problem of problems) capture.problem(problem);
  return problems;
}

/** So many that are over can still be set beside others. */
const rememberedConnections = 1000;

/** Of the payload the log keeps what fits into its bound; older payload is read from the file again. */
async function tellAsText(request: InspectRequest, ascii: boolean, environment: Environment): Promise<readonly FileProblem[]> {
  const { TextReport, loadTls } = await import('../../report/text.ts');
  await loadTls();
  const { language, variables } = environment;
  const clock = new PacketClock();
  const log = new CaptureLog({ clock });
  const payload = new FilePayload(log, request.input);
  const flows = new Flows(payload);
  const forgetting = new Forgetting(log);
  const report = new TextReport({ opens: true, flows, hunt: new SecretHunt([]), secrets: new Map(), language, columns: 100, ascii: ascii || wantsAscii(variables), write: lineWriter(environment) });
  const open = await rsaOpener(request);
  const closed: number[] = [];
  const remembered: number[] = [];
  log.subscribe((event) => {
    flows.fold(event);
    forgetting.fold(event);
    if (event.type === 'began') report.fold(event);
    if (event.type === 'closed') closed.push(event.conn);
  });
  const openOne = (conn: number): void => {
    const connection = flows.connection(conn);
    if (connection) open?.(connection, flows, log);
  };
  const tellClosed = (): void => {
    for (const conn of closed.splice(0)) {
      openOne(conn);
      report.tellWhole(conn);
      remembered.push(conn);
    }
    for (const conn of remembered.splice(0, Math.max(0, remembered.length - rememberedConnections))) {
      report.forget(conn);
      flows.forget(conn);
      forgetting.forget(conn);
    }
  };
  const problems = await readCapture(request, {
    clock,
    version: readVersion(environment.places.root),
    keeps: true,
    append: (draft, position) => {
      payload.append(draft, position);
      tellClosed();
    },
    onTurn: async () => untilWritten(environment),
  });
  for (const connection of flows.connections) if (!connection.closed) openOne(connection.conn);
  report.tellAll();
  return problems;
}

/** Lines that nobody has taken yet must not pile up. */
async function untilWritten({ stdout }: Environment): Promise<void> {
  if (stdout.writableNeedDrain) await once(stdout, 'drain');
}
