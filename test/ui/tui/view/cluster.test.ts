/**
 * The picture of a cluster's wires: who calls whom at a glance at every size, what is lit and when it goes out, what is told
 * of a wire that is pressed, and in which order they spoke. Kept as text at three sizes, in both languages.
 */
import test from 'ava';
import { mock } from 'node:test';
import { SecretHunt } from '../../../../src/analysis/secrets/secret-hunt.ts';
import { Flows } from '../../../../src/capture/flows.ts';
import { Steps } from '../../../../src/capture/steps.ts';
import { languages } from '../../../../src/i18n/language.ts';
import type { Frame } from '../../../../src/ui/tui/frame.ts';
import { RunState } from '../../../../src/ui/tui/state/run-state.ts';
import { startLoop } from '../../../../src/ui/tui/loop.ts';
import { update } from '../../../../src/ui/tui/state/update.ts';
import { clusterTopology, Cluster, runningTopology } from '../support/cluster.ts';
import type { ClusterOptions } from '../support/cluster.ts';
import type { Driver } from '../support/driver.ts';
import '../support/scenes.ts';
import { differenceFrom } from '../support/snapshots.ts';
import { allShown } from '../../../helpers/shown.ts';
import type { Moment } from '../support/snapshots.ts';

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 200, rows: 50 },
] as const;
const [small, , large] = sizes;

/** Everybody is there, and a pod was run. */
function ran(options: ClusterOptions = {}): Cluster {
  const cluster = new Cluster(options);
  return cluster.run(cluster.settle());
}

const calm = (driver: Driver): void => {
  const effect = driver.effects.findLast((one) => one.type === 'calm');
  if (effect?.type === 'calm') driver.send({ type: 'calmed', mode: effect.mode, seq: effect.seq });
};

function refused(cluster: Cluster): Cluster {
  cluster.settle();
  cluster.pass(2000).add({
    type: 'opened',
    conn: 90,
    hop: 'G',
    transport: 'tcp',
    from: { host: '127.0.0.1', port: 50_090 },
    to: { host: '127.0.0.1', port: 10_250 },
  });
  cluster.add({
    type: 'bytes',
    conn: 90,
    hop: 'G',
    vantage: 'wire',
    from: 'client',
    bytes: Buffer.from([0x16, 3, 1, 0, 0]),
  });
  return cluster.add({
    type: 'refused',
    conn: 90,
    hop: 'G',
    by: 'server',
    reason: 'certificate_missing',
    detail: {},
  });
}

function readable(cluster: Cluster): Cluster {
  cluster.settle();
  cluster.add({
    type: 'opened',
    conn: 91,
    hop: 'G',
    transport: 'tcp',
    from: { host: '127.0.0.1', port: 50_091 },
    to: { host: '127.0.0.1', port: 10_255 },
  });
  cluster.add({
    type: 'bytes',
    conn: 91,
    hop: 'G',
    vantage: 'wire',
    from: 'client',
    bytes: Buffer.from('GET /pods HTTP/1.1\r\nHost: kubelet\r\n\r\n'),
  });
  return cluster.add({
    type: 'bytes',
    conn: 91,
    hop: 'G',
    vantage: 'wire',
    from: 'server',
    bytes: Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'),
  });
}

const fronted = {
  participants: [...clusterTopology.participants, { name: 'front-proxy', role: 'proxy', kind: 'tls' }],
  wires: [
    { hop: 'H', from: 'kubectl', to: 'front-proxy', protocol: 'https' },
    { hop: 'A', from: 'front-proxy', to: 'kube-apiserver', protocol: 'https' },
    ...clusterTopology.wires.slice(1),
  ],
} as const;

const moments: readonly (readonly [
  heading: string,
  make: () => Cluster,
  keys: readonly string[],
  at?: readonly { readonly columns: number; readonly rows: number }[],
])[] = [
  ['before anybody speaks', () => new Cluster(), []],
  ['a pod was run', () => ran(), []],
  ['the wire to the store', () => ran(), ['B']],
  ['a token in place of a certificate', () => ran(), ['F']],
  ['the API server calls the kubelet', () => ran().logs(), ['G']],
  ['a wire that refused', () => refused(new Cluster()), ['G'], [small]],
  ['a wire that anybody reads', () => readable(new Cluster()), ['G'], [small]],
  ['the conversation on a wire', () => ran(), ['D', 'enter'], [small]],
  ['a proxy before the middle', () => ran({ topology: fronted }), ['H'], [small, large]],
  ['ASCII', () => ran({ ascii: true }), ['E'], [small]],
  ['a narrow window', () => ran(), ['E'], [{ columns: 60, rows: 24 }]],
  ['the smallest window', () => ran(), ['E'], [{ columns: 40, rows: 12 }]],
];

for (const language of languages) {
  test(`the picture is shown as it was (${language})`, (t) => {
    const shownOf = moments.flatMap(([heading, make, keys, at = sizes]): Moment[] => {
      const { driver } = make();
      driver.press(...keys);
      return at.map((size) => ({
        heading: `${heading}, ${size.columns}x${size.rows}`,
        screen: driver.screen(size, language),
      }));
    });
    const difference = differenceFrom(`cluster.${language}`, shownOf);
    if (difference !== undefined) t.fail(difference);
    t.pass();
  });
}

