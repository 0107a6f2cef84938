/** Validates where a pod may be scheduled: node selectors, affinity, spreading, tolerations. */
import type { Dictionary } from '../../../core/dictionary.ts';
import type { FieldError } from '../field-error.ts';
import type { Place } from './place.ts';
import { labelValue, moreThanZero, numberFault, oneOfOrNone, qualifiedName } from './rules.ts';

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** By operator of a node selector: what is wrong with the values beside it. */
const valueRules: Dictionary<(values: Place) => FieldError[]> = {
  In: someValues,
  NotIn: someValues,
  Exists: noValues,
  DoesNotExist: noValues,
  Gt: oneValue,
  Lt: oneValue,
};

function someValues(values: Place): FieldError[] {
  return values.requiredIf(values.items.length === 0, "must be specified when `operator` is 'In' or 'NotIn'");
}

function noValues(values: Place): FieldError[] {
  return values.forbiddenIf(
    values.items.length > 0,
    "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
  );
}

function oneValue(values: Place): FieldError[] {
  return values.requiredIf(
    values.items.length !== 1,
    "must be specified single value when `operator` is 'Lt' or 'Gt'",
  );
}

function termFaults(term: Place): FieldError[] {
  return term.at('matchExpressions').items.flatMap((expression) => {
    const operator = expression.at('operator');
    const rule = Object.hasOwn(valueRules, operator.text) ? valueRules[operator.text] : undefined;
    return [
      ...(rule ? rule(expression.at('values')) : operator.invalid('not a valid selector operator')),
      ...qualifiedName(expression.at('key')),
    ];
  });
}

const weightFaults = (term: Place): FieldError[] =>
  numberFault(term.at('weight').or(0), (weight) => weight <= 0 || weight > 100, 'must be in the range 1-100');

function topologyFaults(term: Place): FieldError[] {
  const key = term.at('topologyKey');
  return key.text === '' ? key.required('can not be empty') : qualifiedName(key);
}

export function affinityFaults(affinity: Place): FieldError[] {
  const [requiredTerms, preferredTerms] = [
    'requiredDuringSchedulingIgnoredDuringExecution',
    'preferredDuringSchedulingIgnoredDuringExecution',
  ];
  const must = affinity.at('nodeAffinity', requiredTerms);
  const terms = must.at('nodeSelectorTerms');
  const preferred = affinity.at('nodeAffinity', preferredTerms).items;
  return [
    ...terms.requiredIf(must.isSet && terms.items.length === 0, 'must have at least one node selector term'),
    ...terms.items.flatMap(termFaults),
    ...preferred.flatMap(weightFaults),
    ...preferred.flatMap((term) => termFaults(term.at('preference'))),
    ...['podAffinity', 'podAntiAffinity'].flatMap((kind) => {
      const weighted = affinity.at(kind, preferredTerms).items;
      return [
        ...affinity.at(kind, requiredTerms).items.flatMap(topologyFaults),
        ...weighted.flatMap(weightFaults),
        ...weighted.flatMap((term) => topologyFaults(term.at('podAffinityTerm'))),
      ];
    }),
  ];
}

export function spreadFaults(constraint: Place): FieldError[] {
  return [
    ...moreThanZero(constraint.at('maxSkew').or(0), 'must be greater than zero'),
    ...constraint.at('topologyKey').requiredText('can not be empty'),
    ...constraint.at('whenUnsatisfiable').supported(['DoNotSchedule', 'ScheduleAnyway']),
  ];
}

export function tolerationFaults(toleration: Place): FieldError[] {
  const [key, operator, effect] = ['key', 'operator', 'effect'].map((field) => toleration.at(field)) as [
    Place,
    Place,
    Place,
  ];
  const value = toleration.at('value').text;
  return [
    ...(key.text === '' ? [] : qualifiedName(key)),
    ...operator.invalidIf(
      key.text === '' && operator.text !== 'Exists',
      'operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ),
    ...effect.invalidIf(
      toleration.at('tolerationSeconds').isSet && effect.text !== 'NoExecute',
      "effect must be 'NoExecute' when `tolerationSeconds` is set",
    ),
    ...(operator.text === '' || operator.text === 'Equal'
      ? labelValue(operator, value)
      : [
          ...operator.supported(['Equal', 'Exists']),
          ...operator.invalidIf(
            operator.text === 'Exists' && value !== '',
            "value must be empty when `operator` is 'Exists'",
            value,
          ),
        ]),
    ...oneOfOrNone(effect, taintEffects),
  ];
}
