/** What kube-apiserver refuses of Deployments, Jobs, NetworkPolicies, ResourceQuotas and LimitRanges, and what it takes and fills in. */
import test from 'ava';
import { isInvalid, startCluster } from '../../support/cluster.ts';
import type { Answer, TestCluster } from '../../support/cluster.ts';

type Plain = Readonly<Record<string, unknown>>;

const kinds: Readonly<Record<string, readonly [apiVersion: string, path: string]>> = {
  Deployment: ['apps/v1', '/apis/apps/v1/namespaces/default/deployments'],
  Job: ['batch/v1', '/apis/batch/v1/namespaces/default/jobs'],
  NetworkPolicy: ['networking.k8s.io/v1', '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies'],
  ResourceQuota: ['v1', '/api/v1/namespaces/default/resourcequotas'],
  LimitRange: ['v1', '/api/v1/namespaces/default/limitranges'],
};
const of = (kind: string, spec: Plain): Plain => ({
  kind,
  apiVersion: kinds[kind]?.[0],
  metadata: { name: 'x' },
  spec,
});

const containers = [{ name: 'a', image: 'nginx', resources: { limits: { memory: '16Mi' } } }];
const deployment = (more: Plain = {}, pod: Plain = {}): Plain =>
  of('Deployment', {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web', tier: 'front' } }, spec: { containers, ...pod } },
    ...more,
  });
const job = (more: Plain = {}, pod: Plain = {}): Plain =>
  of('Job', { template: { spec: { containers, restartPolicy: 'Never', ...pod } }, ...more });
const policy = (more: Plain): Plain => of('NetworkPolicy', { podSelector: {}, ...more });

const notNegative = 'must be greater than or equal to 0';

