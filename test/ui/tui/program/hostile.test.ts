/**
 * Foreign bytes cannot act on the terminal: every control, escape sequence, bidi and invisible character in requests, forms,
 * cookies, names in handshakes and certificates, narration and what is typed. What the terminal is told then is of the same
 * kinds as for harmless words, and each cell is what the frame says.
 */
import test from 'ava';
import { palette } from '../../../../src/ui/tui/palette.ts';
import type { ExecutionContext } from 'ava';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { CompiledScenario } from '../../../../src/engine/scenario.ts';
import { timesOf } from '../../../helpers/at-length.ts';
import type { Editable } from '../../../engine/support/demonstration.ts';
import { performed } from '../support/performed.ts';
import type { Performed } from '../support/performed.ts';

process.setMaxListeners(40);

const characters = (first: number, last: number): string =>
  Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at)).join('');

/** A piece each; none has a line end, which would end the line that it stands in. */
const pieces: readonly string[] = [
  characters(0x01, 0x09),
  characters(0x0b, 0x0c),
  characters(0x0e, 0x1f),
  characters(0x7f, 0x9f),
  '\x1b[2J\x1b[H',
  '\x1b[31;5m',
  '\x1b[?1049l',
  '\x1b[?25h',
  '\x1b[?1000h',
  '\x1b[10;20r',
  '\x1b[6n',
  '\x1b[c',
  '\x1b[21t',
  '\x1b[3;3H',
  '\x1bc',
  '\x1b(0',
  '\x0e',
  '\x1b#8',
  '\x1b]0;theirs\x07',
  '\x1b]2;theirs\x1b\\',
  '\x1b]52;c;dGhlaXJz\x07',
  '\x1b]8;;http://x/\x07link\x1b]8;;\x07',
  '\x1bP+q544e\x1b\\',
  '\x1b_G\x1b\\',
  '\x1b^x\x1b\\',
  '\x1bXx\x1b\\',
  '\x9b2J',
  '\x9d0;theirs\x9c',
  '\x90q\x9c',
  '\x9f\x9c',
  '\u202etxt\u202c',
  '\u2066x\u2069',
  '\u200b\u200d\u2060\ufeff',
  '\u2028\u2029',
  '\u00ad\u061c\u180e',
  'a\u0301\u0302\u0303\u20dd',
  '\u1112\u1161\u11ab',
  '\ud83d',
  '\ude00x',
  '😀👨‍👩‍👧',
  '\u{e0041}\u{e007f}',
  '{bold}{/}',
  '\t\t',
  '⌚✅',
  'ㅤ\uffa0',
];
const hostile = pieces.join('·');
const harmless = 'harmless words · 해롭지 않은 말';

/** Without lone surrogates: percent-encoding and certificates have no form for them. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

/** What kinds of things a terminal was told: the final letter and prefix of each sequence, modes with their numbers. */
function kindsOf(log: string): string[] {
  const kinds = new Set<string>();
  for (const [sequence] of log.matchAll(
    /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]|[\x00-\x1f\x7f-\x9f]/g,
  )) {
    if (/^\x1b\[[?>=<].*/.test(sequence) || /[hltrp]$/.test(sequence)) kinds.add(JSON.stringify(sequence));
    else if (sequence.startsWith('\x1b[')) kinds.add(`CSI ${sequence.at(-1)}`);
    else if (sequence.startsWith('\x1b]')) kinds.add(`OSC ${/\d+/.exec(sequence)?.[0]}`);
    else kinds.add(JSON.stringify(sequence));
  }
  return [...kinds].toSorted();
}

/** Looks at everything that is there to be seen of what is chosen, and copies it; each screen is checked as it comes. */
async function lookAround(screen: Performed, copies: string[]): Promise<void> {
  const { press, until, emulator } = screen;
  for (const key of [
    'x',
    'x',
    'x',
    'e',
    'e',
    'v',
    'v',
    'k',
    'k',
    'm',
    'm',
    '\t',
    '\x1b[C',
    '\x1b[F',
    'c',
    '\x1b[H',
    'c',
    '\t',
    '\x1b[B',
    '\x1b[Z',
    '\x1b[Z',
    '\x1b[B',
    'c',
    '\x1b[B',
    'c',
    'w',
    'P',
    'P',
    'L',
    'L',
  ]) {
    await press(key);
    await until(() => true);
    if (key === 'c' && emulator.clipboard !== undefined) copies.push(emulator.clipboard);
  }
}

