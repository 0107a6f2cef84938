import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { CallFailed, webhookClient } from '../../../src/kube/admission/webhook-client.ts';
import { webhooksOf } from '../../../src/kube/admission/webhook.ts';
import {
  bundle,
  configuration,
  configurations,
  hooks,
  pod,
  pods,
  podsPath,
  startAdmitting,
  startHook,
} from './support.ts';
import type { Answering, Configured } from './support.ts';

const prefix =
  'Internal error occurred: failed calling webhook "gate.example.com": failed to call webhook: Post "https://gate.shop.svc:443/validate?timeout=5s": ';
const untrusted = `${prefix}tls: failed to verify certificate: x509: `;
const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;
const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
const exactly = (text: string): RegExp => new RegExp(`^${literal(text)}$`);

interface Failing {
  readonly row?: string;
  readonly configured?: Configured;
  readonly says: RegExp;
}

const failing: Readonly<Record<string, Failing>> = {
  'a CA that is not in the bundle': {
    configured: { caBundle: bundle('other-ca') },
    says: exactly(`${untrusted}certificate signed by unknown authority`),
  },
  'a CA of the same name, with another key': {
    configured: { caBundle: bundle('hook-ca-before') },
    says: exactly(
      `${untrusted}certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "hook-ca")`,
    ),
  },
  'no bundle: the public CAs': {
    configured: { caBundle: '' },
    says: exactly(`${untrusted}certificate signed by unknown authority`),
  },
  'a certificate that has expired': {
    row: 'gate-expired',
    says: new RegExp(
      `^${literal(untrusted)}certificate has expired or is not yet valid: current time ${time} is after ${time}$`,
    ),
  },
  'a certificate that is not valid yet': {
    row: 'gate-of-tomorrow',
    says: new RegExp(
      `^${literal(untrusted)}certificate has expired or is not yet valid: current time ${time} is before ${time}$`,
    ),
  },
  'a name in the common name only': {
    row: 'gate-by-common-name',
    says: exactly(`${untrusted}certificate relies on legacy Common Name field, use SANs instead`),
  },
  'another name in the common name only': {
    row: 'gate-by-another-common-name',
    says: exactly(`${untrusted}certificate is not valid for any names, but wanted to match gate.shop.svc`),
  },
  'other names': {
    row: 'gate-of-another-name',
    says: exactly(`${untrusted}certificate is valid for gate, gate.shop, not gate.shop.svc`),
  },
  'an address where a name is asked for': {
    row: 'gate-by-address',
    says: exactly(`${untrusted}certificate is not valid for any names, but wanted to match gate.shop.svc`),
  },
  'a certificate for clients': {
    row: 'gate-for-clients',
    says: exactly(`${untrusted}certificate specifies an incompatible key usage`),
  },
  'HTTP without TLS': {
    row: 'plain',
    says: exactly(`${prefix}http: server gave HTTP response to HTTPS client`),
  },
  'a bundle that is no PEM': {
    configured: { caBundle: Buffer.from('no PEM').toString('base64') },
    says: exactly(
      'Internal error occurred: failed calling webhook "gate.example.com": could not get REST client: unable to load root certificates: unable to parse bytes as PEM block',
    ),
  },
  'a bundle without a certificate': {
    configured: {
      caBundle: Buffer.from(
        generateKeyPairSync('ed25519', {
          publicKeyEncoding: { type: 'spki', format: 'pem' },
          privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
        }).publicKey,
      ).toString('base64'),
    },
    says: /no valid certificate authority data seen$/,
  },
  'a Service that is not there': {
    configured: { service: { namespace: 'shop', name: 'retired' } },
    says: /Post "https:\/\/retired\.shop\.svc:443\/\?timeout=5s": service "retired" not found$/,
  },
  'a port that the Service does not have': {
    configured: { service: { namespace: 'shop', name: 'gate', port: 8443 } },
    says: /:8443\/\?timeout=5s": no service port 8443 found for service "gate"$/,
  },
};

