/** The screen of a lab: tasks, the learner's own connection before and behind the door, refusals, and its keys. */
import test from 'ava';
import type { CaptureDraft, Side, Topology } from '../../../src/capture/event.ts';
import { languages } from '../../../src/i18n/language.ts';
import { boardAfter } from '../../../src/labs/board.ts';
import type { LabBoard } from '../../../src/labs/board.ts';
import { cellWidth } from '../../../src/i18n/width.ts';
import { inEach } from '../../../src/i18n/language.ts';
import { loadLab } from '../../../src/labs/load.ts';
import { LabSpeech } from '../../../src/ui/text/lab-speech.ts';
import { compiledLabs } from '../../labs/support/learner.ts';
import { board, boardOf } from './support/boards.ts';
import { byHand } from './support/scenes.ts';
import type { ByHandOptions } from './support/scenes.ts';
import type { Driver } from './support/driver.ts';
import { differenceFrom } from './support/snapshots.ts';
import type { Moment } from './support/snapshots.ts';

const topology: Topology = {
  participants: [
    { name: 'alice', role: 'client' },
    { name: 'front', role: 'proxy', kind: 'mtls', address: { host: '127.0.0.1', port: 8443 } },
    { name: 'shop', role: 'server', address: { host: '127.0.0.1', port: 8080 } },
  ],
  wires: [
    { hop: 'A', from: 'alice', to: 'front', protocol: 'http', seat: { en: 'café', ko: '카페' } },
    { hop: 'B', from: 'front', to: 'shop', protocol: 'http' },
  ],
};
const began: CaptureDraft = {
  type: 'began',
  version: '0',
  wallClock: '2026-01-01T00:00:00.000Z',
  topology,
};
const body = 'username=alice&password=tiger-lily';
const request = `POST /login HTTP/1.1\r\nHost: shop.localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const bytes = (conn: number, hop: string, from: Side, text: string): CaptureDraft => ({
  type: 'bytes',
  conn,
  hop,
  vantage: 'wire',
  from,
  bytes: Buffer.from(text),
});
const opened = (conn: number, hop: string, onBehalfOf?: number): CaptureDraft => ({
  type: 'opened',
  conn,
  hop,
  transport: 'tcp',
  from: { host: '127.0.0.1', port: 50_000 + conn },
  to: { host: '127.0.0.1', port: hop === 'A' ? 8443 : 8080 },
  ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
});
const closed = (conn: number, hop: string): CaptureDraft => ({
  type: 'closed',
  conn,
  hop,
  by: 'client',
  how: 'end',
});
const login = (conn: number): CaptureDraft[] => [
  opened(conn, 'A'),
  bytes(conn, 'A', 'client', request),
  opened(conn + 1, 'B', conn),
  bytes(conn + 1, 'B', 'client', request),
  bytes(conn + 1, 'B', 'server', 'HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n'),
  bytes(conn, 'A', 'server', 'HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n'),
  closed(conn, 'A'),
  closed(conn + 1, 'B'),
];
/** A client that shows no certificate. */
const refused = (conn: number): CaptureDraft[] => [
  opened(conn, 'A'),
  {
    type: 'refused',
    conn,
    hop: 'A',
    by: 'server',
    reason: 'certificate_missing',
    detail: { discardedBytes: 212, trusted: [{ subject: 'CN=Staff CA,O=Shop' }] },
  },
  { type: 'closed', conn, hop: 'A', by: 'server', how: 'end' },
];

const found = (of: LabBoard): LabBoard =>
  boardAfter(
    of,
    {
      kind: 'found',
      results: [
        {
          id: 'ask-for-certificates',
          status: 'open',
          reason: 'admitted',
          step: 'nobody-1.3',
          says: inEach((language) =>
            language === 'en' ? 'the front door admitted nobody' : 'front가 nobody를 들여보냈습니다',
          ),
          findings: [],
        },
      ],
    },
    0,
    {},
  );

function screenOf(events: readonly CaptureDraft[], options: ByHandOptions = {}): Driver {
  const { driver } = byHand([began, ...events], {
    isVisited: true,
    isLab: true,
    lab: found(boardOf()),
    mode: 'lab',
    modes: [{ name: 'lab', title: { en: '', ko: '' }, comparable: '' }],
    ...options,
  });
  driver.send({ type: 'state', mode: 'lab', state: 'finished' });
  return driver;
}

const sizes = [
  { columns: 40, rows: 12 },
  { columns: 60, rows: 20 },
  { columns: 80, rows: 24 },
  { columns: 100, rows: 30 },
  { columns: 120, rows: 40 },
  { columns: 200, rows: 50 },
] as const;

// The time of day in the list is local.
process.env['TZ'] = 'UTC';

for (const language of languages)
  test(`the kept screens of a lab (${language})`, (t) => {
    const moments: Moment[] = [];
    const keep = (heading: string, driver: Driver): void =>
      void moments.push({ heading, screen: driver.screen() });
    for (const size of sizes) {
      const name = `${size.columns}x${size.rows}`;
      keep(`${name} before the first connection`, screenOf([], { language, size }));
      keep(`${name} a login`, screenOf(login(1), { language, size }));
      keep(`${name} a refusal`, screenOf([...login(1), ...refused(5)], { language, size }));
    }
    const size = { columns: 80, rows: 24 };
    keep('ascii', screenOf([...login(1), ...refused(5)], { language, size, ascii: true }));
    keep('the task', screenOf([], { language, size }).press('e'));
    keep('the commands', screenOf([], { language, size }).press('c', 'down'));
    keep('the next lab', screenOf([], { language, size }).press('n'));
    keep('masked', screenOf(login(1), { language, size }).press('m'));
    const done = board('mutual-tls', { done: ['ask-for-certificates', 'keep-mallory-out'] });
    keep('every task is done', screenOf([], { language, size, lab: done }));
    t.is(differenceFrom(`lab.${language}`, moments), undefined);
  });

test('every row is as wide as the window, whatever is shown', (t) => {
  for (const language of languages)
    for (const size of sizes)
      for (const keys of [[], ['e'], ['c'], ['n'], ['h'], ['v'], ['v', 'v'], ['x'], ['z'], ['?'], ['P']]) {
        const driver = screenOf([...login(1), ...refused(5)], { language, size }).press(...keys);
        for (const line of driver.screen().split('\n')) t.true(cellWidth(line) <= size.columns, line);
      }
});

test('a window that is too small says what it needs', (t) => {
  t.regex(screenOf(login(1), { size: { columns: 30, rows: 8 } }).screen(), /40/);
});

test('what stood on both wires is shown, and where nothing arrived it is said', (t) => {
  const size = { columns: 100, rows: 30 };
  const admitted = screenOf(login(1), { size }).screen();
  t.regex(admitted, /A {2}what the café records +READABLE/);
  t.is(admitted.split('[tiger-lily]').length, 3, 'on A and on B');
  const turnedAway = screenOf([...login(1), ...refused(5)], { size }).screen();
  t.regex(turnedAway, /nothing arrived on wire B/);
  t.regex(turnedAway, /REFUSED by front/);
  t.regex(turnedAway, /^ lab mutual-tls {3}0 of 2 ✓ .*REFUSED/m);
  t.regex(turnedAway, /because/);
});

test('the card of a refusal says everything but what to do: that is the task', (t) => {
  const driver = screenOf(refused(5), { size: { columns: 100, rows: 40 } }).press('v');
  t.is(driver.look.body, 'card');
  t.regex(driver.screen(), /because/);
  t.notRegex(driver.screen(), /remedy/);
});

test('each connection comes by itself; space and b go through them', (t) => {
  const driver = screenOf([...login(1), ...login(3)]);
  t.regex(driver.screen(), /connection 3/);
  driver.press('b');
  t.regex(driver.screen(), /connection 1 /);
  driver.press('space');
  t.regex(driver.screen(), /connection 3/);
});

test('h asks for a hint and shows the task; the hint is there when it is given, and is counted', (t) => {
  const driver = screenOf([]);
  t.regex(driver.screen(), /h hint \(0 used\)/);
  driver.press('h');
  t.deepEqual(driver.effects.at(-1), { type: 'lab', act: 'hint' });
  driver.send({ type: 'lab', board: board('mutual-tls', { hints: { 'ask-for-certificates': 1 } }) });
  t.regex(driver.screen(), /hint 1 of 3/);
  t.regex(driver.screen(), /h hint \(1 used\)/);
  driver.press('q');
  t.is(driver.model.sheet, 'none');
});

test('c lists the commands, and copies the chosen one; in the bytes it copies what is chosen', (t) => {
  const driver = screenOf(login(1)).press('c');
  t.regex(driver.screen(), /> sh try\/alice/);
  driver.press('down');
  t.regex(driver.screen(), /> sh try\/mallory/);
  driver.press('c');
  t.like(driver.effects.at(-1), { type: 'copy' });
  t.regex(JSON.stringify(driver.effects.at(-1)), /mallory\.crt/);
  driver.press('q', 'enter');
  t.is(driver.look.body, 'wire');
  driver.press('c');
  t.regex(JSON.stringify(driver.effects.at(-1)), /tiger-lily/);
});

test('c lists wirelab’s own commands too, by the path that works in the folder, also before anything is up', (t) => {
  const driver = screenOf([]).press('c');
  t.regex(driver.screen(), /sh try\/mallory[^]* \.\.\/wirelab lab check[^]* \.\.\/wirelab lab hint/);
  driver.press('down', 'down', 'c');
  t.like(driver.effects.at(-1), { type: 'copy' });
  t.regex(JSON.stringify(driver.effects.at(-1)), /\.\.\/wirelab lab check/);
  const early = screenOf([], { lab: boardOf({ commands: {} }) }).press('c');
  t.regex(early.screen(), /There are no commands yet[^]* \.\.\/wirelab lab check/);
});

test('a connection that carried nothing says that nothing arrived', (t) => {
  const empty = [
    opened(5, 'A'),
    bytes(5, 'A', 'client', request),
    opened(6, 'B', 5),
    closed(6, 'B'),
    closed(5, 'A'),
  ];
  for (const size of sizes.slice(2)) t.regex(screenOf(empty, { size }).screen(), /nothing arrived on wire B/);
});

test('the connection of the client that the lab keeps connected has its name, and the learner’s own has not', (t) => {
  const size = { columns: 100, rows: 30 };
  const from = { host: '127.0.0.1', port: 50_003 };
  const lab = boardAfter(boardOf(), { kind: 'held-connection', client: 'bob', from }, 0, {});
  const driver = screenOf([...login(1), ...login(3)], { size, lab });
  t.regex(driver.screen(), /bob’s connection of 00:00:00/);
  t.regex(driver.screen(), /> 00:00:00 A bob /);
  t.notRegex(driver.screen(), /your connection/);
  driver.press('b');
  t.regex(driver.screen(), /your connection of 00:00:00/);
  const korean = screenOf(login(3), { size, lab, language: 'ko' }).screen();
  t.regex(korean, /bob의 00:00:00 연결/);
  t.notRegex(korean, /내 연결/);
});

test('n names the next lab, and begins it only when it is pressed again', (t) => {
  const driver = screenOf([]).press('n');
  t.regex(driver.screen(), /mend-five: Mend five connections/);
  t.false(driver.effects.some(({ type }) => type === 'lab'));
  driver.press('n');
  t.deepEqual(driver.effects.at(-1), { type: 'lab', act: 'next' });
  const last = screenOf([], { lab: board('mutual-tls') }).press('n', 'n');
  t.regex(last.screen(), /last lab of the course/);
  t.false(last.effects.some(({ type }) => type === 'lab'));
});

test('letters of the Korean keyboard mean the same: ㅗ is h, ㅊ is c, ㅜ is n, ㄷ is e', (t) => {
  for (const [letter, sheet] of [
    ['ㅗ', 'task'],
    ['ㅊ', 'commands'],
    ['ㅜ', 'next'],
    ['ㄷ', 'task'],
  ] as const)
    t.is(screenOf([]).press(letter).model.sheet, sheet, letter);
});

test('at the bottom it says what was saved, and how long its check took', (t) => {
  const size = { columns: 80, rows: 24 };
  const at = Date.parse('2026-01-01T12:04:30Z');
  const changed = boardAfter(boardOf(), { kind: 'changed', files: ['settings.yaml'] }, at, {});
  const bottom = (lab: LabBoard): string => screenOf([], { size, lab }).screen().split('\n').at(-2) ?? '';
  t.is(bottom(changed).trimEnd(), ' saved settings.yaml 12:04:30: checking …');
  const checked = boardAfter(
    changed,
    { kind: 'checked', objects: [], files: ['settings.yaml'], results: [], found: [], milliseconds: 612 },
    at + 700,
    {},
  );
  t.is(bottom(checked).trimEnd(), ' saved settings.yaml 12:04:30: checked in 0.6 s');
});

test('a lab without wires shows what has happened, and the request that was refused', (t) => {
  const size = { columns: 80, rows: 24 };
  const asked = {
    method: 'GET',
    path: '/api/v1/pods',
    status: 403,
    user: 'alice',
    message: 'pods is forbidden',
  } as never;
  const lab = boardAfter(board('a-user-for-the-cluster'), { kind: 'asked', asked }, 0, {
    said: { en: 'alice GET /api/v1/pods 403', ko: 'alice GET /api/v1/pods 403' },
  });
  const driver = screenOf([], { size, lab });
  t.regex(driver.screen(), /REFUSED by the API server \(403\)/);
  t.regex(driver.screen(), /alice GET \/api\/v1\/pods 403/);
  t.notRegex(driver.screen(), /nothing on the wire/);
});

test('a failed webhook is told with its reason, also where not all of it fits', (t) => {
  const compiled = loadLab('the-webhook-nobody-trusts', compiledLabs);
  const event = {
    kind: 'webhook',
    webhook: 'secrets.ledger.example.com',
    outcome: 'failed_open',
    operation: 'CREATE',
    object: 'secrets/lost',
    namespace: 'workshop',
    user: 'kubernetes-admin',
    dryRun: false,
    message:
      'failed calling webhook "secrets.ledger.example.com": failed to call webhook: Post "https://ledger.workshop.svc:443/validate?timeout=5s": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-29T18:02:11Z is after 2026-11-28T18:02:06Z',
  } as const;
  const said = new LabSpeech(compiled).say(event);
  t.regex(said?.en ?? '', /let in all the same \(failurePolicy: Ignore\)\n.*has expired/);
  t.regex(said?.ko ?? '', /그래도 요청 통과\(failurePolicy: Ignore\)/);
  const lab = boardAfter(board('the-webhook-nobody-trusts'), event, 0, { said });
  for (const rows of [16, 40]) {
    const screen = screenOf([], { size: { columns: 80, rows }, lab }).screen();
    t.regex(screen, /secrets\.ledger\.example\.com/, `${rows} rows`);
    t.regex(screen, /2026-11-28T18:02:06Z/, `${rows} rows`);
    t.is(/ …\s*$/m.test(screen), rows < 40, screen);
  }
});

test('an hour of connections keeps the newest', (t) => {
  const driver = screenOf(Array.from({ length: 300 }, (_, at) => [opened(at, 'A'), closed(at, 'A')]).flat());
  t.true(driver.screen().includes('connection 299'));
  t.true((driver.look.scene.stops.length ?? 0) <= 301);
});

/** A screen to which more comes later. */
function growing(events: readonly CaptureDraft[], options: ByHandOptions = {}): ReturnType<typeof byHand> {
  return byHand([began, ...events], {
    isVisited: true,
    isLab: true,
    lab: found(boardOf()),
    mode: 'lab',
    modes: [{ name: 'lab', title: { en: '', ko: '' }, comparable: '' }],
    size: { columns: 100, rows: 30 },
    ...options,
  });
}

test('what a held client asks behind the door is not given to somebody who was refused there', (t) => {
  const page = 'GET /profile HTTP/1.1\r\nHost: shop.localhost\r\nCookie: password=tiger-lily\r\n\r\n';
  const held = login(1).filter(({ type }) => type !== 'closed');
  const { driver, log } = growing([...held, ...refused(5)]);
  t.regex(driver.screen(), /nothing arrived on wire B/);
  log.append(bytes(1, 'A', 'client', page));
  log.append(bytes(2, 'B', 'client', page));
  log.append(bytes(2, 'B', 'server', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  const screen = driver.screen();
  t.regex(screen, /connection 5/);
  t.regex(screen, /nothing arrived on wire B/);
  t.notRegex(screen, /profile/);
  t.notRegex(screen, /READABLE/);
});

test('what the reader has opened stays while connections come; closed, it shows the newest', (t) => {
  for (const key of ['v', 'e', 'c', 'z']) {
    const { driver, log } = growing(login(1));
    driver.press(key);
    const { body } = driver.look;
    const { sheet, zoomed } = driver.model;
    for (const draft of login(7)) log.append(draft);
    t.is(driver.look.body, body, key);
    t.is(driver.model.sheet, sheet, key);
    t.is(driver.model.zoomed, zoomed, key);
    t.is(driver.look.stop?.conn, 1, key);
    driver.press(key === 'e' || key === 'c' ? 'escape' : key);
    if (driver.look.body !== 'lab') driver.press('escape');
    t.is(driver.look.body, 'lab', key);
    t.is(driver.look.stop?.conn, 7, key);
  }
});

test('z enlarges the bytes of a connection, and leads back; where there is none it leaves the lab as it is', (t) => {
  const driver = growing(login(1)).driver.press('z');
  t.is(driver.look.body, 'wire');
  t.true(driver.model.zoomed);
  driver.press('down', 'z');
  t.is(driver.look.body, 'lab');
  t.false(driver.model.zoomed);
  const empty = screenOf([]).press('z');
  t.is(empty.look.body, 'lab');
  t.false(empty.model.zoomed);
  t.notRegex(empty.press('escape').screen(), / z | g /);
});

test('q asks before the lab ends, and r before its servers are started again', (t) => {
  const driver = growing(login(1)).driver.press('q');
  t.regex(driver.screen(), /End the lab\? q again ends it/);
  t.false(driver.effects.some(({ type }) => type === 'quit'));
  driver.press('x');
  t.is(driver.model.asking, false);
  driver.press('q', 'q');
  t.deepEqual(driver.effects.at(-1), { type: 'quit' });
  const other = growing(login(1)).driver.press('r');
  t.regex(other.screen(), /Start the servers again\? r again does/);
  other.press('q');
  t.false(other.effects.some(({ type }) => type === 'start' || type === 'quit'));
  other.press('r', 'r');
  t.deepEqual(other.effects.at(-1), { type: 'start', mode: 'lab' });
});

test('the arrows of a lab without wires say nothing', (t) => {
  const driver = screenOf([], { lab: board('a-user-for-the-cluster') }).press('up', 'down', 'up');
  t.is(driver.model.notice, undefined);
  t.is(driver.look.body, 'lab');
});

test('in a small window it is said how to end the lab, and what the check of many files took', (t) => {
  const size = { columns: 80, rows: 24 };
  const files = ['settings.yaml', 'staff-ca.crl', 'staff-ca.crt', 'front.crt', 'front.key'];
  const lab = boardAfter(
    boardOf(),
    { kind: 'checked', objects: [], files, results: [], found: [], milliseconds: 612 },
    0,
    {},
  );
  for (const events of [[], login(1), refused(5)]) {
    const lines = screenOf(events, { size, lab }).screen().split('\n');
    t.regex(lines.at(-1) ?? '', / q quit/);
    t.regex(lines.at(-2) ?? '', /^ saved settings\.yaml.* \+\d .*checked in 0\.6 s/);
  }
});

test('a finding says what is expected; a typo in the settings takes back nothing that is done', (t) => {
  const size = { columns: 100, rows: 30 };
  const typo = boardAfter(
    board('mutual-tls', { done: ['ask-for-certificates'] }),
    {
      kind: 'found',
      results: ['ask-for-certificates', 'keep-mallory-out'].map((id) => ({
        id,
        status: 'open',
        reason: 'bad_settings',
        says: inEach(() => 'unknown field: clientAuthority'),
        mistake: {
          what: inEach(() => 'unknown field: clientAuthority'),
          where: 'settings.yaml:9',
          expected: inEach(() => 'clientAuthorities'),
        },
        findings: [],
      })),
    },
    0,
    {},
  );
  const screen = screenOf([], { size, lab: typo }).screen();
  t.regex(screen, /1 of 2/);
  t.regex(screen, /expected: clientAuthorities/);
});

test('the list has a row for each connection that its head counts', (t) => {
  const events = Array.from({ length: 10 }, (_, at) => [opened(at, 'A'), closed(at, 'A')]).flat();
  const screen = screenOf(events, { size: { columns: 100, rows: 30 } })
    .press('g')
    .screen();
  t.regex(screen, /10\/10/);
  t.is(screen.match(/^..? +#\d+ /gm)?.length, 10);
});

test('a client that has sent sealed bytes is not said to have sent nothing', (t) => {
  const hello = Buffer.from('160301000401000000', 'hex');
  const [first, ...rest] = refused(5);
  const events: CaptureDraft[] = [
    ...(first ? [first] : []),
    { type: 'bytes', conn: 5, hop: 'A', vantage: 'wire', from: 'client', bytes: hello },
    ...rest,
  ];
  const screen = screenOf(events, { size: { columns: 100, rows: 30 } }).screen();
  t.regex(screen, /REFUSED by front/);
  t.notRegex(screen, /sent +nothing/);
});
