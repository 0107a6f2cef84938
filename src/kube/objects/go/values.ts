/** Values that errors print as Go's %#v does, with the types that kube-apiserver has for them. */
import { listAt, objectAt, textAt, valueAt } from '../json.ts';
import { quoted } from './quoted.ts';

/** A text that is printed as it is. */
export class GoValue {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Bytes that were not sent at all. */
export const nilBytes = new GoValue('[]byte(nil)');

/** @param type `rbac.RoleRef`. */
export function goStruct(
  type: string,
  members: readonly (readonly [name: string, value: string | GoValue])[],
): GoValue {
  const texts = members.map(
    ([name, value]) => `${name}:${value instanceof GoValue ? value.text : quoted(value)}`,
  );
  return new GoValue(`${type}{${texts.join(', ')}}`);
}

const listOf = (type: string, members: readonly string[] | undefined): GoValue =>
  new GoValue(members === undefined ? `[]${type}(nil)` : `[]${type}{${members.join(', ')}}`);

/** `map[string]string{"app":"web"}`, ordered by key. */
export function goStringMap(value: unknown): GoValue {
  if (value === undefined || value === null) return new GoValue('map[string]string(nil)');
  const members = Object.entries(value)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, text]) => `${quoted(key)}:${quoted(String(text))}`);
  return new GoValue(`map[string]string{${members.join(', ')}}`);
}

export function goLabelSelector(selector: unknown): GoValue {
  const expressions = listAt(selector, 'matchExpressions').map(
    (one) =>
      goStruct('v1.LabelSelectorRequirement', [
        ['Key', textAt(one, 'key')],
        ['Operator', textAt(one, 'operator')],
        ['Values', listOf('string', valuesOf(one))],
      ]).text,
  );
  return goStruct('v1.LabelSelector', [
    [
      'MatchLabels',
      goStringMap(
        valueAt(selector, 'matchLabels') === undefined ? undefined : objectAt(selector, 'matchLabels'),
      ),
    ],
    [
      'MatchExpressions',
      listOf('v1.LabelSelectorRequirement', expressions.length === 0 ? undefined : expressions),
    ],
  ]);
}

function valuesOf(expression: unknown): readonly string[] | undefined {
  const values = listAt(expression, 'values');
  return values.length === 0 ? undefined : values.map((one) => quoted(String(one)));
}
