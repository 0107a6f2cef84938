/** The list of connections: what each row says, filtering, going to a number, following the newest, and copies of a message. */
import test from 'ava';
import type { CaptureDraft } from '../../../../src/capture/event.ts';
import { answered, bytes, closed, opened, topology } from '../../../presentation/support/captured.ts';
import type { Driver } from '../support/driver.ts';
import { byHand } from '../support/scenes.ts';

const began: CaptureDraft = {
  type: 'began',
  version: '0.0.0',
  wallClock: '2026-11-28T10:00:00.000Z',
  topology,
};

/** Reads all that the screen wants to show. */
function settled(driver: Driver): Driver {
  driver.send({ type: 'frame' });
  for (let turn = 0; driver.scene.isReading && turn < 10_000; turn++) driver.send({ type: 'read-on' });
  return driver;
}

const said = (conn: number, path: string, status: string): CaptureDraft[] => [
  opened(conn),
  bytes(conn, 'client', `POST ${path} HTTP/1.1\r\nHost: shop-${conn}\r\nContent-Length: 3\r\n\r\na=1`),
  bytes(conn, 'server', `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`),
  closed(conn, 'server'),
];

const several = (): CaptureDraft[] => [
  began,
  ...said(0, '/login', '302 Found'),
  ...said(1, '/missing', '404 Not Found'),
  ...answered(2),
  ...said(12, '/late', '500 Oops'),
];

const list = (columns = 80, rows = 24): Driver => {
  const { driver } = byHand(several(), { isCapture: true, isVisited: true, size: { columns, rows } });
  return settled(driver.press('g'));
};

