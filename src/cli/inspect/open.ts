/**
 * Turns a capture file into log events, packet by packet, and collects what could not be read, as text. The callers
 * decide where events go and which are kept: `headless.ts` until they are printed, `on-screen.ts` all.
 *
 * 1. Keys inside a file apply from its start, wherever they are: a first pass over the blocks collects them.
 * 2. A pipe is read once: its keys decrypt only what follows them.
 */
import { CaptureReader } from '../../capture/file/capture-file.ts';
import type { Connection } from '../../capture/connection.ts';
import type { Flows } from '../../capture/flows.ts';
import type { CaptureLog } from '../../capture/log.ts';
import { Replay } from '../../capture/file/replay.ts';
import { grouped } from '../../i18n/number.ts';
import { topologyIn } from '../../presentation/topology.ts';
import { keySources } from '../../protocols/tls/keys/key-sources.ts';
import type { KeySources } from '../../protocols/tls/keys/key-sources.ts';
import { readKeylogLine } from '../../protocols/tls/keys/keylog.ts';
import type { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import type { KeysFor } from '../../protocols/tls/conversation.ts';
import { readThrough } from './input.ts';
import { keysIn, noSuchConnection, notDecompressed, problemsOf, Selection } from './reading.ts';
import type { FileProblem, ReadOptions } from './reading.ts';
import type { InspectRequest } from './request.ts';

/**
 * Reads the whole file and appends the events of the selected connection, or of all.
 * @throws UserError if it is not a capture file, or has no connection with the selected number
 */
export async function readCapture(
  request: InspectRequest,
  options: ReadOptions,
): Promise<readonly FileProblem[]> {
  if (request.bundle) return (await import('./bundled.ts')).readBundled(request.bundle, options);
  if (request.files) return (await import('./joined.ts')).readTogether(request, request.files, options);
  const { name, input, keylog, stream } = request;
  const { append, keeps, onTurn, wants, lateKeys = false } = options;
  const inFile = lateKeys ? [] : await keysIn(name, input);
  const selection = new Selection(stream);
  const replay = new Replay({
    ...options,
    keylog: [...inFile, ...keylog],
    copies: !keeps,
    topologyOf: topologyIn,
    append(draft) {
      const shown = selection.shown(draft);
      if (shown) append(shown, shown.type === 'bytes' ? reader.positionOf(shown.bytes) : undefined);
    },
    ...selection.wants(wants),
  });
  // Keys that were collected before are not appended again.
  const secrets =
    lateKeys || !input.canRewind ? { secrets: (lines: readonly string[]) => replay.secrets(lines) } : {};
  const reader: CaptureReader = new CaptureReader(
    {
      packet: (packet) => replay.packet(packet),
      interface: (facts) => replay.interface(facts),
      ...secrets,
      ...(options.onComment ? { comment: options.onComment } : {}),
    },
    { where: name, keeps },
  );
  const isWhole = await readThrough(input, reader, onTurn && (() => onTurn(reader.position)));
  if (isWhole && reader.position === 0 && input.fault) throw notDecompressed(name, input.fault);
  const problem = isWhole ? reader.end() : undefined;
  replay.end();
  options.onFacts?.(replay.facts);
  if (!selection.isThere && isWhole) throw noSuchConnection(name, stream ?? 0, replay.facts);
  const { fault } = input;
  return [
    ...(fault ? [{ what: 'file.compression', found: fault.en, text: fault }] : []),
    ...problemsOf(problem, replay.facts),
  ];
}

/** Bytes by which any format is known. */
const enoughToRecognise = 4096;

/**
 * Reads only the start.
 * @throws UserError if it is not a capture file
 */
export async function checkFormat(request: InspectRequest): Promise<void> {
  if (request.bundle) return;
  for (const file of request.files ?? [request]) await checkOne(file);
}

async function checkOne({ name, input }: Pick<InspectRequest, 'name' | 'input'>): Promise<void> {
  if (!input.canRewind) return;
  const reader = new CaptureReader({ packet: () => {} }, { where: name });
  let count = await input.read(reader.room());
  const isWhole = count === input.size || count === 0;
  // A decompressor gives what it has, however little.
  for (let length = 0; count > 0 && length < enoughToRecognise; length += count) {
    reader.took(count);
    if (count === input.size || length + count >= enoughToRecognise) break;
    count = await input.read(reader.room());
  }
  input.rewind();
  if (isWhole || count === 0) reader.end();
}

/** Appends key log lines for the connections whose master secret follows from what was given. */
export type OpenBySources = (connection: Connection, flows: Flows, log: CaptureLog) => void;

/** Undefined if neither a server key was given nor a line of a key log that needs the handshake. */
export async function openerBySources(request: InspectRequest): Promise<OpenBySources | undefined> {
  const sources = await sourcesOf(request);
  if (!sources) return undefined;
  const [{ openBy }, { loadCaptureReadings, readToEnd }, { KeyRing }] = await Promise.all([
    import('../../protocols/tls/keys/rsa-key.ts'),
    import('../../analysis/conversation/conversation.ts'),
    import('../../protocols/tls/keys/keylog.ts'),
  ]);
  await loadCaptureReadings();
  return (connection, flows, log) => {
    const { tls } = readToEnd(connection, { keys: new KeyRing(flows) });
    if (!tls) return;
    for (const line of openBy(tls, sources)) log.append({ type: 'keylog', conn: connection.conn, line });
  };
}

async function sourcesOf({ rsaKeys, ticketKeys, keylog }: InspectRequest): Promise<KeySources | undefined> {
  if (rsaKeys.length + ticketKeys.length === 0) return keySources(keylog);
  const [{ readRsaKey }, { readTicketKeys }] = await Promise.all([
    import('../../protocols/tls/keys/rsa-key.ts'),
    import('../../protocols/tls/keys/session-ticket.ts'),
  ]);
  return keySources(
    keylog,
    rsaKeys.map(({ pem, name }) => readRsaKey(pem, name)),
    ticketKeys.flatMap(({ bytes, name }) => readTicketKeys(bytes, name)),
  );
}

/** The same for a reader that asks during a handshake. */
export async function keysForHandshakes(request: InspectRequest): Promise<KeysFor | undefined> {
  const sources = await sourcesOf(request);
  if (!sources) return undefined;
  const { keylogLinesBy } = await import('../../protocols/tls/keys/rsa-key.ts');
  return (messages) => keylogLinesBy(messages, sources);
}

const listed = 3;

/** A key log of which no line is for a handshake in the capture is likely that of another one. */
export function unusedKeys({ keylogName, keylog }: InspectRequest, { usage }: KeyRing): FileProblem[] {
  const { asked, hasOpened } = usage;
  const randoms = new Set(keylog.flatMap((line) => readKeylogLine(line)?.clientRandom ?? []));
  if (keylogName === undefined || hasOpened || asked.size === 0 || keylog.length === 0) return [];
  const some = (all: ReadonlySet<string>): string =>
    [...all]
      .slice(0, listed)
      .map((random) => `${random.slice(0, 16)}…`)
      .join(', ');
  const [has, needs] = [grouped(randoms.size || keylog.length), grouped(asked.size)];
  const [own, others] = [randoms.size > 0 ? `: ${some(randoms)}` : '', some(asked)];
  return [
    {
      what: 'keys.unused',
      found: `${has}${own}; ${needs}: ${others}`,
      text: {
        en: `the key log opens nothing: none of its ${has} handshakes (client random${own}) is in the capture, which has ${needs} (${others})`,
        ko: `키 로그로 열리는 것이 없습니다. 키 로그의 핸드셰이크 ${has}개(클라이언트 난수${own})가 캡처에 없습니다. 캡처에는 ${needs}개(${others})가 있습니다`,
      },
    },
  ];
}
