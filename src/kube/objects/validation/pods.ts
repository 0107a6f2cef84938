/**
 * Validates pods and their updates (kube-apiserver, ValidatePodCreate and ValidatePodUpdate). `volumes.ts` has volumes,
 * `containers.ts` containers.
 */
import { isDeepStrictEqual } from 'node:util';
import { duplicate, forbiddenField, invalid, notSupported, required } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { listAt, objectAt, textAt, valueAt, withKeys } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import { containerFaults, sharedSecurityFaults } from './containers.ts';
import {
  address,
  atLeastZero,
  between,
  labels,
  labelValue,
  most32,
  named,
  oneOf,
  oneOfOrNone,
  qualifiedName,
} from './rules.ts';
import { volumeFindings } from './volumes.ts';

const restartPolicies = ['Always', 'OnFailure', 'Never'];
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function podFaults(pod: KubeObject): FieldError[] {
  const spec = objectAt(pod, 'spec');
  const text = (...path: readonly string[]): string => textAt(spec, ...path);
  const volumes = volumeFindings(pod);
  const optional = (field: string, rule: 'label' | 'subdomain'): FieldError[] =>
    text(field) === '' ? [] : named(`spec.${field}`, text(field), rule);
  return [
    ...atLeastZero('spec.terminationGracePeriodSeconds', valueAt(spec, 'terminationGracePeriodSeconds')),
    ...volumes.faults,
    ...containerFaults({ pod, volumes: volumes.names }),
    ...oneOf('spec.restartPolicy', text('restartPolicy'), restartPolicies),
    ...oneOf('spec.dnsPolicy', text('dnsPolicy'), dnsPolicies),
    ...labels('spec.nodeSelector', objectAt(spec, 'nodeSelector')),
    ...securityFaults(spec),
    ...affinityFaults(valueAt(spec, 'affinity')),
    ...dnsFaults(spec),
    ...listAt(spec, 'readinessGates').flatMap((gate, index) =>
      qualifiedName(`spec.readinessGates[${index}].conditionType`, textAt(gate, 'conditionType')),
    ),
    ...gateFaults(spec),
    ...spreadFaults(listAt(spec, 'topologySpreadConstraints')),
    ...optional('serviceAccountName', 'subdomain'),
    ...optional('nodeName', 'subdomain'),
    ...between('spec.activeDeadlineSeconds', valueAt(spec, 'activeDeadlineSeconds'), 1, most32),
    ...optional('hostname', 'label'),
    ...optional('subdomain', 'label'),
    ...tolerationFaults(listAt(spec, 'tolerations')),
    ...listAt(spec, 'hostAliases').flatMap((alias, index) => [
      ...address(`spec.hostAliases[${index}].ip`, textAt(alias, 'ip')),
      ...listAt(alias, 'hostnames').flatMap((name, at) =>
        named(`spec.hostAliases[${index}].hostnames[${at}]`, String(name), 'subdomain'),
      ),
    ]),
    ...optional('priorityClassName', 'subdomain'),
    ...optional('runtimeClassName', 'subdomain'),
    ...oneOfOrNone('spec.preemptionPolicy', text('preemptionPolicy'), ['PreemptLowerPriority', 'Never']),
    ...osFaults(valueAt(spec, 'os')),
  ];
}

