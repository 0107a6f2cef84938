/** Whom or what a client asks for, where it is neither a ClientHello nor a request: queries of DNS, the hello of Google's QUIC. */
import test from 'ava';
import { ConversationReader, loadCaptureReadings } from '../../../src/analysis/conversation/conversation.ts';
import { SummaryReader, nameIn } from '../../../src/analysis/summary/connection-summary.ts';
import type { ConnectionSummary } from '../../../src/analysis/summary/connection-summary.ts';
import { isFault, parseFilter } from '../../../src/analysis/summary/filter.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { fromHex } from '../../../src/core/hex.ts';
import { ScriptedLog, present } from '../../helpers/capture.ts';

test.before(async () => loadCaptureReadings());

function summed(...datagrams: readonly Uint8Array[]): ConnectionSummary {
  const scripted = new ScriptedLog();
  const flows = new Flows(scripted.log);
  scripted.log.subscribe(flows.fold);
  scripted.began();
  scripted.opened(1, 'A', { transport: 'udp' });
  for (const bytes of datagrams) scripted.bytes('client', bytes);
  const connection = present(flows.connection(1));
  const summary = new SummaryReader(connection);
  const reader = new ConversationReader(connection, { onMessage: (message) => summary.onMessage(message) });
  while (reader.advance());
  reader.end();
  return summary.summary(undefined, undefined);
}

const query = (...labels: string[]): Buffer =>
  Buffer.concat([
    fromHex('1234 0100 0001 0000 0000 0000'.replaceAll(' ', '')),
    ...labels.flatMap((label) => [Buffer.of(label.length), Buffer.from(label)]),
    fromHex('0000010001'),
  ]);

/** The first datagram of Q043: flags, connection ID, version, number, hash, a frame of stream 1, and CHLO with one tag. */
const chlo = (name: string): Buffer => {
  const head = Buffer.alloc(16);
  head.write('CHLO', 'latin1');
  head.writeUInt16LE(1, 4);
  head.write('SNI\0', 8, 'latin1');
  head.writeUInt32LE(name.length, 12);
  return Buffer.concat([
    fromHex(`0d${'11'.repeat(8)}5130343301${'ab'.repeat(12)}a0010004`),
    head,
    Buffer.from(name),
  ]);
};

test('the first name that is queried is the name of the flow, and each can be filtered by', (t) => {
  const found = summed(query('shop', 'example'), query('bank', 'example'));
  t.is(nameIn(found), 'shop.example');
  t.deepEqual(found.asked, ['shop.example', 'bank.example']);
  for (const [expression, holds] of [
    ['name=bank.example', true],
    ['name=mail.example', undefined],
    ['named', true],
    ['sni=shop.example', undefined],
  ] as const) {
    const filter = present(parseFilter(expression));
    if (isFault(filter)) throw new Error(expression);
    t.is(filter.test(found), holds, expression);
  }
});

test('Google’s QUIC is named by its hello, and its content is not readable', (t) => {
  const found = summed(chlo('play.example'));
  t.deepEqual(found.protocols, ['gquic']);
  t.is(nameIn(found), 'play.example');
  t.false(found.isReadable);
});
