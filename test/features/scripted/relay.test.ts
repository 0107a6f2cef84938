/** A scripted relay: what it changes of the lines that pass, what it leaves alone, and how its connections end. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { RelayScript, relayByScript } from '../../../src/features/scripted/relay.ts';
import type { RelayAct } from '../../../src/features/scripted/relay.ts';
import type { RelayEntry, Side } from '../../../src/features/scripted/relay-lines.ts';
import type { Values } from '../../../src/features/scripted/text.ts';
import { compiled, perform, removeWorldFolder } from '../../engine/support/demonstration.ts';
import { alice } from '../support/shop.ts';

test.after.always(removeWorldFolder);

const values: Values = { ...alice, secrets: new Map() };
const none: Values = { user: '', password: '', rrn: '', secrets: new Map() };
const entries: readonly RelayEntry[] = [
  { from: 'server', expect: '/^250-STARTTLS$/i', lines: [{ send: '250-XXXXXXXX' }] },
  { from: 'client', expect: '/^NOOP$/i' },
  { from: 'client', expect: '/^STARTTLS$/i', lines: [{ answer: '454 no' }, { wait: 1 }] },
  {
    from: 'client',
    expect: '/^AUTH {user} {password}$/',
    lines: [{ pass: true }, { send: 'STOLEN {user}' }],
  },
  { from: 'client', expect: '/^QUIT$/', lines: [{ answer: '221' }, { close: true }] },
];

function texts(acts: readonly RelayAct[]): readonly string[] {
  const out: string[] = [];
  for (const act of acts) {
    if (!('to' in act)) out.push(JSON.stringify(act));
    else if (out.at(-1)?.startsWith(`${act.to}: `))
      out.push(`${out.pop() ?? ''}${Buffer.from(act.bytes).toString('latin1')}`);
    else out.push(`${act.to}: ${Buffer.from(act.bytes).toString('latin1')}`);
  }
  return out;
}

/** What becomes of bytes, whole and one at a time. */
function become(t: ExecutionContext, from: Side, bytes: string, expected: readonly string[]): void {
  const whole = new RelayScript(entries, [values, none]);
  t.deepEqual(texts(whole.take(from, Buffer.from(bytes, 'latin1'))), expected);
  const slow = new RelayScript(entries, [values, none]);
  const acts = [...Buffer.from(bytes, 'latin1')].flatMap((byte) => slow.take(from, Uint8Array.of(byte)));
  t.deepEqual(texts(acts), expected);
}

test('a line that an entry is about is replaced, dropped, answered or followed; every other passes', (t) => {
  become(t, 'server', '250-mail\r\n250-starttls\r\n250 OK\n', [
    'client: 250-mail\r\n250-XXXXXXXX\r\n250 OK\n',
  ]);
  become(t, 'client', 'EHLO a\r\nNOOP\r\nSTARTTLS\r\n', [
    'server: EHLO a\r\n',
    'client: 454 no\r\n',
    '{"wait":1}',
  ]);
  become(t, 'client', 'AUTH alice tiger-lily\r\nAUTH alice x\r\n', [
    'server: AUTH alice tiger-lily\r\nSTOLEN alice\r\nAUTH alice x\r\n',
  ]);
  become(t, 'client', 'QUIT\r\n', ['client: 221\r\n', '{"end":"close"}']);
  become(t, 'client', '250-STARTTLS\r\n', ['server: 250-STARTTLS\r\n']);
});

test('with the first handshake record of either side, all bytes of both sides pass', (t) => {
  const script = new RelayScript(entries, [none]);
  t.deepEqual(texts(script.take('server', Buffer.from('220 '))), []);
  t.true(script.holds('server'));
  t.deepEqual(texts(script.take('client', Buffer.from('\u0016NOOP\r\n', 'latin1'))), [
    'client: 220 ',
    'server: \u0016NOOP\r\n',
  ]);
  t.deepEqual(texts(script.take('server', Buffer.from('250-STARTTLS\r\n'))), ['client: 250-STARTTLS\r\n']);
  t.deepEqual(texts(script.take('client', Buffer.from('NOOP'))), ['server: NOOP']);
});

