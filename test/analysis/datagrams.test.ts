/** A conversation over UDP: each datagram is a message, DNS is read, and nothing pretends that there was a connection. */
import test from 'ava';
import { conversation, loadReadings } from '../../src/analysis/conversation/conversation.ts';
import { Flows } from '../../src/capture/flows.ts';
import { dnsMessages } from '../fuzz/seeds.ts';
import { present, ScriptedLog } from '../helpers/capture.ts';

const [query = new Uint8Array(0), answer = new Uint8Array(0)] = dnsMessages;

function told(script: (log: ScriptedLog) => void, transport: 'udp' | 'tcp' = 'udp'): string[] {
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.opened(1, 'A', { transport });
  script(scripted);
  scripted.closed();
  const flows = new Flows(scripted.log);
  for (const event of scripted.log.events) flows.fold(event);
  return conversation(present(flows.connection(1))).map(
    ({ from, offset, length, protocol, title }) =>
      `${from ?? '-'} ${offset}+${length} ${protocol} ${title.en}`,
  );
}

test.before(async () => loadReadings());

test('a question and its answer are one message each', (t) => {
  const lines = told((log) => {
    log.bytes('client', query);
    log.bytes('server', answer);
    log.bytes('client', query);
  });
  t.deepEqual(lines, [
    `client 0+${query.length} dns query A`,
    `server 0+${answer.length} dns answer ANY`,
    `client ${query.length}+${query.length} dns query A`,
  ]);
});

test('what is no DNS is data, a datagram a message, and spoils nothing that follows', (t) => {
  const lines = told((log) => {
    log.bytes('client', 'hello');
    log.bytes('client', 'world!');
    log.bytes('client', query);
  });
  t.deepEqual(lines, [
    'client 0+5 data data',
    'client 5+6 data data',
    `client 11+${query.length} dns query A`,
  ]);
});

test('TLS and HTTP in datagrams are not read as if a stream carried them', (t) => {
  const lines = told((log) => log.bytes('client', 'GET / HTTP/1.1\r\n\r\n'));
  t.deepEqual(lines, ['client 0+18 data data']);
});

test('over TCP the messages have their length before them, and what is cut off is data', (t) => {
  const prefixed = (bytes: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.of(0, bytes.length), bytes]);
  const lines = told((log) => {
    log.bytes('client', prefixed(query).subarray(0, 5));
    log.bytes('client', prefixed(query).subarray(5));
    log.bytes('server', prefixed(answer));
    log.bytes('server', prefixed(answer).subarray(0, 20));
  }, 'tcp');
  t.deepEqual(lines, [
    '- 0+0 tcp TCP opened',
    `client 0+${query.length + 2} dns query A`,
    `server 0+${answer.length + 2} dns answer ANY`,
    `server ${answer.length + 2}+20 data data`,
    '- 0+0 tcp TCP closed',
  ]);
});
