/** The resolver with real clients and hostile ones: it answers from its table, and nothing stops it. */
import { createSocket } from 'node:dgram';
import { Resolver as NodeResolver } from 'node:dns/promises';
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import { flags, writeDns } from '../../../src/peers/resolver/dns-writer.ts';
import type { RecordData } from '../../../src/peers/resolver/dns-writer.ts';
import { answerTo, startResolver } from '../../../src/features/look-up/resolver.ts';
import type { Resolver } from '../../../src/features/look-up/resolver.ts';
import { ask } from '../../../src/peers/resolver/resolver-client.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { readDns } from '../../../src/protocols/dns/message.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { present } from '../../helpers/capture.ts';

const many = Array.from({ length: 100 }, (_, index): RecordData => ({ address: `10.0.0.${index}` }));
const table = new Map<string, readonly RecordData[]>([
  ['shop.localhost', [{ address: '127.0.0.1' }, { address: '2001:db8::1' }, { text: 'v=1 "quoted"' }]],
  ['www.localhost', [{ alias: 'shop.localhost' }]],
  ['_https._tcp.shop.localhost', [{ host: 'shop.localhost', port: 8443 }]],
  ['round.localhost', [{ alias: 'round.localhost' }]],
  ['many.localhost', many],
]);

async function started(t: ExecutionContext, tapped?: CaptureLog): Promise<Resolver> {
  const resolver = await startResolver({
    listen: { host: '127.0.0.1', port: 0 },
    clock: systemClock,
    ...(tapped ? { tap: { log: tapped, hop: 'D' } } : {}),
  });
  resolver.answerFrom(table);
  t.teardown(async () => resolver.close(0));
  return resolver;
}

const question = (
  name: string,
  type = 1,
  about: { readonly id?: number; readonly class?: number; readonly payloadSize?: number } = {},
): Uint8Array =>
  writeDns({
    id: about.id ?? 7,
    flags: flags.recursionDesired,
    question: { name, type, class: about.class ?? 1 },
    ...(about.payloadSize === undefined ? {} : { payloadSize: about.payloadSize }),
  });

const asking = { clock: systemClock, random: (length: number) => randomBytes(length), timeout: 5000 };

test('Node’s own resolver receives what the table says, true or false', async (t) => {
  const resolver = await started(t);
  const node = new NodeResolver({ timeout: 5000, tries: 1 });
  node.setServers([`127.0.0.1:${resolver.address.port}`]);
  t.deepEqual(await node.resolve4('shop.localhost'), ['127.0.0.1']);
  t.deepEqual(await node.resolve6('SHOP.localhost'), ['2001:db8::1']);
  t.deepEqual(await node.resolve4('www.localhost'), ['127.0.0.1']);
  t.deepEqual(await node.resolveTxt('shop.localhost'), [['v=1 "quoted"']]);
  const [service] = await node.resolveSrv('_https._tcp.shop.localhost');
  t.like(service, { name: 'shop.localhost', port: 8443, priority: 0, weight: 0 });
  await t.throwsAsync(node.resolve4('nowhere.localhost'), { code: 'ENOTFOUND' });
  await t.throwsAsync(node.resolveMx('shop.localhost'), { code: 'ENODATA' });
  // Too long for a datagram of 512 bytes: asked again over TCP.
  t.is((await node.resolve4('many.localhost')).length, 100);
  resolver.answerFrom(new Map([['shop.localhost', [{ address: '10.66.66.66' }]]]));
  t.deepEqual(await node.resolve4('shop.localhost'), ['10.66.66.66']);
  t.like(resolver.report(), { kind: 'answered' });
  t.is(resolver.report().questions, 0);
});

const digs: readonly (readonly [title: string, parameters: readonly string[], says: readonly RegExp[]])[] = [
  [
    'an address',
    ['A', 'shop.localhost'],
    [/status: NOERROR/, /shop\.localhost\.\s+0\s+IN\s+A\s+127\.0\.0\.1/, /EDNS: version: 0.*udp: 1232/],
  ],
  ['over TCP', ['+tcp', 'AAAA', 'shop.localhost'], [/AAAA\s+2001:db8::1/, /\(TCP\)/]],
  [
    'a service, with the address of its host',
    ['SRV', '_https._tcp.shop.localhost'],
    [/SRV\s+0 0 8443 shop\.localhost\./, /ADDITIONAL SECTION:[^]*A\s+127\.0\.0\.1/],
  ],
  [
    'cut off, then whole over TCP',
    ['+noedns', 'A', 'many.localhost'],
    [/Truncated, retrying in TCP/, /ANSWER: 100/],
  ],
  [
    'cut off, and nothing more',
    ['+noedns', '+ignore', 'A', 'many.localhost'],
    [/flags: qr tc rd ra;[^]*ANSWER: 0/],
  ],
  ['a name that it does not know', ['A', 'nowhere.localhost'], [/status: NXDOMAIN/]],
  ['a type that the name has not', ['MX', 'shop.localhost'], [/status: NOERROR/, /ANSWER: 0/]],
  ['an alias that leads to itself', ['A', 'round.localhost'], [/status: NOERROR/, /ANSWER: 9/]],
  ['another class', ['CH', 'TXT', 'version.bind'], [/status: REFUSED/]],
  ['anything at all', ['ANY', 'shop.localhost'], [/status: NOTIMP/]],
  ['another EDNS', ['+edns=5', '+noednsnegotiation', 'A', 'shop.localhost'], [/status: BADVERS/]],
  [
    'another operation',
    ['+opcode=NOTIFY', '+noedns', 'SOA', 'shop.localhost'],
    [/opcode: NOTIFY, status: NOTIMP/],
  ],
];

