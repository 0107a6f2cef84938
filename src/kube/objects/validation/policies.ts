/**
 * Validates what bounds a namespace (kube-apiserver, ValidateNetworkPolicy, ValidateResourceQuota, ValidateLimitRange). Nothing
 * here enforces it: there is no network and no container.
 */
import { isIP } from 'node:net';
import type { FieldError } from '../field-error.ts';
import { quantityValue } from '../quantity.ts';
import { labelSelectorFaults } from './label-selectors.ts';
import type { Place } from './place.ts';
import { oneOf, oneOfOrNone, portNumberOrName, protocols, qualifiedName } from './rules.ts';

export function networkPolicyFaults(policy: Place): FieldError[] {
  const spec = policy.at('spec');
  const rules = (field: string, peers: string): FieldError[] =>
    spec
      .at(field)
      .items.flatMap((rule) => [
        ...rule.at('ports').items.flatMap(portFaults),
        ...rule.at(peers).items.flatMap(peerFaults),
      ]);
  const types = spec.at('policyTypes');
  return [
    ...labelSelectorFaults(spec.at('podSelector')),
    ...rules('ingress', 'from'),
    ...rules('egress', 'to'),
    ...types.items.flatMap((type) => type.supported(['Egress', 'Ingress'])),
    ...types.invalidIf(types.items.length > 2, 'may not specify more than two policyTypes'),
  ];
}

function portFaults(rule: Place): FieldError[] {
  const [port, end] = [rule.at('port'), rule.at('endPort')];
  return [
    ...oneOfOrNone(rule.at('protocol'), protocols),
    ...(port.isSet ? portNumberOrName(port) : []),
    ...(!end.isSet
      ? []
      : typeof port.value === 'number'
        ? end.invalidIf(Number(end.value) < port.value, 'must be greater than or equal to `port`')
        : port.isSet
          ? end.forbidden('may not be specified when `port` is non-numeric')
          : end.forbidden('may not be specified when `port` is not specified')),
  ];
}

function peerFaults(peer: Place): FieldError[] {
  const selectors = ['podSelector', 'namespaceSelector']
    .map((field) => peer.at(field))
    .filter(({ isSet }) => isSet);
  const block = peer.at('ipBlock');
  if (!block.isSet && selectors.length === 0) return peer.required('must specify a peer');
  if (block.isSet && selectors.length > 0)
    return peer.forbiddenIf(true, 'may not specify both ipBlock and another peer');
  return block.isSet ? blockFaults(block) : selectors.flatMap(labelSelectorFaults);
}

const cidrFault = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

function isCidr(text: string): boolean {
  const [, host = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const version = isIP(host);
  return version !== 0 && Number(bits) <= (version === 4 ? 32 : 128);
}

const blockFaults = (block: Place): FieldError[] => [
  ...(block.at('cidr').text === ''
    ? block.at('cidr').required()
    : block.at('cidr').invalidIf(!isCidr(block.at('cidr').text), cidrFault)),
  ...block.at('except').items.flatMap((range) => range.invalidIf(!isCidr(range.text), cidrFault)),
];

const scopes = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
];

/** A resource that can be counted: `pods`, `requests.cpu`, `count/jobs.batch`. */
function amountFaults(name: string, amount: Place, path: Place): FieldError[] {
  return [
    ...qualifiedName(path, name),
    ...amount.invalidIf(quantityValue(amount.text) < 0n, 'must be greater than or equal to 0'),
  ];
}

export function quotaFaults(quota: Place): FieldError[] {
  const spec = quota.at('spec');
  const hard = spec.at('hard');
  return [
    ...hard.members.flatMap(([name, amount]) => amountFaults(name, amount, hard)),
    ...spec.at('scopes').items.flatMap((scope) => scope.supported(scopes)),
  ];
}

export function limitRangeFaults(range: Place): FieldError[] {
  return range
    .at('spec', 'limits')
    .items.flatMap((item) => [
      ...oneOf(item.at('type'), ['Container', 'PersistentVolumeClaim', 'Pod']),
      ...['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'].flatMap((field) =>
        item.at(field).members.flatMap(([name, amount]) => amountFaults(name, amount, item.at(field))),
      ),
      ...(item.at('type').text === 'Pod'
        ? ['default', 'defaultRequest'].flatMap((field) =>
            item.at(field).forbidden("may not be specified when `type` is 'Pod'"),
          )
        : orderFaults(item)),
    ]);
}

/** Each bound is below the next: min, defaultRequest, default, max. */
function orderFaults(item: Place): FieldError[] {
  const value = (field: string, name: string): bigint | undefined => {
    const { text } = item.at(field, name);
    return text === '' ? undefined : quantityValue(text);
  };
  const names = new Set(
    ['min', 'max', 'default', 'defaultRequest'].flatMap((field) =>
      item.at(field).members.map(([name]) => name),
    ),
  );
  return [...names].flatMap((name) =>
    (
      [
        ['min', 'max', 'min'],
        ['default', 'max', 'default'],
        ['defaultRequest', 'max', 'defaultRequest'],
        ['min', 'default', 'default'],
        ['defaultRequest', 'default', 'defaultRequest'],
      ] as const
    ).flatMap(([low, high, named]) => {
      const [lower, upper] = [value(low, name), value(high, name)];
      if (lower === undefined || upper === undefined || lower <= upper) return [];
      const place = item.at(named, name);
      return item
        .at(named)
        .invalidIf(
          true,
          `${low} value ${item.at(low, name).text} is greater than ${high} value ${item.at(high, name).text}`,
          place.text,
        );
    }),
  );
}
