/**
 * etcdctl through a tapped door of the real etcd: whom it lets in, whom it turns away, with which words of its log and
 * which of etcdctl's. etcdctl reads the alert only with luck (a reset may overtake it), so each case has ten tries.
 */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { EtcdClient, EtcdRefusal } from '../../../src/kube/etcd/client.ts';
import { startEmbeddedEtcd } from '../../../src/kube/etcd/embedded.ts';
import { runEtcdctlProgram } from '../../../src/kube/etcd/etcdctl-program.ts';
import { reasonOfLog } from '../../../src/kube/etcd/log-words.ts';
import { findEtcd, startRealEtcd } from '../../../src/kube/etcd/real.ts';
import type { RealEtcd } from '../../../src/kube/etcd/real.ts';
import { startTappedForwarder } from '../../../src/wire/tcp/tapped-forwarder.ts';
import { compiled, removeWorldFolder, worldOf } from '../../engine/support/demonstration.ts';
import { withPeer } from '../../helpers/peer.ts';

test.after.always(removeWorldFolder);

const listen = { host: '127.0.0.1', port: 0 };
const asking = { signal: new AbortController().signal };

async function worldOfKubernetes() {
  const world = await worldOf(await compiled('k8s-etcd'));
  if (!world) throw new Error('the scenario has certificates');
  return world;
}

interface Started {
  readonly etcd: RealEtcd;
  /** What its log says of whom it turned away. */
  readonly rejected: string[];
}

