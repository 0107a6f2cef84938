/**
 * The whole program on an emulated terminal, with real runs behind it: after every key what stands on the screen is, cell
 * by cell, what the view says; whatever the terminal is and however it changes.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testAtLength, timesOf } from '../../../helpers/at-length.ts';
import { stateHome } from '../../../helpers/state-home.ts';
import { UserError } from '../../../../src/i18n/user-error.ts';
import type { Theme } from '../../../../src/ui/tui/theme.ts';
import { isWhole, performed, textOf } from '../support/performed.ts';
import type { Performed } from '../support/performed.ts';

// Each screen listens for signals of the process.
process.setMaxListeners(40);

const sizes = { first: { columns: 80, rows: 24 } } as const;

/** Always the same sizes, all over the place. */
function someSize(at: number): { columns: number; rows: number } {
  return { columns: 1 + ((at * 7919) % 220), rows: 1 + ((at * 104_729) % 70) };
}

async function resizeTo({ emulator, until }: Performed, columns: number, rows: number): Promise<void> {
  emulator.resize(columns, rows);
  await until((text) => isWhole(text.split('\n'), columns) && text.split('\n').length === rows);
}

for (const language of ['en', 'ko'] as const) {
  const register: typeof testAtLength = language === 'en' ? test : testAtLength;
  register(
    `from the first key to the last, with a hundred new sizes in between, the screen is what the view says (${language})`,
    async (t) => {
      const { leaked, sealed, readable, help } = {
        en: {
          leaked: /as plain text/,
          sealed: /wire A SEALED/,
          readable: /READABLE/,
          help: /what stands on this screen/,
        },
        ko: { leaked: /평문 그대로/, sealed: /구간 A 암호화됨/, readable: /평문/, help: /이 화면에 있는 것/ },
      }[language];
      const screen = await performed(t, { language, ...sizes.first });
      const { emulator, press, until, loop } = screen;
      await until(/plaintext/);
      t.true(emulator.alternate);
      t.is(emulator.title, 'wirelab plaintext');
      let resized = 0;
      const disturb = async (times: number): Promise<void> => {
        for (let time = 0; time < times; time++) {
          const { columns, rows } = someSize(++resized);
          // Several at once, as when a corner is dragged: some are never drawn.
          if (time % 3 === 0) await resizeTo(screen, columns, rows);
          else emulator.resize(columns, rows);
        }
        await resizeTo(screen, sizes.first.columns, sizes.first.rows);
      };
      await press(' ');
      await until(/(?:step )?2\/6/);
      await press(' ');
      t.regex(await until(leaked), /tiger-lily/);
      await disturb(15);
      await press('2');
      await until(sealed);
      await disturb(15);
      await press('3');
      await until((text) => sealed.test(text) && /mtls/.test(text));
      await press('1');
      t.regex(await until((text) => leaked.test(text) && /plaintext/.test(text)), readable);
      await disturb(15);
      // To the wire by itself, and into its records.
      await press('2vk');
      await until(/POST \/login/);
      t.true(loop.model.opened);
      await press('x');
      await until(/[0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2}/);
      await disturb(15);
      await press('xx?');
      await until(help);
      await disturb(10);
      await press('??L');
      await until((text) => !help.test(text) && (language === 'en' ? /비밀/ : /secret/).test(text));
      await disturb(30);
      await press('Q');
      t.is(await screen.ended, 0);
      await emulator.settled();
      t.deepEqual(
        [emulator.alternate, emulator.cursorHidden, emulator.mouseTracking, emulator.input.isRaw],
        [false, false, 'none', false],
      );
      t.true(emulator.screen().every((line) => line.trim() === ''));
      t.is(screen.finished(), 1);
    },
  );
}

