/** What is too large for a browser is said, and everything else stays as it is. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { view } from '../../../../src/cli/inspect/view/command.ts';
import { openViewed } from '../../../../src/cli/inspect/view/opened.ts';
import type { OpenedFile } from '../../../../src/cli/inspect/view/opened.ts';
import { ViewPage } from '../../../../src/cli/inspect/view/page.ts';
import { parseCommand } from '../../../../src/cli/command.ts';
import type { Environment } from '../../../../src/cli/command.ts';
import { findPlaces } from '../../../../src/cli/places.ts';
import { mostRungs } from '../../../../src/ui/html/view/view.ts';
import { usual } from './captures.ts';
import { captureOf } from './support.ts';

const places = findPlaces({});

async function opened(t: ExecutionContext, path: string, most?: number): Promise<OpenedFile> {
  const { stdout, stderr, stdin } = process;
  const environment: Environment = { variables: {}, places, language: 'en', stdout, stderr, stdin };
  const file = await openViewed(parseCommand('view', view.options, [path]), environment, most);
  t.teardown(() => file.close());
  return file;
}

const pageOf = (file: OpenedFile, largest?: number): ViewPage =>
  new ViewPage(file, {
    language: 'en',
    places,
    now: new Date(0),
    filter: '',
    ...(largest === undefined ? {} : { largest }),
  });

test('a capture of too many events is shown up to there, and that is said', async (t) => {
  // Many parts of a file: it is asked between them.
  const path = captureOf(t, 3000);
  const whole = await opened(t, path);
  t.is(whole.flows.connections.length, 3000);
  t.is(whole.problem, undefined);
  const cut = await opened(t, path, 2000);
  const count = cut.flows.connections.length;
  t.true(count > 0 && count < 3000, `${count}`);
  t.regex(cut.problem?.en ?? '', /holds 2,000 pieces/);
  t.regex(Buffer.from(pageOf(cut).document()).toString('utf8'), /holds 2,000 pieces/);
});

test('a connection with too many bytes is not sent to a browser, and others are', async (t) => {
  const large = 'x'.repeat(5000);
  const path = captureOf(t, 2, (index) =>
    index === 0 ? usual(0) : [usual(1)[0], `HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n${large}`],
  );
  const page = pageOf(await opened(t, path), 4000);
  for (const made of [page.conversation(1), await page.bytes(1)])
    t.regex(made ?? '', /This connection has 5,\d{3} bytes: too many for a browser/);
  t.regex(page.conversation(0) ?? '', /class="ladder"/);
  t.regex((await page.bytes(0)) ?? '', /data-explorer/);
});

test('of a long conversation the first messages are drawn, and all are among the bytes', async (t) => {
  const count = mostRungs + 100;
  const path = captureOf(t, 1, () => [
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(count),
    'HTTP/1.1 204 No Content\r\n\r\n'.repeat(count),
  ]);
  const page = pageOf(await opened(t, path));
  const conversation = page.conversation(0) ?? '';
  t.is(conversation.split('<li class="rung').length - 1, mostRungs);
  t.regex(conversation, /The first 2,000 of 4,\d{3} messages are drawn/);
  const items = /"items":\[(.*?)\],"bytes"/.exec((await page.bytes(0)) ?? '')?.[1] ?? '';
  const all = Array.from(items.matchAll(/\[(\d+),/g), ([, size]) => Number(size)).reduce(
    (sum, one) => sum + one,
    0,
  );
  t.true(all >= 2 * count, `${all}`);
});