for (const [what, { row = 'gate', configured, says }] of Object.entries(failing))
  test(`the webhook is not asked: ${what}`, async (t) => {
    const { ask, lead, reports } = await startAdmitting(t);
    const hook = await startHook(t, row);
    lead(hook.port);
    t.is((await ask('POST', configurations, configuration(configured))).status, 201);
    const refused = await ask('POST', podsPath, pod('web'));
    t.is(refused.status, 500);
    t.regex(refused.message, says);
    t.is(refused.body['reason'], 'InternalError');
    t.deepEqual(hook.asked, []);
    t.is((await ask('GET', `${podsPath}/web`)).status, 404);
    t.is(reports.at(-1)?.outcome, 'failed_closed');
    // With Ignore the same goes through, and only the log says so.
    await ask('DELETE', `${configurations}/gate`);
    await ask('POST', configurations, configuration({ ...configured, more: { failurePolicy: 'Ignore' } }));
    t.is((await ask('POST', podsPath, pod('web'))).status, 201);
    t.is(reports.at(-1)?.outcome, 'failed_open');
    t.is(`Internal error occurred: ${reports.at(-1)?.message}`.slice(0, 60), refused.message.slice(0, 60));
  });

test('nothing listens; nothing stands behind the Service; it never answers', async (t) => {
  const { ask, lead } = await startAdmitting(t);
  await ask('POST', configurations, configuration({ more: { timeoutSeconds: 1 } }));
  const words = prefix.replace('5s', '1s');
  for (const port of [undefined, 1]) {
    lead(port);
    t.is(
      (await ask('POST', podsPath, pod('web'))).message,
      `${words}dial tcp 10.96.7.7:443: connect: connection refused`,
    );
  }
  lead((await startHook(t, 'gate', () => undefined)).port);
  t.is((await ask('POST', podsPath, pod('web'))).message, `${words}context deadline exceeded`);
});

test('a URL is called as it stands, and its host is verified', async (t) => {
  const { ask } = await startAdmitting(t);
  const { port } = await startHook(t, 'gate');
  const url = `https://127.0.0.1:${port}/validate`;
  await ask('POST', configurations, configuration({ url }));
  t.is(
    (await ask('POST', podsPath, pod('web'))).message,
    `Internal error occurred: failed calling webhook "gate.example.com": failed to call webhook: Post "${url}?timeout=5s": tls: failed to verify certificate: x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs`,
  );
  const byAddress = await startHook(t, 'gate-by-address');
  await ask('DELETE', `${configurations}/gate`);
  await ask('POST', configurations, configuration({ url: `https://127.0.0.1:${byAddress.port}` }));
  t.is((await ask('POST', podsPath, pod('web'))).status, 201);
  t.is(byAddress.asked[0]?.url, '/?timeout=5s');
});

test('an external name leads elsewhere; the name that is verified stays the Service’s', async (t) => {
  const { ask } = await startAdmitting(t);
  const { port, asked } = await startHook(t, 'gate');
  await ask('DELETE', '/api/v1/namespaces/shop/services/gate');
  await ask('POST', '/api/v1/namespaces/shop/services', {
    metadata: { name: 'gate' },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  });
  await ask(
    'POST',
    configurations,
    configuration({ service: { namespace: 'shop', name: 'gate', port, path: '/validate' } }),
  );
  t.is((await ask('POST', podsPath, pod('web'))).status, 201);
  t.is(asked.length, 1);
});

test('a certificate that is itself in the bundle is trusted, as Go does it', async (t) => {
  const { ask, lead } = await startAdmitting(t);
  const { port } = await startHook(t, 'gate');
  lead(port);
  const own = Buffer.from((await import('./support.ts')).hooks.certificate('gate')).toString('base64');
  await ask('POST', configurations, configuration({ caBundle: own }));
  t.is((await ask('POST', podsPath, pod('web'))).status, 201);
});

