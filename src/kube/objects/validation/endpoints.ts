/** Validates where services lead (kube-apiserver, ValidateEndpoints and ValidateEndpointSlice). */
import { isIPv4, isIPv6 } from 'node:net';
import type { FieldError } from '../field-error.ts';
import type { Place } from './place.ts';
import {
  address,
  named,
  oneOf,
  portNumber,
  protocols,
  qualifiedName,
  repetition,
  specialAddressFaults,
} from './rules.ts';

export function endpointsFaults(endpoints: Place): FieldError[] {
  return endpoints.at('subsets').items.flatMap((subset) => {
    const [ready, notReady, ports] = ['addresses', 'notReadyAddresses', 'ports'].map((field) =>
      subset.at(field),
    ) as [Place, Place, Place];
    return [
      ...subset.requiredIf(
        ready.items.length + notReady.items.length === 0,
        'must specify `addresses` or `notReadyAddresses`',
      ),
      ...[...ready.items, ...notReady.items].flatMap((one) => {
        const ip = one.at('ip');
        const faults = address(ip);
        return [
          ...faults,
          ...(one.at('hostname').text === '' ? [] : named(one.at('hostname'), 'label')),
          ...(faults.length > 0 ? [] : specialAddressFaults(ip)),
        ];
      }),
      ...ports.items.flatMap((port) => [
        ...(port.at('name').text === ''
          ? port.at('name').requiredIf(ports.items.length > 1)
          : named(port.at('name'), 'label')),
        ...portNumber(port.at('port')),
        ...protocolFaults(port),
        ...(port.at('appProtocol').text === '' ? [] : qualifiedName(port.at('appProtocol'))),
      ]),
    ];
  });
}

const protocolFaults = (port: Place): FieldError[] =>
  port.at('protocol').text === '' ? port.at('protocol').required() : oneOf(port.at('protocol'), protocols);

/** By `addressType`. */
const families: readonly (readonly [type: string, isOne: (text: string) => boolean, detail: string])[] = [
  ['IPv4', isIPv4, 'must be a valid IPv4 address'],
  ['IPv6', isIPv6, 'must be a valid IPv6 address'],
];

export function endpointSliceFaults(slice: Place): FieldError[] {
  const type = slice.at('addressType');
  const family = families.find(([name]) => name === type.text);
  const isRepeated = repetition();
  return [
    ...(type.text === '' ? type.required() : oneOf(type, ['FQDN', 'IPv4', 'IPv6'])),
    ...slice.at('endpoints').items.flatMap((endpoint) => {
      const addresses = endpoint.at('addresses');
      return [
        ...addresses.requiredIf(addresses.items.length === 0, 'must contain at least 1 address'),
        ...addresses.items.flatMap((one) => {
          if (!family) return type.text === 'FQDN' ? named(one, 'subdomain') : [];
          const [, isOne, detail] = family;
          return isOne(one.text) ? specialAddressFaults(one) : one.invalid(detail);
        }),
      ];
    }),
    ...slice
      .at('ports')
      .items.flatMap((port) => [
        ...port.at('name').duplicateIf(isRepeated(port.at('name').text)),
        ...(port.at('name').text === '' ? [] : named(port.at('name'), 'label')),
        ...protocolFaults(port),
        ...(port.at('appProtocol').text === '' ? [] : qualifiedName(port.at('appProtocol'))),
      ]),
  ];
}

/** The kind of its addresses is immutable. */
export const endpointSliceChanges = (slice: Place, old: Place): FieldError[] =>
  slice
    .at('addressType')
    .invalidIf(slice.at('addressType').text !== old.at('addressType').text, 'field is immutable');
