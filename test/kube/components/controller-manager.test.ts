import test from 'ava';
import type { ExecutionContext } from 'ava';
import { createPrivateKey } from 'node:crypto';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import { bootstrapPolicy, kubeadmPolicy } from '../../../src/kube/authz/bootstrap-policy.ts';
import { signers } from '../../../src/kube/certificates/signer-names.ts';
import { statusOf } from '../../../src/kube/certificates/request-fields.ts';
import type { RequestStatus } from '../../../src/kube/certificates/request-fields.ts';
import { runControllerManager } from '../../../src/kube/components/controller-manager.ts';
import type {
  ControllerManagerOptions,
  ControllerReport,
} from '../../../src/kube/components/controller-manager.ts';
import { policyOf } from '../../../src/kube/authz/rbac.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { nowhere } from '../../helpers/nowhere.ts';
import { collection, TestApiServer, world } from '../support/api-server.ts';
import { user } from '../support/policies.ts';
import { condition, iso, signingRequest } from '../support/requests.ts';
import type { RequestFacts } from '../support/requests.ts';

const caStep = readCertificate(pemCertificates(world.authority('ca'))[0] ?? new Uint8Array(0));
if (!('got' in caStep)) throw new Error('the CA cannot be read');
const authority = { certificate: caStep.got, key: createPrivateKey(world.identity('ca').key) };

const newcomer = user(
  'system:bootstrap:abcdef',
  'system:bootstrappers',
  'system:bootstrappers:kubeadm:default-node-token',
  'system:authenticated',
);
const node = user('system:node:n1', 'system:nodes', 'system:authenticated');
const bob = user('bob', 'system:authenticated');
const csr = (name: string, facts: RequestFacts = {}): ReturnType<typeof signingRequest> => {
  const object = signingRequest({ created: Date.now(), ...facts });
  return { ...object, metadata: { ...object.metadata, name } };
};

interface Running {
  readonly server: TestApiServer;
  readonly reports: ControllerReport[];
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  /** Resolves once a request's status is so. */
  status(name: string, isSo: (status: RequestStatus) => boolean): Promise<RequestStatus>;
  reported(what: ControllerReport['what'], times?: number): Promise<ControllerReport>;
}

async function start(
  t: ExecutionContext,
  options: Partial<ControllerManagerOptions> = {},
  server = new TestApiServer(),
): Promise<Running> {
  const to = await server.listen();
  const reports: ControllerReport[] = [];
  const stop = new AbortController();
  const onReport = (report: ControllerReport): void => {
    reports.push(report);
    server.told();
  };
  const given = {
    to,
    identity: world.identity('manager'),
    authorities: [world.authority('ca')],
    clock: systemClock,
    authority,
    retry: 1,
    controllers: ['certificates'] as const,
    onReport,
    ...options,
  };
  const ended = runControllerManager(given, stop.signal);
  t.teardown(async () => {
    stop.abort();
    await ended.catch(() => {});
    server.close();
  });
  return {
    server,
    reports,
    stop,
    ended,
    async status(name, isSo) {
      const now = (): RequestStatus =>
        statusOf(server.get(name) ?? { apiVersion: '', kind: '', metadata: { name } });
      await server.until(() => isSo(now()));
      return now();
    },
    async reported(what, times = 1) {
      const all = (): ControllerReport[] => reports.filter((one) => one.what === what);
      await server.until(() => all().length >= times);
      return all()[times - 1] as ControllerReport;
    },
  };
}

const isIssued = ({ certificate }: RequestStatus): boolean => certificate !== undefined;
const has =
  (type: string) =>
  ({ conditions }: RequestStatus): boolean =>
    conditions.some((one) => one.type === type);

test('a new kubelet’s request, which is there already, is approved and signed', async (t) => {
  const server = new TestApiServer();
  server.create(csr('new'), newcomer);
  const running = await start(t, {}, server);
  const { conditions, certificate } = await running.status('new', isIssued);
  t.like(conditions[0], { type: 'Approved', reason: 'AutoApproved' });
  const [der = new Uint8Array(0)] = pemCertificates(Buffer.from(certificate ?? []).toString());
  const step = readCertificate(der);
  t.is('got' in step && step.got.subject.text, 'O=system:nodes,CN=system:node:n1');
  await running.reported('signed');
  t.deepEqual(running.reports, [
    { what: 'watching', requests: 1 },
    { what: 'approved', name: 'new', subresource: 'nodeclient' },
    { what: 'signed', name: 'new' },
  ]);
});

