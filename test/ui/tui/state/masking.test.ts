/**
 * Masked secrets are shown nowhere: not in text, hex, titles, typed text or notices, at no size.
 */
import test from 'ava';
import { languages } from '../../../../src/i18n/language.ts';
import { timesOf } from '../../../helpers/at-length.ts';
import { present } from '../../../helpers/capture.ts';
import type { Driver } from '../support/driver.ts';
import { stepOutcome } from '../../../../src/presentation/step-outcome.ts';
import { showing } from '../../../../src/ui/tui/state/masking.ts';
import { byHand, demonstrations, recorded } from '../support/scenes.ts';

const secrets = ['tiger-lily', '900101-1234567'];

/** Parts of a secret that cannot occur by chance: a row may end within it. */
const pieces = secrets.flatMap((secret) =>
  Array.from({ length: secret.length - 5 }, (_, at) => secret.slice(at, at + 6)),
);
const hexPieces = secrets.flatMap((secret) => {
  const bytes = Array.from(Buffer.from(secret), (byte) => byte.toString(16));
  return Array.from(
    { length: bytes.length - 3 },
    (_, at) => new RegExp(bytes.slice(at, at + 4).join('[ [\\]|<>*]')),
  );
});

function seenIn(screen: string): string | undefined {
  return (
    pieces.find((piece) => screen.includes(piece)) ?? hexPieces.find((piece) => piece.test(screen))?.source
  );
}

/** Looks at the screen as it is in every language and layout, opened and closed, small and large. */
function lookEverywhere(driver: Driver, ascii = false): string | undefined {
  const { model } = driver;
  for (const [index, language] of [...languages, ...languages].entries()) {
    const layout = (['text', 'hex', 'both', 'text'] as const)[index] ?? 'text';
    driver.model = { ...model, ascii, language, layout };
    const screen = driver.screen(index < 2 ? { columns: 80, rows: 24 } : { columns: 200, rows: 50 });
    driver.model = model;
    const seen = seenIn(screen);
    if (seen !== undefined) return `${seen} is seen (${language}, ${layout}, ${driver.stop}):\n${screen}`;
  }
  return undefined;
}

test('what looks for secrets finds them where nothing is masked', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('space', 'space');
  t.truthy(seenIn(driver.screen()));
  driver.press('x');
  t.truthy(hexPieces.find((piece) => piece.test(driver.screen())));
});

test('a secret with line breaks is one line of what leaked, escaped', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('space', 'space');
  const look = present(driver.look);
  const { sources } = look.scene;
  const secrets = new Map([...sources.secrets.keys()].map((id) => [id, 'a\nwire B SEALED\u001b[2J']));
  Object.assign(look.scene, { sources: { ...sources, secrets } });
  const written = (masked: boolean): string[] =>
    stepOutcome(look, showing({ ...driver.model, masked })).statements.map(({ text }) => text.en);
  t.true(written(false).some((line) => line.includes('a\\nwire B SEALED\\x1b[2J')));
  for (const line of [...written(false), ...written(true)]) t.notRegex(line, /[\n\u001b]/);
  t.false(written(true).some((line) => line.includes('SEALED')));
});

for (const name of demonstrations) {
  test(`${name}: no stop, view or wire of it shows a masked secret`, (t) => {
    const { driver } = recorded(name, { masked: true });
    for (let stop = 0; stop === 0 || !driver.press('space').stop.startsWith('verdict'); stop++) {
      if (driver.stop.startsWith('question') || stop % timesOf(1, 3) !== 0) continue;
      for (const keys of [
        [],
        ['tab', 'e'],
        ['e'],
        ['v'],
        ['N'],
        ['P'],
        ['w'],
        ['s'],
        ['t'],
        ['t', 'tab', 'tab', 'pagedown'],
      ]) {
        const before = driver.model;
        driver.press(...keys);
        const seen = lookEverywhere(driver);
        if (seen !== undefined) return t.fail(`after ${keys.join(' ')}: ${seen}`);
        driver.press('k');
        const opened = lookEverywhere(driver);
        if (opened !== undefined) return t.fail(`after ${keys.join(' ')} k: ${opened}`);
        driver.model = before;
      }
    }
    const end = lookEverywhere(driver) ?? lookEverywhere(driver.press('end'));
    return end === undefined ? t.pass() : t.fail(end);
  });
}

