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
import { maxPayloadOf } from '../memory.ts';
import { lineWriter } from '../outlets.ts';
import { readVersion } from '../places.ts';
import { FilePayload } from './file-payload.ts';
import { problemText, readCapture, rsaOpener } from './open.ts';
import type { FileProblem } from './open.ts';
import type { InspectRequest } from './request.ts';

export async function inspectHeadless(request: InspectRequest, parsed: Parsed, environment: Environment): Promise<number> {
  try {
    const problems = parsed.flag('json') ? await tellAsJson(request, environment) : await tellAsText(request, { ascii: parsed.flag('ascii'), ...maxPayloadOf(parsed, 'inspect') }, environment);
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

/** Connections that are over can still be set beside others: so many, and so many pieces of them. */
const mostRemembered = 1000;
const rememberedPieces = 100_000;

/** A connection of more pieces is told in parts, while it goes on; of fewer where very many are open at once. */
const mostPieces = 4096;
const piecesOpen = 400_000;
const fewestPieces = 4;

interface TextSettings {
  readonly ascii: boolean;
  readonly maxPayload: number;
}

/** Of the payload the log keeps what fits into its bound; older payload is read from the file again. */
async function tellAsText(request: InspectRequest, { ascii, maxPayload }: TextSettings, environment: Environment): Promise<readonly FileProblem[]> {
  const { TextReport, loadTls } = await import('../../report/text.ts');
  const [{ KeyRing }, rsa] = await Promise.all([import('../../analysis/readings.ts'), request.rsaKeys.length > 0 ? import('../../dissect/tls/rsa-key.ts') : undefined, loadTls()]);
  const { language, variables } = environment;
  const clock = new PacketClock();
  const log = new CaptureLog({ clock, endless: true, maxPayload });
  const payload = new FilePayload(log, request.input);
  const flows = new Flows(payload);
  const forgetting = new Forgetting(log);
  const keys = new KeyRing();
  const serverKeys = request.rsaKeys.flatMap(({ pem, name }) => rsa?.readRsaKey(pem, name) ?? []);
  const keysFor = rsa && ((messages: Parameters<typeof rsa.keylogLinesByRsa>[0]) => rsa.keylogLinesByRsa(messages, serverKeys));
  const report = new TextReport({ opens: true, keys, keysFor, flows, hunt: new SecretHunt([]), secrets: new Map(), language, columns: 100, ascii: ascii || wantsAscii(variables), write: lineWriter(environment) });
  const open = await rsaOpener(request);
  /** Pieces that are kept of each connection that is open, and those that are told in parts. */
  const pieces = new Map<number, number>();
  const long = new Set<number>();
  const closed: number[] = [];
  const remembered: { readonly conn: number; readonly pieces: number }[] = [];
  let allRemembered = 0;
  log.subscribe((event) => {
    flows.fold(event);
    forgetting.fold(event);
    if (event.type === 'keylog') keys.add([event.line]);
    if (event.type === 'began') report.fold(event);
    if (event.type === 'closed') closed.push(event.conn);
    if (event.type !== 'bytes') return;
    if (long.has(event.conn)) return report.tellOn(event.conn);
    const count = (pieces.get(event.conn) ?? 0) + 1;
    pieces.set(event.conn, count);
    if (count <= Math.min(mostPieces, Math.max(fewestPieces, piecesOpen / pieces.size))) return;
    long.add(event.conn);
    pieces.delete(event.conn);
    report.tellOn(event.conn);
  });
  const openOne = (conn: number): void => {
    const connection = long.has(conn) ? undefined : flows.connection(conn);
    if (connection) open?.(connection, flows, log);
  };
  const forget = (conn: number): void => {
    report.forget(conn);
    flows.forget(conn);
    forgetting.forget(conn);
  };
  const tellClosed = (): void => {
    for (const conn of closed.splice(0)) {
      openOne(conn);
      report.tellWhole(conn);
      // What was told in parts is not there any more.
      if (long.delete(conn)) forget(conn);
      else {
        const count = pieces.get(conn) ?? 0;
        remembered.push({ conn, pieces: count });
        allRemembered += count;
      }
      pieces.delete(conn);
    }
    while (remembered.length > mostRemembered || allRemembered > rememberedPieces) {
      const oldest = remembered.shift();
      if (!oldest) break;
      allRemembered -= oldest.pieces;
      forget(oldest.conn);
    }
  };
  const problems = await readCapture(request, {
    clock,
    version: readVersion(environment.places.root),
    keeps: true,
    append: (draft, position) => {
      payload.append(draft, position);
      if (closed.length > 0) tellClosed();
    },
    onTurn: async () => untilWritten(environment),
  });
  for (const { closed: end, conn } of flows.connections) if (!end) openOne(conn);
  report.tellAll();
  return problems;
}

/** Lines that nobody has taken yet must not pile up. */
async function untilWritten({ stdout }: Environment): Promise<void> {
  if (stdout.writableNeedDrain) await once(stdout, 'drain');
}
