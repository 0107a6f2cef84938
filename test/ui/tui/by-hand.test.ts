/**
 * What the demonstrations lack, from logs written by hand: visits, a verdict that failed, bytes that were dropped, a failed
 * start, unreadable bytes, long names, Hangul, and more wires than fit. Kept as text like the demonstrations.
 */
import test from 'ava';
import type { CaptureDraft, Side, Topology } from '../../../src/capture/event.ts';
import { languages } from '../../../src/i18n/language.ts';
import type { Size } from '../../../src/ui/tui/frame.ts';
import { scriptsFor } from '../../../src/presentation/scripts.ts';
import type { Scripts } from '../../../src/presentation/types/values.ts';
import { topology } from '../../helpers/capture.ts';
import { verdictOf } from '../support/story.ts';
import type { Driver } from './support/driver.ts';
import { byHand } from './support/scenes.ts';
import { differenceFrom } from './support/snapshots.ts';
import type { Moment } from './support/snapshots.ts';

const secrets = [{ id: 'password', value: 'tiger-lily' }];
const began = (of: Topology = topology): CaptureDraft => ({
  type: 'began',
  version: '0',
  wallClock: '2026-01-01T00:00:00.000Z',
  topology: of,
});
const opened = (conn = 1, hop = 'A'): CaptureDraft => ({
  type: 'opened',
  conn,
  hop,
  transport: 'tcp',
  from: { host: '127.0.0.1', port: 50_000 + conn },
  to: { host: '127.0.0.1', port: 8080 },
});
const bytes = (payload: string | Uint8Array, conn = 1, hop = 'A', from: Side = 'client'): CaptureDraft => ({
  type: 'bytes',
  conn,
  hop,
  vantage: 'wire',
  from,
  bytes: Buffer.from(payload),
});
const closed = (conn = 1, hop = 'A'): CaptureDraft => ({
  type: 'closed',
  conn,
  hop,
  by: 'client',
  how: 'end',
});
const post = (body: string, host = 'shop.localhost'): string =>
  `POST /login HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const answer = 'HTTP/1.1 302 Found\r\nLocation: /profile\r\nContent-Length: 0\r\n\r\n';

const ways = [
  {
    hop: 'A',
    to: 'server',
    client: 'client',
    curl: "curl --noproxy '*' --data-urlencode username=alice --data-urlencode password=tiger-lily http://127.0.0.1:8080/login",
  },
  {
    hop: 'A',
    to: 'server',
    client: 'other',
    curl: 'curl https://127.0.0.1:8443/',
    openssl:
      'openssl s_client -connect 127.0.0.1:8443 -servername shop.localhost -CAfile certs/out/workshop-server-ca.crt',
  },
];
const scripts: Scripts = {
  folder: '/tmp/wirelab-7k2m',
  path: '/tmp/wirelab-7k2m',
  typed: new Map(scriptsFor(ways, { language: 'en' }).map(({ key, name }) => [key, `sh ${name}`])),
};
const held = { secrets, ways, verdict: verdictOf([{}]) };

const many: Topology = {
  participants: [
    { name: 'client', role: 'client' },
    ...Array.from({ length: 29 }, (_, index) => ({
      name: `proxy-${index + 1}`,
      role: 'proxy' as const,
      kind: 'plaintext',
    })),
    { name: 'server', role: 'server' },
  ],
  wires: Array.from({ length: 30 }, (_, index) => ({
    hop: `W${index + 1}`,
    from: index === 0 ? 'client' : `proxy-${index}`,
    to: index === 29 ? 'server' : `proxy-${index + 1}`,
    protocol: 'http',
    seat: { en: 'café', ko: '카페' },
  })),
};

const moments: readonly (readonly [heading: string, make: () => Driver, keys?: readonly string[]])[] = [
  ['a proxy by itself, before anything happens', () => byHand([began()], { secrets }).driver],
  ['everything stays up, and says how it is reached', () => byHand([began()], held).driver],
  ['everything stays up, with scripts', () => byHand([began()], { ...held, scripts }).driver],
  [
    'everything stays up, the last script is chosen',
    () => byHand([began()], { ...held, scripts }).driver,
    ['down', 'down', 'down'],
  ],
  [
    'a visitor comes, sends a login, and is shown',
    () =>
      byHand([began()], held, [
        opened(7),
        bytes(post('password=tiger-lily'), 7),
        bytes(answer, 7, 'A', 'server'),
        closed(7),
      ]).driver,
  ],
  [
    'a second visitor is shown when the present is watched',
    () =>
      byHand([began()], held, [
        opened(7),
        bytes('GET / HTTP/1.1\r\n\r\n', 7),
        closed(7),
        opened(8),
        bytes(post('x=1'), 8),
      ]).driver,
  ],
  [
    'the first visitor again',
    () =>
      byHand([began()], held, [
        opened(7),
        bytes('GET / HTTP/1.1\r\n\r\n', 7),
        closed(7),
        opened(8),
        bytes(post('x=1'), 8),
      ]).driver,
    ['b'],
  ],
  [
    'a verdict that failed',
    () =>
      byHand([began()], {
        secrets,
        verdict: verdictOf([
          {},
          { status: 'missed', says: { en: 'the server did not refuse', ko: '서버가 거부하지 않았습니다' } },
          { status: 'unobserved', says: { en: 'no byte was seen', ko: '바이트를 보지 못했습니다' } },
        ]),
      }).driver,
  ],
  [
    'payload that a bounded log has dropped',
    () =>
      byHand(
        [
          began(),
          opened(),
          bytes(post('password=tiger-lily')),
          bytes(answer, 1, 'A', 'server'),
          bytes('x'.repeat(4000), 1, 'A', 'server'),
          closed(),
        ],
        { secrets, maxPayload: 3000 },
      ).driver,
  ],
  ['a start that failed', () => withError(byHand([]).driver)],
  [
    'bytes that are neither TLS nor HTTP',
    () =>
      byHand(
        [
          began(),
          opened(),
          bytes(Uint8Array.from({ length: 256 }, (_, at) => at)),
          bytes('\u0000answer\u001b[2J', 1, 'A', 'server'),
          closed(),
        ],
        { secrets },
      ).driver,
  ],
  [
    'bytes that are neither TLS nor HTTP, in hex',
    () =>
      byHand([began(), opened(), bytes(Uint8Array.from({ length: 256 }, (_, at) => at)), closed()], {
        secrets,
      }).driver,
    ['x'],
  ],
  [
    'a very long host name',
    () =>
      byHand(
        [
          began(),
          opened(),
          bytes(post('password=tiger-lily', `${'very-long-label.'.repeat(16)}example`)),
          bytes(answer, 1, 'A', 'server'),
          closed(),
        ],
        { secrets },
      ).driver,
  ],
  [
    'Hangul in a form, as it is and encoded',
    () =>
      byHand(
        [
          began(),
          opened(),
          bytes(
            post(
              `이름=홍길동&${encodeURIComponent('주소')}=${encodeURIComponent('서울특별시 종로구 세종대로')}&password=비밀번호`,
            ),
          ),
          bytes(answer, 1, 'A', 'server'),
          closed(),
        ],
        { secrets },
      ).driver,
  ],
  [
    'thirty wires',
    () =>
      byHand(
        [
          began(many),
          ...many.wires.flatMap(({ hop }, index) => [
            opened(index + 1, hop),
            bytes(post('password=tiger-lily'), index + 1, hop),
            closed(index + 1, hop),
          ]),
        ],
        { secrets },
      ).driver,
  ],
  [
    'thirty wires, the last',
    () =>
      byHand(
        [
          began(many),
          ...many.wires.flatMap(({ hop }, index) => [
            opened(index + 1, hop),
            bytes(post('password=tiger-lily'), index + 1, hop),
            closed(index + 1, hop),
          ]),
        ],
        { secrets },
      ).driver,
    Array.from({ length: 29 }, () => 'w'),
  ],
];

function withError(driver: Driver): Driver {
  driver.send({
    type: 'state',
    mode: driver.model.mode,
    state: 'failed',
    error: [
      'wirelab: the port is in use',
      '  where: 127.0.0.1:8080',
      '  what to do: choose another port, or stop what listens there',
    ],
  });
  return driver;
}

const sizes: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];

for (const language of languages) {
  test(`what the demonstrations lack is shown as it was (${language})`, (t) => {
    const shown = moments.flatMap(([heading, make, keys = []]) => {
      const driver = make().press(...keys);
      return (heading.startsWith('a visitor') ? sizes : sizes.slice(0, 1)).map(
        (size): Moment => ({
          heading: `${heading}, ${size.columns}x${size.rows}`,
          screen: driver.screen(size, language),
        }),
      );
    });
    const difference = differenceFrom(`by-hand.${language}`, shown);
    return difference === undefined ? t.pass() : t.fail(difference);
  });
}

test('a viewer of the past is not moved to a visitor', (t) => {
  const { driver, log } = byHand(
    [began(), { type: 'note', part: 'intro', text: { en: 'x', ko: 'x' } }],
    held,
  );
  t.is(driver.stop, 'intro');
  log.append(opened(7));
  t.is(driver.stop, 'intro');
  t.is(driver.press('.').stop, 'visitor');
  log.append(closed(7));
  log.append(opened(8));
  t.is(driver.look.stop?.conn, 8);
});

test('a visit is one stop, whatever it opens behind the proxy', (t) => {
  const two: Topology = {
    participants: [
      { name: 'client', role: 'client' },
      { name: 'front', role: 'proxy' },
      { name: 'server', role: 'server', address: { host: '127.0.0.1', port: 8080 } },
    ],
    wires: [
      { hop: 'A', from: 'client', to: 'front', protocol: 'http' },
      { hop: 'B', from: 'front', to: 'server', protocol: 'http' },
    ],
  };
  // The server has an entry point of its own, whatever else is connected meanwhile.
  const atTheServer = { ...opened(10, 'B'), to: { host: '127.0.0.1', port: 9090 } } as CaptureDraft;
  const { driver } = byHand([began(two)], held, [
    opened(7),
    opened(8, 'B'),
    closed(8, 'B'),
    atTheServer,
    closed(10, 'B'),
    opened(9, 'B'),
    closed(9, 'B'),
    closed(7),
  ]);
  t.deepEqual(
    driver.scene.stops.map(({ kind, conn }) => [kind, conn]),
    [
      ['verdict', undefined],
      ['visitor', 7],
      ['visitor', 10],
    ],
  );
});

test('a visitor’s stop shows his own connection alone', (t) => {
  const { driver } = byHand([began()], held, [
    opened(7),
    bytes('GET /first HTTP/1.1\r\n\r\n', 7),
    opened(8),
    bytes('GET /second HTTP/1.1\r\n\r\n', 8),
    bytes('GET /late HTTP/1.1\r\n\r\n', 7),
  ]);
  driver.press('.');
  t.regex(driver.screen(), /\/second/);
  t.notRegex(driver.screen(), /\/late|\/first/);
});

test('every one of thirty wires can be chosen by w, and the chosen one is named', (t) => {
  const { driver } = byHand([began(many), ...many.wires.map(({ hop }, index) => opened(index + 1, hop))], {
    secrets,
  });
  for (const { hop } of [...many.wires.slice(1), ...many.wires.slice(0, 1)]) {
    t.is(driver.press('w').look.hop, hop);
    t.regex(driver.screen({ columns: 120, rows: 40 }), new RegExp(`on wire ${hop}\\b`));
  }
});
