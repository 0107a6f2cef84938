/**
 * Validates a pod's containers (the containers part of kube-apiserver's ValidatePodSpec): regular, init and ephemeral
 * ones, in kube-apiserver's order and words.
 */
import { duplicate, forbiddenField, invalid, notFoundField, notSupported, required } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { listAt, objectAt, textAt, valueAt } from '../json.ts';
import { configKeyFault } from '../names.ts';
import { quantityValue } from '../quantity.ts';
import {
  atLeastZero,
  between,
  localPath,
  most32,
  named,
  oneOf,
  oneOfOrNone,
  portName,
  portNumber,
  portNumberOrName,
  protocols,
  qualifiedName,
} from './rules.ts';

export interface PodFacts {
  readonly pod: unknown;
  /** The names of its sound volumes. */
  readonly volumes: ReadonlySet<string>;
}

type Rule = (value: unknown, at: string) => FieldError[];

/** All containers of a pod, with what is wrong across them. */
export function containerFaults(facts: PodFacts): FieldError[] {
  const { pod } = facts;
  const [regular, init, ephemeral] = ['containers', 'initContainers', 'ephemeralContainers'].map((kind) =>
    listAt(pod, 'spec', kind),
  ) as [readonly unknown[], readonly unknown[], readonly unknown[]];
  const names = new Set<string>();
  const nameFaults = (container: unknown, at: string): FieldError[] => {
    const name = textAt(container, 'name');
    if (names.has(name)) return [duplicate(`${at}.name`, name)];
    if (name !== '') names.add(name);
    return [];
  };
  const faults: FieldError[] = regular.length === 0 ? [required('spec.containers')] : [];
  for (const [index, container] of regular.entries()) {
    const at = `spec.containers[${index}]`;
    faults.push(
      ...commonFaults(container, at, facts),
      ...nameFaults(container, at),
      ...runningFaults(container, at, pod),
    );
    if (valueAt(container, 'restartPolicy') !== undefined)
      faults.push(forbiddenField(`${at}.restartPolicy`, 'may not be set for non-init containers'));
  }
  faults.push(...hostPortFaults(regular, 'spec.containers'));
  for (const [index, container] of init.entries()) {
    const at = `spec.initContainers[${index}]`;
    const policy = textAt(container, 'restartPolicy');
    faults.push(
      ...commonFaults(container, at, facts),
      ...oneOfOrNone(`${at}.restartPolicy`, policy, ['Always']),
      ...nameFaults(container, at),
      ...hostPortFaults([container], 'spec.initContainers'),
    );
    if (policy === 'Always') faults.push(...runningFaults(container, at, pod));
    else
      faults.push(
        ...['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']
          .filter((field) => valueAt(container, field) !== undefined)
          .map((field) =>
            forbiddenField(
              `${at}.${field}`,
              'may not be set for init containers without restartPolicy=Always',
            ),
          ),
      );
  }
  const targets = new Set(names);
  for (const [index, container] of ephemeral.entries()) {
    const at = `spec.ephemeralContainers[${index}]`;
    faults.push(...commonFaults(container, at, facts), ...nameFaults(container, at));
    const target = textAt(container, 'targetContainerName');
    if (target !== '' && !targets.has(target))
      faults.push(notFoundField(`${at}.targetContainerName`, target));
    faults.push(
      ...notInEphemeral
        .filter((field) => valueAt(container, field) !== undefined)
        .map((field) => forbiddenField(`${at}.${field}`, 'cannot be set for an Ephemeral Container')),
    );
  }
  return faults;
}

const notInEphemeral = [
  'ports',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'resizePolicy',
  'restartPolicy',
];

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const messagePolicies = ['File', 'FallbackToLogsOnError'];

function commonFaults(container: unknown, at: string, { pod, volumes }: PodFacts): FieldError[] {
  const [name, image] = [textAt(container, 'name'), textAt(container, 'image')];
  return [
    ...(name === '' ? [required(`${at}.name`)] : named(`${at}.name`, name, 'label')),
    ...(image === '' ? [required(`${at}.image`)] : []),
    ...oneOf(
      `${at}.terminationMessagePolicy`,
      textAt(container, 'terminationMessagePolicy'),
      messagePolicies,
    ),
    ...portFaults(listAt(container, 'ports'), `${at}.ports`),
    ...envFaults(listAt(container, 'env'), `${at}.env`),
    ...envFromFaults(listAt(container, 'envFrom'), `${at}.envFrom`),
    ...mountFaults(container, volumes, at),
    ...oneOf(`${at}.imagePullPolicy`, textAt(container, 'imagePullPolicy'), pullPolicies),
    ...resourceFaults(objectAt(container, 'resources'), `${at}.resources`),
    ...securityFaults(valueAt(container, 'securityContext'), `${at}.securityContext`),
    ...(image.trim() === image
      ? []
      : [invalid(`${at}.image`, image, 'must not have leading or trailing whitespace')]),
    ...hostNetworkFaults(container, pod, at),
  ];
}

