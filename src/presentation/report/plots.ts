/** The values of plots, from the blocks of a report: they say nothing that the blocks do not. */
import { inEach, verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import type { HandshakeTimes, SizedRecord, SizePlot, VisiblePlot } from '../types/plots.ts';
import type { MessageBlock, ReportBlock } from '../types/report.ts';

/** Fewer are read as fast in the list. */
const fewestRecords = 6;
/** More are too narrow to be seen. */
const mostRecords = 2000;

/** Undefined where there is little to see: few records, or none that is sealed. */
export function sizePlot(messages: readonly MessageBlock[]): SizePlot | undefined {
  const records = recordsOf(messages).slice(0, mostRecords);
  const [first] = records;
  if (!first || records.length < fewestRecords || !records.some(({ isSealed }) => isSealed)) return undefined;
  const largest = (from: 'client' | 'server'): number =>
    Math.max(0, ...records.filter((one) => one.from === from).map(({ length }) => length));
  const times = records.map(({ at }) => at);
  return {
    records,
    count: countOf(messages),
    times: [Math.min(...times), Math.max(...times)],
    largest: { client: largest('client'), server: largest('server') },
  };
}

const countOf = (messages: readonly MessageBlock[]): number =>
  messages.reduce(
    (sum, { message: { from, length, sizes } }) =>
      from === null || length === 0 ? sum : sum + (sizes?.count ?? 1),
    0,
  );

function recordsOf(messages: readonly MessageBlock[]): readonly SizedRecord[] {
  return messages.flatMap(({ message }) => {
    const { at, from, length, title, state, sizes } = message;
    if (from === null || length === 0) return [];
    const isSealed = state === 'sealed' || state === 'opened';
    return (sizes?.records ?? [{ at, length }]).map((one) => ({ ...one, from, title, isSealed }));
  });
}

/** The messages of a handshake in the order of the standards (RFC 5246 section 7.4, RFC 8446 section 4), without keys as records. */
const ofHandshakes: ReadonlySet<string> = new Set([
  'ClientHello',
  'ServerHello',
  'HelloRetryRequest',
  'EncryptedExtensions',
  'CertificateRequest',
  'Certificate',
  'CertificateStatus',
  'CertificateVerify',
  'ServerKeyExchange',
  'ServerHelloDone',
  'ClientKeyExchange',
  'ChangeCipherSpec',
  'Finished',
  // A sealed one, of TLS 1.2.
  'Handshake',
]);

/** From the ClientHello to the last message before the client's data; without keys, sealed records of the first two turns. */
function handshakeIn(messages: readonly MessageBlock[]): readonly MessageBlock[] {
  const start = messages.findIndex(({ message }) => message.title.en === 'ClientHello');
  if (start < 0) return [];
  const found: MessageBlock[] = [];
  let hasTurned = false;
  for (const block of messages.slice(start)) {
    const { from, state, title } = block.message;
    if (from === null) continue;
    const isNamed = ofHandshakes.has(title.en);
    // What the server seals before the client goes on is its part of the handshake.
    if (!isNamed && !(state === 'sealed' && from === 'server' && !hasTurned)) break;
    hasTurned ||= from === 'client' && found.some(({ message }) => message.from === 'server');
    found.push(block);
  }
  return found;
}

/** Rows of one plot at most. */
const mostHandshakes = 40;

export function handshakeTimes(blocks: readonly ReportBlock[]): readonly HandshakeTimes[] {
  const names = new Map<number, Localized>();
  const messages = new Map<number, MessageBlock[]>();
  for (const block of blocks) {
    if (block.kind === 'experiment')
      names.set(
        block.conn,
        inEach((language) => `${block.number} ${block.changed[language]}`),
      );
    else if (block.kind === 'connection' && !names.has(block.conn)) names.set(block.conn, block.head.place);
    else if (block.kind === 'message') {
      const known = messages.get(block.conn);
      if (known) known.push(block);
      else messages.set(block.conn, [block]);
    }
  }
  return [...messages]
    .flatMap(([conn, all]) => {
      const waits = waitsIn(handshakeIn(all));
      if (waits.length === 0) return [];
      const total = waits.reduce((sum, { microseconds }) => sum + microseconds, 0);
      return [{ conn, name: names.get(conn) ?? verbatim(`#${conn}`), waits, total }];
    })
    .slice(0, mostHandshakes);
}

function waitsIn(handshake: readonly MessageBlock[]): HandshakeTimes['waits'] {
  const waits: HandshakeTimes['waits'][number][] = [];
  let last: MessageBlock | undefined;
  for (const block of handshake) {
    const { from, at } = block.message;
    if (last && from !== null && from !== last.message.from)
      waits.push({ for: from, microseconds: Math.max(0, at - last.message.at) });
    last = block;
  }
  return waits;
}

/** What of a handshake could be read without keys; undefined where none is there. */
export function visiblePlot(
  conn: number,
  name: Localized,
  messages: readonly MessageBlock[],
): VisiblePlot | undefined {
  const parts = recordsOf(handshakeIn(messages));
  if (parts.length === 0) return undefined;
  const sum = (of: readonly SizedRecord[]): number => of.reduce((all, { length }) => all + length, 0);
  return { conn, name, parts, readable: sum(parts.filter(({ isSealed }) => !isSealed)), total: sum(parts) };
}