test('a kubelet’s renewal, which comes while it watches, is approved as its own', async (t) => {
  const running = await start(t);
  await running.reported('watching');
  await running.server.until(() => running.server.watches === 1);
  running.server.create(csr('own'), node);
  await running.status('own', isIssued);
  t.like(await running.reported('approved'), { subresource: 'selfnodeclient' });
});

test('who may not have it so waits for somebody, and is signed once somebody approved', async (t) => {
  const running = await start(t);
  await running.reported('watching');
  running.server.create(csr('bob'), bob);
  t.deepEqual(await running.reported('not_approved'), {
    what: 'not_approved',
    name: 'bob',
    tried: ['nodeclient'],
  });
  t.deepEqual(statusOf(running.server.get('bob') ?? csr('x')).conditions, []);
  const object = running.server.get('bob') ?? csr('x');
  running.server.put('MODIFIED', { ...object, status: { conditions: [condition('Approved')] } });
  await running.status('bob', isIssued);
  t.false(running.server.requests.includes('PUT /bob/approval'));
});

test('a client’s request waits for a person; another’s signer is another’s; a wrong usage fails', async (t) => {
  const server = new TestApiServer();
  const approved = { conditions: [condition('Approved', { lastUpdateTime: iso(Date.now()) })] };
  server.create(csr('client', { spec: { signerName: signers.client } }), newcomer);
  server.put('ADDED', csr('other', { spec: { signerName: 'example.com/x' }, status: approved }));
  server.put(
    'ADDED',
    csr('bad', {
      spec: { signerName: signers.client, usages: ['client auth', 'server auth'] },
      status: approved,
    }),
  );
  server.put('ADDED', csr('last', { status: approved }));
  const running = await start(t, {}, server);
  await running.status('last', isIssued);
  t.deepEqual(
    running.server.requests.filter((one) => /client|other/.test(one)),
    [],
  );
  const { conditions } = await running.status('bad', has('Failed'));
  t.like(
    conditions.find(({ type }) => type === 'Failed'),
    { reason: 'SignerValidationFailure', message: 'invalid usage for client certificate: server auth' },
  );
});

test('a conflict is met by reading again, and nothing of what came between is lost', async (t) => {
  const server = new TestApiServer();
  server.create(csr('new'), newcomer);
  let conflicts = 0;
  server.mischief = ({ method, path }) => {
    if (method === 'PUT' && path.endsWith('/approval') && conflicts++ === 0) {
      const object = server.get('new') ?? csr('x');
      server.put('MODIFIED', { ...object, metadata: { ...object.metadata, labels: { came: 'between' } } });
    }
    return false;
  };
  const running = await start(t, {}, server);
  await running.status('new', isIssued);
  t.deepEqual(server.get('new')?.metadata.labels, { came: 'between' });
  t.true(server.requests.includes('GET /new'));
  t.is(running.reports.filter(({ what }) => what === 'approved').length, 1);
});

for (const how of ['end', 'destroy'] as const) {
  test(`a watch that ${how === 'end' ? 'ends' : 'breaks'} is begun anew, and what came between is not missed`, async (t) => {
    const running = await start(t);
    await running.server.until(() => running.server.watches === 1);
    running.server.breakWatches(how);
    running.server.create(csr('new'), newcomer);
    await running.status('new', isIssued);
    await running.reported('watching', 2);
    t.is(
      running.reports.some(({ what }) => what === 'disconnected'),
      how === 'destroy',
    );
  });
}