const grounds = new Set(
  Object.values(palette).flatMap(({ dark }) => {
    const ground = /48;5;(\d+)/.exec(dark)?.[1];
    return ground === undefined ? [] : [Number(ground)];
  }),
);

function checkUntouched(t: ExecutionContext, { emulator }: Performed, title: string): void {
  t.is(emulator.title, title);
  t.deepEqual([emulator.alternate, emulator.cursorHidden, emulator.mouseTracking], [true, true, 'vt200']);
  for (let row = 0; row < emulator.output.rows; row++) {
    // No background but those of the palette.
    t.true(
      emulator.cellsAt(row).every(({ background }) => background === undefined || grounds.has(background)),
      `row ${row}`,
    );
  }
}

function checkCopies(t: ExecutionContext, copies: readonly string[]): void {
  t.true(copies.length > 0);
  for (const copy of copies) t.notRegex(copy, /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
}

/** Sends bytes, and waits until the other end is done with them. */
async function visit(port: number, bytes: string | Buffer): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket
      .on('error', () => {})
      .on('close', () => resolve())
      .resume();
  });
}

/** To the verdict, with everything kept up. */
async function held(
  t: ExecutionContext,
  scenario: string,
  words: string,
  edit?: (scenario: Editable<CompiledScenario>) => void,
): Promise<Performed> {
  const screen = await performed(t, {
    scenario,
    words: ['--hold', '--notes'],
    columns: 120,
    rows: 40,
    ...(edit ? { edit } : {}),
  });
  for (
    let stop = 0;
    screen.loop.model.sessions[scenario]?.state !== 'finished' ||
    screen.loop.model.places[scenario]?.stop !== screen.loop.model.sessions[scenario].scene.stops.length - 1;
    stop++
  ) {
    await screen.press(' ');
    await screen.until(
      () => screen.loop.model.goal === undefined && screen.loop.model.sessions[scenario] !== undefined,
    );
    t.true(stop < 100, words);
  }
  return screen;
}

function portsOf({ loop }: Performed, scenario: string): number[] {
  const ways = loop.model.sessions[scenario]?.scene.ways ?? [];
  return [...new Set(ways.flatMap(({ curl = '' }) => /localhost:(\d+)/.exec(curl)?.[1] ?? []).map(Number))];
}

async function plaintextStory(t: ExecutionContext, words: string): Promise<string> {
  const screen = await held(t, 'plaintext', words);
  const { emulator, press, until, loop } = screen;
  const title = 'wirelab plaintext';
  const copies: string[] = [];
  const [port = 0] = portsOf(screen, 'plaintext');
  const form = `username=${encodeURIComponent(wellFormed(words))}&password=tiger-lily&rrn=${encodeURIComponent(wellFormed(words))}`;
  const visits = [
    `GET /${words} HTTP/1.1\r\nHost: ${words}\r\nCookie: session=${words}\r\nX-${words}: ${words}\r\n\r\n`,
    `POST /login HTTP/1.1\r\nHost: shop\r\nUser-Agent: x\r\nCookie: a=${encodeURIComponent(wellFormed(words))}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\nConnection: close\r\n\r\n${form}`,
    Buffer.from(`\x16\x03\x01\x00\x10${words}`, 'latin1'),
    words,
  ];
  for (const bytes of visits) {
    const stops = loop.model.sessions['plaintext']?.scene.stops.length ?? 0;
    await visit(port, bytes);
    await until(() => (loop.model.sessions['plaintext']?.scene.stops.length ?? 0) > stops);
    await press('.');
    await until(/visitor/);
    await lookAround(screen, copies);
    checkUntouched(t, screen, title);
  }
  // As a paste: the terminal hands over whatever it was given.
  await press(`/${words.replaceAll(/[\x03\x1b\r\n]/g, '')}`);
  await until(() => true);
  await press('\x1b[0~\r');
  await until(() => true);
  await press('\x1b');
  checkUntouched(t, screen, title);
  checkCopies(t, copies);
  t.is(await screen.leave(), 0);
  return emulator.output.log;
}