const answers: Readonly<Record<string, readonly [Answering, RegExp, number?]>> = {
  denied: [
    ({ request: { uid } }) => ({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid, allowed: false, status: { message: 'no team' } },
    }),
    /^admission webhook "gate\.example\.com" denied the request: no team$/,
  ],
  'denied without a word': [
    ({ request: { uid } }) => ({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid, allowed: false },
    }),
    /^admission webhook "gate\.example\.com" denied the request without explanation$/,
  ],
  'another uid': [
    () => ({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: '1', allowed: true },
    }),
    /received invalid webhook response: expected response\.uid="[0-9a-f-]{36}", got "1"$/,
  ],
  'no kind': [
    ({ request: { uid } }) => ({ response: { uid, allowed: true } }),
    /received invalid webhook response: expected webhook response of admission\.k8s\.io\/v1, Kind=AdmissionReview, got \/, Kind=$/,
  ],
  'another kind': [
    () => ({ apiVersion: 'v1', kind: 'Pod' }),
    /failed to call webhook: no kind "Pod" is registered for version "v1" in scheme /,
  ],
  'no response': [
    () => ({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }),
    /received invalid webhook response: webhook response was absent$/,
  ],
  'a patch': [
    ({ request: { uid } }) => ({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid, allowed: true, patch: 'W10=', patchType: 'JSONPatch' },
    }),
    /validating webhook may not return response\.patch$/,
  ],
  'no JSON': [() => 'ok', /failed to call webhook: couldn't get version\/kind; json parse error: /],
  'not found': [
    () => '404 page not found',
    /failed to call webhook: the server could not find the requested resource$/,
    404,
  ],
  'an error of its own': [
    () => 'panic',
    /failed to call webhook: an error on the server \("panic"\) has prevented the request from succeeding$/,
    500,
  ],
};

for (const [what, [answer, says, status]] of Object.entries(answers))
  test(`the webhook answers: ${what}`, async (t) => {
    const { ask, lead } = await startAdmitting(t);
    lead((await startHook(t, 'gate', answer, status)).port);
    await ask('POST', configurations, configuration());
    const refused = await ask('POST', podsPath, pod('web'));
    t.regex(refused.message, says);
    t.is(refused.status, what.startsWith('denied') ? 400 : 500);
    t.is((await ask('GET', `${podsPath}/web`)).status, 404);
  });

test('the status of a refusal is the webhook’s own', async (t) => {
  const { ask, lead } = await startAdmitting(t);
  lead(
    (
      await startHook(t, 'gate', ({ request: { uid } }) => ({
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: { uid, allowed: false, status: { code: 403, reason: 'Forbidden', message: 'no' } },
      }))
    ).port,
  );
  await ask('POST', configurations, configuration());
  t.like(await ask('POST', podsPath, pod('web')), {
    status: 403,
    body: { reason: 'Forbidden', message: 'admission webhook "gate.example.com" denied the request: no' },
  });
});

test('what it is asked: who does what with which object, as a trial or not', async (t) => {
  const { ask, lead } = await startAdmitting(t);
  const hook = await startHook(t, 'gate');
  lead(hook.port);
  const all = { ...pods, operations: ['*'], resources: ['pods', 'pods/status'] };
  await ask('POST', configurations, configuration({ rules: [all] }));
  await ask('POST', `${podsPath}?dryRun=All`, pod('web', { app: 'web' }));
  await ask('POST', podsPath, pod('web', { app: 'web' }));
  await ask('PATCH', `${podsPath}/web`, { metadata: { labels: { app: 'shop' } } });
  await ask('PATCH', `${podsPath}/web/status`, { status: { phase: 'Running' } });
  await ask('DELETE', `${podsPath}/web`);
  t.deepEqual(
    hook.asked.map(({ request }) => [
      request['operation'],
      request['subResource'] ?? '',
      request['dryRun'],
      request['object'] === null,
      request['oldObject'] === null,
    ]),
    [
      ['CREATE', '', true, false, true],
      ['CREATE', '', false, false, true],
      ['UPDATE', '', false, false, false],
      ['UPDATE', 'status', false, false, false],
      ['DELETE', '', false, true, false],
    ],
  );
  t.like(hook.asked[1]?.request, {
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    name: 'web',
    namespace: 'shop',
    userInfo: { username: 'kubernetes-super-admin', groups: ['system:masters', 'system:authenticated'] },
  });
  // Nothing else is in it: a row of the server's own table once was.
  const asked: Readonly<Record<string, unknown>> = hook.asked[1]?.request ?? {};
  t.deepEqual(asked['kind'], { group: '', version: 'v1', kind: 'Pod' });
  t.deepEqual(asked['requestKind'], asked['kind']);
  t.deepEqual(Object.keys(asked), [
    'uid',
    'kind',
    'resource',
    'requestKind',
    'requestResource',
    'name',
    'namespace',
    'operation',
    'userInfo',
    'object',
    'oldObject',
    'dryRun',
    'options',
  ]);
  t.is(hook.asked[0]?.url, '/validate?timeout=5s');
  // The trial has left nothing behind.
  t.is(hook.asked[1]?.request['operation'], 'CREATE');
});

