/**
 * The launcher in a real terminal, as a person starts it: in tmux, from the first key to the last, at three sizes and in
 * both languages. What stands in the window is read back from tmux, which has its own opinion of widths.
 */
import test from 'ava';
import { cellWidth } from '../../../../src/i18n/width.ts';
import { withPeer } from '../../../helpers/peer.ts';
import { isWhole } from '../support/performed.ts';
import { launcher, sharedTmux } from '../support/tmux.ts';
import type { Pane } from '../support/tmux.ts';

const tmux = sharedTmux();
test.after.always(async () => tmux.close());

const words = {
  en: {
    step: /step 1\//,
    question: /what do you think\?/,
    leaked: /as plain text/,
    sealed: /wire A SEALED/,
    readable: /READABLE/,
    columns: /│/,
    help: /what stands on this screen/,
  },
  ko: {
    step: /1\/\d+단계/,
    question: /어떻게 될까요\?/,
    leaked: /평문 그대로/,
    sealed: /구간 A 암호화됨/,
    readable: /평문/,
    columns: /│/,
    help: /이 화면에 있는 것/,
  },
} as const;

/** Cells at which one of these characters stands. */
function cellsOf(line: string | undefined, characters: RegExp): Set<number> {
  return new Set(
    [...(line ?? '').matchAll(characters)].map(({ index }) => cellWidth((line ?? '').slice(0, index))),
  );
}

/** Rows with a vertical line that goes on neither above nor below: what a shifted row looks like. */
function crookedRows(text: string): string[] {
  const lines = text.split('\n');
  const joints = lines.map((line) => cellsOf(line, /[│┬┴┼├┤┌┐└┘]/g));
  return lines.filter((line, row) =>
    [...cellsOf(line, /│/g)].some((cell) => !joints[row - 1]?.has(cell) && !joints[row + 1]?.has(cell)),
  );
}

/** Presses a key and waits; answers with what stands there then and how long it took. */
async function press(
  pane: Pane,
  key: string,
  what: RegExp | ((text: string) => boolean),
): Promise<{ text: string; milliseconds: number }> {
  const began = performance.now();
  await pane.type(key);
  const text = await pane.until(what);
  return { text, milliseconds: performance.now() - began };
}

const rows = [
  ['plaintext', 80, 24, 'en'],
  ['tls', 80, 24, 'ko'],
  ['mtls', 80, 24, 'en'],
  ['plaintext', 120, 40, 'ko'],
  ['tls', 120, 40, 'en'],
  ['mtls', 120, 40, 'ko'],
  ['plaintext', 200, 50, 'en'],
  ['tls', 200, 50, 'ko'],
  ['mtls', 200, 50, 'en'],
] as const;