for (const [title, parameters, says] of digs) {
  withPeer('dig', `dig is answered: ${title}`, async (t) => {
    const resolver = await started(t);
    const { exitCode, stdout } = await runProgram('dig', [
      '@127.0.0.1',
      '-p',
      String(resolver.address.port),
      '+time=5',
      '+tries=1',
      ...parameters,
    ]);
    t.is(exitCode, 0, stdout);
    for (const words of says) t.regex(stdout, words);
    t.notRegex(stdout, /malformed|WARNING|mismatch/i);
  });
}

test('the stub resolver asks over UDP, and over TCP where the answer was cut off; both ends tap the same bytes', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  log.append({
    type: 'began',
    version: '0',
    wallClock: new Date(0).toISOString(),
    topology: { participants: [], wires: [] },
  });
  const resolver = await started(t, log);
  const short = await ask({
    ...asking,
    resolver: resolver.address,
    name: 'shop.localhost',
    type: 1,
    tap: { log, hop: 'C' },
  });
  t.deepEqual('answer' in short && short.answer.answers.map(({ data }) => data), ['127.0.0.1']);
  const long = await ask({
    ...asking,
    resolver: resolver.address,
    name: 'many.localhost',
    type: 1,
    tap: { log, hop: 'C' },
  });
  t.is('answer' in long && long.answer.answers.length, 100);
  t.true(await log.until(() => log.events.filter(({ type }) => type === 'closed').length === 6, 5000));
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  t.deepEqual(
    flows.connections.filter(({ hop }) => hop === 'C').map(({ opened }) => opened?.transport),
    ['udp', 'udp', 'tcp'],
  );
  for (const side of ['client', 'server'] as const) {
    const spoken = ['C', 'D'].map((hop) =>
      flows.connections
        .filter((one) => one.hop === hop)
        .map((one) =>
          Buffer.from(one.stream('wire', side).read(0, one.stream('wire', side).length) ?? []).toString(
            'hex',
          ),
        )
        .toSorted(),
    );
    t.deepEqual(spoken[0], spoken[1]);
    t.is(spoken[0]?.length, 3);
  }
});

test('a query to a closed port, and an aborted one, end with an error code', async (t) => {
  const resolver = await started(t);
  const { address } = resolver;
  const silent = createSocket('udp4');
  await new Promise<void>((resolve) => void silent.bind(0, '127.0.0.1', resolve));
  t.teardown(() => silent.close());
  const closed = { host: '127.0.0.1', port: silent.address().port };
  t.deepEqual(await ask({ ...asking, resolver: closed, name: 'a', type: 1, timeout: 50 }), {
    error: 'ETIMEDOUT',
  });
  t.deepEqual(await ask({ ...asking, resolver: address, name: 'a', type: 1, signal: AbortSignal.abort() }), {
    error: 'ABORT_ERR',
  });
});

test('a query that is lost is sent again', async (t) => {
  const busy = createSocket('udp4');
  t.teardown(() => busy.close());
  let queries = 0;
  busy.on('message', (message, { port }) => {
    const step = readDns(message);
    if (!('got' in step) || ++queries === 1) return;
    const [about] = step.got.questions;
    if (about)
      busy.send(writeDns({ id: step.got.id, flags: flags.response, question: about }), port, '127.0.0.1');
  });
  await new Promise<void>((resolve) => void busy.bind(0, '127.0.0.1', resolve));
  const resolver = { host: '127.0.0.1', port: busy.address().port };
  t.true('answer' in (await ask({ ...asking, resolver, name: 'shop.localhost', type: 1, timeout: 20_000 })));
  t.is(queries, 2);
});