test('rules and selectors say what it is asked about', async (t) => {
  const { ask, lead } = await startAdmitting(t);
  const hook = await startHook(t, 'gate');
  lead(hook.port);
  const count = async (configured: Configured): Promise<number> => {
    await ask('DELETE', `${configurations}/gate`);
    t.is((await ask('POST', configurations, configuration(configured))).status, 201);
    const before = hook.asked.length;
    t.is((await ask('POST', `${podsPath}?dryRun=All`, pod('web', { app: 'web' }))).status, 201);
    return hook.asked.length - before;
  };
  t.is(await count({}), 1);
  t.is(await count({ rules: [{ ...pods, operations: ['UPDATE', 'DELETE'] }] }), 0);
  t.is(await count({ rules: [{ ...pods, resources: ['pods/*'] }] }), 1);
  t.is(await count({ rules: [{ ...pods, resources: ['*'] }] }), 1);
  t.is(await count({ rules: [{ ...pods, apiGroups: ['apps'] }] }), 0);
  t.is(await count({ rules: [{ ...pods, apiVersions: ['v1beta1'] }] }), 0);
  t.is(await count({ rules: [{ ...pods, scope: 'Cluster' }] }), 0);
  t.is(await count({ rules: [{ ...pods, scope: 'Namespaced' }] }), 1);
  t.is(await count({ more: { objectSelector: { matchLabels: { app: 'web' } } } }), 1);
  t.is(await count({ more: { objectSelector: { matchLabels: { app: 'shop' } } } }), 0);
  t.is(await count({ more: { namespaceSelector: { matchLabels: { team: 'shop' } } } }), 1);
  t.is(
    await count({
      more: {
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['shop'] }],
        },
      },
    }),
    0,
  );
});

test('authorization and validation come first, and the webhook last', async (t) => {
  const { ask, lead, kubectl } = await startAdmitting(t);
  const hook = await startHook(t, 'gate');
  lead(hook.port);
  await ask('POST', configurations, configuration());
  const invalid = await ask('POST', podsPath, { metadata: { name: 'web' }, spec: { containers: [] } });
  t.is(invalid.status, 422);
  kubectl.write('pod.json', JSON.stringify(pod('web')));
  t.deepEqual(hook.asked, []);
  t.is((await ask('POST', podsPath, pod('web'))).status, 201);
  t.is(hook.asked.length, 1);
});

test('a webhook that is about its own configuration is not called for it', async (t) => {
  const { ask, lead } = await startAdmitting(t);
  lead(undefined);
  const everything = { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] };
  await ask('POST', configurations, configuration({ rules: [everything], more: { timeoutSeconds: 1 } }));
  t.is((await ask('POST', '/api/v1/namespaces', { metadata: { name: 'x' } })).status, 500);
  t.is((await ask('DELETE', `${configurations}/gate`)).status, 200);
  t.is((await ask('POST', '/api/v1/namespaces', { metadata: { name: 'x' } })).status, 201);
});

test('two webhooks are asked at once, and one refusal is enough', async (t) => {
  const { ask, lead } = await startAdmitting(t);
  const hook = await startHook(t, 'gate');
  lead(hook.port);
  await ask('POST', configurations, configuration());
  await ask(
    'POST',
    configurations,
    configuration({ name: 'left.example.com', service: { namespace: 'shop', name: 'retired' } }),
  );
  const refused = await ask('POST', podsPath, pod('web'));
  t.regex(refused.message, /failed calling webhook "left\.example\.com".*service "retired" not found$/);
  t.is(hook.asked.length, 1);
});

