/**
 * Prints a capture as text or as JSON, each connection when it has closed. Read problems are printed at the end, when
 * they are known, and on standard error.
 */
import { once } from 'node:events';
import { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import { CaptureLog } from '../../capture/log.ts';
import { PacketClock } from '../../capture/file/replay.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import type { Environment, Parsed } from '../command.ts';
import { collectEarlier, maxPayloadOf } from '../io/memory.ts';
import { lineWriter } from '../io/outlets.ts';
import { warningLine } from '../io/user-error-text.ts';
import { readVersion } from '../places.ts';
import { FilePayload } from './file-payload.ts';
import { problemText, readCapture, rsaOpener } from './open.ts';
import type { FileProblem } from './open.ts';
import type { InspectRequest } from './request.ts';

export async function inspectHeadless(
  request: InspectRequest,
  parsed: Parsed,
  environment: Environment,
): Promise<number> {
  try {
    const { maxPayload } = maxPayloadOf(parsed, 'inspect');
    collectEarlier();
    const problems = parsed.flag('json')
      ? await printAsJson(request, maxPayload, environment)
      : await printAsText(request, { ascii: parsed.flag('ascii'), maxPayload }, environment);
    const problem = problemText(problems);
    if (problem) environment.stderr.write(warningLine(problem, environment.language));
    return 0;
  } finally {
    request.input.close();
  }
}

/** Memory that an open connection is counted with, in bytes; limits how many are open at once. */
const openAsJson = 80 * 1024;
const openAsText = 32 * 1024;
const fewestOpen = 16;
const mostOpenIn = (maxPayload: number, each: number): number =>
  Math.max(fewestOpen, Math.floor(maxPayload / each));

async function printAsJson(
  request: InspectRequest,
  maxPayload: number,
  environment: Environment,
): Promise<readonly FileProblem[]> {
  const [{ JsonCapture }, { loadCaptureReadings }, rsa] = await Promise.all([
    import('../../ui/json/json-capture.ts'),
    import('../../analysis/conversation/conversation.ts'),
    request.rsaKeys.length > 0 ? import('../../protocols/tls/keys/rsa-key.ts') : undefined,
  ]);
  await loadCaptureReadings();
  const keys = request.rsaKeys.flatMap(({ pem, name }) => rsa?.readRsaKey(pem, name) ?? []);
  const clock = new PacketClock();
  const capture = new JsonCapture({
    clock,
    mostOpen: mostOpenIn(maxPayload, openAsJson),
    write: lineWriter(environment),
    keysFor: rsa && ((messages) => rsa.keylogLinesByRsa(messages, keys)),
  });
  const { append, wants } = capture;
  const problems = await readCapture(request, {
    clock,
    append,
    wants,
    version: readVersion(environment.places.root),
    keeps: false,
    onTurn: async () => untilWritten(environment),
  });
  capture.end();
  for (const problem of problems) capture.problem(problem);
  return problems;
}

interface TextSettings {
  readonly ascii: boolean;
  readonly maxPayload: number;
}

/** The log keeps payload up to its limit; older payload is read from the file again. */
async function printAsText(
  request: InspectRequest,
  { ascii, maxPayload }: TextSettings,
  environment: Environment,
): Promise<readonly FileProblem[]> {
  const [{ TextCapture }, { loadTls }, { KeyRing }, { loadCaptureReadings }, rsa] = await Promise.all([
    import('../../ui/text/text-capture.ts'),
    import('../../ui/text/tls.ts'),
    import('../../analysis/conversation/readings.ts'),
    import('../../analysis/conversation/conversation.ts'),
    request.rsaKeys.length > 0 ? import('../../protocols/tls/keys/rsa-key.ts') : undefined,
  ]);
  await Promise.all([loadTls(), loadCaptureReadings()]);
  const { language, variables } = environment;
  const clock = new PacketClock();
  const log = new CaptureLog({ clock, endless: true, maxPayload });
  const payload = new FilePayload(log, request.input);
  const keys = new KeyRing();
  const serverKeys = request.rsaKeys.flatMap(({ pem, name }) => rsa?.readRsaKey(pem, name) ?? []);
  const keysFor =
    rsa &&
    ((messages: Parameters<typeof rsa.keylogLinesByRsa>[0]) => rsa.keylogLinesByRsa(messages, serverKeys));
  const open = await rsaOpener(request);
  const capture = new TextCapture({
    log,
    source: payload,
    mostOpen: mostOpenIn(maxPayload, openAsText),
    report: {
      opens: true,
      keys,
      keysFor,
      hunt: new SecretHunt([]),
      secrets: new Map(),
      language,
      columns: 100,
      ascii: ascii || wantsAscii(variables),
      write: lineWriter(environment),
    },
    ...(open ? { beforePrint: (connection, flows) => open(connection, flows, log) } : {}),
  });
  log.subscribe((event) => {
    capture.fold(event);
    if (event.type === 'keylog') keys.add([event.line]);
  });
  const problems = await readCapture(request, {
    clock,
    version: readVersion(environment.places.root),
    keeps: true,
    append: (draft, position) => {
      payload.append(draft, position);
      capture.printDue();
    },
    onTurn: async () => untilWritten(environment),
  });
  capture.end();
  return problems;
}

/** Applies backpressure: output that the reader has not consumed must not pile up. */
async function untilWritten({ stdout }: Environment): Promise<void> {
  if (stdout.writableNeedDrain) await once(stdout, 'drain');
}