function portFaults(ports: readonly unknown[], at: string): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const field = `${at}[${index}]`;
    const name = textAt(port, 'name');
    const own = name === '' ? [] : portName(`${field}.name`, name);
    const again = own.length === 0 && names.has(name) ? [duplicate(`${field}.name`, name)] : [];
    if (name !== '') names.add(name);
    const number = valueAt(port, 'containerPort') ?? 0;
    const hostPort = valueAt(port, 'hostPort') ?? 0;
    return [
      ...own,
      ...again,
      ...(number === 0 ? [required(`${field}.containerPort`)] : portNumber(`${field}.containerPort`, number)),
      ...(hostPort === 0 ? [] : portNumber(`${field}.hostPort`, hostPort)),
      ...oneOf(`${field}.protocol`, textAt(port, 'protocol'), protocols),
    ];
  });
}

function hostPortFaults(containers: readonly unknown[], at: string): FieldError[] {
  const taken = new Set<string>();
  const faults: FieldError[] = [];
  for (const [index, container] of containers.entries()) {
    for (const [which, port] of listAt(container, 'ports').entries()) {
      const hostPort = valueAt(port, 'hostPort');
      if (typeof hostPort !== 'number' || hostPort === 0) continue;
      const key = `${textAt(port, 'protocol')}/${textAt(port, 'hostIP')}/${hostPort}`;
      if (taken.has(key)) faults.push(duplicate(`${at}[${index}].ports[${which}].hostPort`, key));
      taken.add(key);
    }
  }
  return faults;
}

function hostNetworkFaults(container: unknown, pod: unknown, at: string): FieldError[] {
  if (valueAt(pod, 'spec', 'hostNetwork') !== true) return [];
  return listAt(container, 'ports').flatMap((port, index) => {
    const [hostPort, own] = [valueAt(port, 'hostPort') ?? 0, valueAt(port, 'containerPort') ?? 0];
    return hostPort === own
      ? []
      : [
          invalid(
            `${at}.ports[${index}].hostPort`,
            hostPort,
            'must match `containerPort` when `hostNetwork` is true',
          ),
        ];
  });
}

/** Printable ASCII without the sign that ends a name. */
const isEnvironmentName = /^[\x20-\x3c\x3e-\x7e]*$/;

function environmentName(field: string, name: string): FieldError[] {
  return isEnvironmentName.test(name)
    ? []
    : [
        invalid(
          field,
          name,
          "a valid environment variable name must consist only of printable ASCII characters other than '='",
        ),
      ];
}

function envFaults(variables: readonly unknown[], at: string): FieldError[] {
  return variables.flatMap((variable, index) => {
    const field = `${at}[${index}]`;
    const name = textAt(variable, 'name');
    return [
      ...(name === '' ? [required(`${field}.name`)] : environmentName(`${field}.name`, name)),
      ...valueFromFaults(variable, `${field}.valueFrom`),
    ];
  });
}

const fieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const resourcePaths = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
/** The fields of a pod that a fieldRef may refer to. */
const labelPaths = ['metadata.annotations', 'metadata.labels'];

const sources: Readonly<Record<string, Rule>> = {
  fieldRef: (source, at) => {
    const path = textAt(source, 'fieldPath');
    if (path === '') return [required(`${at}.fieldPath`)];
    const from = path.endsWith("']") ? path.indexOf("['") : -1;
    const [whole, key] = from < 0 ? [path, undefined] : [path.slice(0, from), path.slice(from + 2, -2)];
    if (key !== undefined)
      return labelPaths.includes(whole)
        ? qualifiedName(at, whole === 'metadata.annotations' ? key.toLowerCase() : key)
        : [invalid(at, whole, 'does not support subscript')];
    if (fieldPaths.includes(path)) return [];
    if (labelPaths.includes(path)) return [notSupported(`${at}.fieldPath`, path, fieldPaths)];
    return [
      invalid(`${at}.fieldPath`, path, `error converting fieldPath: field label not supported: ${path}`),
    ];
  },
  resourceFieldRef: (source, at) => {
    const resource = textAt(source, 'resource');
    if (resource === '') return [required(`${at}.resource`)];
    return resourcePaths.includes(resource) || /^(?:limits|requests)\.hugepages-/.test(resource)
      ? []
      : [notSupported(`${at}.resource`, resource, resourcePaths)];
  },
  configMapKeyRef: keyFaults,
  secretKeyRef: keyFaults,
};

