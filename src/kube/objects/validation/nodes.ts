/** Validates nodes: taints and quantities (kube-apiserver, ValidateNode), and immutable fields. */
import { isDeepStrictEqual } from 'node:util';
import { duplicate, forbiddenField, invalid } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { listAt, objectAt, textAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import { quantityValue } from '../quantity.ts';
import { taintEffects } from './pods.ts';
import { labelValue, oneOf, qualifiedName } from './rules.ts';

export function nodeFaults(node: KubeObject): FieldError[] {
  const seen = new Set<string>();
  const taints = listAt(node, 'spec', 'taints').flatMap((taint, index) => {
    // As kube-apiserver has it: below metadata.
    const at = `metadata.taints[${index}]`;
    const [key, value, effect] = ['key', 'value', 'effect'].map((field) => textAt(taint, field)) as [
      string,
      string,
      string,
    ];
    const pair = `${effect}/${key}`;
    const again = seen.has(pair)
      ? [
          {
            ...duplicate(at, taint),
            message: `${duplicate(at, taint).message}: taints must be unique by key and effect pair`,
          },
        ]
      : [];
    seen.add(pair);
    return [
      ...qualifiedName(`${at}.key`, key),
      ...labelValue(`${at}.value`, value),
      ...oneOf(`${at}.effect`, effect, taintEffects),
      ...again,
    ];
  });
  const amounts = ['capacity', 'allocatable'].flatMap((kind) =>
    Object.keys(objectAt(node, 'status', kind)).flatMap((name) => {
      const value = textAt(node, 'status', kind, name);
      return quantityValue(value) < 0n
        ? [invalid(`status.${kind}.${name}`, value, 'must be greater than or equal to 0')]
        : [];
    }),
  );
  return [...taints, ...amounts];
}

export function nodeChanges(node: KubeObject, old: KubeObject): FieldError[] {
  const [before, now] = [listAt(old, 'spec', 'podCIDRs'), listAt(node, 'spec', 'podCIDRs')];
  const provider = textAt(old, 'spec', 'providerID');
  return [
    ...(before.length > 0 && !isDeepStrictEqual(before, now)
      ? [forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')]
      : []),
    ...(provider !== '' && textAt(node, 'spec', 'providerID') !== provider
      ? [forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid')]
      : []),
  ];
}