test('of a line that is too long, or whose beginning has passed, the rest passes', (t) => {
  const script = new RelayScript(entries, [none]);
  const long = 'x'.repeat(9000);
  t.deepEqual(texts(script.take('client', Buffer.from(long))), [`server: ${long}`]);
  t.deepEqual(texts(script.take('client', Buffer.from('\r\nNOOP\r\nEND\r\n'))), ['server: \r\nEND\r\n']);
  t.deepEqual(texts(script.take('client', Buffer.from('NO'))), []);
  t.deepEqual(texts(script.rest('client')), ['server: NO']);
  t.deepEqual(texts(script.take('client', Buffer.from('OP\r\nNOOP\r\nA\r\n'))), ['server: OP\r\nA\r\n']);
});

/** A client and a server with the relay between them. */
async function between(t: ExecutionContext): Promise<{ readonly client: Socket; readonly server: Socket }> {
  const behind = createServer({ allowHalfOpen: true });
  behind.listen(0, '127.0.0.1');
  await once(behind, 'listening');
  const front = createServer({ allowHalfOpen: true }, (incoming) => {
    const outgoing = connect({
      port: (behind.address() as AddressInfo).port,
      host: '127.0.0.1',
      allowHalfOpen: true,
    });
    void relayByScript(new RelayScript(entries, [values, none]), incoming, outgoing);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const accepted = once(behind, 'connection');
  const client = connect({
    port: (front.address() as AddressInfo).port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  });
  const [server] = (await accepted) as [Socket];
  for (const socket of [client, server]) socket.setEncoding('latin1').on('error', () => {});
  t.teardown(() => {
    for (const socket of [client, server]) socket.destroy();
    for (const one of [front, behind]) one.close();
  });
  return { client, server };
}

test('a prompt without an end of line passes, and a half-close is a half-close', async (t) => {
  const { client, server } = await between(t);
  server.write('login: ');
  t.is(String(await once(client, 'data')), 'login: ');
  client.end('last words');
  t.is(String(await once(server, 'data')), 'last words');
  await once(server, 'end');
  server.end('\r\n250-STARTTLS\r\n');
  let got = '';
  for await (const part of client) got += String(part);
  t.is(got, '\r\n250-XXXXXXXX\r\n');
});

test('close ends both connections, and a reset of one side is a reset of the other', async (t) => {
  const one = await between(t);
  one.client.write('QUIT\r\n');
  t.is(String(await once(one.client, 'data')), '221\r\n');
  one.server.resume();
  await Promise.all([once(one.client, 'end'), once(one.server, 'end')]);
  const two = await between(t);
  two.client.write('EHLO\r\n');
  await once(two.server, 'data');
  const broken = once(two.client, 'error');
  two.server.resetAndDestroy();
  t.is(((await broken)[0] as NodeJS.ErrnoException).code, 'ECONNRESET');
});

test('a megabyte passes through a side that reads slowly, as it came', async (t) => {
  const { client, server } = await between(t);
  const sent = `${'y'.repeat(1000)}\r\n`.repeat(1000);
  client.end(sent);
  let got = '';
  for await (const part of server) got += String(part);
  t.is(got.length, sent.length);
});

test('the scenario mail holds with an access point that answers for the server', async (t) => {
  const scenario = await compiled('mail');
  const proxy = scenario.file.proxies?.['access-point'];
  if (!proxy) throw new Error('no access point');
  t.is((await perform(scenario)).verdict.status, 'passed');
  // Who lets everything pass strips nothing.
  proxy.script = [{ from: 'server', expect: '/^250-NOTHING$/', lines: [] }];
  const { findings } = (await perform(scenario)).verdict;
  t.deepEqual(
    [...new Set(findings.flatMap(({ status, step }) => (status === 'met' ? [] : [step])))],
    ['stripped', 'insists'],
  );
});