function keyFaults(source: unknown, at: string): FieldError[] {
  const key = textAt(source, 'key');
  const fault = configKeyFault(key);
  return [
    ...named(`${at}.name`, textAt(source, 'name'), 'subdomain'),
    ...(key === '' ? [required(`${at}.key`)] : fault === undefined ? [] : [invalid(`${at}.key`, key, fault)]),
  ];
}

function valueFromFaults(variable: unknown, at: string): FieldError[] {
  const from = valueAt(variable, 'valueFrom');
  if (from === undefined) return [];
  const given = Object.keys(sources).filter((source) => valueAt(from, source) !== undefined);
  const own = given.flatMap((source) => sources[source]?.(valueAt(from, source), `${at}.${source}`) ?? []);
  if (given.length === 0)
    return [
      invalid(
        at,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      ),
    ];
  if (textAt(variable, 'value') !== '')
    return [...own, invalid(at, '', 'may not be specified when `value` is not empty')];
  return given.length > 1
    ? [...own, invalid(at, '', 'may not have more than one field specified at a time')]
    : own;
}

function envFromFaults(given: readonly unknown[], at: string): FieldError[] {
  return given.flatMap((one, index) => {
    const field = `${at}[${index}]`;
    const kinds = ['configMapRef', 'secretRef'].filter((kind) => valueAt(one, kind) !== undefined);
    const names = kinds.flatMap((kind) => {
      const name = textAt(one, kind, 'name');
      return name === ''
        ? [required(`${field}.${kind}.name`)]
        : named(`${field}.${kind}.name`, name, 'subdomain');
    });
    const count =
      kinds.length === 0
        ? [invalid(at, '', 'must specify one of: `configMapRef` or `secretRef`')]
        : kinds.length > 1
          ? [invalid(at, '', 'may not have more than one field specified at a time')]
          : [];
    return [...environmentName(`${field}.prefix`, textAt(one, 'prefix')), ...names, ...count];
  });
}

const propagations = ['Bidirectional', 'HostToContainer', 'None'];

