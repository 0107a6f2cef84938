/** The address for viewers on the screen: as text, and as a QR code that a camera reads. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { withPeer } from '../../../../helpers/peer.ts';
import { recorded } from '../../support/scenes.ts';
import type { Frame } from '../../../../../src/ui/tui/frame.ts';
import type { Driver } from '../../support/driver.ts';

const url = 'http://192.168.178.100:40123/F72RJqz0PUiNDtsxr4M79w/';

function sharing(more: { readonly ascii?: boolean; readonly authority?: string } = {}): Driver {
  const { driver } = recorded('plaintext');
  driver.model = {
    ...driver.model,
    ascii: more.ascii ?? false,
    shared: { urls: [url, 'http://localhost:40123/F72RJqz0PUiNDtsxr4M79w/'], authority: more.authority },
  };
  return driver.press('o');
}

/** The code as a camera sees it, four by four dots a module: what is drawn is light. */
function drawn({ lines }: Frame): string {
  const rows = lines.flatMap((line) => line.filter(({ role }) => role === 'code').map(({ text }) => text));
  const width = Math.max(...rows.map(({ length }) => length));
  const dots = rows.flatMap((row) =>
    ['█▀', '█▄'].map((light) =>
      Array.from(row.padEnd(width), (letter) => (light.includes(letter) ? '0' : '1')),
    ),
  );
  const large = dots.flatMap((row) => {
    const line = row.flatMap((dot) => [dot, dot, dot, dot]).join(' ');
    return [line, line, line, line];
  });
  return `P1\n${width * 4} ${large.length}\n${large.join('\n')}\n`;
}

withPeer('zbarimg', 'the code on the screen reads as the address, in a small window too', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-shared-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const driver = sharing();
  for (const size of [
    { columns: 80, rows: 24 },
    { columns: 120, rows: 40 },
    { columns: 48, rows: 40 },
  ]) {
    const screen = driver.screen(size);
    t.true(screen.replaceAll(/\s/g, '').includes(url), 'and it is there as text');
    const file = join(folder, `${size.columns}.pbm`);
    writeFileSync(file, drawn(driver.frame(size)));
    const { stdout } = spawnSync('zbarimg', ['-q', '--raw', file], { encoding: 'utf8' });
    t.is(stdout.trim(), url, `${size.columns}x${size.rows}`);
  }
});

test('where the code does not fit the window says what it needs, and the address is there', (t) => {
  const screen = sharing().screen({ columns: 60, rows: 16 });
  t.true(screen.includes(url));
  t.notRegex(screen, /[█▀▄]/);
  t.regex(screen, /needs a window of \d+x\d+/);
});

test('without characters for a code there is the address alone', (t) => {
  const screen = sharing({ ascii: true }).screen({ columns: 120, rows: 40 });
  t.true(screen.includes(url));
  t.regex(screen, /^[\x20-\x7e\n]*$/);
  t.notRegex(screen, /needs a window/);
});

test('over TLS it names the certificate to trust, in both languages', (t) => {
  const driver = sharing({ authority: '/certs/ca.crt' });
  const size = { columns: 160, rows: 40 };
  t.regex(driver.screen(size, 'en'), /must trust the CA in \/certs\/ca\.crt/);
  t.regex(driver.screen(size, 'ko'), /신뢰해야 할 CA 파일: \/certs\/ca\.crt/);
});

test('o opens and closes it; a run that is not shared says how to share one', (t) => {
  const driver = sharing();
  t.is(driver.model.sheet, 'shared');
  driver.press('o');
  t.is(driver.model.sheet, 'none');
  driver.press('ㅐ');
  t.is(driver.model.sheet, 'shared');
  driver.press('q');
  t.is(driver.model.sheet, 'none');
  const { driver: other } = recorded('plaintext');
  other.press('o');
  t.is(other.model.sheet, 'none');
  t.regex(other.notice ?? '', /--share/);
});