test('at 80x24 all seven wires and the hub fit, in every language', (t) => {
  const { driver } = ran();
  for (const language of languages) {
    const screen = driver.screen(small, language);
    for (const { hop, from, to } of clusterTopology.wires) {
      const own =
        from === 'kube-apiserver'
          ? new RegExp(`\\[${hop}\\].*> ${to}`)
          : new RegExp(`${from} .\\[${hop}\\].*>│`);
      t.regex(screen, own, language);
    }
    t.regex(screen, /│ +kube-apiserver +│/);
  }
});

test('a state is a mark and a stroke, whatever the colour: lit, spoke, quiet, unused, refused', (t) => {
  const { driver } = ran();
  const line = (hop: string): string =>
    driver
      .screen()
      .split('\n')
      .find((row) => row.includes(`[${hop}]`)) ?? '';
  t.regex(line('A'), /═\[A\]═mTLS═+●═>/);
  t.regex(line('C'), /─\[C\]─mTLS─+>/);
  t.regex(line('G'), /·\[G\]·+>/);
  calm(driver);
  calm(driver);
  t.regex(line('A'), /─\[A\]─mTLS─+•─>/);
  t.regex(refused(new Cluster()).driver.screen(), /═\[G\]═TLS═*✗═>/);
});

test('lights go out by one timer, once; then nothing is due', (t) => {
  const { driver } = ran();
  const due = (): number => driver.effects.filter(({ type }) => type === 'calm').length;
  t.is(due(), 1, 'one timer, however many events came');
  calm(driver);
  t.is(due(), 2, 'others came meanwhile');
  t.regex(driver.screen(), /4 of 7 wires lit/);
  calm(driver);
  t.is(due(), 2);
  t.regex(driver.screen(), /7 wires, all quiet/);
  const [same, effects] = update(driver.model, { type: 'calmed', mode: 'kube', seq: 0 });
  t.is(same, driver.model, 'a timer of before changes nothing');
  t.deepEqual(effects, []);
});

test.serial('no frame is drawn while nothing happens, and one when the lights go out', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const { driver } = ran();
  calm(driver);
  calm(driver);
  const frames: Frame[] = [];
  const loop = startLoop({
    surface: { draw: (frame) => frames.push(frame), onMessage: () => {}, setMouse: () => {} },
    model: driver.model,
    outside: () => {},
    onError: (error) => t.fail(String(error)),
  });
  t.teardown(() => loop.stop());
  const wait = (milliseconds: number): number => {
    const before = frames.length;
    mock.timers.tick(milliseconds);
    return frames.length - before;
  };
  t.is(wait(100), 1);
  t.is(wait(60_000), 0);
  const late = {
    type: 'bytes',
    conn: 1,
    hop: 'B',
    vantage: 'wire',
    from: 'client',
    bytes: Buffer.from('x'),
    seq: 10_000,
    run: 1,
    at: 6_000_000,
  } as const;
  loop.send({ type: 'captured', scene: driver.scene, events: [late] });
  t.is(wait(500), 1);
  t.is(wait(1000) + wait(100), 1);
  t.is(wait(60_000), 0);
});

test('letters, w, Tab, arrows and the mouse choose a wire; Enter goes to its conversation, q comes back', (t) => {
  const { driver } = ran();
  const chosen = (): string => /(?:wire|구간) ([A-H]): /.exec(driver.screen())?.[1] ?? '';
  t.is(driver.press('C') && chosen(), 'C');
  t.is(driver.press('w') && chosen(), 'D');
  t.is(driver.press('tab', 'down') && chosen(), 'F');
  t.is(driver.press('up', 'shift-tab') && chosen(), 'D');
  const rows = driver.screen().split('\n');
  const row = rows.findIndex((line) => line.includes('[B]'));
  t.is(driver.click(rows[row]?.indexOf('[B]') ?? 0, row) && chosen(), 'B');
  driver.press('enter');
  t.is(driver.look.body, 'wire');
  t.is(driver.look.hop, 'B');
  t.true(driver.look.rows.length > 0);
  t.is(driver.press('q').look.body, 'cluster');
  driver.press('G', 'enter');
  t.is(driver.notice, 'nothing has gone over this wire yet');
  t.is(driver.press('H').notice, 'there is no wire H here');
});

