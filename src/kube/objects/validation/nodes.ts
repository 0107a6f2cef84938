/** Validates nodes: taints and quantities (kube-apiserver, ValidateNode), and immutable fields. */
import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '../field-error.ts';
import { quantityValue } from '../quantity.ts';
import type { Place } from './place.ts';
import { taintEffects } from './affinity.ts';
import { labelValue, oneOf, qualifiedName, repetition } from './rules.ts';

export function nodeFaults(node: Place): FieldError[] {
  const isRepeated = repetition();
  return [
    ...node
      .at('spec', 'taints')
      // As kube-apiserver has it: below metadata.
      .as('metadata.taints')
      .items.flatMap((taint) => [
        ...qualifiedName(taint.at('key')),
        ...labelValue(taint.at('value')),
        ...oneOf(taint.at('effect'), taintEffects),
        ...taint
          .duplicateIf(isRepeated(`${taint.at('effect').text}/${taint.at('key').text}`))
          .map((error) => ({
            ...error,
            message: `${error.message}: taints must be unique by key and effect pair`,
          })),
      ]),
    ...['capacity', 'allocatable'].flatMap((kind) =>
      node
        .at('status', kind)
        .members.flatMap(([name, amount]) =>
          amount
            .as(`status.${kind}.${name}`)
            .invalidIf(quantityValue(amount.text) < 0n, 'must be greater than or equal to 0'),
        ),
    ),
  ];
}

export function nodeChanges(node: Place, old: Place): FieldError[] {
  const addresses = node.at('spec', 'podCIDRs');
  const before = old.at('spec', 'podCIDRs');
  const provider = node.at('spec', 'providerID');
  const providerBefore = old.at('spec', 'providerID').text;
  return [
    ...addresses.forbiddenIf(
      before.items.length > 0 && !isDeepStrictEqual(before.value, addresses.value),
      'node updates may not change podCIDR except from "" to valid',
    ),
    ...provider.forbiddenIf(
      providerBefore !== '' && provider.text !== providerBefore,
      'node updates may not change providerID except from "" to valid',
    ),
  ];
}