const rowsOf = (driver: Driver): string[] =>
  driver
    .screen()
    .split('\n')
    .filter((line) => /^[> ][* ] +#\d/.test(line));

test('a row has number, time, addresses, name, protocol, sizes and outcome; more of it in more room', (t) => {
  const narrow = rowsOf(list());
  t.is(narrow.length, 4);
  t.regex(narrow[0] ?? '', /^>\* +#0 \d\d:\d\d:\d\d .*shop-0 .*http .*\d+\/\d+ /);
  const wide = rowsOf(list(120, 40));
  t.regex(wide[1] ?? '', /^ +#1 \d\d:\d\d:\d\d \S+:\d+ .*shop-1 .*http .*readable/);
  const head = list(200, 50).screen().split('\n');
  t.true(
    head.some((line) =>
      /time UTC +client +server +name +protocol +→ \/ ← bytes +latency +outcome/.test(line),
    ),
  );
});

test('where a foreign connection asked for no name, a narrow list says at least which server it went to', (t) => {
  const narrowed = (wires: number): string => {
    const events: CaptureDraft[] = [
      { ...began, topology: { ...topology, wires: [...topology.wires, ...topology.wires].slice(0, wires) } },
      opened(0),
      bytes(0, 'client', Buffer.of(1, 2, 3, 4)),
      closed(0, 'server'),
    ];
    const { driver } = byHand(events, { isCapture: true, isVisited: true, size: { columns: 80, rows: 24 } });
    return rowsOf(settled(driver.press('g')))[0] ?? '';
  };
  t.regex(narrowed(1), /:1 +4\/0 /);
  t.notRegex(narrowed(2), /:1 +4\/0 /, 'all connections to a proxy have the same server');
});

test('in Korean too, in as many cells', (t) => {
  const { driver } = byHand(several(), { isCapture: true, isVisited: true, language: 'ko' });
  settled(driver.press('g'));
  t.regex(driver.screen(), /시각 UTC/);
});

for (const language of ['en', 'ko'] as const)
  for (const columns of [80, 100, 120, 200])
    test(`no word of the head is cut: ${language}, ${columns} columns`, (t) => {
      const { driver } = byHand(several(), {
        isCapture: true,
        isVisited: true,
        language,
        size: { columns, rows: 24 },
      });
      const [, , head = '', ...rows] = settled(driver.press('g')).screen().split('\n');
      t.regex(head, language === 'en' ? /protocol +→ \/ ← bytes +/ : /프로토콜 +→\/← 바이트 +/);
      t.notRegex(head, /…/);
      // Content that is readable is one thing, a secret that is readable another: they have different words in Korean.
      t.true(rows.some((row) => (language === 'en' ? / readable( |$)/ : / 평문( |$)/).test(row)));
    });

test('/ filters, and a mistake is said at its place and can be mended', (t) => {
  const driver = list();
  driver.press('/').type('status>=400').press('enter');
  settled(driver);
  t.deepEqual(
    rowsOf(driver).map((row) => /#\d+/.exec(row)?.[0]),
    ['#1', '#12'],
  );
  t.regex(driver.screen(), /── status>=400: 2 of 4 ─/);
  t.is(driver.press('enter').look.stop?.conn, 1);
  t.is(driver.press('space').look.stop?.conn, 12, 'what follows is what the filter lets through');
  t.is(driver.press('space').notice, 'the last one that the filter lets through');
  t.is(driver.press('b').look.stop?.conn, 1);
  driver.press('g', '/').type(' and foo=1').press('enter');
  t.is(driver.notice, 'unknown key: foo, at 17; expected: ' + (driver.notice ?? '').split('expected: ')[1]);
  t.true(driver.model.search.editing);
  driver.press('escape');
  t.regex(driver.screen(), /status>=400: 2 of 4/);
  driver.press('/', ...Array.from({ length: 11 }, () => 'backspace'), 'enter');
  t.is(rowsOf(settled(driver)).length, 4);
});

test('a text is looked for in every connection', (t) => {
  const driver = list();
  driver.press('/').type('Oops').press('enter');
  t.deepEqual(
    rowsOf(settled(driver)).map((row) => /#\d+/.exec(row)?.[0]),
    ['#12'],
  );
});

test('digits go to the connection of that number; without one it is said', (t) => {
  const driver = list();
  driver.press('1');
  t.regex(rowsOf(driver).find((row) => row.startsWith('>')) ?? '', /#1 /);
  driver.press('2');
  t.regex(rowsOf(driver).find((row) => row.startsWith('>')) ?? '', /#12 /);
  t.is(driver.press('enter').look.stop?.conn, 12);
  driver.press('g', '7');
  t.is(driver.notice, 'connection 7 is not in this list');
});

test('at its end the list follows what is new, elsewhere it stays', (t) => {
  const { driver, log } = byHand([began, ...answered(1), ...answered(2)], { isVisited: true });
  driver.press('g', 'end');
  for (const event of answered(3)) log.append(event);
  t.regex(rowsOf(settled(driver)).find((row) => row.startsWith('>')) ?? '', /#3 /);
  driver.press('up');
  for (const event of answered(4)) log.append(event);
  t.regex(rowsOf(settled(driver)).find((row) => row.startsWith('>')) ?? '', /#2 /);
});

test('a long list is filtered in turns, each short, and every connection is found', (t) => {
  const many = Array.from({ length: 900 }, (_, conn) =>
    said(conn, conn === 897 ? '/needle' : '/', '200 OK'),
  ).flat();
  const { driver } = byHand([began, ...many], { isCapture: true, isVisited: true });
  driver.press('g', '/').type('path=/needle').press('enter');
  driver.send({ type: 'frame' });
  t.true(driver.scene.isReading, 'one turn does not read them all');
  settled(driver);
  t.regex(driver.screen(), /path=\/needle: 1 of 900 ─/);
  t.regex(rowsOf(driver)[0] ?? '', /#897 /);
});

function copied(driver: Driver, key: string): string {
  driver.effects.length = 0;
  driver.press(key);
  const last = driver.effects.at(-1);
  return last?.type === 'copy' ? last.text : `nothing: ${driver.notice}`;
}

test('a request is copied as it is, as hex, and as a curl command', (t) => {
  const { driver } = byHand([began, ...said(3, '/login?x=1', '200 OK')], {
    isCapture: true,
    isVisited: true,
  });
  t.regex(copied(driver, 'c'), /^POST \/login\?x=1 HTTP\/1\.1\n/);
  t.regex(copied(driver, 'h'), /^50 ?4f ?53 ?54/);
  t.is(copied(driver, 'u'), "curl --data-binary a=1 -- 'http://shop-3/login?x=1'");
  driver.press('down');
  t.is(copied(driver, 'u'), 'nothing: choose a request of HTTP first');
});

test('the place in the list counts connections, and not the introduction before them', (t) => {
  const titled: CaptureDraft = { type: 'note', part: 'intro', text: { en: 'A proxy', ko: '프록시' } };
  const [first, ...rest] = several();
  const { driver } = byHand([first ?? began, titled, ...rest], {
    isVisited: true,
    size: { columns: 80, rows: 24 },
  });
  const rule = (): string | undefined => / (\S+) ─$/m.exec(settled(driver).screen())?.[1];
  driver.press('g');
  const seen = new Set([rule()]);
  for (let down = 0; down < 5; down++) seen.add((driver.press('down'), rule()));
  for (let up = 0; up < 5; up++) seen.add((driver.press('up'), rule()));
  t.true(seen.has('4/4') && seen.has('4') && !seen.has('5/5'), [...seen].join());
});
