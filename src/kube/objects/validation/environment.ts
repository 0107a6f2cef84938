/** Validates a container's environment variables, and what they are taken from. */
import type { Dictionary } from '../../../core/dictionary.ts';
import type { FieldError } from '../field-error.ts';
import { configKeyFault } from '../names.ts';
import type { Place } from './place.ts';
import { checked, named, oneOf, qualifiedName, requiredChecked, requiredName } from './rules.ts';

/** Printable ASCII without the sign that ends a name. */
const environmentNameFault = (name: string): string | undefined =>
  /^[\x20-\x3c\x3e-\x7e]*$/.test(name)
    ? undefined
    : "a valid environment variable name must consist only of printable ASCII characters other than '='";

export function environmentFaults(variables: Place): FieldError[] {
  return variables.items.flatMap((variable) => [
    ...requiredChecked(variable.at('name'), environmentNameFault),
    ...valueFromFaults(variable),
  ]);
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
/** The fields of a pod that a fieldRef may refer to, with a key in brackets. */
const mapPaths = ['metadata.annotations', 'metadata.labels'];

function fieldRefFaults(source: Place): FieldError[] {
  const field = source.at('fieldPath');
  const path = field.text;
  if (path === '') return field.required();
  const from = path.endsWith("']") ? path.indexOf("['") : -1;
  if (from >= 0) {
    const [map, key] = [path.slice(0, from), path.slice(from + 2, -2)];
    return mapPaths.includes(map)
      ? qualifiedName(source, map === 'metadata.annotations' ? key.toLowerCase() : key)
      : source.invalid('does not support subscript', map);
  }
  return fieldPaths.includes(path) || mapPaths.includes(path)
    ? field.supported(fieldPaths)
    : field.invalid(`error converting fieldPath: field label not supported: ${path}`);
}

function resourceFieldFaults(source: Place): FieldError[] {
  const resource = source.at('resource');
  return /^(?:limits|requests)\.hugepages-/.test(resource.text) ? [] : oneOf(resource, resourcePaths);
}

const keyFaults = (source: Place): FieldError[] => [
  ...named(source.at('name'), 'subdomain'),
  ...requiredChecked(source.at('key'), configKeyFault),
];

const sources: Dictionary<(source: Place) => FieldError[]> = {
  fieldRef: fieldRefFaults,
  resourceFieldRef: resourceFieldFaults,
  configMapKeyRef: keyFaults,
  secretKeyRef: keyFaults,
};

const moreThanOne = 'may not have more than one field specified at a time';

function valueFromFaults(variable: Place): FieldError[] {
  const from = variable.at('valueFrom');
  if (!from.isSet) return [];
  const given = Object.keys(sources).filter((source) => from.at(source).isSet);
  if (given.length === 0)
    return from.invalid(
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      '',
    );
  return [
    ...given.flatMap((source) => sources[source]?.(from.at(source)) ?? []),
    ...(variable.at('value').text === ''
      ? from.invalidIf(given.length > 1, moreThanOne, '')
      : from.invalid('may not be specified when `value` is not empty', '')),
  ];
}

/** Config maps and secrets of which every key becomes a variable. */
export function environmentSourceFaults(sourceList: Place): FieldError[] {
  return sourceList.items.flatMap((source) => {
    const given = ['configMapRef', 'secretRef'].map((kind) => source.at(kind)).filter(({ isSet }) => isSet);
    return [
      ...checked(source.at('prefix'), environmentNameFault),
      ...given.flatMap((reference) => requiredName(reference.at('name'), 'subdomain')),
      ...sourceList.invalidIf(given.length === 0, 'must specify one of: `configMapRef` or `secretRef`', ''),
      ...sourceList.invalidIf(given.length > 1, moreThanOne, ''),
    ];
  });
}
