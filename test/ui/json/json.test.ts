/** The JSON report over logs written by hand: kinds, order, and what is left out unless it is asked for. */
import test from 'ava';
import { leak, logOf, refusal, jsonLines, jsonText, reportText, verdictOf } from '../support/story.ts';

const keylog = { type: 'keylog', line: `CLIENT_RANDOM ${'07'.repeat(32)} ${'00'.repeat(48)}` } as const;
const { events } = logOf([...leak(), keylog, ...refusal()]);

test('a line for each event in the order of the log, and the verdict last', (t) => {
  const lines = jsonLines(events, true);
  t.true(lines.every(({ v }) => v === 2));
  const eventLines = lines.filter((line) => typeof line['seq'] === 'number');
  t.deepEqual(
    eventLines.map(({ kind, ...line }) => [kind, line['seq']]),
    events.map(({ type, seq }) => [type, seq]),
  );
  t.deepEqual(
    lines.flatMap(({ kind }, index) => (kind === 'verdict' ? [index] : [])),
    [lines.length - 1],
  );
});

test('what the bytes were follows the step in which the connection settled, and ends with what became of it', (t) => {
  const lines = jsonLines(events);
  const kinds = lines.map(({ kind }) => kind);
  const about = (conn: number): string[] =>
    lines.filter((line) => line['stream'] === conn).map(({ kind }) => kind);
  t.deepEqual(about(1), ['http', 'http', 'secret', 'stream']);
  t.deepEqual(about(2), ['handshake', 'handshake', 'handshake', 'alert', 'stream']);
  const done = lines.findIndex(
    (line) => line.kind === 'step' && line['id'] === 'leak' && line['state'] === 'done',
  );
  t.is(kinds.indexOf('http'), done + 1);
  const stream = lines.find((line) => line.kind === 'stream' && line['stream'] === 2);
  t.like(stream, { outcome: { kind: 'refused_by_server', source: 'endpoint', reason: 'unknown_ca' } });
});

test('bytes are base64, and a secret is named with its place in them', (t) => {
  const lines = jsonLines(events);
  const secret = lines.find(({ kind }) => kind === 'secret');
  const sent = lines.find((line) => line.kind === 'bytes' && line['conn'] === 1 && line['from'] === 'client');
  const offset = Number(secret?.['offset']);
  t.is(Buffer.from(String(sent?.['bytes']), 'base64').toString('latin1', offset, offset + 10), 'tiger-lily');
  t.like(secret, {
    hop: 'B',
    vantage: 'wire',
    from: 'client',
    field: 'password',
    value: 'tiger-lily',
    encoding: 'plain',
    event: sent?.['seq'],
  });
});

test('an unknown secret is found by its shape, once', (t) => {
  const unknown = leak().map((draft) =>
    draft.type === 'bytes' && draft.from === 'client'
      ? {
          ...draft,
          bytes: Buffer.from(Buffer.from(draft.bytes).toString('latin1').replace('tiger-lily', 'lily-tiger')),
        }
      : draft,
  );
  const secretsOf = (lines: ReturnType<typeof jsonLines>) => lines.filter(({ kind }) => kind === 'secret');
  const [found, ...more] = secretsOf(jsonLines(logOf(unknown).events));
  t.deepEqual(more, []);
  t.like(found, {
    hop: 'B',
    vantage: 'wire',
    from: 'client',
    field: 'password',
    value: 'lily-tiger',
    encoding: 'form_field',
  });
  t.is(secretsOf(jsonLines(logOf(leak()).events)).length, 1, 'the known one is not printed twice');
});

test('key log lines are printed only where secrets are asked for', (t) => {
  t.is(jsonLines(events, true).filter(({ kind }) => kind === 'keylog').length, 1);
  t.is(jsonLines(events).filter(({ kind }) => kind === 'keylog').length, 0);
  t.notRegex(JSON.stringify(jsonLines(events)), /CLIENT_RANDOM/);
});

test('a connection that never closed is printed before the verdict', (t) => {
  const open = logOf(leak().filter(({ type }) => type !== 'closed')).events;
  const lines = jsonLines(open);
  t.is(lines.at(-2)?.kind, 'stream');
  t.like(lines.at(-2), { outcome: { kind: 'open' } });
});

test('the same events give the same lines, and the verdict is passed on as it is', (t) => {
  const verdict = verdictOf([{ status: 'unobserved', evidence: [{ event: 3 }] }]);
  const lines = jsonLines(events, true, verdict);
  t.deepEqual(jsonLines(structuredClone<typeof events>(events), true, verdict), lines);
  t.deepEqual(lines.at(-1), { v: 2, kind: 'verdict', ...JSON.parse(JSON.stringify(verdict)) });
  t.not(JSON.stringify(lines), JSON.stringify(reportText(events)));
});

test('every line is one line, whatever the other side sent', (t) => {
  for (const hostile of ['\u001b[2J\n', '\u2028', '\ud800', '"\\']) {
    const lines = jsonLines(logOf([...leak(hostile), ...refusal(hostile)]).events);
    t.true(lines.length > 20);
  }
});

test('a terminal that shows the lines is not acted on, and a program reads them as they were', (t) => {
  const hostile = '\u009b2J\u009d0;title\u202e\u200b\u007f';
  const { events } = logOf([...leak(hostile), ...refusal(hostile)]);
  const text = jsonText(events).join('\n');
  t.notRegex(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/);
  t.true(text.includes('\\u009b2J'));
  t.true(jsonLines(events).some((line) => JSON.stringify(line).includes(hostile)));
});

test('how much of a handshake message is explained: the kinds add up to all of its bytes', (t) => {
  const messages = jsonLines(events).filter(({ kind }) => kind === 'handshake');
  t.true(messages.length > 0);
  for (const line of messages) {
    const {
      bytes = 0,
      named = 0,
      opaque = 0,
      unknown = 0,
    } = line['coverage'] as Readonly<Record<string, number>>;
    t.is(bytes, Number(line['length']) + 4, 'the header is counted too');
    t.is(named + opaque + unknown, bytes);
  }
});
