/** HTTP that goes on as something else: a WebSocket behind an upgrade, events in a body that does not end, answers before their requests are over. */
import test from 'ava';
import {
  conversation,
  conversationSoFar,
  loadReadings,
} from '../../../src/analysis/conversation/conversation.ts';
import type { Message } from '../../../src/analysis/conversation/message.ts';
import { Flows } from '../../../src/capture/flows.ts';
import type { Side } from '../../../src/capture/event.ts';
import { treeFaults } from '../../protocols/helpers/tree.ts';
import { present, ScriptedLog } from '../../helpers/capture.ts';

test.before(loadReadings);

type Said = readonly (readonly [from: Side, text: string | Uint8Array])[];

function spoken(said: Said, { size = Infinity, isOpen = false } = {}): readonly Message[] {
  const scripted = new ScriptedLog();
  const flows = new Flows(scripted.log);
  scripted.log.subscribe(flows.fold);
  scripted.began();
  scripted.opened();
  for (const [from, text] of said) {
    const bytes = Buffer.from(text as string, 'latin1');
    for (let at = 0; at < bytes.length; at += size) scripted.bytes(from, bytes.subarray(at, at + size));
  }
  if (!isOpen) scripted.closed('client');
  const connection = present(flows.connection(1));
  return (isOpen ? conversationSoFar(connection) : conversation(connection)).filter(
    ({ from }) => from !== null,
  );
}

const shown = (messages: readonly Message[]): string[] =>
  messages.flatMap((message) => [
    [
      message.from === 'client' ? '→' : '←',
      message.protocol,
      [message.title.en, message.facts.en].filter(Boolean).join(', '),
    ].join(' '),
    ...message.credentials().map(({ name, value }) => `  ${name}: ${value}`),
  ]);

const request = 'GET /events HTTP/1.1\r\nHost: shop\r\n\r\n';
const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n';
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

const upgrade: Said = [
  [
    'client',
    'GET /chat HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  ],
  [
    'server',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n\x81\x02hi',
  ],
  ['client', '\x81\x9a\0\0\0\0{"password":"tiger-lily" }'],
  ['server', '\x88\x02\x03\xe8'],
];

for (const size of [Infinity, 1])
  test(`a WebSocket behind its upgrade, searched for secrets, in pieces of ${size}`, (t) => {
    const messages = spoken(upgrade, { size });
    t.deepEqual(shown(messages), [
      '→ http GET /chat, shop',
      '← http 101 Switching Protocols',
      '← websocket text, hi',
      '→ websocket text',
      '  password: tiger-lily',
      '← websocket close 1000, normal closure',
    ]);
  });

for (const size of [Infinity, 1, 5])
  test(`events, each with the response long open, in pieces of ${size}`, (t) => {
    const said: Said = [
      ['client', request],
      ['server', `${head}Transfer-Encoding: chunked\r\n\r\n`],
      ['server', chunk(': welcome\n\n') + chunk('event: price\r\ndata: 42\r\ndata: 43\r\n\r\n')],
      ['server', chunk('id: 7\ndata: {"token":"ti') + chunk('ger"}\n\n')],
    ];
    const open = spoken(said, { size, isOpen: true });
    const expected = [
      '→ http GET /events, shop',
      '← http 200 OK, text/event-stream',
      '← sse comment',
      '← sse event price, 42 43',
      '← sse event',
      '  token: tiger',
    ];
    t.deepEqual(shown(open), expected);
    const closed = spoken([...said, ['server', '0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n']], { size });
    t.deepEqual(shown(closed), [...expected, '← sse end of events', '← http 204 No Content']);
    let at = 0;
    for (const { from, offset, length, field } of closed) {
      if (from !== 'server') continue;
      t.is(offset, at);
      at += length;
      t.deepEqual(treeFaults(present(field())), []);
    }
  });

test('events without chunks, up to the end of the connection; one that is compressed is a body', (t) => {
  const messages = spoken([
    ['client', request],
    ['server', `${head}\r\ndata: one\n\ndata: two\n\ndata: cu`],
  ]);
  t.deepEqual(shown(messages), [
    '→ http GET /events, shop',
    '← http 200 OK, text/event-stream',
    '← sse event, one',
    '← sse event, two',
    '← sse event, cu',
  ]);
  const zipped = spoken([
    ['client', request],
    ['server', `${head}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab`],
  ]);
  t.deepEqual(shown(zipped).slice(1), ['← http 200 OK, text/event-stream']);
});

test('a secret in an event stands where it is said to', (t) => {
  const text = `${head}\r\ndata: {"password":"tiger-lily"}\n\n`;
  const messages = spoken([
    ['client', request],
    ['server', text],
  ]);
  const [found] = messages.at(-1)?.credentials() ?? [];
  t.is(text.slice(found?.offset, (found?.offset ?? 0) + (found?.length ?? 0)), 'tiger-lily');
});

test('a request whose answer comes before its end is begun before the answer, and told again at its end', (t) => {
  const messages = spoken([
    ['client', 'PUT /file HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\n\r\nab'],
    ['server', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['client', 'cd'],
  ]);
  t.deepEqual(shown(messages), ['→ http PUT /file, begins', '← http 200 OK', '→ http PUT /file, shop']);
  t.deepEqual(
    messages.map(({ length, begins }) => [length, begins]),
    [
      [0, true],
      [38, undefined],
      [57, undefined],
    ],
  );
});
