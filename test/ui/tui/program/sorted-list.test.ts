/** The list of connections in each of its orders: the key goes through them and chooses the first row of each, the legend explains. */
import test from 'ava';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PcapngSpool } from '../../../../src/capture/file/pcapng-writer.ts';
import { ScriptedLog, tickingClock } from '../../../helpers/capture.ts';
import { inspectWords } from '../support/performed.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-sorted-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** By name, bytes of the response, latency and duration in milliseconds. */
const connections = [
  ['delta', 10, 50, 400],
  ['alpha', 5000, 300, 500],
  ['charlie', 300, 5, 9000],
  ['bravo', 40, 100, 200],
] as const;

function recorded(): string {
  const path = join(folder, 'seen.pcapng');
  const clock = tickingClock();
  const scripted = new ScriptedLog({ clock });
  const spool = new PcapngSpool(path);
  scripted.log.subscribe(spool.fold);
  scripted.began();
  for (const [index, [name, size, latency, duration]] of connections.entries()) {
    const conn = index + 1;
    scripted.opened(conn);
    scripted.bytes('client', `GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`, { conn });
    clock.advance(latency * 1000);
    scripted.bytes('server', `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`, {
      conn,
    });
    clock.advance((duration - latency) * 1000);
    scripted.closed('client', 'end', conn);
  }
  spool.close();
  return path;
}

const numbersOn = (text: string): number[] =>
  [...text.matchAll(/^[> ][* ] +#(\d+) /gm)].map(([, number]) => Number(number));

test('s goes through the orders of the list', async (t) => {
  for (const [language, columns] of [
    ['en', 80],
    ['ko', 120],
  ] as const) {
    const screen = await inspectWords(t, [recorded()], { language, columns, rows: 24 });
    await screen.until((text) => /200/.test(text));
    await screen.press('g');
    const isListed =
      (...numbers: number[]) =>
      (text: string): boolean =>
        numbersOn(text).join() === numbers.join();
    await screen.until((text) => isListed(0, 1, 2, 3)(text) && /bravo/.test(text));
    const orders = [
      [/by duration, longest first|지속 시간이 긴 순/, [2, 1, 0, 3]],
      [/by bytes, most first|바이트가 많은 순/, [1, 2, 3, 0]],
      [/by latency, slowest first|지연이 큰 순/, [1, 3, 0, 2]],
      [/by name|이름순/, [1, 3, 2, 0]],
    ] as const;
    for (const [title, numbers] of orders) {
      await screen.press('s');
      const text = await screen.until((shown) => title.test(shown) && isListed(...numbers)(shown));
      t.regex(text, new RegExp(String.raw`^>. +#${numbers[0]} `, 'm'), 'what stands first is chosen');
      t.regex(text, /^.\* +#0 /m, 'and where one was is marked');
      t.regex(text, /s (?:sort|정렬)/);
    }
    await screen.press('?');
    await screen.until(/s goes through all of them|s를 누르면 차례로 바뀝니다/);
    await screen.press('q');
    await screen.press('s');
    await screen.until((text) => !/by name|이름순/.test(text) && isListed(0, 1, 2, 3)(text));
    // What is next follows the list.
    await screen.press('s');
    await screen.until((text) => isListed(2, 1, 0, 3)(text));
    await screen.press('\r');
    await screen.press(' ');
    await screen.until(/(?:connection|연결) 1/);
    await screen.press('Q');
    t.is(await screen.ended, 0);
  }
});
