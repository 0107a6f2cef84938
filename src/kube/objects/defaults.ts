/**
 * Fills in omitted fields by kind (kube-apiserver, `SetDefaults_…`, and the admission plugins that add to every pod).
 * Called for every incoming object; idempotent.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import { listAt, objectAt, textAt, valueAt, withKeys } from './json.ts';
import type { JsonObject } from './json.ts';
import type { KubeObject } from './objects.ts';
import { quantityValue } from './quantity.ts';
import { volumeSources } from './schema.ts';

type Plain = Dictionary<unknown>;

const plainOf = (value: unknown): JsonObject => objectAt({ value: value as JsonObject }, 'value');

/** The object with a part changed, where it has that part. */
function changed(object: JsonObject, key: string, change: (part: JsonObject) => Plain): JsonObject {
  return valueAt(object, key) === undefined
    ? object
    : withKeys(object, { [key]: change(objectAt(object, key)) });
}

/** The object with each element of a list changed, where it has that list. */
function changedList(object: JsonObject, key: string, change: (element: JsonObject) => Plain): JsonObject {
  return Array.isArray(valueAt(object, key))
    ? withKeys(object, { [key]: listAt(object, key).map((element) => change(plainOf(element))) })
    : object;
}

const filled =
  (defaults: Plain) =>
  (object: JsonObject): JsonObject =>
    ({ ...defaults, ...object }) as JsonObject;

const defaultMode = 0o644;
const notReady = ['not-ready', 'unreachable'].map((what) => `node.kubernetes.io/${what}`);

export function podDefaults(object: KubeObject): KubeObject {
  const spec = objectAt(object, 'spec');
  const complete: Plain = {
    enableServiceLinks: true,
    priority: 0,
    preemptionPolicy: 'PreemptLowerPriority',
    ...eachContainer(podSpecDefaults(spec), (container) => ({
      ...container,
      resources: resourceDefaults(objectAt(container, 'resources')),
    })),
    tolerations: tolerated(listAt(spec, 'tolerations')),
  };
  const status = objectAt(object, 'status');
  return withKeys(object, {
    spec: complete,
    ...(status['qosClass'] === undefined ? {} : { status: { ...status, qosClass: qualityOf(complete) } }),
  });
}

function eachContainer(spec: JsonObject, change: (container: JsonObject) => Plain): JsonObject {
  return ['containers', 'initContainers', 'ephemeralContainers'].reduce(
    (given, key) => changedList(given, key, change),
    spec,
  );
}

/** Of a pod and of a template for pods alike. */
function podSpecDefaults(spec: JsonObject): JsonObject {
  const isOnHost = spec['hostNetwork'] === true;
  const containers = eachContainer(spec, (container) => containerDefaults(container, isOnHost));
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...changedList(containers, 'volumes', volumeDefaults),
  };
}

/** The template of a workload. */
const withTemplate = (spec: JsonObject): JsonObject =>
  changed(spec, 'template', (template) => ({
    ...template,
    metadata: objectAt(template, 'metadata'),
    spec: podSpecDefaults(objectAt(template, 'spec')),
  }));

export function deploymentDefaults(object: KubeObject): KubeObject {
  const given = objectAt(object, 'spec');
  const strategy = { type: 'RollingUpdate', ...objectAt(given, 'strategy') };
  return withKeys(object, {
    spec: {
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...withTemplate(given),
      strategy:
        strategy.type === 'RollingUpdate'
          ? {
              ...strategy,
              rollingUpdate: {
                maxUnavailable: '25%',
                maxSurge: '25%',
                ...objectAt(given, 'strategy', 'rollingUpdate'),
              },
            }
          : strategy,
    },
  });
}

export function jobDefaults(object: KubeObject): KubeObject {
  const given = objectAt(object, 'spec');
  // A number of pods that is left out is one, unless any may succeed for all.
  const isOpen = valueAt(given, 'completions') === undefined && valueAt(given, 'parallelism') !== undefined;
  return withKeys(object, {
    spec: {
      ...(isOpen ? {} : { completions: 1 }),
      parallelism: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: 'TerminatingOrFailed',
      ...withTemplate(given),
    },
  });
}

