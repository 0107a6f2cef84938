/** A capture on the screen: a connection that failed opens on its card, marked where it is an inference; one that did not, on its wire. */
import test from 'ava';
import { answered, topology, unanswered, fromTheFuture } from '../../presentation/support/captured.ts';
import { present } from '../../helpers/capture.ts';
import { byHand } from './support/scenes.ts';
import type { Driver } from './support/driver.ts';
import type { CaptureDraft } from '../../../src/capture/event.ts';

const began: CaptureDraft = { type: 'began', version: '0', wallClock: '2026-01-01T00:00:00.000Z', topology };
const capture = (drafts: readonly CaptureDraft[], language: 'en' | 'ko' = 'en'): Driver =>
  byHand([began, ...drafts], { isCapture: true, language, size: { columns: 110, rows: 34 } }).driver;

test('a refused connection opens on its card, which says what is only likely; v shows the wire', (t) => {
  const driver = capture(fromTheFuture());
  t.is(driver.look.body, 'card');
  t.regex(driver.screen(), /REFUSED BY THE CLIENT \(most likely: not yet valid\)/);
  t.regex(driver.screen(), /because +most likely the server's certificate is valid from/);
  t.regex(driver.screen(), /evidence +client: Alert, record 2/);
  driver.press('v');
  t.is(driver.look.body, 'wire');
  t.regex(driver.screen(), /ClientHello/);
});

test('in Korean too', (t) => {
  t.regex(capture(fromTheFuture(), 'ko').screen(), /클라이언트가 거부함 \(추정: 아직 유효하지 않음\)/);
});

test('a connection that failed has its card, and the one before it, which did not, has none', (t) => {
  const driver = capture([...answered(1), ...unanswered(2)]);
  t.is(driver.look.body, 'wire');
  t.notRegex(driver.screen(), /REFUSED|NO ANSWER/);
  driver.press('space');
  t.is(driver.look.body, 'card');
  t.regex(driver.screen(), /NO ANSWER \(most likely: plaintext to a TLS port\)/);
});

test('of concurrent connections each is shown completely', (t) => {
  const [first, second] = [fromTheFuture(1), answered(2)];
  const driver = capture([...first.slice(0, 2), ...second, ...first.slice(2)]);
  t.is(driver.look.body, 'card');
  t.regex(driver.screen(), /not yet valid/);
  driver.press('space');
  t.is(driver.look.body, 'wire');
});

test('a connection that continues after others have begun is shown to its end', (t) => {
  const [first, second] = [answered(1), answered(2)];
  const driver = capture([
    ...first.slice(0, 1),
    ...second.slice(0, 1),
    ...first.slice(1),
    ...second.slice(1),
  ]);
  t.regex(driver.screen(), /READABLE/);
  t.regex(driver.screen(), /GET \/ [^]*204 No Content[^]*TCP closed/);
  driver.press('space');
  t.regex(driver.screen(), /connection 2[^]*GET \/ [^]*204 No Content[^]*TCP closed/);
});

test('a wire that turns to TLS is not called sealed: what was said before was readable', (t) => {
  const hello = Buffer.from([
    0x16,
    3,
    1,
    0,
    0x2f,
    1,
    0,
    0,
    0x2b,
    3,
    3,
    ...Buffer.alloc(32, 7),
    0,
    0,
    2,
    0x13,
    1,
    1,
    0,
    0,
    0,
  ]);
  const [first] = answered(1);
  const said = (from: 'client' | 'server', bytes: Uint8Array): CaptureDraft => ({
    type: 'bytes',
    conn: 1,
    hop: 'A',
    vantage: 'wire',
    from,
    bytes,
  });
  const driver = capture([
    present(first),
    said('server', Buffer.from('+OK\r\n')),
    said('client', Buffer.from('STLS\r\n')),
    said('server', Buffer.from('+OK\r\n')),
    said('client', hello),
  ]);
  t.regex(
    driver.screen(),
    /wire A turned to TLS: the client's first 6 bytes were READABLE, SEALED from there on/,
  );
  t.regex(driver.screen(), /READABLE, THEN SEALED/);
});

test('a password in a command of FTP is a secret that leaked, as one in a form is', (t) => {
  const [first, , , last] = answered(1);
  const said = (from: 'client' | 'server', text: string): CaptureDraft => ({
    type: 'bytes',
    conn: 1,
    hop: 'A',
    vantage: 'wire',
    from,
    bytes: Buffer.from(text),
  });
  const driver = capture([
    present(first),
    said('server', '220 files\r\n'),
    said('client', 'USER alice\r\n'),
    said('server', '331 go on\r\n'),
    said('client', 'PASS tiger-lily\r\n'),
    said('server', '230 in\r\n'),
    present(last),
  ]);
  t.regex(driver.screen(), /1 secret LEAKED/);
  t.regex(driver.screen(), /tiger-lily/);
});