test('the API of an older webhook: v1beta1 is asked in its own version', async (t) => {
  const { ask, lead } = await startAdmitting(t);
  const versions: unknown[] = [];
  lead(
    (
      await startHook(t, 'gate', (review) => {
        versions.push((review as unknown as { readonly apiVersion: string }).apiVersion);
        return { response: { allowed: true } };
      })
    ).port,
  );
  await ask('POST', configurations, configuration({ more: { admissionReviewVersions: ['v1beta1', 'v1'] } }));
  t.is((await ask('POST', podsPath, pod('web'))).status, 201);
  t.deepEqual(versions, ['admission.k8s.io/v1beta1']);
});

/** What answers behind TLS, byte for byte. */
async function startSaying(t: ExecutionContext, says: string): Promise<number> {
  const { certificate, key } = hooks.identity('gate');
  const server = createTlsServer({ cert: certificate, key }, (socket) => {
    socket.on('error', () => {}).once('data', () => socket.write(says));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('a webhook that switches to another protocol has not answered', async (t) => {
  const { ask, lead } = await startAdmitting(t);
  await ask('POST', configurations, configuration());
  lead(await startSaying(t, 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'));
  t.is((await ask('POST', podsPath, pod('web'))).message, `${prefix}EOF`);
});

test('of a long answer that is no review, client-go’s part is quoted; one without end is not read to it', async (t) => {
  const { ask, lead } = await startAdmitting(t);
  await ask('POST', configurations, configuration());
  lead((await startHook(t, 'gate', () => 'x'.repeat(1_000_000), 500)).port);
  const { message } = await ask('POST', podsPath, pod('web'));
  t.is(
    message,
    `Internal error occurred: failed calling webhook "gate.example.com": failed to call webhook: an error on the server ("${'x'.repeat(2048)}") has prevented the request from succeeding`,
  );
  lead((await startHook(t, 'gate', () => 'x'.repeat(9 * 1024 * 1024))).port);
  t.regex((await ask('POST', podsPath, pod('web'))).message, /: an answer is longer than 8388608 bytes$/);
});

test('warnings without end do not cost the answer', async (t) => {
  const { ask, lead } = await startAdmitting(t);
  await ask('POST', configurations, configuration());
  for (const warnings of [
    ['W'.repeat(1_000_000)],
    Array.from({ length: 20_000 }, (_, at) => `warning ${at}`),
  ]) {
    const { port } = await startHook(t, 'gate', ({ request: { uid } }) => ({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid, allowed: true, warnings },
    }));
    lead(port);
    t.is((await ask('POST', podsPath, pod(`web-${warnings.length}`))).status, 201);
  }
});

test('a URL that Go cannot read is refused when it is configured', async (t) => {
  const { ask } = await startAdmitting(t);
  const rows: readonly (readonly [url: string, why: string])[] = [
    ['https://gate:x/', 'parse "https://gate:x/": invalid port ":x" after host'],
    ['https://ga te/', 'parse "https://ga te/": invalid character " " in host name'],
    [
      'https://gate\n.example/',
      'parse "https://gate\\n.example/": net/url: invalid control character in URL',
    ],
    ['https://gate:99999/', 'invalid host or port'],
  ];
  for (const [url, why] of rows) {
    const { status, message } = await ask('POST', configurations, configuration({ url }));
    t.is(status, 422);
    t.true(
      message.includes(
        `webhooks[0].clientConfig.url: Required value: url must be a valid URL: ${why}; desired format: https://host[/path]`,
      ),
      message,
    );
  }
});

test('one that was stored all the same fails its own call alone', async (t) => {
  const call = webhookClient({ clock: systemClock, service: async () => Promise.resolve(undefined) });
  const [webhook] = webhooksOf({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    ...configuration({ url: 'https://gate:x/', caBundle: '' }),
  });
  await t.throwsAsync(call(webhook!, {}), {
    instanceOf: CallFailed,
    message:
      'could not get REST client: Unparsable URL: parse "https://gate:x/": invalid port ":x" after host',
  });
});