test('an answer to another question, or with another id, is waited past', async (t) => {
  const forger = createSocket('udp4');
  t.teardown(() => forger.close());
  forger.on('message', (message, { port }) => {
    const step = readDns(message);
    if (!('got' in step)) return;
    const about = present(step.got.questions[0]);
    const answer = (id: number, name: string, address: string): Uint8Array =>
      writeDns({
        id,
        flags: flags.response,
        question: { ...about, name },
        answers: [{ name, data: { address }, ttl: 0 }],
      });
    const wrong = [
      answer(step.got.id ^ 1, about.name, '10.0.0.1'),
      answer(step.got.id, 'other.localhost', '10.0.0.2'),
      Uint8Array.of(1),
      message,
    ];
    for (const bytes of [...wrong, answer(step.got.id, about.name, '10.0.0.3')])
      forger.send(bytes, port, '127.0.0.1');
  });
  await new Promise<void>((resolve) => void forger.bind(0, '127.0.0.1', resolve));
  const asked = await ask({
    ...asking,
    resolver: { host: '127.0.0.1', port: forger.address().port },
    name: 'shop.localhost',
    type: 1,
  });
  t.deepEqual('answer' in asked && asked.answer.answers.map(({ data }) => data), ['10.0.0.3']);
});

const rcodeOf = (bytes: Uint8Array): number | undefined => answerTo(bytes, table)?.rcode;
const edited = (bytes: Uint8Array, at: number, ...values: number[]): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at);
  return copy;
};

const wrong: readonly (readonly [title: string, bytes: Uint8Array, rcode: number | undefined])[] = [
  ['nothing', new Uint8Array(0), undefined],
  ['less than a header', question('a').subarray(0, 11), undefined],
  ['an answer', edited(question('a'), 2, 0x80), undefined],
  ['a header alone', edited(question('a').subarray(0, 12), 4, 0, 0), 1],
  ['a question that is missing', question('a').subarray(0, 12), 1],
  ['a label that ends behind the message', edited(question('abc'), 12, 60), 1],
  ['a pointer to itself', edited(question('a'), 12, 0xc0, 12), 1],
  ['two questions', edited(question('a'), 5, 2), 1],
  ['a count of 65,535', edited(question('a'), 6, 255, 255), 1],
  ['another opcode', edited(question('a'), 2, 0x29), 4],
  ['a question that is known', question('shop.localhost'), 0],
];

for (const [title, bytes, rcode] of wrong)
  test(`answered by its form: ${title}`, (t) => t.is(rcodeOf(bytes), rcode));

test('for any bytes, an answer is a valid message with the same id', (t) => {
  const spoilt = fc
    .tuple(
      fc.constantFrom(
        question('shop.localhost'),
        question('_https._tcp.shop.localhost', 33, { payloadSize: 4096 }),
      ),
      fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 6 }),
    )
    .map(([bytes, edits]) => {
      const copy = Uint8Array.from(bytes);
      for (const [at, value] of edits) if (at < copy.length) copy[at] = value;
      return copy;
    });
  fc.assert(
    fc.property(fc.oneof(spoilt, fc.uint8Array({ maxLength: 600 })), (bytes) => {
      const reply = answerTo(bytes, table);
      if (!reply) return;
      const step = readDns(writeDns(reply));
      t.true('got' in step && step.got.id === (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0) && step.got.isResponse);
    }),
    { numRuns: 2000 },
  );
});

test('hostile datagrams and streams leave it answering', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  log.append({
    type: 'began',
    version: '0',
    wallClock: new Date(0).toISOString(),
    topology: { participants: [], wires: [] },
  });
  const resolver = await started(t, log);
  const { port, host } = resolver.address;
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  const send = async (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) =>
      socket.send(bytes, port, host, (error) => (error ? reject(error) : resolve())),
    );
  for (const [, bytes] of wrong) await send(bytes);
  await send(new Uint8Array(65_507).fill(0xc0));
  await send(Buffer.concat([question('a'), new Uint8Array(60_000)]));
  const streams = [
    Uint8Array.of(255, 255, 1, 2, 3),
    Buffer.concat([Uint8Array.of(0, 0), Uint8Array.of(0, 1, 9), Uint8Array.of(0, 2)]),
    Buffer.alloc(300_000, 0),
  ];
  for (const bytes of streams) {
    const stream = connect(port, host);
    stream.on('error', () => {});
    stream.resume();
    stream.end(bytes);
    await new Promise((resolve) => stream.once('close', resolve));
  }
  const broken = connect(port, host, () => broken.resetAndDestroy());
  broken.on('error', () => {});
  await new Promise((resolve) => broken.once('close', resolve));
  const asked = await ask({ ...asking, resolver: resolver.address, name: 'shop.localhost', type: 1 });
  t.true('answer' in asked);
  t.true(resolver.report().answers.length <= 100);
});
