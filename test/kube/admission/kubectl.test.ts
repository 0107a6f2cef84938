/** The real kubectl with configurations of webhooks: what it makes of them, and what it prints of their refusals. */
import test from 'ava';
import { withPeer } from '../../helpers/peer.ts';
import { bundle, configuration, configurations, pod, startAdmitting, startHook } from './support.ts';
import type { Configured } from './support.ts';

const file = (configured: Configured = {}): string =>
  JSON.stringify({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    ...configuration(configured),
  });

withPeer('kubectl', 'kubectl creates, shows, changes and deletes a configuration of webhooks', async (t) => {
  const { kubectl, ask } = await startAdmitting(t);
  const says = async (...words: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await kubectl.as('super-admin.conf', ...words);
    return stdout + stderr;
  };
  kubectl.write('gate.json', file({ caBundle: bundle('other-ca') }));
  t.is(
    await says('apply', '-f', 'gate.json'),
    'validatingwebhookconfiguration.admissionregistration.k8s.io/gate created\n',
  );
  t.regex(await says('get', 'validatingwebhookconfigurations'), /^NAME +WEBHOOKS +AGE\ngate +1 +\d+s\n$/);
  const described = await says('describe', 'validatingwebhookconfiguration', 'gate');
  for (const line of [
    /^Kind: +ValidatingWebhookConfiguration$/m,
    /^ {2}Failure Policy: +Fail$/m,
    /^ {2}Match Policy: +Equivalent$/m,
    /^ {6}Port: +443$/m,
    /^ {4}Scope: +\*$/m,
    /^ {2}Timeout Seconds: +5$/m,
  ])
    t.regex(described, line);
  // Of the changed list kubectl sends the changed element, by its name.
  kubectl.write('gate.json', file());
  t.is(
    await says('apply', '-f', 'gate.json'),
    'validatingwebhookconfiguration.admissionregistration.k8s.io/gate configured\n',
  );
  const changed = (await ask('GET', `${configurations}/gate`)).body as {
    readonly webhooks: readonly {
      readonly clientConfig: { readonly caBundle: string };
      readonly rules: unknown[];
    }[];
  };
  t.is(changed.webhooks.length, 1);
  t.is(changed.webhooks[0]?.clientConfig.caBundle, bundle('hook-ca'));
  t.is(changed.webhooks[0]?.rules.length, 1);
  t.is(
    await says('delete', 'validatingwebhookconfiguration', 'gate'),
    'validatingwebhookconfiguration.admissionregistration.k8s.io "gate" deleted\n',
  );
});

withPeer('kubectl', 'kubectl prints a refusal, a warning, and why a webhook was not asked', async (t) => {
  const { kubectl, lead } = await startAdmitting(t);
  kubectl.write('gate.json', file());
  kubectl.write('pod.json', JSON.stringify(pod('web')));
  t.is((await kubectl.as('super-admin.conf', 'apply', '-f', 'gate.json')).exitCode, 0);
  const answering = (allowed: boolean) =>
    startHook(t, 'gate', ({ request: { uid } }) => ({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: {
        uid,
        allowed,
        warnings: ['no team yet'],
        status: { message: 'no team', reason: 'Forbidden' },
      },
    }));
  const created = async (
    ...more: readonly string[]
  ): Promise<{ readonly exitCode: number | null; readonly stderr: string }> =>
    kubectl.as('super-admin.conf', 'create', '-f', 'pod.json', '-n', 'shop', ...more);
  lead((await answering(false)).port);
  t.like(await created(), {
    exitCode: 1,
    stderr:
      'Warning: no team yet\nError from server (Forbidden): error when creating "pod.json": admission webhook "gate.example.com" denied the request: no team\n',
  });
  lead((await startHook(t, 'gate-by-common-name')).port);
  t.like(await created(), {
    exitCode: 1,
    stderr:
      'Error from server (InternalError): error when creating "pod.json": Internal error occurred: failed calling webhook "gate.example.com": failed to call webhook: Post "https://gate.shop.svc:443/validate?timeout=5s": tls: failed to verify certificate: x509: certificate relies on legacy Common Name field, use SANs instead\n',
  });
  lead((await answering(true)).port);
  t.like(await created('--dry-run=server'), { exitCode: 0, stderr: 'Warning: no team yet\n' });
  t.like(await created(), { exitCode: 0, stderr: 'Warning: no team yet\n' });
});

const invalid: Readonly<Record<string, readonly [Configured, RegExp]>> = {
  'no side effects said': [
    { more: { sideEffects: undefined } },
    /webhooks\[0\]\.sideEffects: Required value: must specify one of None, NoneOnDryRun$/,
  ],
  'side effects': [
    { more: { sideEffects: 'Some' } },
    /webhooks\[0\]\.sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"$/,
  ],
  'a name of two segments': [
    { name: 'gate.example' },
    /webhooks\[0\]\.name: Invalid value: "gate\.example": should be a domain with at least three segments separated by dots$/,
  ],
  'no versions': [
    { more: { admissionReviewVersions: [] } },
    /admissionReviewVersions: Required value: must specify one of v1, v1beta1$/,
  ],
  'versions of the future': [
    { more: { admissionReviewVersions: ['v2'] } },
    /admissionReviewVersions: Invalid value: .*"v2".*: must include at least one of v1, v1beta1$/,
  ],
  'too much time': [
    { more: { timeoutSeconds: 31 } },
    /timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds$/,
  ],
  'HTTP without TLS': [
    { url: 'http://127.0.0.1/' },
    /clientConfig\.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https:\/\/host\[\/path\]$/,
  ],
  'a query': [
    { url: 'https://gate.example.com/?a=b' },
    /clientConfig\.url: Invalid value: "a=b": query parameters are not permitted in the URL$/,
  ],
  'a path without a slash': [
    { service: { namespace: 'shop', name: 'gate', path: 'validate' } },
    /clientConfig\.service\.path: Invalid value: "validate": must start with a '\/'/,
  ],
  'neither URL nor Service': [
    { more: { clientConfig: {} } },
    /webhooks\[0\]\.clientConfig: Required value: exactly one of url or service is required$/,
  ],
  'another policy': [
    { more: { failurePolicy: 'Retry' } },
    /failurePolicy: Unsupported value: "Retry": supported values: "Fail", "Ignore"$/,
  ],
  'a star among others': [
    {
      rules: [{ apiGroups: ['*', 'apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    },
    /rules\[0\]\.apiGroups: Invalid value: .*: if '\*' is present, must not specify other API groups$/,
  ],
  'no operations': [
    { rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: [], resources: ['pods'] }] },
    /rules\[0\]\.operations: Required value$/,
  ],
  'expressions, which are not evaluated here': [
    { more: { matchConditions: [{ name: 'a', expression: 'true' }] } },
    /matchConditions: Forbidden: match conditions are expressions/,
  ],
};

test('what is no configuration is refused in kube-apiserver’s words', async (t) => {
  const { ask } = await startAdmitting(t);
  for (const [what, [configured, says]] of Object.entries(invalid)) {
    const refused = await ask('POST', configurations, configuration(configured));
    t.is(refused.status, 422, what);
    t.regex(refused.message, says, what);
  }
  const twice = configuration();
  const doubled = await ask('POST', configurations, {
    ...twice,
    webhooks: [...twice.webhooks, ...twice.webhooks],
  });
  t.regex(doubled.message, /webhooks\[1\]\.name: Duplicate value: "gate\.example\.com"$/);
});
