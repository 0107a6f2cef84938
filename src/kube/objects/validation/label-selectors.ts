/** Validates label selectors (k8s.io/apimachinery, ValidateLabelSelector), and whether one selects a set of labels. */
import type { Dictionary } from '../../../core/dictionary.ts';
import type { FieldError } from '../field-error.ts';
import type { Place } from './place.ts';
import { labels, labelValue, qualifiedName } from './rules.ts';

const isListed = (operator: string): boolean => operator === 'In' || operator === 'NotIn';
const isPresence = (operator: string): boolean => operator === 'Exists' || operator === 'DoesNotExist';

export function labelSelectorFaults(selector: Place): FieldError[] {
  return [
    ...labels(selector.at('matchLabels')),
    ...selector.at('matchExpressions').items.flatMap((expression) => {
      const [operator, values] = [expression.at('operator'), expression.at('values')];
      return [
        ...(isListed(operator.text)
          ? values.requiredIf(
              values.items.length === 0,
              "must be specified when `operator` is 'In' or 'NotIn'",
            )
          : isPresence(operator.text)
            ? values.forbiddenIf(
                values.items.length > 0,
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
              )
            : operator.invalid('not a valid selector operator')),
        ...qualifiedName(expression.at('key')),
        ...values.items.flatMap((value) => labelValue(value)),
      ];
    }),
  ];
}

export const isEmptySelector = (selector: Place): boolean =>
  selector.at('matchLabels').members.length === 0 && selector.at('matchExpressions').items.length === 0;

/** Whether a valid selector selects what has these labels. */
export function selects(selector: Place, given: Dictionary<unknown>): boolean {
  const has = (key: string): boolean => Object.hasOwn(given, key);
  return (
    selector.at('matchLabels').members.every(([key, { value }]) => has(key) && given[key] === value) &&
    selector.at('matchExpressions').items.every((expression) => {
      const key = expression.at('key').text;
      const isAmong = has(key) && expression.at('values').items.some(({ value }) => value === given[key]);
      switch (expression.at('operator').text) {
        case 'In':
          return isAmong;
        case 'NotIn':
          return !isAmong;
        case 'Exists':
          return has(key);
        default:
          return !has(key);
      }
    })
  );
}