/** A policy is about what comes in, and about what goes out where it has a rule for that. */
export function networkPolicyDefaults(object: KubeObject): KubeObject {
  const given = objectAt(object, 'spec');
  const withPorts = ['ingress', 'egress'].reduce(
    (spec, key) =>
      changedList(spec, key, (rule) =>
        changedList(rule, 'ports', (port) => ({ ...port, protocol: textAt(port, 'protocol') || 'TCP' })),
      ),
    given,
  );
  const isGiven = listAt(given, 'policyTypes').length > 0;
  return withKeys(object, {
    spec: isGiven
      ? withPorts
      : {
          ...withPorts,
          policyTypes: ['Ingress', ...(valueAt(given, 'egress') === undefined ? [] : ['Egress'])],
        },
  });
}

/** A limit of containers without a default is the default; a default without a request, the request. */
export function limitRangeDefaults(object: KubeObject): KubeObject {
  return withKeys(object, {
    spec: changedList(objectAt(object, 'spec'), 'limits', (item) => {
      if (textAt(item, 'type') !== 'Container') return item;
      const limit = { ...objectAt(item, 'max'), ...objectAt(item, 'default') };
      const request = { ...objectAt(item, 'min'), ...limit, ...objectAt(item, 'defaultRequest') };
      return {
        ...item,
        ...(Object.keys(limit).length === 0 ? {} : { default: limit }),
        ...(Object.keys(request).length === 0 ? {} : { defaultRequest: request }),
      };
    }),
  });
}

/** Every pod stays for five minutes on a node that is not heard of (the admission plugin DefaultTolerationSeconds). */
function tolerated(given: readonly unknown[]): readonly unknown[] {
  const isTolerated = (key: string): boolean =>
    given.some(
      (one) => ['', key].includes(textAt(one, 'key')) && ['', 'NoExecute'].includes(textAt(one, 'effect')),
    );
  return [
    ...given,
    ...notReady
      .filter((key) => !isTolerated(key))
      .map((key) => ({ effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: 300 })),
  ];
}

function containerDefaults(given: JsonObject, isOnHost: boolean): Plain {
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'].reduce(
    (container, key) => changed(container, key, probeDefaults),
    given,
  );
  const lifecycle = changed(probes, 'lifecycle', (hooks) =>
    ['postStart', 'preStop'].reduce((all, key) => changed(all, key, handlerDefaults), hooks),
  );
  const ports = changedList(lifecycle, 'ports', (port) => ({
    protocol: 'TCP',
    ...(isOnHost ? { hostPort: valueAt(port, 'containerPort') } : {}),
    ...port,
  }));
  const env = changedList(ports, 'env', (variable) =>
    changed(variable, 'valueFrom', (source) => changed(source, 'fieldRef', filled({ apiVersion: 'v1' }))),
  );
  return {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicy(textAt(given, 'image')),
    ...env,
    resources: objectAt(given, 'resources'),
  };
}

/** A limit without a request implies an equal request. */
function resourceDefaults(resources: JsonObject): Plain {
  const limits = objectAt(resources, 'limits');
  return Object.keys(limits).length === 0
    ? resources
    : { ...resources, requests: { ...limits, ...objectAt(resources, 'requests') } };
}

function handlerDefaults(handler: JsonObject): JsonObject {
  return changed(handler, 'httpGet', filled({ path: '/', scheme: 'HTTP' }));
}

const probeDefaults = (probe: JsonObject): Plain =>
  changed(
    handlerDefaults(
      filled({ timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 })(probe),
    ),
    'grpc',
    filled({ service: '' }),
  );

/** An image without a tag, or with `latest`, may change under its name. */
function pullPolicy(image: string): string {
  const tag = /:([^:/]+)$/.exec(image.split('@')[0] ?? '')?.[1];
  return tag === undefined || tag === 'latest'
    ? image.includes('@')
      ? 'IfNotPresent'
      : 'Always'
    : 'IfNotPresent';
}

