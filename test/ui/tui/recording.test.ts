/**
 * A recording holds no key and no session, and is read as the run that it was made from: the same messages of the same
 * sizes at the same places, shut without the keys and open with them.
 */
import test from 'ava';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { conversation, loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import type { Message } from '../../../src/analysis/conversation/message.ts';
import type { CaptureDraft, CaptureEvent, Vantage } from '../../../src/capture/event.ts';
import { Flows } from '../../../src/capture/flows.ts';
import type { Connection } from '../../../src/capture/connection.ts';
import type { Field } from '../../../src/core/field.ts';
import { ticketFiller, withoutCookies } from './support/fillers.ts';
import { keptText, readRecording, recordingIn } from './support/recording.ts';
import { demonstrations, live } from './support/scenes.ts';
import type { KeptRecord } from './support/sealed-wire.ts';

await loadReadings();

const textOf = (name: string): string =>
  readFileSync(resolve(import.meta.dirname, '../../../../test/ui/tui/recordings', `${name}.jsonl`), 'utf8');

interface KeptLine {
  readonly type: string;
  readonly conn?: number;
  readonly label?: string;
  readonly bytes?: string;
  readonly from?: string;
  readonly records?: readonly KeptRecord[];
}

const linesOf = (text: string): KeptLine[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as KeptLine);
const recordsOf = (text: string): KeptRecord[] => linesOf(text).flatMap(({ records = [] }) => records);

/** All that a line keeps in Base64, as text. */
function payloadsOf(text: string): string[] {
  const kept = [
    ...linesOf(text).flatMap(({ bytes }) => bytes ?? []),
    ...recordsOf(text).map((record) => ('clear' in record ? record.clear : record.content)),
  ];
  return kept.map((bytes) => Buffer.from(bytes, 'base64').toString('latin1'));
}

const likeASecret = /[0-9a-f]{64}|PRIVATE KEY/i;

/** Those of certificates are as long as a secret, and public; one proxy sends the client's to the shop in a header. */
const withoutFingerprints = (text: string): string =>
  text.replaceAll(/"sha256":"[0-9a-f]{64}"|^X-Forwarded-Client-Cert: Hash=[0-9a-f]{64};/gm, '');

interface Log {
  readonly events: readonly CaptureEvent[];
  readonly connections: readonly Connection[];
  readonly keys: readonly string[];
}

function logOf(drafts: readonly { readonly at: number; readonly draft: CaptureDraft }[]): Log {
  const events = drafts.map(({ at, draft }, seq): CaptureEvent => ({ ...draft, at, seq, run: 1 }));
  const flows = new Flows({ events });
  for (const event of events) flows.fold(event);
  return {
    events,
    connections: flows.connections,
    keys: events.flatMap((event) => (event.type === 'keylog' ? [event.line] : [])),
  };
}

/** The events of a run as a recording has them: without narration. */
function logOfRun(events: readonly CaptureEvent[]): Log {
  return logOf(
    events
      .filter(({ type }) => type !== 'note')
      .map(({ at, seq: _seq, run: _run, ...draft }) => ({ at, draft })),
  );
}

const messagesIn = ({ connections }: Log, keys: readonly string[], vantage: Vantage = 'wire'): Message[] =>
  connections.flatMap((connection) => conversation(connection, { keys, vantage }));

/** Differs between two readings, or was blanked. */
const variable = /\.(?:authentication_tag|explicit_nonce|encrypted|ticket)$/;

const latin1 = (bytes: Uint8Array): string => withoutCookies(Buffer.from(bytes).toString('latin1'));

function fieldsIn({ id, range, value, children, origin }: Field): unknown[] {
  const shown = variable.test(id)
    ? undefined
    : value instanceof Uint8Array
      ? latin1(value)
      : typeof value === 'string'
        ? withoutCookies(value)
        : value;
  return [[id, range, shown, origin], ...children.flatMap(fieldsIn)];
}

/** All of a message but what is sealed, and the cookies. HTTP is compared by its text, since fields repeat a value alone. */
function essence({
  field,
  coverage,
  bytes,
  credentials: _credentials,
  protocol,
  ...message
}: Message): unknown {
  const tree = protocol === 'tls' ? field() : undefined;
  const content = protocol === 'tls' ? undefined : bytes();
  return {
    ...message,
    protocol,
    fields: tree && fieldsIn(tree),
    covered: coverage(),
    size: bytes()?.length,
    text: content && latin1(content),
  };
}

const essences = (messages: readonly Message[]): unknown[] => messages.map(essence);
const sealedIn = (messages: readonly Message[]): number => messages.filter(({ sealed }) => sealed).length;

for (const name of demonstrations) {
  test(`the recording of ${name} holds no secret of a connection or a session`, (t) => {
    const text = textOf(name);
    t.notRegex(withoutFingerprints(text), likeASecret);
    for (const line of text.split('\n'))
      if (line.includes('"type":"keylog"'))
        t.regex(line, /^\{"at":\d+,"type":"keylog","conn":\d+,"label":"[A-Z0-9_]+"\}$/);
    for (const payload of payloadsOf(text)) {
      t.notRegex(withoutFingerprints(payload), likeASecret);
      t.is(payload, withoutCookies(payload));
    }
  });

  test(`every line of the key log of ${name} opens the records that stood under its secret`, (t) => {
    const text = textOf(name);
    const log = logOf(readRecording(name));
    t.is(sealedIn(messagesIn(log, log.keys)), 0);
    const markers = linesOf(text).filter(({ type }) => type === 'keylog');
    t.deepEqual(
      log.keys.map((line) => line.split(' ')[0]),
      markers.map(({ label }) => label),
    );
    t.is(sealedIn(messagesIn(log, [])), recordsOf(text).filter((record) => 'sealed' in record).length);
    for (const conn of new Set(markers.map(({ conn }) => conn))) {
      const keys = log.events.flatMap((event) =>
        event.type === 'keylog' && event.conn === conn ? [event.line] : [],
      );
      const connection = log.connections.find((one) => one.conn === conn);
      if (!connection) throw new Error(`no connection ${conn}`);
      const records = linesOf(text)
        .filter((line) => line.conn === conn)
        .flatMap((line) => line.records ?? []);
      for (const label of new Set(keys.map((line) => line.split(' ')[0]))) {
        const others = keys.filter((line) => !line.startsWith(`${label} `));
        const shut = sealedIn(conversation(connection, { keys: others }));
        t.is(
          shut,
          records.filter((record) => 'sealed' in record && record.under === label).length,
          `${conn} without ${label}`,
        );
      }
    }
  });

  test(`two readings of ${name} have different keys and the same contents`, (t) => {
    const [one, other] = [logOf(readRecording(name)), logOf(readRecording(name))];
    const secrets = [...new Set(one.keys), ...new Set(other.keys)].map((line) => line.split(' ')[2]);
    t.is(new Set(secrets).size, secrets.length);
    t.deepEqual(essences(messagesIn(one, one.keys)), essences(messagesIn(other, other.keys)));
    t.deepEqual(essences(messagesIn(one, [])), essences(messagesIn(other, [])));
    if (one.keys.length > 0)
      t.true(sealedIn(messagesIn(one, other.keys)) > 0, 'the keys of another reading open nothing');
  });
}

for (const name of ['tls', 'mtls']) {
  test(`tickets of ${name} are filled, and stay as long as they were`, (t) => {
    const log = logOf(readRecording(name));
    const tickets = messagesIn(log, log.keys).flatMap((message) => {
      const tree = message.protocol === 'tls' ? message.field() : undefined;
      return tree ? valuesOf(tree, 'tls.handshake.new_session_ticket.ticket') : [];
    });
    t.true(tickets.length > 0);
    for (const ticket of tickets)
      t.is(latin1(ticket), ticketFiller.repeat(ticket.length).slice(0, ticket.length));
  });
}

function valuesOf(field: Field, id: string): Uint8Array[] {
  return [
    ...(field.id === id && field.value instanceof Uint8Array ? [field.value] : []),
    ...field.children.flatMap((child) => valuesOf(child, id)),
  ];
}

test('a cookie that is cut between two events is blanked in both, and nothing else is', (t) => {
  const request =
    'GET / HTTP/1.1\r\nCookie: colour=red; session=0fedcba9876543210\r\nX: session=kept\r\n\r\n';
  const cut = request.indexOf('cba9');
  const parts = [request.slice(0, cut), request.slice(cut)].map((part) => Buffer.from(part));
  const events = parts.map(
    (bytes, seq): CaptureEvent => ({
      type: 'bytes',
      conn: 1,
      hop: 'A',
      vantage: 'wire',
      from: 'client',
      bytes,
      seq,
      run: 1,
      at: seq,
    }),
  );
  const read = recordingIn(keptText(events)).map(({ draft }) =>
    'bytes' in draft ? Buffer.from(draft.bytes).toString() : '',
  );
  t.deepEqual(
    read.map(({ length }) => length),
    parts.map(({ length }) => length),
  );
  t.is(read.join(''), request.replace('0fedcba9876543210', '0123456789abcdef0'));
});

test('a run whose keys are not all there is not kept', (t) => {
  const events = logOf(readRecording('tls')).events;
  t.throws(() => keptText(events.filter(({ type }) => type !== 'keylog')), { message: /stays shut/ });
});

test('a live run that is saved and read again has the same contents: TLS 1.3 and TLS 1.2', async (t) => {
  const { driver, log, stage } = live('mtls');
  t.teardown(async () => stage.close());
  await driver.settled();
  while (!driver.stop.startsWith('verdict')) await driver.press('space').settled();

  const before = logOfRun(log.events);
  const after = logOf(recordingIn(keptText(log.events)));
  t.deepEqual(shapes(after.events), shapes(before.events));
  t.deepEqual(
    [...new Set(after.events.flatMap((event) => (event.type === 'secured' ? [event.version] : [])))].sort(),
    ['TLSv1.2', 'TLSv1.3'],
  );
  t.deepEqual(essences(messagesIn(after, [])), essences(messagesIn(before, [])));
  t.deepEqual(essences(messagesIn(after, after.keys)), essences(messagesIn(before, before.keys)));
  t.deepEqual(essences(messagesIn(after, [], 'plaintext')), essences(messagesIn(before, [], 'plaintext')));
  t.is(sealedIn(messagesIn(after, after.keys)), 0);
  t.deepEqual(
    before.keys.filter((line) => after.keys.includes(line)),
    [],
  );
});

/** Events with the length of their bytes and the label of their key. */
function shapes(events: readonly CaptureEvent[]): unknown[] {
  return events.map((event) => ({
    ...event,
    ...('bytes' in event ? { bytes: event.bytes.length } : {}),
    ...('line' in event ? { line: event.line.split(' ').slice(0, 2) } : {}),
  }));
}