test('all of mutual TLS step by step: every stop stands there whole, and the verdict holds', async (t) => {
  const screen = await performed(t, { scenario: 'mtls', columns: 120, rows: 40 });
  const { press, until, loop } = screen;
  await until(/mtls/);
  const seen: string[] = [];
  for (let stop = 1; !/verdict|PASSED|FAILED/.test(seen.at(-1) ?? ''); stop++) {
    await press(' ');
    seen.push(await until(() => loop.model.places['mtls']?.stop === stop));
    if (stop > 60) t.fail('it has no end');
  }
  t.regex(seen.at(-1) ?? '', /PASSED/);
  t.true(seen.filter((text) => /REFUSED/.test(text)).length >= 5);
  t.is(await screen.leave(), 0);
});

test('a key that is typed ahead of a slow start is not lost', async (t) => {
  const screen = await performed(t, { prepare: ({ input }) => input.write(' ') });
  await screen.until(/step 2/);
  t.is(await screen.leave(), 0);
});

const firstScreen = async (
  t: ExecutionContext,
  options: Parameters<typeof performed>[1],
): Promise<{ text: string; screen: Performed }> => {
  const screen = await performed(t, options);
  await screen.until(/plaintext/);
  await screen.press(' ');
  await screen.until(/step 2/);
  await screen.press(' ');
  return { text: await screen.until(/READABLE/), screen };
};

test('a terminal whose arrows and lines take two cells gets an ASCII frame', async (t) => {
  const { text, screen } = await firstScreen(t, { answers: 'as a wide one' });
  t.regex(text, /^[\x20-\x7e\n]*$/);
  t.is(await screen.leave(), 0);
});

test('a terminal that never answers is drawn like most', async (t) => {
  const { text, screen } = await firstScreen(t, { answers: 'never' });
  t.regex(text, /──http──/);
  t.is(await screen.leave(), 0);
});

