/** Who may ask a kubelet for what, over its own port: the API server says so, and the kubelet tells who it is. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { wantedOf } from '../../../../src/kube/components/kubelet/kubelet-access.ts';
import { startKubelet } from '../../../../src/kube/components/kubelet/kubelet.ts';
import { accountToken } from '../../../../src/kube/components/kube-proxy.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { nowhere } from '../../../helpers/nowhere.ts';
import { runProgram, withPeer } from '../../../helpers/peer.ts';
import { world } from '../../support/control-plane.ts';
import {
  bootstrapToken,
  ca,
  callAs,
  isRunning,
  pod,
  pods,
  Reports,
  startWhole,
  temporaryFolder,
} from '../support/whole.ts';
import type { Caller, Whole } from '../support/whole.ts';

const admin = world.identity('admin.conf');

async function withPod(t: ExecutionContext): Promise<{ readonly whole: Whole; readonly port: number }> {
  const whole = await startWhole(t);
  await whole.ask('POST', pods, pod('web'));
  await whole.until('pods', 'web', isRunning);
  return { whole, port: whole.controlPlane.kubeletAddress?.port ?? 0 };
}

interface Row {
  readonly who: string;
  readonly caller: Caller;
  readonly code: number;
  readonly says: string;
}

const rows: readonly Row[] = [
  { who: 'an administrator', caller: { identity: admin }, code: 200, says: 'ok' },
  {
    who: 'the API server’s kubelet client',
    caller: { identity: world.identity('apiserver-kubelet-client') },
    code: 200,
    says: 'ok',
  },
  {
    who: 'somebody without rights',
    caller: { identity: world.identity('bob') },
    code: 403,
    says: 'Forbidden (user=bob, verb=get, resource=nodes, subresource=proxy)',
  },
  { who: 'nobody', caller: {}, code: 401, says: 'Unauthorized' },
  {
    who: 'a certificate of etcd’s CA',
    caller: { identity: world.identity('etcd-healthcheck-client') },
    code: 401,
    says: 'Unauthorized',
  },
  {
    who: 'a certificate of another CA of the same name',
    caller: { identity: world.identity('mallory') },
    code: 401,
    says: 'Unauthorized',
  },
  {
    who: 'an expired certificate',
    caller: { identity: world.identity('bob-last-year') },
    code: 401,
    says: 'Unauthorized',
  },
  { who: 'a token that is none', caller: { token: 'abc' }, code: 401, says: 'Unauthorized' },
];

test('who is let in, who may not, and who is nobody', async (t) => {
  const whole = await startWhole(t, { scheduler: false });
  const port = whole.controlPlane.kubeletAddress?.port ?? 0;
  await whole.reports.next('registered');
  for (const { who, caller, code, says } of rows)
    t.deepEqual(await callAs(port, 'GET', '/healthz', caller), { code, text: says }, who);
  const answered = whole.reports.of('answered');
  t.deepEqual(
    answered.map((one) => one.code),
    rows.map(({ code }) => code),
  );
  t.true(answered.every((one) => one.code !== 401 || one.why !== undefined));
  // What the API server said is believed for a while, and asked anew then.
  const reviews = (): number =>
    whole.answers.filter(
      ({ target, user }) => target.endsWith('/subjectaccessreviews') && user?.name === 'system:node:n1',
    ).length;
  t.is(reviews(), 3);
  await callAs(port, 'GET', '/healthz', { identity: admin });
  t.is(reviews(), 3);
  whole.clock.move(5 * 60_000 + 1);
  await callAs(port, 'GET', '/healthz', { identity: admin });
  t.is(reviews(), 4);
});

test('a token of a service account is somebody, by TokenReview', async (t) => {
  const whole = await startWhole(t, { scheduler: false });
  const { address, kubeletAddress } = whole.controlPlane;
  await whole.reports.next('registered');
  await whole.ask('POST', '/api/v1/namespaces/kube-system/serviceaccounts', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'reader' },
  });
  const token = await accountToken(
    { to: address, authorities: [ca], identity: admin, clock: systemClock, userAgent: 'test' },
    { namespace: 'kube-system', name: 'reader' },
    AbortSignal.timeout(10_000),
  );
  const asked = async (): Promise<unknown> => callAs(kubeletAddress?.port ?? 0, 'GET', '/metrics', { token });
  t.deepEqual(await asked(), {
    code: 403,
    text: 'Forbidden (user=system:serviceaccount:kube-system:reader, verb=get, resource=nodes, subresource=metrics)',
  });
});

test('what it shows', async (t) => {
  const { whole, port } = await withPod(t);
  const get = async (path: string, method = 'GET'): Promise<{ code: number; text: string }> =>
    callAs(port, method, path, { identity: admin });
  const list = await get('/pods');
  t.like(JSON.parse(list.text), {
    kind: 'PodList',
    items: [{ metadata: { name: 'web' }, status: { phase: 'Running' } }],
  });
  const metrics = await get('/metrics');
  t.regex(metrics.text, /^kubelet_node_name\{node="n1"\} 1$/m);
  t.regex(metrics.text, /^kubelet_running_pods 1$/m);
  const log = await get('/containerLogs/default/web/web');
  t.regex(
    log.text,
    /^kubelet n1: wirelab runs no containers: .*\npod default\/web \(uid \S+\), bound to n1 by default-scheduler\ncontainer web: image nginx would have been pulled \(Always\)\n/,
  );
  t.is(
    (await get('/containerLogs/default/web/web?tailLines=2')).text,
    `${log.text.trimEnd().split('\n').slice(-2).join('\n')}\n`,
  );
  t.is((await get('/containerLogs/default/web/web?limitBytes=10')).text, 'kubelet n1');
  t.deepEqual(await get('/containerLogs/default/web/web?tailLines=x'), {
    code: 422,
    text: 'tailLines: Invalid value: "x": must be a number of zero or more\n',
  });
  t.deepEqual(await get('/containerLogs/default/web/web?previous=true'), {
    code: 400,
    text: 'previous terminated container "web" in pod "web" not found',
  });
  t.deepEqual(await get('/containerLogs/default/web/nope'), {
    code: 404,
    text: 'container "nope" not found in pod "web"\n',
  });
  t.deepEqual(await get('/containerLogs/default/nope/web'), {
    code: 404,
    text: 'pod "nope" does not exist\n',
  });
  for (const path of ['/exec/default/web/web', '/run/default/web/web', '/attach/default/web/web'])
    t.deepEqual(
      await get(path, 'POST'),
      { code: 404, text: 'nothing is run here: wirelab runs no containers\n' },
      path,
    );
  for (const path of [
    '/',
    '/nope',
    '/containerLogs',
    '/containerLogs/a/b/%ff',
    '/__proto__',
    '/pods/x',
    '/..%2f',
  ])
    t.is((await get(path)).code, 404, path);
  t.is((await get('/pods', 'DELETE')).code, 405);
  t.true(whole.reports.of('answered').every(({ user }) => user?.name === 'kubernetes-admin'));
});

test('who asks for what, to the authorizer', (t) => {
  t.deepEqual(wantedOf('GET', '/containerLogs/a/b/c'), { verb: 'get', subresource: 'proxy' });
  t.deepEqual(wantedOf('POST', '/run/a/b/c'), { verb: 'create', subresource: 'proxy' });
  t.deepEqual(wantedOf('GET', '/metrics/cadvisor'), { verb: 'get', subresource: 'metrics' });
  t.deepEqual(wantedOf('GET', '/logs/x'), { verb: 'get', subresource: 'log' });
  t.deepEqual(wantedOf('GET', '/stats/summary'), { verb: 'get', subresource: 'stats' });
  t.deepEqual(wantedOf('GET', '/constructor'), { verb: 'get', subresource: 'proxy' });
  t.deepEqual(wantedOf('BREW', ''), { verb: 'brew', subresource: 'proxy' });
});

test('a right that was taken away is gone', async (t) => {
  const whole = await startWhole(t, { scheduler: false });
  await whole.reports.next('registered');
  await whole.ask('DELETE', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/kubeadm:cluster-admins');
  t.like(await callAs(whole.controlPlane.kubeletAddress?.port ?? 0, 'GET', '/healthz', { identity: admin }), {
    code: 403,
  });
});

test('without the API server nobody may', async (t) => {
  const ending = new AbortController();
  const reports = new Reports();
  const kubelet = startKubelet(
    {
      to: nowhere,
      node: 'n1',
      bootstrapToken,
      authorities: [ca],
      clientAuthorities: [ca],
      clock: systemClock,
      random: randomBytes,
      retry: 10,
      onReport: reports.add,
    },
    ending.signal,
  );
  const { address } = await reports.next('listening');
  t.deepEqual(await callAs(address.port, 'GET', '/healthz', { identity: admin }), {
    code: 500,
    text: 'Authorization error (user=kubernetes-admin, verb=get, resource=nodes, subresource=proxy)',
  });
  t.deepEqual(await callAs(address.port, 'GET', '/healthz', { token: 'abc' }), {
    code: 401,
    text: 'Unauthorized',
  });
  t.regex(
    (await reports.next('answered', ({ code }) => code === 500)).why?.en ?? '',
    /^the API server could not be reached: .*ECONNREFUSED/,
  );
  ending.abort();
  await kubelet;
});

withPeer('curl', 'curl at its port', async (t) => {
  const { port } = await withPod(t);
  const folder = temporaryFolder(t);
  const curl = async (who?: string): Promise<string> => {
    const words = ['-sk', '-w', ' %{http_code}', `https://127.0.0.1:${port}/healthz`];
    if (who !== undefined) {
      const { certificate, key } = world.identity(who);
      writeFileSync(join(folder, 'crt'), certificate);
      writeFileSync(join(folder, 'key'), key, { mode: 0o600 });
      words.push('--cert', join(folder, 'crt'), '--key', join(folder, 'key'));
    }
    return (await runProgram('curl', words)).stdout;
  };
  t.is(await curl(), 'Unauthorized 401');
  t.is(await curl('admin.conf'), 'ok 200');
  t.is(await curl('bob'), 'Forbidden (user=bob, verb=get, resource=nodes, subresource=proxy) 403');
  t.is(await curl('etcd-healthcheck-client'), 'Unauthorized 401');
});
