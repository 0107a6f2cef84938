/** The star of a cluster as a value: which wires are lit, what went over them, in which order, and what is known of one. */
import test from 'ava';
import { inLanguage, languages } from '../../../src/i18n/language.ts';
import type { In } from '../../../src/i18n/language.ts';
import { loadWireReading } from '../../../src/presentation/refusals.ts';
import type { Cluster as Picture, WireReport } from '../../../src/presentation/types/cluster.ts';
import { wireReport } from '../../../src/presentation/wires/report.ts';
import { clusterHeadline, clusterOf } from '../../../src/presentation/wires/star.ts';
import { preface } from '../../../src/protocols/http2/recognise.ts';
import { loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import { present } from '../../helpers/capture.ts';
import { data, headers, settings } from '../../protocols/http2/frames.ts';
import { Cluster, runningTopology } from '../../ui/tui/support/cluster.ts';

await Promise.all([loadReadings(), loadWireReading()]);

const pictureOf = ({ driver: { look } }: Cluster, calm = -1): In<Picture> =>
  inLanguage(clusterOf(look, present(look.scene.star), calm), 'en');
/** A conversation is read when its wire is looked at. */
function lookedAt({ driver }: Cluster, hop: string): Cluster['driver']['look'] {
  if (driver.look.body !== 'cluster') driver.press('v');
  driver.press(hop);
  return driver.look;
}

function reportOf(cluster: Cluster, hop: string): In<WireReport> {
  const look = lookedAt(cluster, hop);
  const mask = (_message: unknown, text: string): string => text;
  return inLanguage(wireReport(look, present(look.scene.wire(hop)), { calm: -1, mask }), 'en');
}
const textsOf = ({ facts }: In<WireReport>): string[] =>
  facts.map(({ who, text }) => (who ? `${who}: ${text}` : text));

test('each wire is on one side of the hub; before any traffic all are unused, and the order says so', (t) => {
  const { hub, wires, calledOver, callsOver, others, orders } = pictureOf(
    new Cluster({ topology: runningTopology }),
  );
  t.is(hub, 'kube-apiserver');
  t.is(calledOver.length + callsOver.length + others.length, wires.length);
  t.true(calledOver.every(({ to }) => to === hub));
  t.true(callsOver.every(({ callers }) => callers === hub));
  for (const wire of wires)
    t.like(wire, { light: 'unused', counts: undefined, securityName: '', places: [] });
  t.deepEqual(orders, [{ label: 'order', text: 'no calls yet', isEmpty: true }]);
});

test('one command makes wires speak in their order: places, counts and lights follow it', (t) => {
  const cluster = new Cluster();
  cluster.run(cluster.settle());
  const { wires, orders } = pictureOf(cluster);
  t.is(orders.length, 1);
  t.regex(present(orders[0]).text, /^A → B → .*E/);
  t.regex(present(orders[0]).text, /←.*\(←: unasked, by the server\)$/);
  const wire = (hop: string): (typeof wires)[number] => present(wires.find((one) => one.hop === hop));
  t.is(wire('A').places[0], 1);
  t.is(wire('A').securityName, 'mTLS');
  t.regex(present(wire('A').counts), /^\d+ conn, [\d,]+ k?B$/);
  t.deepEqual(wire('F').places, [], 'it was quiet meanwhile');
  const lit = wires.filter(({ light }) => light === 'lit').length;
  t.true(lit > 0 && lit < wires.length);
  t.is(clusterHeadline(cluster.driver.look, -1).text.en, `${lit} of ${wires.length} wires lit`);
  t.is(clusterHeadline(cluster.driver.look, Infinity).text.en, `${wires.length} wires, all quiet`);
  t.true(pictureOf(cluster, Infinity).wires.every(({ light }) => light !== 'lit'));
});

test('a client that does not verify the server is said to prove itself alone, and the certificate counts for nothing', (t) => {
  const cluster = new Cluster();
  cluster.logs();
  const half = reportOf(cluster, 'G');
  t.regex(textsOf(half).join('\n'), /^mTLS\? TLS 1\.3: only the client proves itself/);
  const [client, server] = half.ends;
  t.deepEqual(
    half.facts.filter(({ who }) => who !== undefined).map(({ who, tone }) => [who, tone]),
    [
      [client, 'sealed'],
      [server, 'warning'],
    ],
  );
  t.regex(textsOf(half).join('\n'), new RegExp(`; ${client} does not verify it`));
  const { wires } = pictureOf(cluster);
  t.is(wires.find(({ hop }) => hop === 'G')?.securityName, 'mTLS?');
  t.is(wires.find(({ hop }) => hop === 'A')?.securityName, 'mTLS');
});

test('a wire with two certificates, one with a token: each end is named with what it presents', (t) => {
  const cluster = new Cluster();
  cluster.run(cluster.settle());
  const both = reportOf(cluster, 'D');
  t.regex(textsOf(both).join('\n'), /^mTLS, TLS 1\.3: a certificate each; \d+ conn/);
  t.deepEqual(
    both.facts.filter(({ tone }) => tone === 'sealed').map(({ who }) => who),
    [...both.ends],
  );
  t.true(textsOf(both).includes('kube-apiserver knows it as system:kube-scheduler'));
  const token = reportOf(cluster, 'F');
  t.true(token.facts.some(({ tone, text }) => tone === 'warning' && /a token/.test(text)));
  t.true(
    textsOf(token).some((text) => text.endsWith('(system:serviceaccounts)')),
    'the group of every user is left out',
  );
  const { list, title } = present(both.exchanges);
  t.regex(title, /^as both ends read it/);
  const binding = present(list.find(({ request }) => /binding/.test(request)));
  t.like(binding, { isOpen: false });
  t.regex(binding.response, /201/);
  const watch = present(list.find(({ request }) => /watch=true/.test(request)));
  t.like(watch, { isOpen: true, response: '… continues' });
  t.true(
    list.every(({ at }, index) => index === 0 || at <= (list[index - 1]?.at ?? 0)),
    'the newest first',
  );
});

test('of several callers each request has its own, with whoever acts as another', (t) => {
  const cluster = new Cluster();
  const [alice, carol] = [cluster.open('A'), cluster.open('A')];
  cluster
    .ask(alice, 'A', 'GET', '/api/v1/pods')
    .answer(alice, 'A')
    .knows(alice, 'GET', '/api/v1/pods', 200, 'alice', []);
  const requests = (): string[] =>
    present(reportOf(cluster, 'A').exchanges).list.map(({ request, caller }) =>
      caller === undefined ? request : `${request} by ${caller}`,
    );
  t.deepEqual(requests(), ['GET /api/v1/pods'], 'one caller stands above');
  cluster.ask(carol, 'A', 'GET', '/api/v1/nodes').answer(carol, 'A');
  cluster.knows(carol, 'GET', '/api/v1/nodes', 200, 'bob', ['dev'], 'carol');
  const report = reportOf(cluster, 'A');
  t.deepEqual(requests(), ['GET /api/v1/nodes by carol as bob', 'GET /api/v1/pods by alice']);
  t.true(textsOf(report).includes('kube-apiserver knows it as bob (dev), impersonated by carol'));
});

test('a watch is listed however much it has sent since', (t) => {
  const cluster = new Cluster();
  const conn = cluster.open('A');
  const bytes = (from: 'client' | 'server', ...frames: readonly Uint8Array[]): void => {
    cluster.add({ type: 'bytes', conn, hop: 'A', vantage: 'plaintext', from, bytes: Buffer.concat(frames) });
  };
  const asked: [string, string][] = [
    [':method', 'GET'],
    [':path', '/api/v1/pods?watch=true'],
  ];
  bytes('client', preface, settings(), headers(1, asked, 5));
  bytes('server', settings(), headers(1, [[':status', '200']]));
  for (let event = 0; event < 300; event++) bytes('server', data(1, Buffer.from('{"type":"ADDED"}\n')));
  t.deepEqual(
    reportOf(cluster, 'A').exchanges?.list.map(({ request }) => request),
    ['GET /api/v1/pods?watch=true'],
  );
});

test('a refusal is marked on its wire and explained in the report; a wire that was never used says only that', (t) => {
  const cluster = new Cluster();
  t.deepEqual(textsOf(reportOf(cluster, 'A')), ['nothing on the wire yet']);
  const conn = cluster.open('A');
  cluster.add({ type: 'refused', conn, hop: 'A', by: 'server', reason: 'certificate_missing', detail: {} });
  const wire = present(pictureOf(cluster).wires.find(({ hop }) => hop === 'A'));
  t.like(wire, { isRefusing: true, counts: '1 refused' });
  const refused = present(reportOf(cluster, 'A').facts.find(({ mark }) => mark === '✗'));
  t.is(refused.tone, 'refused');
  t.regex(refused.text, /^refused by kube-apiserver: no certificate$/);
});

test('requests are masked by the caller, in every language', (t) => {
  const cluster = new Cluster();
  cluster.settle();
  const look = lookedAt(cluster, 'C');
  const report = wireReport(look, present(look.scene.wire('C')), { calm: -1, mask: () => '•••' });
  const [first] = present(report.exchanges).list;
  for (const language of languages) t.is(first?.request[language], '•••');
});

test('requests of HTTP/2 have the response of their own stream, whatever the order', (t) => {
  const cluster = new Cluster();
  const conn = cluster.open('B');
  const bytes = (from: 'client' | 'server', ...frames: readonly Uint8Array[]): void => {
    cluster.add({ type: 'bytes', conn, hop: 'B', vantage: 'plaintext', from, bytes: Buffer.concat(frames) });
  };
  const ask = (stream: number, path: string): Uint8Array =>
    headers(stream, [
      [':method', 'POST'],
      [':path', path],
      ['authorization', 'Bearer tok-123'],
    ]);
  bytes('client', preface, settings(), ask(1, '/etcdserverpb.KV/Put'));
  bytes('client', ask(3, '/etcdserverpb.KV/Range'));
  bytes('server', settings(), headers(3, [[':status', '503']]), headers(3, [['grpc-status', '14']], 5));
  const { list } = present(reportOf(cluster, 'B').exchanges);
  t.deepEqual(
    list.map(({ request, isOpen }) => [request, isOpen]),
    [
      ['POST /etcdserverpb.KV/Range', false],
      ['POST /etcdserverpb.KV/Put', true],
    ],
  );
  t.regex(present(list[0]).response, /503/);
});