function mountFaults(container: unknown, volumes: ReadonlySet<string>, at: string): FieldError[] {
  const paths = new Set<string>();
  const faults: FieldError[] = [];
  for (const [index, mount] of listAt(container, 'volumeMounts').entries()) {
    const field = `${at}.volumeMounts[${index}]`;
    const [name, path, subPath, subPathExpr] = ['name', 'mountPath', 'subPath', 'subPathExpr'].map((key) =>
      textAt(mount, key),
    ) as [string, string, string, string];
    if (name === '') faults.push(required(`${field}.name`));
    if (!volumes.has(name)) faults.push(notFoundField(`${field}.name`, name));
    if (path === '') faults.push(required(`${field}.mountPath`));
    if (paths.has(path)) faults.push(invalid(`${field}.mountPath`, path, 'must be unique'));
    paths.add(path);
    if (subPath !== '') faults.push(...localPath(`${at}.volumeMounts.subPath`, subPath));
    if (subPath !== '' && subPathExpr !== '')
      faults.push(
        invalid(`${field}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'),
      );
    if (subPathExpr !== '') faults.push(...localPath(`${at}.volumeMounts.subPathExpr`, subPathExpr));
    faults.push(
      ...oneOfOrNone(`${at}.volumeMounts.mountPropagation`, textAt(mount, 'mountPropagation'), propagations),
    );
  }
  const devices = new Set<string>();
  for (const [index, device] of listAt(container, 'volumeDevices').entries()) {
    const field = `${at}.volumeDevices[${index}]`;
    const [name, path] = [textAt(device, 'name'), textAt(device, 'devicePath')];
    if (name === '') faults.push(required(`${field}.name`));
    if (!volumes.has(name)) faults.push(notFoundField(`${field}.name`, name));
    if (path === '') faults.push(required(`${field}.devicePath`));
    if (devices.has(path)) faults.push(invalid(`${field}.devicePath`, path, 'must be unique'));
    devices.add(path);
  }
  return faults;
}

const handlers: Readonly<Record<string, Rule>> = {
  exec: (handler, at) => (listAt(handler, 'command').length === 0 ? [required(`${at}.command`)] : []),
  httpGet: (handler, at) => [
    ...(textAt(handler, 'path') === '' ? [required(`${at}.path`)] : []),
    ...portNumberOrName(`${at}.port`, valueAt(handler, 'port')),
    ...oneOf(`${at}.scheme`, textAt(handler, 'scheme'), ['HTTP', 'HTTPS']),
    ...listAt(handler, 'httpHeaders').flatMap((header) => {
      const name = textAt(header, 'name');
      return /^[-A-Za-z0-9]+$/.test(name)
        ? []
        : [
            invalid(
              `${at}.httpHeaders`,
              name,
              "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
            ),
          ];
    }),
  ],
  tcpSocket: (handler, at) => portNumberOrName(`${at}.port`, valueAt(handler, 'port')),
  grpc: (handler, at) => portNumber(`${at}.port`, valueAt(handler, 'port')),
};

function handlerFaults(given: unknown, at: string, kinds: readonly string[], pod: unknown): FieldError[] {
  const [first, ...more] = kinds.filter((kind) => valueAt(given, kind) !== undefined);
  if (first === undefined) return [required(at, 'must specify a handler type')];
  const own =
    first === 'sleep'
      ? sleepFaults(valueAt(given, 'sleep', 'seconds') ?? 0, pod, `${at}.sleep`)
      : (handlers[first]?.(valueAt(given, first), `${at}.${first}`) ?? []);
  return [
    ...own,
    ...more.map((kind) => forbiddenField(`${at}.${kind}`, 'may not specify more than 1 handler type')),
  ];
}

function sleepFaults(seconds: unknown, pod: unknown, at: string): FieldError[] {
  const grace = valueAt(pod, 'spec', 'terminationGracePeriodSeconds');
  if (typeof seconds !== 'number' || typeof grace !== 'number' || (seconds > 0 && seconds <= grace))
    return [];
  return [
    invalid(
      at,
      seconds,
      `must be greater than 0 and less than terminationGracePeriodSeconds (${grace}). Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep.`,
    ),
  ];
}

/** Settings that require a running container: probes and lifecycle hooks. */
function runningFaults(container: unknown, at: string, pod: unknown): FieldError[] {
  const lifecycle = ['postStart', 'preStop'].flatMap((hook) => {
    const handler = valueAt(container, 'lifecycle', hook);
    return handler === undefined
      ? []
      : handlerFaults(handler, `${at}.lifecycle.${hook}`, ['exec', 'httpGet', 'tcpSocket', 'sleep'], pod);
  });
  return [
    ...lifecycle,
    ...['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((kind) =>
      probeFaults(valueAt(container, kind), `${at}.${kind}`, kind, pod),
    ),
  ];
}

function probeFaults(probe: unknown, at: string, kind: string, pod: unknown): FieldError[] {
  if (probe === undefined) return [];
  const [grace, successes] = [
    valueAt(probe, 'terminationGracePeriodSeconds'),
    valueAt(probe, 'successThreshold'),
  ];
  return [
    ...handlerFaults(probe, at, ['exec', 'httpGet', 'tcpSocket', 'grpc'], pod),
    ...[
      'initialDelaySeconds',
      'timeoutSeconds',
      'periodSeconds',
      'successThreshold',
      'failureThreshold',
    ].flatMap((field) => atLeastZero(`${at}.${field}`, valueAt(probe, field))),
    ...(typeof grace === 'number' && grace <= 0
      ? [invalid(`${at}.terminationGracePeriodSeconds`, grace, 'must be greater than 0')]
      : []),
    ...(kind === 'readinessProbe' && grace !== undefined
      ? [invalid(`${at}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes')]
      : []),
    ...(kind !== 'readinessProbe' && successes !== 1
      ? [invalid(`${at}.successThreshold`, successes ?? 0, 'must be 1')]
      : []),
  ];
}

const standardResources = ['cpu', 'memory', 'ephemeral-storage'];
/** They stand for whole things, and are not shared. */
const isWhole = (name: string): boolean => name.includes('/') || name.startsWith('hugepages-');
const oneNano = 1_000_000_000n;

export function resourceFaults(resources: unknown, at: string): FieldError[] {
  const limits = objectAt(resources, 'limits');
  const amount = (kind: string, name: string, value: unknown): FieldError[] => {
    const field = `${at}.${kind}[${name}]`;
    const text = String(value);
    return [
      ...resourceName(field, name),
      ...(quantityValue(text) < 0n ? [invalid(field, text, 'must be greater than or equal to 0')] : []),
      ...(isWhole(name) && quantityValue(text) % oneNano !== 0n
        ? [invalid(field, text, 'must be an integer')]
        : []),
    ];
  };
  const compared = (name: string, value: unknown): FieldError[] => {
    const [asked, limit] = [
      quantityValue(String(value)),
      Object.hasOwn(limits, name) ? textAt(limits, name) : undefined,
    ];
    if (limit === undefined)
      return isWhole(name)
        ? [required(`${at}.limits`, 'Limit must be set for non overcommitable resources')]
        : [];
    if (isWhole(name) && asked !== quantityValue(limit))
      return [invalid(`${at}.requests`, String(value), `must be equal to ${name} limit of ${limit}`)];
    return asked > quantityValue(limit)
      ? [invalid(`${at}.requests`, String(value), `must be less than or equal to ${name} limit of ${limit}`)]
      : [];
  };
  return [
    ...Object.entries(limits).flatMap(([name, value]) => amount('limits', name, value)),
    ...Object.entries(objectAt(resources, 'requests')).flatMap(([name, value]) => [
      ...amount('requests', name, value),
      ...compared(name, value),
    ]),
  ];
}

function resourceName(field: string, name: string): FieldError[] {
  const own = qualifiedName(field, name);
  if (
    own.length > 0 ||
    name.includes('/') ||
    standardResources.includes(name) ||
    name.startsWith('hugepages-')
  )
    return own;
  return [
    invalid(field, name, 'must be a standard resource type or fully qualified'),
    invalid(field, name, 'must be a standard resource for containers'),
  ];
}

const seccompTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];