/** A new pod: some things come only later. */
export function newPodFaults(pod: KubeObject): FieldError[] {
  return [
    ...(listAt(pod, 'spec', 'ephemeralContainers').length > 0
      ? [forbiddenField('spec.ephemeralContainers', 'cannot be set on create')]
      : []),
    ...(textAt(pod, 'spec', 'nodeName') !== '' && listAt(pod, 'spec', 'schedulingGates').length > 0
      ? [forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')]
      : []),
  ];
}

function securityFaults(spec: unknown): FieldError[] {
  const context = valueAt(spec, 'securityContext');
  if (context === undefined) return [];
  const at = 'spec.securityContext';
  return [
    ...sharedSecurityFaults(context, at),
    ...listAt(context, 'supplementalGroups').flatMap((group, index) =>
      between(`${at}.supplementalGroups[${index}]`, group, 0, most32),
    ),
    ...(valueAt(spec, 'shareProcessNamespace') === true && valueAt(spec, 'hostPID') === true
      ? [
          invalid(
            `${at}.shareProcessNamespace`,
            true,
            'ShareProcessNamespace and HostPID cannot both be enabled',
          ),
        ]
      : []),
    ...oneOfOrNone(`${at}.fsGroupChangePolicy`, textAt(context, 'fsGroupChangePolicy'), [
      'Always',
      'OnRootMismatch',
    ]),
  ];
}

function dnsFaults(spec: unknown): FieldError[] {
  const config = valueAt(spec, 'dnsConfig');
  const servers = listAt(config, 'nameservers');
  if (textAt(spec, 'dnsPolicy') === 'None') {
    if (config === undefined)
      return [required('spec.dnsConfig', 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if (servers.length === 0)
      return [
        required(
          'spec.dnsConfig.nameservers',
          'must provide at least one DNS nameserver when `dnsPolicy` is None',
        ),
      ];
  }
  return [
    ...(servers.length > 3
      ? [invalid('spec.dnsConfig.nameservers', servers, 'must not have more than 3 nameservers')]
      : []),
    ...servers.flatMap((server, index) => address(`spec.dnsConfig.nameservers[${index}]`, String(server))),
    ...listAt(config, 'options').flatMap((option, index) =>
      textAt(option, 'name') === ''
        ? [required(`spec.dnsConfig.options[${index}]`, 'must not be empty')]
        : [],
    ),
  ];
}

function gateFaults(spec: unknown): FieldError[] {
  const seen = new Set<string>();
  return listAt(spec, 'schedulingGates').flatMap((gate, index) => {
    const [field, name] = [`spec.schedulingGates[${index}]`, textAt(gate, 'name')];
    const again = seen.has(name) ? [duplicate(field, name)] : [];
    seen.add(name);
    return [...qualifiedName(field, name), ...again];
  });
}

function spreadFaults(constraints: readonly unknown[]): FieldError[] {
  return constraints.flatMap((constraint, index) => {
    const at = `spec.topologySpreadConstraints[${index}]`;
    const skew = valueAt(constraint, 'maxSkew') ?? 0;
    const action = textAt(constraint, 'whenUnsatisfiable');
    return [
      ...(typeof skew === 'number' && skew <= 0
        ? [invalid(`${at}.maxSkew`, skew, 'must be greater than zero')]
        : []),
      ...(textAt(constraint, 'topologyKey') === ''
        ? [required(`${at}.topologyKey`, 'can not be empty')]
        : []),
      ...(['DoNotSchedule', 'ScheduleAnyway'].includes(action)
        ? []
        : [notSupported(`${at}.whenUnsatisfiable`, action, ['DoNotSchedule', 'ScheduleAnyway'])]),
    ];
  });
}

function osFaults(os: unknown): FieldError[] {
  if (os === undefined) return [];
  const name = textAt(os, 'name');
  if (name === '') return [required('spec.os.name', 'cannot be empty')];
  return ['linux', 'windows'].includes(name) ? [] : [notSupported('spec.os', name, ['linux', 'windows'])];
}

const nodeOperators = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'];

function termFaults(term: unknown, at: string): FieldError[] {
  return listAt(term, 'matchExpressions').flatMap((expression, index) => {
    const field = `${at}.matchExpressions[${index}]`;
    const [operator, values] = [textAt(expression, 'operator'), listAt(expression, 'values')];
    const faults = qualifiedName(`${field}.key`, textAt(expression, 'key'));
    if (!nodeOperators.includes(operator))
      return [invalid(`${field}.operator`, operator, 'not a valid selector operator'), ...faults];
    if ((operator === 'In' || operator === 'NotIn') && values.length === 0)
      return [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"), ...faults];
    if (operator.endsWith('xist') || operator === 'Exists')
      return values.length > 0
        ? [
            forbiddenField(
              `${field}.values`,
              "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
            ...faults,
          ]
        : faults;
    if ((operator === 'Gt' || operator === 'Lt') && values.length !== 1)
      return [
        required(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"),
        ...faults,
      ];
    return faults;
  });
}

const [requiredTerms, preferredTerms] = [
  'requiredDuringSchedulingIgnoredDuringExecution',
  'preferredDuringSchedulingIgnoredDuringExecution',
];

function affinityFaults(affinity: unknown): FieldError[] {
  const at = 'spec.affinity.nodeAffinity';
  const node = valueAt(affinity, 'nodeAffinity');
  const must = valueAt(node, requiredTerms);
  const terms = listAt(must, 'nodeSelectorTerms');
  const weights = (list: readonly unknown[], field: string): FieldError[] =>
    list.flatMap((term, index) => {
      const weight = valueAt(term, 'weight') ?? 0;
      return typeof weight === 'number' && (weight <= 0 || weight > 100)
        ? [invalid(`${field}[${index}].weight`, weight, 'must be in the range 1-100')]
        : [];
    });
  const topology = (term: unknown, field: string): FieldError[] =>
    textAt(term, 'topologyKey') === ''
      ? [required(`${field}.topologyKey`, 'can not be empty')]
      : qualifiedName(`${field}.topologyKey`, textAt(term, 'topologyKey'));
  return [
    ...(must !== undefined && terms.length === 0
      ? [required(`${at}.${requiredTerms}.nodeSelectorTerms`, 'must have at least one node selector term')]
      : []),
    ...terms.flatMap((term, index) => termFaults(term, `${at}.${requiredTerms}.nodeSelectorTerms[${index}]`)),
    ...weights(listAt(node, preferredTerms), `${at}.${preferredTerms}`),
    ...listAt(node, preferredTerms).flatMap((term, index) =>
      termFaults(valueAt(term, 'preference'), `${at}.${preferredTerms}[${index}].preference`),
    ),
    ...['podAffinity', 'podAntiAffinity'].flatMap((kind) => {
      const field = `spec.affinity.${kind}`;
      const own = valueAt(affinity, kind);
      return [
        ...listAt(own, requiredTerms).flatMap((term, index) =>
          topology(term, `${field}.${requiredTerms}[${index}]`),
        ),
        ...weights(listAt(own, preferredTerms), `${field}.${preferredTerms}`),
        ...listAt(own, preferredTerms).flatMap((term, index) =>
          topology(valueAt(term, 'podAffinityTerm'), `${field}.${preferredTerms}[${index}].podAffinityTerm`),
        ),
      ];
    }),
  ];
}

function tolerationFaults(tolerations: readonly unknown[]): FieldError[] {
  return tolerations.flatMap((toleration, index) => {
    const at = `spec.tolerations[${index}]`;
    const [key, operator, value, effect] = ['key', 'operator', 'value', 'effect'].map((name) =>
      textAt(toleration, name),
    ) as [string, string, string, string];
    const faults = key === '' ? [] : qualifiedName(`${at}.key`, key);
    if (key === '' && operator !== 'Exists')
      faults.push(
        invalid(
          `${at}.operator`,
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    if (valueAt(toleration, 'tolerationSeconds') !== undefined && effect !== 'NoExecute')
      faults.push(
        invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"),
      );
    if (operator === '' || operator === 'Equal') faults.push(...labelValue(`${at}.operator`, value));
    else if (operator === 'Exists')
      faults.push(
        ...(value === ''
          ? []
          : [invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'")]),
      );
    else faults.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']));
    return [...faults, ...oneOfOrNone(`${at}.effect`, effect, taintEffects)];
  });
}

/** What runs, runs: of a pod hardly anything can be another. */
export function podChanges(object: KubeObject, old: KubeObject): FieldError[] {
  for (const kind of ['containers', 'initContainers']) {
    if (listAt(object, 'spec', kind).length !== listAt(old, 'spec', kind).length)
      return [forbiddenField(`spec.${kind}`, 'pod updates may not add or remove containers')];
  }
  const deadline = deadlineChanges(
    valueAt(object, 'spec', 'activeDeadlineSeconds'),
    valueAt(old, 'spec', 'activeDeadlineSeconds'),
  );
  if (deadline.length > 0) return deadline;
  const faults = [
    ...tolerationChanges(listAt(object, 'spec', 'tolerations'), listAt(old, 'spec', 'tolerations')),
    ...gateChanges(object, old),
  ];
  if (isDeepStrictEqual(fixedSpec(object, old), fixedSpec(old, old))) return faults;
  return [
    ...faults,
    forbiddenField(
      'spec',
      'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    ),
  ];
}

function deadlineChanges(now: unknown, before: unknown): FieldError[] {
  const field = 'spec.activeDeadlineSeconds';
  if (typeof now === 'number' && typeof before === 'number' && now > before)
    return [invalid(field, now, 'must be less than or equal to previous value')];
  return now === undefined && before !== undefined
    ? [invalid(field, null, 'must not update from a positive integer to nil value')]
    : [];
}

function tolerationChanges(now: readonly unknown[], before: readonly unknown[]): FieldError[] {
  const untimed = (toleration: unknown): string =>
    JSON.stringify(['key', 'operator', 'value', 'effect'].map((field) => textAt(toleration, field)));
  const kept = new Set(now.map(untimed));
  return before.every((old) => kept.has(untimed(old)))
    ? []
    : [
        forbiddenField(
          'spec.tolerations',
          'existing toleration can not be modified except its tolerationSeconds',
        ),
      ];
}

function gateChanges(object: KubeObject, old: KubeObject): FieldError[] {
  const known = new Set(listAt(old, 'spec', 'schedulingGates').map((gate) => textAt(gate, 'name')));
  return listAt(object, 'spec', 'schedulingGates').flatMap((gate, index) =>
    known.has(textAt(gate, 'name'))
      ? []
      : [
          forbiddenField(
            `spec.schedulingGates[${index}].name`,
            `only deletion is allowed, but found new scheduling gate '${textAt(gate, 'name')}'`,
          ),
        ],
  );
}

/** A pod's spec without what may change. */
function fixedSpec(object: KubeObject, old: KubeObject): object {
  const spec = objectAt(object, 'spec');
  const withoutImages = (field: string): Record<string, unknown> =>
    Object.hasOwn(spec, field)
      ? {
          [field]: listAt(spec, field).map((container) =>
            withKeys(objectAt({ container }, 'container'), { image: undefined, imagePullPolicy: undefined }),
          ),
        }
      : {};
  const [grace, before] = [
    valueAt(spec, 'terminationGracePeriodSeconds'),
    valueAt(old, 'spec', 'terminationGracePeriodSeconds'),
  ];
  const isMended = typeof before === 'number' && before < 0 && grace === 1;
  return withKeys(
    { ...spec, ...withoutImages('containers'), ...withoutImages('initContainers') },
    {
      activeDeadlineSeconds: undefined,
      tolerations: undefined,
      schedulingGates: undefined,
      ...(isMended ? { terminationGracePeriodSeconds: before } : {}),
    },
  );
}