test('a cursor on any byte of the login uncovers nothing', (t) => {
  const { driver } = recorded('plaintext', {
    masked: true,
    layout: 'both',
    size: { columns: 120, rows: 40 },
  });
  driver.press('space', 'space', 'tab');
  const { row } = { row: present(driver.look.rows.at(driver.look.chosen)) };
  for (let offset = 0; offset < row.message.length; offset += timesOf(1, 3)) {
    driver.send({
      type: 'point',
      cursor: { conn: row.connection.conn, message: row.index, offset },
      pane: 'bytes',
    });
    t.is(seenIn(driver.screen()), undefined, `${offset}\n${driver.screen()}`);
  }
});

test('a secret in a request line, a header, an answer, a name or a search is masked too', (t) => {
  const address = (port: number): { host: string; port: number } => ({ host: '127.0.0.1', port });
  const [password = '', rrn = ''] = secrets;
  const { driver } = byHand(
    [
      {
        type: 'began',
        version: '0',
        wallClock: '2026-01-01T00:00:00.000Z',
        topology: {
          participants: [
            { name: 'client', role: 'client' },
            { name: 'server', role: 'server' },
          ],
          wires: [{ hop: 'A', from: 'client', to: 'server', protocol: 'http' }],
        },
      },
      { type: 'opened', conn: 1, hop: 'A', transport: 'tcp', from: address(50_000), to: address(80) },
      {
        type: 'bytes',
        conn: 1,
        hop: 'A',
        vantage: 'wire',
        from: 'client',
        bytes: Buffer.from(
          `GET /login?p=${password}&r=${rrn} HTTP/1.1\r\nHost: ${rrn}.localhost\r\nX-Note: is ${password} right\r\n\r\n`,
        ),
      },
      {
        type: 'bytes',
        conn: 1,
        hop: 'A',
        vantage: 'wire',
        from: 'server',
        bytes: Buffer.from(`HTTP/1.1 302 ${password}\r\nLocation: /?${rrn}\r\nContent-Length: 0\r\n\r\n`),
      },
      {
        type: 'bytes',
        conn: 1,
        hop: 'A',
        vantage: 'wire',
        from: 'client',
        bytes: Buffer.from(
          `POST /x HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${7 + password.length + rrn.length}\r\n\r\nnote=x${password}${rrn}y`,
        ),
      },
      { type: 'closed', conn: 1, hop: 'A', by: 'client', how: 'end' },
    ],
    {
      masked: true,
      secrets: [
        { id: 'password', value: password },
        { id: 'rrn', value: rrn },
      ],
    },
  );
  for (let message = 0; message < 5; message++) {
    for (const keys of [[], ['tab'], ['tab', 'e']]) {
      const before = driver.model;
      const seen = lookEverywhere(driver.press(...keys)) ?? lookEverywhere(driver, true);
      t.is(seen, undefined, `message ${message}, ${keys.join(' ')}`);
      driver.model = before;
    }
    driver.press('down');
  }
  driver.press('/').type(password);
  t.is(lookEverywhere(driver), undefined);
  driver.press('tab');
  t.is(lookEverywhere(driver), undefined);
});

test('what is hidden in the bytes by its shape, such as a session, is hidden where it is explained and copied', (t) => {
  const { driver } = recorded('plaintext', { masked: true, size: { columns: 160, rows: 45 } });
  driver.press('space', 'space');
  const session =
    /session=([0-9a-f]{32})/.exec(
      Buffer.from(present(driver.look.rows.at(2)?.message.bytes())).toString(),
    )?.[1] ?? '';
  t.is(session.length, 32);
  for (const keys of [['down'], ['down']]) {
    driver.press(...keys, 'tab');
    const { message, connection, index } = present(driver.look.rows.at(driver.look.chosen));
    const offset = message.offset + Buffer.from(present(message.bytes())).indexOf(session);
    if (offset < message.offset) continue;
    driver.send({
      type: 'point',
      cursor: { conn: connection.conn, message: index, offset: offset + 3 },
      pane: 'bytes',
    });
    t.false(driver.screen().includes(session.slice(0, 8)), driver.screen());
    driver.press('c');
    const copied = driver.effects.at(-1);
    t.true(copied?.type === 'copy' && !copied.text.includes(session.slice(0, 8)), JSON.stringify(copied));
    driver.press('tab');
  }
});
