import test from 'ava';
import { Pen } from '../../../../src/ui/tui/pen.ts';
import { textOf } from '../../../../src/ui/tui/view/prose.ts';
import { withDots } from '../../../../src/ui/tui/view/scrolled.ts';
import { recorded } from '../support/scenes.ts';

const text = 'TCP’s own packets pass below the place where we record, and the sockets reported this.';

for (const ascii of [false, true])
  test(`a sentence that goes on below ends in dots, within its width (${ascii ? 'ASCII' : 'Unicode'})`, (t) => {
    const pen = new Pen({ language: 'en', ascii });
    for (const width of [12, 20, 47]) {
      const lines = pen.text(text, width, { head: ' ', role: 'dim' });
      const [first, second] = withDots(lines.slice(0, 2), pen, width);
      t.deepEqual(first, lines[0]);
      t.true(
        textOf(second ?? [])
          .trimEnd()
          .endsWith(ascii ? '...' : '…'),
        textOf(second ?? []),
      );
      t.is(pen.width(textOf(second ?? [])), width);
    }
    t.deepEqual(withDots([], pen, 20), []);
  });

test('a text fills the window to its last row before a mark says that there is more', (t) => {
  const { driver } = recorded('mtls');
  t.is(driver.look.body, 'story');
  const ending = /\S+\s*$/.exec(driver.look.scene.narration.intro?.en ?? '')?.[0].trim() ?? '';
  t.true(ending.length > 3);
  const screens = Array.from({ length: 14 }, (_, at) => driver.screen({ columns: 80, rows: 12 + at }));
  const [before, fewest] = [
    screens.findLast((one) => !one.includes(ending)),
    screens.find((one) => one.includes(ending)),
  ];
  t.regex(before ?? '', /↓ more/);
  t.notRegex(fewest ?? '', /↓ more/);
  // The row above the keys.
  t.true(fewest?.trimEnd().split('\n').at(-2)?.trimEnd().endsWith(ending), fewest);
});