/** What a container's and a pod's own security contexts have in common. */
export function sharedSecurityFaults(context: unknown, at: string): FieldError[] {
  const seccomp = valueAt(context, 'seccompProfile');
  const appArmor = valueAt(context, 'appArmorProfile');
  const localhost = (profile: unknown, field: string, kind: string): FieldError[] => {
    const name = valueAt(profile, 'localhostProfile');
    if (textAt(profile, 'type') === 'Localhost')
      return name === undefined
        ? [required(`${field}.localhostProfile`, `must be set when ${kind} type is Localhost`)]
        : [];
    return name === undefined
      ? []
      : [invalid(`${field}.localhostProfile`, name, `can only be set when ${kind} type is Localhost`)];
  };
  return [
    ...['runAsUser', 'runAsGroup', 'fsGroup'].flatMap((field) =>
      between(`${at}.${field}`, valueAt(context, field), 0, most32),
    ),
    ...(seccomp === undefined
      ? []
      : [
          ...oneOf(
            `${at}.seccompProfile.type`,
            textAt(seccomp, 'type'),
            seccompTypes,
            required(`${at}.seccompProfile.type`, 'type is required when seccompProfile is set'),
          ),
          ...localhost(seccomp, `${at}.seccompProfile`, 'seccomp'),
        ]),
    ...(appArmor === undefined
      ? []
      : [
          ...oneOf(
            `${at}.appArmorProfile.type`,
            textAt(appArmor, 'type'),
            seccompTypes,
            required(`${at}.appArmorProfile.type`, 'type is required when appArmorProfile is set'),
          ),
          ...localhost(appArmor, `${at}.appArmorProfile`, 'AppArmor'),
        ]),
  ];
}

function securityFaults(context: unknown, at: string): FieldError[] {
  if (context === undefined) return [];
  const isClosed = valueAt(context, 'allowPrivilegeEscalation') === false;
  return [
    ...sharedSecurityFaults(context, at),
    ...oneOfOrNone(`${at}.procMount`, textAt(context, 'procMount'), ['Default', 'Unmasked']),
    ...(isClosed && valueAt(context, 'privileged') === true
      ? [invalid(at, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true')]
      : []),
    ...(isClosed && listAt(context, 'capabilities', 'add').includes('CAP_SYS_ADMIN')
      ? [
          invalid(
            at,
            context,
            'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
          ),
        ]
      : []),
  ];
}