test('both certificates and their CAs, the name by which the caller is known, and what was asked, of each wire', (t) => {
  const { driver } = ran().logs();
  const shownOf = (hop: string): string =>
    driver.press(hop).screen({ columns: 140, rows: 50 }).replaceAll(/\s+/g, ' ');
  t.regex(
    shownOf('B'),
    /kube-apiserver CN=kube-apiserver-etcd-client, signed by CA CN=etcd-ca etcd CN=node-1, signed by CA CN=etcd-ca/,
  );
  t.regex(shownOf('B'), /POST \/v3\/kv\/txn → 200 OK/);
  t.regex(
    shownOf('D'),
    /kube-apiserver knows it as system:kube-scheduler .*POST \/api\/v1\/namespaces\/default\/pods\/web\/binding → 201 Created/,
  );
  t.regex(shownOf('E'), /knows it as system:node:node-1 \(system:nodes\)/);
  t.regex(
    shownOf('F'),
    /TLS, TLS 1\.3: a certificate of the server alone.*kube-proxy no certificate, a token \(Authorization: Bearer\)/,
  );
  t.notRegex(shownOf('F'), /eyJ/, 'the token itself is not shown');
  t.regex(
    shownOf('G'),
    /kube-apiserver O=kubeadm:cluster-admins,CN=kube-apiserver-kubelet-client, signed by CA CN=kubernetes kubelet CN=node-1@1767225600, signed by CA CN=node-1-ca/,
  );
});

test('the order in which the wires carried data is below, and the latest burst beside it', (t) => {
  const { driver } = ran();
  t.regex(driver.screen(), /order at 5\.0 s: A → B → D← → D → B → E← → E → B/);
  t.regex(ran().logs().driver.screen(), /order at 5\.0 s: A → B → D←.*\n order at 9\.0 s: A → G/);
});

test('the introduction stays until a client uses the first wire; a view that was selected by hand stays', (t) => {
  const cluster = new Cluster();
  const components = cluster.settle();
  t.is(cluster.driver.stop, 'intro');
  cluster.run(components);
  t.is(cluster.driver.look.body, 'cluster');
  cluster.driver.press('D', 'enter');
  const { stop } = cluster.driver.look;
  cluster.logs();
  t.is(cluster.driver.look.stop, stop);
  t.is(cluster.driver.press('.').look.body, 'cluster');
});

test('a step that makes three wires speak is shown in the picture, one that goes its own way is not', (t) => {
  const step = (id: string, act: (cluster: Cluster) => void): string => {
    const cluster = new Cluster({ isVisited: false });
    const components = cluster.settle();
    cluster.pass(3000).add({ type: 'step', id, state: 'asked' }).add({ type: 'step', id, state: 'started' });
    if (id === 'run') cluster.run(components);
    else act(cluster);
    cluster.add({ type: 'step', id, state: 'done' });
    cluster.driver.send({ type: 'state', mode: 'kube', state: 'waiting' });
    return cluster.driver.press('space', 'space').look.body;
  };
  t.is(
    step('run', () => {}),
    'cluster',
  );
  t.is(
    step('get', (cluster) => void cluster.ask(cluster.open('A'), 'A', 'GET', '/api')),
    'wire',
  );
});

test('Enter shows the conversation on every used wire, though it has no visitors', (t) => {
  for (const hop of ['B', 'C', 'D', 'E', 'F']) {
    const { driver } = ran({ topology: runningTopology });
    const look = driver.press(hop, 'enter').look;
    t.is(look.body, 'wire', hop);
    t.is(look.hop, hop);
    t.true(look.rows.length > 0, hop);
  }
  const { driver } = ran({ topology: runningTopology });
  const screen = driver.press('D', 'enter').screen();
  t.regex(screen, /POST[^]*\/api\/v1\//);
  t.is(driver.press('v').look.body, 'cluster');
  t.regex(driver.press('G', 'enter').screen(), /nothing has gone over this wire yet/);
});

test('the way back to the picture leads to the present; a picture of then says that it is one', (t) => {
  const cluster = ran({ topology: runningTopology });
  const { driver } = cluster;
  driver.press('A', 'enter');
  cluster.logs();
  t.is(driver.look.body, 'wire', 'what was opened by hand stays');
  t.false(driver.press('v').look.isPast);
  t.is(driver.look.body, 'cluster');
  t.notRegex(driver.screen(), /in the past/);
  t.true(driver.press('b').look.isPast);
  t.regex(driver.screen(), /in the past, \. later/);
  t.notRegex(driver.press('.').screen(), /in the past/);
});

test('connections that were made before it was known what runs are counted', (t) => {
  const cluster = new Cluster();
  const flows = new Flows(cluster.log);
  const scene = new RunState({
    flows,
    shown: allShown,
    hunt: new SecretHunt([]),
    steps: new Steps(),
    plan: [],
    isVisited: true,
    secrets: new Map(),
    findingsOf: () => [],
    typed: () => [],
  });
  scene.fold(
    cluster.log.append({
      type: 'opened',
      conn: 77,
      hop: 'B',
      transport: 'tcp',
      from: { host: '127.0.0.1', port: 50_077 },
      to: { host: '127.0.0.1', port: 2379 },
    }),
  );
  for (const event of cluster.log.events) if (event.type === 'began') scene.fold(event);
  t.is(scene.traffic.of('B').connections, 1);
});

test('beside the introduction the number of lit wires is shown, and not that a connection is awaited', (t) => {
  const cluster = new Cluster({ topology: runningTopology });
  cluster.settle();
  t.regex(cluster.driver.screen(), /of 7 wires lit/);
});