function volumeDefaults(given: JsonObject): Plain {
  if (!volumeSources.some((source) => valueAt(given, source) !== undefined))
    return { ...given, emptyDir: {} };
  const modes = ['secret', 'configMap', 'downwardAPI', 'projected'].reduce(
    (volume, key) => changed(volume, key, filled({ defaultMode })),
    given,
  );
  const fields = ['downwardAPI'].reduce(
    (volume, key) =>
      changed(volume, key, (source) =>
        changedList(source, 'items', (item) => changed(item, 'fieldRef', filled({ apiVersion: 'v1' }))),
      ),
    modes,
  );
  const projected = changed(fields, 'projected', (source) =>
    changedList(source, 'sources', (part) =>
      changed(
        changed(part, 'serviceAccountToken', filled({ expirationSeconds: 3600 })),
        'downwardAPI',
        (own) => changedList(own, 'items', (item) => changed(item, 'fieldRef', filled({ apiVersion: 'v1' }))),
      ),
    ),
  );
  return changed(projected, 'hostPath', filled({ type: '' }));
}

/** How soon a pod is ended where its node runs short (`status.qosClass`). */
function qualityOf(spec: Plain): string {
  const computed = ['cpu', 'memory'];
  const all = ['containers', 'initContainers']
    .flatMap((key) => listAt(spec, key))
    .map((container) => objectAt(container, 'resources'));
  const amount = (resources: JsonObject, kind: string, name: string): bigint =>
    quantityValue(textAt(resources, kind, name));
  const isAnything = all.some((resources) =>
    computed.some(
      (name) => amount(resources, 'limits', name) > 0n || amount(resources, 'requests', name) > 0n,
    ),
  );
  if (!isAnything) return 'BestEffort';
  const isWhole = all.every((resources) =>
    computed.every(
      (name) =>
        amount(resources, 'limits', name) > 0n &&
        amount(resources, 'limits', name) === amount(resources, 'requests', name),
    ),
  );
  return isWhole ? 'Guaranteed' : 'Burstable';
}

const isReachable = (spec: JsonObject): boolean =>
  ['NodePort', 'LoadBalancer'].includes(textAt(spec, 'type')) ||
  (textAt(spec, 'type') === 'ClusterIP' && listAt(spec, 'externalIPs').length > 0);

export function serviceDefaults(object: KubeObject): KubeObject {
  const given = objectAt(object, 'spec');
  const type = textAt(given, 'type') || 'ClusterIP';
  const affinity = textAt(given, 'sessionAffinity') || 'None';
  const ports = changedList(given, 'ports', (port) => {
    const target = valueAt(port, 'targetPort');
    return {
      ...port,
      protocol: textAt(port, 'protocol') || 'TCP',
      targetPort: target === undefined || target === 0 || target === '' ? valueAt(port, 'port') : target,
    };
  });
  const typed = withKeys(ports, { sessionAffinity: affinity, type });
  const spec = withKeys(typed, {
    ...(affinity === 'None' ? { sessionAffinityConfig: undefined } : {}),
    ...defined({
      sessionAffinityConfig:
        affinity === 'ClientIP' &&
        valueAt(given, 'sessionAffinityConfig', 'clientIP', 'timeoutSeconds') === undefined
          ? { clientIP: { timeoutSeconds: 10_800 } }
          : undefined,
      externalTrafficPolicy:
        isReachable(typed) && textAt(typed, 'externalTrafficPolicy') === '' ? 'Cluster' : undefined,
      internalTrafficPolicy:
        type !== 'ExternalName' && textAt(typed, 'internalTrafficPolicy') === '' ? 'Cluster' : undefined,
      allocateLoadBalancerNodePorts:
        type === 'LoadBalancer' && valueAt(typed, 'allocateLoadBalancerNodePorts') === undefined
          ? true
          : undefined,
    }),
  });
  return withKeys(object, { spec });
}

/** The range of a node's pods stands in two fields; the older one decides. */
export function nodeDefaults(object: KubeObject): KubeObject {
  const spec = objectAt(object, 'spec');
  const ranges = listAt(spec, 'podCIDRs');
  const range = textAt(spec, 'podCIDR') || ranges[0];
  return withKeys(object, {
    spec: {
      ...spec,
      ...(range === undefined ? {} : { podCIDR: range, podCIDRs: ranges[0] === range ? ranges : [range] }),
    },
  });
}