for (const how of ['a status', 'an event'] as const) {
  test(`a revision that is no longer kept (410 by ${how}) is met by listing again`, async (t) => {
    const server = new TestApiServer();
    let refusals = 0;
    const gone = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'Expired',
      code: 410,
      message: 'too old resource version',
    };
    server.mischief = ({ watch }, response) => {
      if (!watch || refusals++ > 0) return false;
      server.create(csr('new'), newcomer);
      if (how === 'a status') response.writeHead(410).end(JSON.stringify(gone));
      else response.writeHead(200).write(`${JSON.stringify({ type: 'ERROR', object: gone })}\n`);
      return true;
    };
    const running = await start(t, {}, server);
    await running.status('new', isIssued);
    t.is(
      running.reports.some(({ what }) => what === 'disconnected'),
      false,
    );
  });
}

test('a server that fails and one that breaks off are asked again', async (t) => {
  const server = new TestApiServer();
  server.create(csr('new'), newcomer);
  const seen = new Map<string, number>();
  server.mischief = ({ method, path, watch }, response) => {
    const key = `${method} ${path} ${watch}`;
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    if (times === 1) response.socket?.destroy();
    if (times === 2) response.writeHead(503).end('{"message":"later"}');
    return times <= 2;
  };
  const running = await start(t, {}, server);
  await running.status('new', isIssued);
  t.true(running.reports.some((one) => one.what === 'disconnected' && one.message === 'later'));
});

test('an identity without rights is told so, and goes on asking', async (t) => {
  const running = await start(t, { identity: world.identity('nobody') });
  const report = await running.reported('disconnected', 2);
  t.like(report, {
    message:
      'certificatesigningrequests.certificates.k8s.io is forbidden: User "bob" cannot list resource "certificatesigningrequests" in API group "certificates.k8s.io" at the cluster scope',
  });
  running.server.create(csr('new'), newcomer);
  t.deepEqual(statusOf(running.server.get('new') ?? csr('x')).conditions, []);
});

test('an identity of a rogue CA is told 401', async (t) => {
  const running = await start(t, { identity: world.identity('stranger') });
  t.like(await running.reported('disconnected'), { message: 'Unauthorized' });
});

test('who may sign nothing reports that, without trying for ever', async (t) => {
  const server = new TestApiServer();
  server.policy = policyOf(
    [...bootstrapPolicy(), ...kubeadmPolicy()].map((object) =>
      object.metadata.name === 'system:controller:certificate-controller' && object.kind === 'ClusterRole'
        ? { ...object, rules: withoutSigning(object['rules']) }
        : object,
    ),
  );
  server.create(csr('new'), newcomer);
  const running = await start(t, {}, server);
  t.deepEqual(await running.reported('refused'), {
    what: 'refused',
    name: 'new',
    message:
      'certificatesigningrequests.certificates.k8s.io "new" is forbidden: user not permitted to sign requests with signerName "kubernetes.io/kube-apiserver-client-kubelet"',
  });
  t.is(server.requests.filter((one) => one === 'PUT /new/status').length, 1);
});

function withoutSigning(rules: unknown): unknown {
  return (rules as { verbs: readonly string[] }[]).filter(({ verbs }) => !verbs.includes('sign'));
}

test('a server of a rogue CA is not talked to', async (t) => {
  const running = await start(t, { authorities: [world.authority('rogue')] });
  await running.reported('disconnected');
  t.deepEqual(running.server.requests, []);
  const [report] = running.reports;
  t.true(
    report?.what === 'disconnected' && /UNABLE_TO_VERIFY|CERT_SIGNATURE|ERR_/.test(report.code ?? ''),
    JSON.stringify(report),
  );
});

test('no server at all is waited for', async (t) => {
  const running = await start(t, { to: nowhere });
  t.like(await running.reported('disconnected', 3), { code: 'ECONNREFUSED' });
});

test('an identity that is none is a mistake, said at once', async (t) => {
  const running = await start(t, { identity: { certificate: world.certificate('manager'), key: 'no key' } });
  await t.throwsAsync(running.ended, { instanceOf: UserError });
});

