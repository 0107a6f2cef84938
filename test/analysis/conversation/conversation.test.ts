import test from 'ava';
import { conversation, loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import { evidenceOfMessage } from '../../../src/analysis/conversation/message.ts';
import type { Message } from '../../../src/analysis/conversation/message.ts';
import { outcomeKinds } from '../../../src/analysis/outcome/outcome-facts.ts';
import { outcomeOf } from '../../../src/analysis/outcome/outcome.ts';
import { outcomeWords } from '../../../src/analysis/outcome/outcome-words.ts';
import { Flows } from '../../../src/capture/flows.ts';
import type { Connection } from '../../../src/capture/connection.ts';
import type { CaptureLog } from '../../../src/capture/log.ts';
import { findField } from '../../../src/core/field.ts';
import { exchange, recordTls } from '../../protocols/helpers/recorded-tls.ts';
import { selfSigned } from '../../protocols/helpers/self-signed.ts';
import { present, ScriptedLog } from '../../helpers/capture.ts';
import { loginRequest, loginResponse, recordLogin } from '../../helpers/live.ts';

function flowsOf(log: CaptureLog): Flows {
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  return flows;
}

const only = (flows: Flows): Connection => present(flows.connections[0]);
const line = ({ from, title, facts }: Message): string =>
  [from === null ? '-' : from === 'client' ? '>' : '<', title.en, facts.en && `(${facts.en})`]
    .filter(Boolean)
    .join(' ');

/** The messages of a direction of the wire stand one behind the other and cover it. */
function tile(messages: readonly Message[], connection: Connection): boolean {
  return (['client', 'server'] as const).every((from) => {
    let at = 0;
    for (const message of messages.filter((one) => one.from === from && one.vantage === 'wire')) {
      if (message.offset !== at) return false;
      at += message.length;
    }
    return at === connection.stream('wire', from).length;
  });
}

test.serial('TLS that nobody loaded a reader for is data, and with it messages', async (t) => {
  const { log } = await recordLogin('tls', { version: 'TLSv1.3' });
  const connection = only(flowsOf(log));
  const titles = (): string[] => conversation(connection).map(({ title }) => title.en);
  const before = titles();
  t.deepEqual(new Set(before), new Set(['TCP opened', 'data', 'TCP closed']));
  await loadReadings();
  t.true(titles().includes('ClientHello'));
});

test.serial(
  'TLS without a cipher: the login inside is read without any key, and nothing is called sealed or opened',
  async (t) => {
    await loadReadings();
    const ciphers = { ciphers: 'NULL-SHA256:@SECLEVEL=0', maxVersion: 'TLSv1.2' } as const;
    const { events } = await recordTls({
      server: { ...selfSigned('shop.localhost', 'RSA'), ...ciphers },
      client: ciphers,
      talk: async (client, server) => {
        await exchange(client, server, Buffer.from(loginRequest));
        await exchange(server, client, Buffer.from(loginResponse));
      },
    });
    const script = new ScriptedLog();
    script.began();
    script.opened();
    for (const event of events) if (event.type === 'bytes') script.bytes(event.from, event.bytes);
    script.closed();
    const connection = only(flowsOf(script.log));
    const messages = conversation(connection);
    const login = present(messages.find(({ protocol }) => protocol === 'http'));
    t.is(login.title.en, 'POST /login');
    t.is(login.vantage, 'plaintext');
    t.true(login.credentials().length > 0);
    t.true(messages.every(({ sealed, opened }) => !sealed && !opened));
    t.true(tile(messages, connection));
  },
);

test('a body that is one name of many thousand bytes is named in part', (t) => {
  const script = new ScriptedLog();
  script.began();
  script.opened();
  const type = 'Content-Type: application/x-www-form-urlencoded';
  const body = `${'n'.repeat(50_000)}=1`;
  script.bytes(
    'client',
    Buffer.from(`POST / HTTP/1.1\r\nHost: a\r\n${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
  );
  script.closed();
  const [, post] = conversation(only(flowsOf(script.log)));
  t.regex(line(present(post)), /^> POST \/ \(a, form: n{200}…\)$/);
});

test('plaintext: TCP opened, the login and its answer, TCP closed', async (t) => {
  const { log } = await recordLogin('plain');
  const connection = only(flowsOf(log));
  const messages = conversation(connection);
  t.deepEqual(
    messages.map((message) => line(message)),
    [
      '- TCP opened',
      '> POST /login (shop.localhost, form: username, password, rrn)',
      '< 302 Found (to /profile)',
      '- TCP closed (by the server)',
    ],
  );
  t.deepEqual(
    messages.map(({ reconstructed }) => reconstructed),
    [true, false, false, true],
  );
  t.true(tile(messages, connection));
  t.is(messages[1]?.length, loginRequest.length);
  t.is(messages[2]?.length, loginResponse.length);
  t.is(messages[1]?.field()?.id, 'http.request');
  t.is(connection.stream('wire', 'client').seqAt(loginRequest.length - 1), messages[1]?.seq);
  // What is made on demand is a function of its own each time.
  const made = conversation(connection, { vantage: 'plaintext' }).map((message, index) => {
    const { field, bytes, credentials } = present(messages[index]);
    return { ...message, field, bytes, credentials };
  });
  t.deepEqual(messages, made);
  t.like(outcomeOf(connection), { kind: 'completed', source: 'wire', by: 'server' });
});

test('TLS 1.3: the handshake by message, the rest sealed; with the keys the login is there', async (t) => {
  const { log } = await recordLogin('tls');
  const flows = flowsOf(log);
  const connection = only(flows);
  const sealed = conversation(connection);
  t.true(tile(sealed, connection));
  t.regex(line(present(sealed[1])), /^> ClientHello \(TLS 1\.3, \d+ suites?, shop\.localhost\)$/);
  t.regex(line(present(sealed[2])), /^< ServerHello \(TLS_AES_\w+, \w+\)$/);
  t.true(sealed.some((message) => message.sealed));
  t.false(
    sealed.some(({ protocol, opened }) => protocol === 'http' || opened),
    'a sniffer without keys reads no HTTP',
  );

  const opened = conversation(connection, { keys: flows.keylog });
  t.true(tile(opened, connection));
  t.false(opened.some((message) => message.sealed));
  const http = opened.filter(({ protocol }) => protocol === 'http');
  t.deepEqual(
    http.map((message) => line(message).replace(/ \(.*/, '')),
    ['> POST /login', '< 302 Found'],
  );
  t.true(http.every((message) => message.opened && message.vantage === 'plaintext'));
  t.is(http[0]?.length, loginRequest.length);
  t.true(opened.some((message) => line(message) === '< Certificate (CN=shop.localhost)'));

  const endpoint = conversation(connection, { vantage: 'plaintext' });
  t.deepEqual(
    endpoint
      .filter(({ protocol }) => protocol === 'http')
      .map(({ from, offset, length, opened: byKeys }) => [from, offset, length, byKeys]),
    [
      ['client', 0, loginRequest.length, false],
      ['server', 0, loginResponse.length, false],
    ],
  );
  t.is(outcomeOf(connection).kind, 'completed');
});

test('mutual TLS 1.3, a client from an unknown CA: a sealed record, and with the keys it is the alert unknown_ca after a login that had left', async (t) => {
  const { log, answered } = await recordLogin('mtls', { identity: 'mallory' });
  t.false(answered);
  const flows = flowsOf(log);
  const connection = only(flows);
  const sealed = conversation(connection);
  t.true(tile(sealed, connection));
  const last = present(sealed.findLast(({ from }) => from === 'server'));
  t.like(last, { sealed: true, contentType: 23, length: 24 }, 'its size is all that a sniffer knows');
  t.false(sealed.some(({ alert }) => alert));

  const opened = conversation(connection, { keys: flows.keylog });
  t.true(tile(opened, connection));
  const alert = present(opened.find((message) => message.alert));
  t.like(alert, {
    from: 'server',
    opened: true,
    sealed: false,
    alert: { code: 48, description: 'unknown_ca', level: 'fatal' },
  });
  t.deepEqual([alert.offset, alert.length], [last.offset, last.length], 'the same record');
  t.is(alert.facts.en, 'unknown_ca (48), fatal');
  const login = present(opened.find(({ protocol }) => protocol === 'http'));
  t.like(login, { from: 'client', title: { en: 'POST /login' }, length: loginRequest.length, opened: true });

  t.like(outcomeOf(connection), {
    kind: 'refused_by_server',
    source: 'endpoint',
    reason: 'unknown_ca',
    alert: { code: 48 },
  });
});

test('without the endpoint, the same refusal is proven by the opened alert, and without the keys it is likely by its size', async (t) => {
  const { log } = await recordLogin('mtls', { identity: 'mallory' });
  const heard = log.events.filter(({ type }) => type !== 'refused' && type !== 'secured');
  // A sniffer has the wire and no endpoint.
  const flows = new Flows(log);
  for (const event of heard) if (event.type !== 'bytes' || event.vantage === 'wire') flows.fold(event);
  const connection = only(flows);
  t.like(outcomeOf(connection), {
    kind: 'refused_by_server',
    by: 'server',
    inferred: true,
    cause: 'certificate_not_accepted',
    alert: undefined,
  });
  const opened = conversation(connection, { keys: flows.keylog });
  const proven = outcomeOf(connection, { keys: flows.keylog });
  t.like(proven, { kind: 'refused_by_server', source: 'wire', by: 'server', alert: { code: 48 } });
  const alert = present(opened.find((message) => message.alert));
  t.like(proven, { cause: 'unknown_ca', inferred: false });
  t.like(proven.evidence[0], { ...evidenceOfMessage(alert), message: 'Alert' });
});

test('a message has its bytes, and what the keys opened stands in the place of its ciphertext', async (t) => {
  const { log } = await recordLogin('mtls', { identity: 'alice' });
  const flows = flowsOf(log);
  const connection = only(flows);
  for (const message of conversation(connection)) {
    if (message.from === null) t.is(message.bytes(), undefined);
    else
      t.deepEqual(
        message.bytes(),
        connection.stream('wire', message.from).read(message.offset, message.length),
      );
  }
  const opened = conversation(connection, { keys: flows.keylog });
  const at = opened.findIndex(({ protocol, from }) => protocol === 'http' && from === 'client');
  const [record, login] = [present(opened[at - 1]), present(opened[at])];
  t.is(Buffer.from(login.bytes() ?? []).toString('latin1'), loginRequest);
  const shown = Buffer.from(record.bytes() ?? []);
  t.is(shown.length, record.length);
  t.is(shown.indexOf(loginRequest), 5, 'behind the header of the record, which was never sealed');
  const certificate = present(
    opened.find(({ title, from }) => title.en === 'Certificate' && from === 'client'),
  );
  const field = present(certificate.field());
  const serial = present(findField(field, 'x509.tbs_certificate.serial_number'));
  const [start, end] = serial.range;
  const there = Buffer.from(certificate.bytes() ?? []).subarray(
    start - certificate.offset,
    end - certificate.offset,
  );
  t.is(there[0], 2, 'the fields inside the certificate stand where its bytes stand: an INTEGER');
  t.is(there.length, 2 + (there[1] ?? 0));
});

test('mutual TLS 1.2: the alert is in clear, and no login had left', async (t) => {
  const { log } = await recordLogin('mtls', { identity: 'mallory', version: 'TLSv1.2' });
  const flows = flowsOf(log);
  const connection = only(flows);
  const messages = conversation(connection);
  t.true(tile(messages, connection));
  t.like(present(messages.find(({ alert }) => alert)), {
    from: 'server',
    sealed: false,
    opened: false,
    length: 7,
    alert: { code: 48 },
  });
  t.true(
    messages.some((message) => line(message) === '> Certificate (CN=mallory)'),
    'readable by anybody up to TLS 1.2',
  );
  t.false(conversation(connection, { keys: flows.keylog }).some(({ protocol }) => protocol === 'http'));
});

test('an admitted client is the twin of the refused one', async (t) => {
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    const { log, answered } = await recordLogin('mtls', { identity: 'alice', version });
    t.true(answered);
    const flows = flowsOf(log);
    const connection = only(flows);
    t.is(outcomeOf(connection).kind, 'completed');
    const opened = conversation(connection, { keys: flows.keylog });
    t.false(opened.some(({ alert }) => alert && alert.code !== 0));
    t.true(opened.some((message) => line(message) === '> Certificate (CN=alice)'));
    const sniffer = new Flows(log);
    for (const event of log.events)
      if (['opened', 'closed'].includes(event.type) || (event.type === 'bytes' && event.vantage === 'wire'))
        sniffer.fold(event);
    t.is(outcomeOf(only(sniffer)).kind, 'completed', `${version}: the wire alone shows data both ways`);
  }
});

test('a client that cannot verify the server refuses it', async (t) => {
  const { log } = await recordLogin('tls', { authority: 'rogue-ca' });
  const connection = only(flowsOf(log));
  t.like(outcomeOf(connection), {
    kind: 'refused_by_client',
    source: 'endpoint',
    by: 'client',
    reason: 'unknown_ca',
  });
  // Without the client's own word the wire shows that it hung up, and no more.
  const sniffer = new Flows(log);
  for (const event of log.events) if (event.type !== 'refused' || event.by !== 'client') sniffer.fold(event);
  t.like(outcomeOf(only(sniffer)), { kind: 'closed_without_alert', source: 'wire' });
  t.false(conversation(connection, { vantage: 'plaintext' }).some(({ protocol }) => protocol === 'http'));
});

test('plaintext spoken to a TLS port: each direction is read by what it is', (t) => {
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.opened();
  scripted.bytes('client', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  scripted.bytes('server', Uint8Array.of(21, 3, 3, 0, 2, 2, 70));
  scripted.closed('server');
  const connection = only(flowsOf(scripted.log));
  const messages = conversation(connection);
  t.deepEqual(
    messages.map((message) => line(message)),
    ['- TCP opened', '> GET / (x)', '< Alert (protocol_version (70), fatal)', '- TCP closed (by the server)'],
  );
  t.true(tile(messages, connection));
  t.like(outcomeOf(connection), { kind: 'refused_by_server', source: 'wire', alert: { code: 70 } });
});

test('bytes of no protocol that we know are data, and hostile text is made harmless', (t) => {
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.opened();
  scripted.bytes('client', Uint8Array.of(0xff, 1, 2));
  scripted.bytes('server', 'HTTP/1.1 200 \u001b[2J\r\nContent-Length: 0\r\n\r\n');
  const messages = conversation(only(flowsOf(scripted.log)));
  t.is(messages[1]?.protocol, 'data');
  for (const { title, facts } of messages) t.notRegex(title.en + title.ko + facts.en + facts.ko, /\p{Cc}/u);
});

test('what a bounded log dropped is a gap that is said, not a crash', (t) => {
  const scripted = new ScriptedLog({ maxPayload: 40 });
  const flows = new Flows(scripted.log);
  scripted.log.subscribe(flows.fold);
  scripted.began();
  scripted.opened();
  scripted.bytes('client', 'POST /login HTTP/1.1\r\nHost: x\r\n');
  scripted.bytes('client', 'Content-Length: 0\r\n\r\n');
  t.true(conversation(only(flows)).some(({ title }) => title.en === 'Malformed'));
  t.is(
    conversation(only(flowsOf(scripted.log)))[1]?.protocol,
    'data',
    'who comes later does not know what it was',
  );
});

test('every way in which a connection may end has its outcome', (t) => {
  const outcome = (play: (scripted: ScriptedLog) => void): string => {
    const scripted = new ScriptedLog();
    scripted.began();
    scripted.opened();
    play(scripted);
    return outcomeOf(only(flowsOf(scripted.log))).kind;
  };
  const request = 'GET / HTTP/1.1\r\n\r\n';
  const hello = Uint8Array.of(0x16, 3, 1, 0, 4, 1, 0, 0, 0);
  t.is(
    outcome(() => {}),
    'open',
  );
  t.is(
    outcome((log) => log.bytes('client', request)),
    'open',
  );
  t.is(
    outcome((log) => log.closed()),
    'empty',
  );
  t.is(
    outcome((log) => {
      log.bytes('client', request);
      log.closed('server');
    }),
    'no_answer',
  );
  t.is(
    outcome((log) => {
      log.bytes('client', request);
      log.bytes('server', 'x');
      log.closed('server');
    }),
    'completed',
  );
  t.is(
    outcome((log) => {
      log.bytes('client', request);
      log.closed('server', 'reset');
    }),
    'reset',
  );
  t.is(
    outcome((log) => {
      log.bytes('client', request);
      log.closed('unknown', 'timeout');
    }),
    'timed_out',
  );
  t.is(
    outcome((log) => {
      log.bytes('client', hello);
      log.closed('server');
    }),
    'closed_without_alert',
  );
  t.is(
    outcome((log) => {
      log.log.append({ type: 'refused', conn: 1, hop: 'A', by: 'client', reason: 'unknown_ca', detail: {} });
      log.closed('client');
    }),
    'refused_by_client',
  );
  t.deepEqual(Object.keys(outcomeWords), [...outcomeKinds]);
});
