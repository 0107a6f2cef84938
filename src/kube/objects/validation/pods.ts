/**
 * Validates pods (kube-apiserver, ValidatePodCreate). `volumes.ts` has volumes, `containers.ts` containers, `affinity.ts`
 * scheduling, `pod-changes.ts` updates.
 */
import type { FieldError } from '../field-error.ts';
import type { NameRule } from '../names.ts';
import { affinityFaults, spreadFaults, tolerationFaults } from './affinity.ts';
import { containerFaults } from './containers.ts';
import type { Place } from './place.ts';
import {
  address,
  atLeastZero,
  between,
  labels,
  most32,
  named,
  oneOf,
  oneOfOrNone,
  qualifiedName,
} from './rules.ts';
import { podSecurityFaults } from './security.ts';
import { volumeFindings } from './volumes.ts';

export function podFaults(pod: Place): FieldError[] {
  const spec = pod.at('spec');
  const volumes = volumeFindings(spec.at('volumes'));
  const optional = (field: string, rule: NameRule): FieldError[] =>
    spec.at(field).text === '' ? [] : named(spec.at(field), rule);
  return [
    ...atLeastZero(spec.at('terminationGracePeriodSeconds')),
    ...volumes.faults,
    ...containerFaults(pod, volumes.names),
    ...oneOf(spec.at('restartPolicy'), ['Always', 'OnFailure', 'Never']),
    ...oneOf(spec.at('dnsPolicy'), ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...labels(spec.at('nodeSelector')),
    ...podSecurityFaults(spec),
    ...affinityFaults(spec.at('affinity')),
    ...dnsFaults(spec),
    ...spec.at('readinessGates').items.flatMap((gate) => qualifiedName(gate.at('conditionType'))),
    ...gateFaults(spec.at('schedulingGates')),
    ...spec.at('topologySpreadConstraints').items.flatMap(spreadFaults),
    ...optional('serviceAccountName', 'subdomain'),
    ...optional('nodeName', 'subdomain'),
    ...between(spec.at('activeDeadlineSeconds'), 1, most32),
    ...optional('hostname', 'label'),
    ...optional('subdomain', 'label'),
    ...spec.at('tolerations').items.flatMap(tolerationFaults),
    ...spec
      .at('hostAliases')
      .items.flatMap((alias) => [
        ...address(alias.at('ip')),
        ...alias.at('hostnames').items.flatMap((name) => named(name, 'subdomain')),
      ]),
    ...optional('priorityClassName', 'subdomain'),
    ...optional('runtimeClassName', 'subdomain'),
    ...oneOfOrNone(spec.at('preemptionPolicy'), ['PreemptLowerPriority', 'Never']),
    ...osFaults(spec.at('os')),
  ];
}

/** A new pod: some things come only later. */
export function newPodFaults(pod: Place): FieldError[] {
  const containers = pod.at('spec', 'ephemeralContainers');
  const node = pod.at('spec', 'nodeName');
  return [
    ...containers.forbiddenIf(containers.items.length > 0, 'cannot be set on create'),
    ...node.forbiddenIf(
      node.text !== '' && pod.at('spec', 'schedulingGates').items.length > 0,
      'cannot be set until all schedulingGates have been cleared',
    ),
  ];
}

function dnsFaults(spec: Place): FieldError[] {
  const config = spec.at('dnsConfig');
  const servers = config.at('nameservers');
  if (spec.at('dnsPolicy').text === 'None') {
    if (!config.isSet) return config.required('must provide `dnsConfig` when `dnsPolicy` is None');
    if (servers.items.length === 0)
      return servers.required('must provide at least one DNS nameserver when `dnsPolicy` is None');
  }
  return [
    ...servers.invalidIf(servers.items.length > 3, 'must not have more than 3 nameservers'),
    ...servers.items.flatMap(address),
    ...config
      .at('options')
      .items.flatMap((option) => option.requiredIf(option.at('name').text === '', 'must not be empty')),
  ];
}

function gateFaults(gates: Place): FieldError[] {
  const seen = new Set<string>();
  return gates.items.flatMap((gate) => {
    const name = gate.at('name').text;
    const isTaken = seen.has(name);
    seen.add(name);
    return [...qualifiedName(gate, name), ...gate.duplicateIf(isTaken, name)];
  });
}

function osFaults(os: Place): FieldError[] {
  if (!os.isSet) return [];
  const name = os.at('name');
  return name.text === ''
    ? name.required('cannot be empty')
    : name.as(os.path).supported(['linux', 'windows']);
}