test('what is old is cleared away, and what has changed meanwhile is not', async (t) => {
  const server = new TestApiServer();
  const old = Date.now() - 25 * 3_600_000;
  server.create(csr('old', { created: old, spec: { signerName: signers.client } }), bob);
  server.create(csr('changed', { created: old, spec: { signerName: signers.client } }), bob);
  server.create(csr('young', { spec: { signerName: signers.client } }), bob);
  let writes = 0;
  server.mischief = ({ method, path }) => {
    if (method !== 'DELETE' || path !== `${collection}/changed` || writes++ > 0) return false;
    server.put('MODIFIED', {
      ...(server.get('changed') ?? csr('x')),
      status: { conditions: [condition('Approved', { lastUpdateTime: iso(Date.now()) })] },
    });
    return false;
  };
  const running = await start(t, {}, server);
  t.deepEqual(await running.reported('deleted'), { what: 'deleted', name: 'old', reason: 'pending' });
  await running.status('changed', isIssued);
  t.is(server.get('old'), undefined);
  t.truthy(server.get('young'));
});

test('one that is deleted while it is handled is no fault', async (t) => {
  const server = new TestApiServer();
  server.create(csr('gone'), newcomer);
  server.create(csr('new'), newcomer);
  server.mischief = ({ method, path }) => {
    const object = server.get('gone');
    if (method === 'PUT' && path.includes('gone') && object) server.put('DELETED', object);
    return false;
  };
  const running = await start(t, {}, server);
  await running.status('new', isIssued);
  t.deepEqual(
    running.reports.filter(({ what }) => what === 'refused'),
    [],
  );
});

test('it ends when it is told, while it watches, while it waits and before it began', async (t) => {
  const watching = await start(t);
  await watching.server.until(() => watching.server.watches === 1);
  watching.stop.abort();
  await watching.ended;
  await watching.server.until(() => watching.server.watches === 0);
  const waiting = await start(t, { to: nowhere, retry: 60_000 });
  await waiting.reported('disconnected');
  waiting.stop.abort();
  await waiting.ended;
  const never = new AbortController();
  never.abort();
  await runControllerManager(
    { to: nowhere, clock: systemClock, authority, identity: world.identity('manager') },
    never.signal,
  );
  t.pass();
});

test('it ends in the middle of an answer that does not come', async (t) => {
  const server = new TestApiServer();
  server.create(csr('new'), newcomer);
  let asked = false;
  server.mischief = ({ method }) => (asked ||= method === 'POST');
  const running = await start(t, {}, server);
  await server.until(() => asked);
  running.stop.abort();
  await running.ended;
  t.deepEqual(running.reports, [{ what: 'watching', requests: 1 }]);
});

test('a watch that says what is no event, and one that says too much, do no harm', async (t) => {
  const running = await start(t);
  await running.server.until(() => running.server.watches === 1);
  running.server.tell(
    '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}\n\n{"type":"ADDED"}\n{"type":"ADDED","object":{"metadata":{"name":7}}}\n{"type":"DELETED","object":{"metadata":{"name":"x"}}}\n',
  );
  running.server.tell(
    '{"type":"ADDED","object":{"metadata":{"name":"odd"},"spec":{"request":7},"status":{"conditions":[{"type":"Approved","status":"True"}]}}}\n',
  );
  t.like(await running.reported('refused'), { name: 'odd' });
  running.server.tell('no JSON\n');
  t.like(await running.reported('disconnected'), { message: 'the response is not JSON' });
  await running.server.until(() => running.server.watches === 1);
  running.server.create(csr('new'), newcomer);
  await running.status('new', isIssued);
  t.pass();
});

test('with a tap, its bytes are recorded, sealed and in the clear', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const server = new TestApiServer();
  server.create(csr('new'), newcomer);
  const running = await start(t, { tap: { log, hop: 'kcm' } }, server);
  await running.status('new', isIssued);
  const plain = log.events
    .flatMap((event) =>
      event.type === 'bytes' && event.vantage === 'plaintext' && event.from === 'client'
        ? [Buffer.from(event.bytes).toString('latin1')]
        : [],
    )
    .join('');
  t.regex(plain, /PUT \/apis\/certificates.k8s.io\/v1\/certificatesigningrequests\/new\/approval HTTP\/1.1/);
  t.true(log.events.some((event) => event.type === 'bytes' && event.vantage === 'wire'));
});