for (const [name, columns, size, language] of rows) {
  withPeer(
    'tmux',
    `${name} at ${columns}x${size} (${language}): from the first key to the last every row stands straight, and the shell comes back`,
    async (t) => {
      const say = words[language];
      const hasColumns = (text: string): boolean => text.split('\n').some((line) => say.columns.test(line));
      const pane = await tmux.open(t, { columns, rows: size });
      await pane.setTitle('before');
      await pane.type('seq 1001 1060; stty -a\r');
      await pane.until(/rows[^]*ready>$/m);
      const state = await pane.state();
      const before = (await pane.history()).join('\n').trimEnd();
      const first = await press(pane, `${launcher} run ${name} --lang ${language}\r`, say.step);
      t.true(first.milliseconds < 10_000);
      const straight = (text: string, what: string): void => {
        t.deepEqual(crookedRows(text), [], `${what}\n${text}`);
        t.true(
          text.split('\n').every((line) => cellWidth(line) <= columns),
          what,
        );
      };
      await press(pane, ' ', say.question);
      const shown = await press(
        pane,
        ' ',
        (text) =>
          /step 3\/|3\/\d+단계/.test(text) &&
          (name === 'plaintext'
            ? say.leaked.test(text) && text.includes('tiger-lily')
            : say.sealed.test(text)) &&
          hasColumns(text),
      );
      straight(shown.text, 'the first step');
      t.regex(shown.text, name === 'plaintext' ? /──http──/ : name === 'tls' ? /──https──/ : /──mtls──/);
      const took: number[] = [];
      for (const [key, mode] of [
        ['1', 'plaintext'],
        ['2', 'tls'],
        ['3', 'mtls'],
        ['1', 'plaintext'],
        ['2', 'tls'],
      ] as const) {
        const { text, milliseconds } = await press(
          pane,
          key,
          (seen) =>
            seen.startsWith(` ${mode} `) &&
            (mode === 'plaintext' ? say.leaked : say.sealed).test(seen) &&
            hasColumns(seen),
        );
        straight(text, mode);
        took.push(milliseconds);
      }
      t.log(`first frame ${Math.round(first.milliseconds)} ms; modes ${took.map(Math.round).join(', ')} ms`);
      // The promise is a second, on a machine that does nothing else.
      t.true(took.every((milliseconds) => milliseconds < 5000));
      // Letters of the Korean keyboard: v, k, x twice.
      const opened = await press(pane, 'ㅍㅏ', /POST \/login/);
      straight(opened.text, 'opened');
      const hex = await press(pane, 'ㅌ', (text) => text !== opened.text);
      straight(hex.text, 'hex');
      await pane.type('ㅌㅌ?');
      await pane.until(say.help);
      await press(pane, '?ㅏL', language === 'en' ? words.ko.sealed : words.en.sealed);
      await pane.type('L');
      straight(await pane.until((text) => say.sealed.test(text) && hasColumns(text)), 'two languages later');
      await pane.type('ㅃ');
      await pane.until(/ready>$/m);
      const after = (await pane.history()).join('\n');
      t.true(after.startsWith(before), 'what was there above is there');
      t.regex(after.slice(before.length).trimEnd(), /^ .*wirelab run [a-z]+ --lang [a-z]+\nready>$/);
      t.is(await pane.state(), state);
    },
  );
}

withPeer('tmux', 'a hundred new sizes, and the window is whole; the shell below is too', async (t) => {
  const pane = await tmux.open(t, { columns: 80, rows: 24 });
  const state = await pane.state();
  await press(pane, `${launcher} run plaintext --lang ko\r`, words.ko.step);
  await press(pane, ' ', words.ko.question);
  await press(pane, ' ', words.ko.leaked);
  for (let at = 0; at < 100; at++) await pane.resize(1 + ((at * 7919) % 220), 1 + ((at * 104_729) % 70));
  for (const [columns, size] of [
    [120, 40],
    [80, 24],
  ] as const) {
    await pane.resize(columns, size);
    const text = await pane.until(
      (seen) =>
        seen.split('\n').length === size &&
        seen.includes('tiger-lily') &&
        /^─.*─$/m.test(seen) &&
        isWholeRule(seen, columns) &&
        crookedRows(seen).length === 0,
    );
    t.true(text.includes('900101-1234567'));
  }
  await press(pane, 'qq', /ready>$/m);
  t.is(await pane.state(), state);
});

/** The rule between the parts reaches from edge to edge. */
function isWholeRule(text: string, columns: number): boolean {
  return isWhole(
    text.split('\n').filter((line) => /^─.*─$/.test(line)),
    columns,
  );
}

withPeer('tmux', 'a click chooses what lies under it, and f leaves the mouse to the terminal', async (t) => {
  const pane = await tmux.open(t, { columns: 120, rows: 40 });
  await press(pane, `${launcher} run plaintext\r`, words.en.step);
  await press(pane, ' ', words.en.question);
  // With its headline: without it the step is still running, and the rows stand higher.
  const { text } = await press(pane, ' ', /step 3\/6[^]*Whoever records[^]*\n>2 /);
  const row = text.split('\n').findIndex((line) => / 5 ← 200 OK/.test(line)) + 1;
  await press(pane, `\x1b[<0;8;${row}M\x1b[<0;8;${row}m`, /\n>5 ←/);
  await pane.type('f');
  await pane.until((seen) => /mouse/.test(seen.split('\n').at(-1) ?? ''));
  t.regex(await pane.state(), /mouse 0 /);
  await press(pane, 'q', /conversation|ready>/);
  await pane.type('\x03');
  await pane.until(/ready>$/m);
});