for (const variables of [{ LANG: 'C' }, { LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' }, { LANG: '' }]) {
  test(`the locale ${JSON.stringify(variables)} gets an ASCII frame, and is not tried with other characters`, async (t) => {
    const { text, screen } = await firstScreen(t, { variables });
    t.regex(text, /^[\x20-\x7e\n]*$/);
    t.regex(screen.emulator.output.log, /^[\x00-\x7f]*$/);
    t.is(await screen.leave(), 0);
  });
}

/** The colours of the bar, its text and its ground: another pair in each theme. */
const bars = { dark: [16, 250], light: [231, 238], contrast: [16, 231] } as const;

for (const [name, theme, options] of [
  ['a terminal with a black background', 'dark', { background: 'rgb:0000/0000/0000' }],
  ['a terminal with a white background', 'light', { background: 'rgb:ffff/ffff/ffff' }],
  ['a white one that draws ASCII', 'light', { background: 'rgb:ffff/ffff/ffff', variables: { LANG: 'C' } }],
  ['a terminal that does not say', 'dark', {}],
  ['a variable that does', 'light', { variables: { COLORFGBG: '0;15' } }],
  ['--theme, against the background', 'light', { background: 'rgb:0/0/0', words: ['--theme', 'light'] }],
  [
    '--theme, against WIRELAB_THEME',
    'contrast',
    { words: ['--theme', 'contrast'], variables: { WIRELAB_THEME: 'light' } },
  ],
  [
    'WIRELAB_THEME, against the background',
    'light',
    { background: 'rgb:0/0/0', variables: { WIRELAB_THEME: 'light' } },
  ],
] as const satisfies readonly (readonly [string, Theme, Parameters<typeof performed>[1]])[]) {
  test(`${name} has the theme ${theme}`, async (t) => {
    const screen = await performed(t, options);
    await screen.until(/plaintext/);
    const { foreground, background } = screen.emulator.cellsAt(0)[1] ?? {};
    t.deepEqual([foreground, background], [...bars[theme]]);
    t.is(await screen.leave(), 0);
  });
}

test('with both chosen the terminal is asked nothing', async (t) => {
  const screen = await performed(t, { words: ['--theme', 'dark', '--ascii'] });
  await screen.until(/plaintext/);
  t.notRegex(screen.emulator.output.log, /\x1b\[6n|\x1b\]11/);
  t.is(await screen.leave(), 0);
});

test('high contrast covers the whole screen with its own colours', async (t) => {
  const { screen } = await firstScreen(t, { words: ['--theme', 'contrast'] });
  for (let row = 0; row < 24; row++)
    for (const { width, foreground, background, text } of screen.emulator.cellsAt(row))
      t.false(width > 0 && (foreground === undefined || background === undefined), `${row}: ${text}`);
  t.is(await screen.leave(), 0);
});

test('a theme that does not exist is a mistake, with the list', async (t) => {
  const error = await t.throwsAsync(performed(t, { variables: { WIRELAB_THEME: 'pink' } }), {
    instanceOf: UserError,
  });
  t.regex(error.message, /WIRELAB_THEME/);
  t.like(error.facts, { received: 'pink', expected: { en: 'dark|light|contrast' } });
});

const packets = (screen: Performed): number => screen.emulator.output.log.split('●').length - 1;

test('a packet crosses the wires when a step has played, unless nothing is to move', async (t) => {
  const played = async (options: Parameters<typeof performed>[1]): Promise<number> => {
    const { screen } = await firstScreen(t, options);
    await screen.until(() => screen.loop.model.places['plaintext']?.stop === 2);
    t.is(await screen.leave(), 0);
    return packets(screen);
  };
  t.true((await played({ variables: { WIRELAB_NO_MOTION: '' } })) > 0);
  t.is(await played({ variables: { WIRELAB_NO_MOTION: '' }, words: ['--no-motion'] }), 0);
  t.is(await played({ variables: { WIRELAB_NO_MOTION: '1' } }), 0);
});

test('without colours none is written', async (t) => {
  const { screen } = await firstScreen(t, { variables: { NO_COLOR: '1' } });
  t.deepEqual(
    [...new Set(screen.emulator.output.log.match(/\x1b\[[\d;]*m/g))].filter(
      (sequence) => !/^\x1b\[(?:[147](?:;[147])*)?m$/.test(sequence),
    ),
    [],
  );
  t.is(await screen.leave(), 0);
});

test('a terminal without a name is a terminal', async (t) => {
  const { text, screen } = await firstScreen(t, { variables: { TERM: undefined } });
  t.regex(text, /tiger-lily/);
  t.is(await screen.leave(), 0);
});

for (const [columns, rows] of [
  [1, 1],
  [2, 1],
  [1, 50],
  [300, 1],
  [39, 11],
] as const) {
  test(`a window of ${columns}x${rows} shows what fits, takes keys, and grows`, async (t) => {
    const screen = await performed(t, { columns, rows });
    await screen.until((text) => text.split('\n').length === rows);
    // Before there is a run as well.
    await screen.press(' ');
    await screen.until(() => screen.loop.model.places['plaintext']?.stop === 1);
    await screen.press(' ');
    await resizeTo(screen, 80, 24);
    await screen.until(/as plain text/);
    await resizeTo(screen, columns, rows);
    await screen.press('\x1b[<0;1;1M');
    t.is(await screen.leave(), 0);
  });
}

test('a window that says 0 by 0 is drawn as 80 by 24', async (t) => {
  const screen = await performed(t, { prepare: ({ output }) => void (output.columns = output.rows = 0) });
  t.deepEqual(screen.loop.model.size, { columns: 80, rows: 24 });
  t.is(await screen.leave(), 0);
});

test('a new size during the start is the size of the first frame', async (t) => {
  const screen = await performed(t, {
    prepare: (emulator) => void emulator.wrote().then(() => emulator.resize(100, 30)),
  });
  await resizeTo(screen, 100, 30);
  await screen.until(/plaintext/);
  t.is(await screen.leave(), 0);
});

test('Ctrl-Z where no shell could continue the program takes the terminal back at once, in a search as well', async (t) => {
  const screen = await performed(t);
  const { emulator } = screen;
  await screen.until(/plaintext/);
  for (const keys of ['\x1a', '/alice\x1a']) {
    const written = emulator.output.log.length;
    await screen.press(keys);
    await screen.until(() => emulator.output.log.slice(written).includes('\x1b[?1049h'));
    await screen.until(/plaintext/);
    t.true(emulator.output.log.slice(written).includes('\x1b[?1049l'));
    t.true(emulator.input.isRaw);
  }
  t.is(screen.loop.model.search.text, 'alice');
  await screen.press('\x1b[B\x1b\x1b');
  t.is(await screen.leave(), 0);
});

test('a show that is ended in the middle is offered at the next start, and g goes there', async (t) => {
  const variables = { WIRELAB_STATE: join(stateHome, 'left-in-the-middle') };
  const first = await performed(t, { scenario: 'tls', variables });
  await first.until(/step 1\/8/);
  t.notRegex(await first.until(/press space/), /Last time/);
  await first.press('g4\r');
  await first.until(/step 4\/8[^]*what do you think/);
  await first.press('q');
  await first.until(/End the show\?/);
  await first.press('q');
  t.is(await first.ended, 0);
  const second = await performed(t, { scenario: 'tls', variables });
  await second.until(/step 1\/8[^]*Last time you were at step 4/);
  await second.press('g\r');
  t.notRegex(await second.until(/step 4\/8[^]*what do you think/), /Last time/);
  // To the end: there is nothing to go on with.
  await second.press('g8\r');
  await second.until(/step 8\/8[^]*PASSED/);
  t.is(await second.leave(), 0);
  const third = await performed(t, { scenario: 'tls', variables });
  t.notRegex(await third.until(/step 1\/8[^]*press space|press space[^]*step 1\/8/), /Last time/);
  t.is(await third.leave(), 0);
});

/** A scenario of one's own whose shop wants a port that is taken. */
async function busyScenario(
  t: ExecutionContext,
): Promise<{ readonly folder: string; readonly free: () => void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-busy-'));
  t.teardown(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const { port } = server.address() as AddressInfo;
  writeScenario(join(folder, 'busy'), { port });
  return { folder: join(folder, 'busy'), free: () => server.close() };
}

function writeScenario(folder: string, { port }: { readonly port: number }): void {
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'scenario.yaml'),
    `secrets: { password: { value: tiger-lily }, rrn: { value: 900101-1234567 } }
accounts: { alice: { password: password, rrn: rrn } }
servers: { shop: { kind: login-server, port: ${port} } }
clients: { customer: { account: alice } }
wires: { '0': { seat: { en: café, ko: 카페 } } }
steps: [{ id: direct, login: { client: customer, to: shop, wire: '0' }, expect: [{ admitted: { as: alice } }] }]
`,
  );
  for (const [file, words] of [
    ['en.md', ['Busy', 'Hello.', 'One', 'Before.', 'What now?', 'After.']],
    ['ko.md', ['붐빔', '안녕하세요.', '하나', '전.', '이제는요?', '후.']],
  ] as const) {
    const [title, intro, step, before, question, after] = words;
    writeFileSync(
      join(folder, file),
      `# ${title}\n\n${intro}\n\n## direct: ${step}\n\n${before}\n\n### question\n\n${question}\n\n### after\n\n${after}\n\n## what-this-does-not-prove\n\n${after}\n`,
    );
  }
}

test('a run that cannot start says why on the screen; the others are a key away, and it starts when the port is free', async (t) => {
  const { folder, free } = await busyScenario(t);
  const screen = await performed(t, { scenario: folder, columns: 120, rows: 40 });
  const { press, until } = screen;
  await until(/port|EADDRINUSE/i);
  await press('1');
  await until(/as plain text/);
  await press('2');
  await until(/SEALED/);
  t.is(await screen.leave(), 0);
  free();
  const again = await performed(t, { scenario: folder });
  await again.until(/step 1/);
  // The port of the run before must be free again.
  for (let time = 0; time < 5; time++) {
    const { sessions } = again.loop.model;
    await again.press('r');
    await again.until(
      () =>
        again.loop.model.sessions !== sessions &&
        Object.values(again.loop.model.sessions).every(({ state }) => state === 'waiting'),
    );
  }
  t.is(await again.leave(), 0);
});

test('who leaves a run that could not start has made a mistake, and is told so by the exit code', async (t) => {
  const { folder } = await busyScenario(t);
  const screen = await performed(t, { scenario: folder });
  await screen.until(/port|EADDRINUSE/i);
  t.is(await screen.leave(), 2);
});

test('certificates that cannot be made are told on the screen', async (t) => {
  const screen = await performed(t, { scenario: 'mtls', variables: { WIRELAB_CERTS: '/dev/null/certs' } });
  t.regex(await screen.until(/\/dev\/null/), /mtls/);
  await screen.press('1');
  await screen.until(/as plain text/);
  t.is(await screen.leave(), 0);
});

test('a restart takes up the same place in time, again and again', async (t) => {
  const screen = await performed(t, { scenario: 'tls' });
  for (let time = 0; time < timesOf(20, 4); time++) {
    const before = screen.loop.model.sessions;
    await screen.press('r');
    await screen.until(
      () => screen.loop.model.sessions !== before && screen.loop.model.sessions['tls']?.state === 'waiting',
    );
    await screen.press(' ');
    await screen.until(() => screen.loop.model.places['tls']?.stop === 1);
    if (time % 2 === 0) await screen.press(' ');
  }
  t.is(await screen.leave(), 0);
});

test('thousands of keys in haste, with clicks between, end in a screen that is whole and lets go', async (t) => {
  const screen = await performed(t, { columns: 100, rows: 30 });
  await screen.until(/plaintext/);
  const keys = [
    ...Array.from('  b123wxkevmNP,.g/nNcfLl?pr'),
    '\x1b[A',
    '\x1b[B',
    '\x1b[C',
    '\x1b[D',
    '\x1b[5~',
    '\x1b[6~',
    '\x1b[H',
    '\x1b[F',
    '\t',
    '\x1b[Z',
    '\r',
    '\x7f',
    'ㅈㄷㅏ',
    '한',
    '\x1a',
    '\x1b',
  ];
  let state = 12_345;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const before = process.memoryUsage().heapUsed;
  for (let burst = 0; burst < timesOf(100, 20); burst++) {
    let typed = '';
    for (let count = 0; count < 100; count++) {
      const which = random(keys.length + 6);
      typed += keys[which] ?? `\x1b[<${[0, 64, 65][which % 3]};${1 + random(110)};${1 + random(34)}M`;
    }
    await screen.press(typed);
    if (burst % 10 === 0) {
      const { columns, rows } = someSize(burst + 1);
      screen.emulator.resize(columns, rows);
    }
  }
  await screen.press('\x1b');
  screen.emulator.resize(100, 30);
  await screen.until((text) => isWhole(text.split('\n'), 100));
  t.true(process.memoryUsage().heapUsed - before < 300e6);
  await screen.press('\x03');
  t.is(await screen.ended, 130);
});

test('a paste of 100 kB while the window changes is read through', async (t) => {
  const screen = await performed(t);
  await screen.until(/plaintext/);
  const text = 'SELECT * FROM 지문; \x1b[31mred\x1b[m\n'.repeat(3000);
  for (let at = 0; at < text.length; at += 4096) {
    await screen.press(text.slice(at, at + 4096));
    const { columns, rows } = someSize(at / 4096);
    screen.emulator.resize(columns, rows);
  }
  await screen.press('\x1b');
  screen.emulator.resize(80, 24);
  await screen.until((shown) => isWhole(shown.split('\n'), 80));
  t.is(textOf(screen.loop).length, 24);
  await screen.press('\x03');
  t.is(await screen.ended, 130);
});