async function start(t: ExecutionContext, certificate: string): Promise<Started> {
  const world = await worldOfKubernetes();
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-etcd-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const identity = world.identity(certificate);
  const [pair, key] = [file('server.crt', identity.certificate), file('server.key', identity.key)];
  const rejected: string[] = [];
  const installed = await findEtcd(process.env);
  if (!installed) throw new Error('there is no etcd');
  const etcd = await startRealEtcd({
    etcd: installed,
    files: {
      certificate: pair,
      key,
      authority: file('ca.crt', world.authority('etcd-ca')),
      peerCertificate: pair,
      peerKey: key,
    },
    folder: join(folder, 'data'),
    onReport: ({ kind, words = '' }) => void (kind === 'rejected' && rejected.push(words)),
  });
  t.teardown(async () => {
    await etcd.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { etcd, rejected };
}

/** What etcdctl says of an alert that it read, and the etcd of its own. */
const matrix = [
  {
    who: undefined,
    alert: 'remote error: tls: certificate required',
    reason: 'certificate_missing',
    log: "tls: client didn't provide a certificate",
  },
  {
    who: 'admin.conf',
    alert: 'remote error: tls: unknown certificate authority',
    reason: 'unknown_ca',
    log: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  },
  {
    who: 'etcd-client-last-year',
    alert: 'remote error: tls: expired certificate',
    reason: 'certificate_expired',
    log: 'x509: certificate has expired or is not yet valid: current time ',
  },
  {
    who: 'etcd-server-only',
    alert: 'remote error: tls: bad certificate',
    reason: 'wrong_usage',
    log: 'x509: certificate specifies an incompatible key usage',
  },
] as const;

withPeer(
  ['etcd', 'etcdctl'],
  'through our tap etcdctl is let in, or turned away for the reason in etcd’s log',
  async (t) => {
    const world = await worldOfKubernetes();
    const { etcd, rejected } = await start(t, 'etcd-server');
    const log = new CaptureLog({ clock: systemClock });
    const door = await startTappedForwarder(etcd.address, listen, { log, hop: 'C' }, systemClock);
    t.teardown(async () => door.close(0));
    const ask = async (words: string, who: string | undefined, authority = 'etcd-ca') =>
      runEtcdctlProgram({
        words: words.split(' '),
        to: door.address,
        authority: world.authority(authority),
        ...(who === undefined ? {} : { identity: world.identity(who) }),
        variables: process.env,
      });

    t.is((await ask('put /registry/secrets/default/db tiger-lily', 'apiserver-etcd-client'))?.output, 'OK\n');
    t.is(
      (await ask('get /registry --prefix', 'etcd-healthcheck-client'))?.output,
      '/registry/secrets/default/db\ntiger-lily\n',
    );
    t.deepEqual(rejected, []);

    await Promise.all(
      matrix.map(async ({ who, alert, reason, log: words }) => {
        let said = '';
        for (let tries = 0; tries < 10 && !said.includes(alert); tries++) {
          const printed = await ask('get /registry', who);
          t.is(printed?.exitCode, 1);
          t.regex(printed?.words ?? '', /^Error: context deadline exceeded$/m);
          said += printed?.words ?? '';
        }
        t.true(said.includes(alert), `${who ?? 'nobody'}: ${said.slice(-600)}`);
        t.true(
          rejected.some((one) => one.includes(words) && reasonOfLog(one) === reason),
          `${who ?? 'nobody'}: ${rejected.join('\n')}`,
        );
      }),
    );
    for (const words of rejected)
      t.true(
        matrix.some(({ reason }) => reason === reasonOfLog(words)),
        `and nobody for another: ${words}`,
      );

    // The other direction: etcdctl does not believe the etcd.
    const untrusting = await ask('get /registry', 'apiserver-etcd-client', 'ca');
    t.regex(
      untrusting?.words ?? '',
      /authentication handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority/,
    );
    t.is(reasonOfLog('remote error: tls: bad certificate'), undefined);

    // All of it went by our tap: a handshake in the clear at first, then sealed.
    const opened = log.events.filter(({ type }) => type === 'opened').length;
    t.true(opened >= 7, String(opened));
    const bytes = log.events.filter((event) => event.type === 'bytes');
    t.false(Buffer.concat(bytes.map((event) => event.bytes)).includes('tiger-lily'));
  },
);

withPeer(
  'etcd',
  'an etcd whose certificate is for servers alone turns its own gateway away, and the embedded one does the same',
  async (t) => {
    const world = await worldOfKubernetes();
    const { etcd, rejected } = await start(t, 'etcd-server-only');
    const ownRejected: string[] = [];
    const own = await startEmbeddedEtcd({
      listen,
      identity: world.identity('etcd-server-only'),
      clientAuthorities: [world.authority('etcd-ca')],
      clock: systemClock,
      onReport: (report) => void (report.kind === 'rejected' && ownRejected.push(report.words)),
    });
    t.teardown(async () => own.close(0));
    for (const to of [etcd.address, own.address]) {
      const client = new EtcdClient({
        to,
        authorities: [world.authority('etcd-ca')],
        identity: world.identity('etcd-healthcheck-client'),
        clock: systemClock,
      });
      t.teardown(() => client.close());
      const error = await t.throwsAsync(client.range({ key: '/a' }, asking), { instanceOf: EtcdRefusal });
      t.is(error?.code, 14);
      t.regex(
        error?.message ?? '',
        // The real gateway may notice as it reads, as it writes, or by its transport; the words are Go's.
        /^connection error: desc = "(?:error reading server preface: |transport: )|^write tcp .*: connection reset by peer$/,
      );
      const ending = new AbortController();
      t.teardown(() => ending.abort());
      await t.throwsAsync(
        client.watch({ key: '/a' }, ending.signal, () => t.fail('it watches')),
        { instanceOf: EtcdRefusal },
        'a watch is no other way in',
      );
    }
    for (const words of [rejected, ownRejected]) {
      t.true(words.length > 0);
      t.deepEqual(
        [...new Set(words)],
        ['tls: failed to verify certificate: x509: certificate specifies an incompatible key usage'],
      );
    }
    own.renew(world.identity('etcd-server'));
    const client = new EtcdClient({
      to: own.address,
      authorities: [world.authority('etcd-ca')],
      identity: world.identity('etcd-healthcheck-client'),
      clock: systemClock,
    });
    t.teardown(() => client.close());
    t.deepEqual(
      (await client.range({ key: '/a' }, asking)).items,
      [],
      'with a certificate for both sides it is let in',
    );
  },
);

test('a door leads nobody on to a program that is gone', async (t) => {
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  const log = new CaptureLog({ clock: systemClock });
  const door = await startTappedForwarder(
    { host: '127.0.0.1', port },
    listen,
    { log, hop: 'C' },
    systemClock,
  );
  t.teardown(async () => door.close(0));
  const client = new EtcdClient({ to: door.address, security: 'plain', clock: systemClock });
  t.teardown(() => client.close());
  await t.throwsAsync(client.range({ key: '/a' }, asking));
  t.true(log.events.some(({ type }) => type === 'opened'));
});