test('requests, cookies, forms and noise of a visitor, and what is typed, do nothing but stand there', async (t) => {
  const [usual, log] = await Promise.all([plaintextStory(t, harmless), plaintextStory(t, hostile)]);
  const kinds = kindsOf(usual);
  t.true(kinds.includes('CSI m') && kinds.includes('OSC 52'));
  t.deepEqual(
    kindsOf(log).filter((kind) => !kinds.includes(kind)),
    [],
  );
  // It did stand there.
  t.true(log.includes('theirs'));
});

/** Every text of the narration, the seats on the wires, and the names in certificates. */
function poison(words: string): (scenario: Editable<CompiledScenario>) => void {
  const everywhere = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, part] of Object.entries(value)) {
      if (typeof part === 'string') (value as Record<string, string>)[name] = `${part} ${words}`;
      else everywhere(part);
    }
  };
  return (scenario) => {
    everywhere(scenario.narration);
    for (const wire of Object.values(scenario.file.wires ?? {})) everywhere(wire.seat);
    if (!scenario.certificates) return;
    scenario.certificates.name = `poisoned-${words.length}`;
    const { certificates } = scenario.certificates.recipe as {
      certificates: Record<string, { subject: { CN: string }; san?: string[] }>;
    };
    for (const name of ['rogue-client-ca', 'mallory', 'alice-expired']) {
      const row = certificates[name];
      // A common name has 64 characters at most: other pieces at other places.
      if (row)
        row.subject.CN = Array.from(`${name} ${wellFormed(words).slice(name.length * 3)}`)
          .slice(0, 60)
          .join('');
    }
  };
}

async function mtlsStory(t: ExecutionContext, words: string): Promise<string> {
  const screen = await held(t, 'mtls', words, poison(words));
  const { emulator, press, until, loop } = screen;
  const title = 'wirelab mtls';
  const copies: string[] = [];
  checkUntouched(t, screen, title);
  const stops = loop.model.sessions['mtls']?.scene.stops.length ?? 0;
  // Back through the story: every card, every note, in both languages.
  for (let stop = 0; stop < Math.min(stops - 1, timesOf(30, 10)); stop++) {
    await press('bc');
    await until(() => true);
    if (emulator.clipboard !== undefined) copies.push(emulator.clipboard);
    if (stop % 12 === 1) await lookAround(screen, copies);
    checkUntouched(t, screen, title);
  }
  const name = words.replaceAll(/[^\x01-\x7f]/g, '').slice(0, 120);
  for (const port of portsOf(screen, 'mtls').slice(0, 2)) {
    await new Promise<void>((resolve) => {
      const socket = connectTls(
        { port, host: '127.0.0.1', servername: name, ALPNProtocols: [name], rejectUnauthorized: false },
        () => socket.end(),
      );
      socket
        .on('error', () => {})
        .on('close', () => resolve())
        .resume();
    });
    await press('.');
    await until(/visitor/);
    await lookAround(screen, copies);
    checkUntouched(t, screen, title);
  }
  checkCopies(t, copies);
  await press('\x03');
  t.is(await screen.ended, 130);
  return emulator.output.log;
}

test('narration, seats, names in certificates and in a ClientHello do nothing but stand there', async (t) => {
  const [usual, log] = await Promise.all([mtlsStory(t, harmless), mtlsStory(t, hostile)]);
  const kinds = kindsOf(usual);
  t.true(kinds.includes('CSI m') && kinds.includes('OSC 52'));
  t.deepEqual(
    kindsOf(log).filter((kind) => !kinds.includes(kind)),
    [],
  );
  // It did stand there.
  t.true(log.includes('theirs'));
});

test('the name of a file in an error, and of a scenario, do nothing but stand there', async (t) => {
  const variables = { WIRELAB_CERTS: `/dev/null/${hostile.replaceAll('\0', '').slice(0, 200)}` };
  const screen = await performed(t, {
    scenario: 'tls',
    columns: 120,
    rows: 40,
    variables,
    edit: (scenario) => void (scenario.name = `tls${hostile}`),
  });
  await screen.until(/\/dev\/null/);
  t.notRegex(screen.emulator.title, /theirs$/);
  t.deepEqual(
    [screen.emulator.alternate, screen.emulator.cursorHidden, screen.emulator.mouseTracking],
    [true, true, 'vt200'],
  );
  t.is(await screen.leave(), 2);
});