const invalid: Readonly<Record<string, readonly [object: Plain, ...causes: readonly string[]]>> = {
  'a deployment without a selector': [deployment({ selector: undefined }), 'spec.selector: Required value'],
  'a deployment that selects everything': [
    deployment({ selector: {} }),
    'spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: empty selector is invalid for deployment',
  ],
  'a selector of other labels': [
    deployment({ selector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] } }),
    'spec.template.metadata.labels: Invalid value: map[string]string{"app":"web", "tier":"front"}: `selector` does not match template `labels`',
  ],
  'a selector with an operator that is none': [
    deployment({ selector: { matchExpressions: [{ key: 'app', operator: 'Is' }] } }),
    'spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
  ],
  'a deployment of pods that end': [
    deployment({ replicas: -1 }, { restartPolicy: 'Never' }),
    `spec.replicas: Invalid value: -1: ${notNegative}`,
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ],
  'a template with a container that is none': [
    deployment({}, { containers: [{ name: 'A', image: 'nginx' }] }),
    "spec.template.spec.containers[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ],
  'a strategy that is none': [
    deployment({ strategy: { type: 'Sometimes' } }),
    'spec.strategy.type: Unsupported value: "Sometimes": supported values: "Recreate", "RollingUpdate"',
  ],
  'pods made anew, and by and by': [
    deployment({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }),
    "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
  ],
  'a job of pods that never end': [
    job({}, { restartPolicy: 'Always' }),
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ],
  'a job that never was': [
    job({ backoffLimit: -1, ttlSecondsAfterFinished: -5 }),
    `spec.backoffLimit: Invalid value: -1: ${notNegative}`,
    `spec.ttlSecondsAfterFinished: Invalid value: -5: ${notNegative}`,
  ],
  'a peer that is nobody': [
    policy({ ingress: [{ from: [{}] }] }),
    'spec.ingress[0].from[0]: Required value: must specify a peer',
  ],
  'a peer that is two': [
    policy({ egress: [{ to: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }] }] }),
    'spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer',
  ],
  'addresses that are none': [
    policy({ egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/33', except: ['10.0.0.1'] } }] }] }),
    'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    'spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "10.0.0.1": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ],
  'a port that is none, of a protocol that is none': [
    policy({ ingress: [{ ports: [{ protocol: 'ICMP', port: 70_000 }] }] }),
    'spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
    'spec.ingress[0].ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ],
  'ports that end before they begin': [
    policy({ ingress: [{ ports: [{ port: 90, endPort: 80 }] }] }),
    'spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`',
  ],
  'a policy about neither way': [
    policy({ policyTypes: ['Sideways'] }),
    'spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Egress", "Ingress"',
  ],
  'less than nothing': [
    of('ResourceQuota', { hard: { pods: '-1' } }),
    `spec.hard[pods]: Invalid value: "-1": ${notNegative}`,
  ],
  'a scope that is none': [
    of('ResourceQuota', { scopes: ['Sunny'] }),
    'spec.scopes[0]: Unsupported value: "Sunny": supported values: "BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", "PriorityClass", "Terminating"',
  ],
  'a default above the most': [
    of('LimitRange', { limits: [{ type: 'Container', max: { memory: '1Gi' }, default: { memory: '2Gi' } }] }),
    'spec.limits[0].default: Invalid value: "2Gi": default value 2Gi is greater than max value 1Gi',
    'spec.limits[0].defaultRequest: Invalid value: "2Gi": defaultRequest value 2Gi is greater than max value 1Gi',
  ],
  'limits of nothing that there is': [
    of('LimitRange', { limits: [{ type: 'Thing' }] }),
    'spec.limits[0].type: Unsupported value: "Thing": supported values: "Container", "PersistentVolumeClaim", "Pod"',
  ],
};

const post = async (
  cluster: TestCluster,
  object: Plain,
  query = '?fieldValidation=Strict&dryRun=All',
): Promise<Answer> => cluster.call(`${kinds[String(object['kind'])]?.[1]}${query}`, { body: object });

test('what breaks a rule is a 422 with every cause', async (t) => {
  const cluster = await startCluster(t);
  for (const [title, [object, ...causes]] of Object.entries(invalid))
    isInvalid(t, await post(cluster, object), causes, title);
});

test('what is omitted is filled in as kube-apiserver does', async (t) => {
  const cluster = await startCluster(t);
  const specOf = async (object: Plain): Promise<Record<string, unknown>> => {
    const { code, body, text } = await post(cluster, object);
    t.is(code, 201, text);
    return body['spec'] as Record<string, unknown>;
  };
  const { template, selector: _, ...web } = await specOf(deployment());
  t.deepEqual(web, {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
  });
  // A template is no pod yet: what admission adds to a pod is not in it, nor requests from limits.
  const { spec } = template as { readonly spec: Record<string, unknown> };
  t.is(spec['restartPolicy'], 'Always');
  t.is(spec['tolerations'], undefined);
  t.is(spec['enableServiceLinks'], undefined);
  t.deepEqual((spec['containers'] as Plain[])[0]?.['resources'], { limits: { memory: '16Mi' } });
  const { template: _template, ...once } = await specOf(job());
  t.deepEqual(once, {
    completions: 1,
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: 'TerminatingOrFailed',
  });
  t.is((await specOf(job({ parallelism: 3 })))['completions'], undefined);
  t.deepEqual((await specOf(policy({})))['policyTypes'], ['Ingress']);
  t.deepEqual(await specOf(policy({ egress: [{ ports: [{ port: 53 }] }] })), {
    podSelector: {},
    egress: [{ ports: [{ port: 53, protocol: 'TCP' }] }],
    policyTypes: ['Ingress', 'Egress'],
  });
  t.deepEqual(
    (await specOf(of('LimitRange', { limits: [{ type: 'Container', max: { cpu: '1' } }] })))['limits'],
    [{ type: 'Container', max: { cpu: '1' }, default: { cpu: '1' }, defaultRequest: { cpu: '1' } }],
  );
});

test('what a job and a deployment were made for cannot be changed', async (t) => {
  const cluster = await startCluster(t);
  for (const object of [deployment(), job()]) t.is((await post(cluster, object, '')).code, 201);
  const change = async (kind: string, spec: Plain): Promise<Answer> =>
    cluster.call(`${kinds[kind]?.[1]}/x`, {
      method: 'PATCH',
      body: { spec },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
  t.is((await change('Deployment', { replicas: 3 })).code, 200);
  t.is((await change('Job', { suspend: true })).code, 200);
  const selector = await change('Deployment', { selector: { matchLabels: { tier: 'front' } } });
  t.is(selector.code, 422);
  t.regex(selector.text, /spec\.selector: Invalid value: .*: field is immutable/);
  const template = await change('Job', { template: { spec: { terminationGracePeriodSeconds: 5 } } });
  t.is(template.code, 422);
  t.regex(template.text, /spec\.template: Invalid value: .*: field is immutable/);
});
