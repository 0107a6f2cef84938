/**
 * Validates names, label keys and values (RFC 1123, and k8s.io/apimachinery's util/validation): returns the error
 * sentence, or undefined. The sentences are the API's own: clients print them.
 */

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const isLabel = whole(label);
const isLabel1035 = whole(label1035);
const isQualified = whole(qualified);
const isLabelValue = whole(`(${qualified})?`);
const isKey = whole('[-._a-zA-Z0-9]+');

const longerThan = (limit: number): string => `must be no more than ${limit} characters`;

/** `label-1035` is that of services: it begins with a letter (RFC 1035). */
export type NameRule = 'label' | 'label-1035' | 'subdomain' | 'path-segment';

/** By rule: what is wrong with a name. */
export const nameFaults: Readonly<Record<NameRule, (name: string) => string | undefined>> = {
  label: (name) =>
    name.length > 63
      ? longerThan(63)
      : isLabel.test(name)
        ? undefined
        : `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`,
  'label-1035': (name) =>
    name.length > 63
      ? longerThan(63)
      : isLabel1035.test(name)
        ? undefined
        : `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${label1035}')`,
  subdomain: (name) =>
    name.length > 253
      ? longerThan(253)
      : name.split('.').every((part) => isLabel.test(part))
        ? undefined
        : `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`,
  'path-segment': pathSegmentFault,
};

/** What can never stand as one segment of a path. */
export function pathSegmentFault(name: string): string | undefined {
  if (name === '.' || name === '..') return `may not be '${name}'`;
  const forbidden = ['/', '%'].find((character) => name.includes(character));
  return forbidden === undefined ? undefined : `may not contain '${forbidden}'`;
}

const qualifiedFault = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualified}')`;

/** `prefix/name`, the prefix being a DNS subdomain and optional. */
export function labelKeyFault(key: string): string | undefined {
  const parts = key.split('/');
  if (parts.length > 2)
    return `a qualified name ${qualifiedFault} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
  const [prefix, name = ''] = parts.length === 1 ? [undefined, key] : parts;
  if (prefix === '') return 'prefix part must be non-empty';
  const prefixFault = prefix === undefined ? undefined : nameFaults.subdomain(prefix);
  if (prefixFault !== undefined) return `prefix part ${prefixFault}`;
  if (name === '') return 'name part must be non-empty';
  if (name.length > 63) return `name part ${longerThan(63)}`;
  if (isQualified.test(name)) return undefined;
  return `name part ${qualifiedFault}`;
}

export function labelValueFault(value: string): string | undefined {
  if (value.length > 63) return longerThan(63);
  if (isLabelValue.test(value)) return undefined;
  return `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${qualified})?')`;
}

/** A key of a ConfigMap or a Secret. */
export function configKeyFault(key: string): string | undefined {
  if (key.length > 253) return longerThan(253);
  if (!isKey.test(key))
    return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
  if (key === '.' || key === '..') return `must not be '${key}'`;
  return key.startsWith('..') ? "must not start with '..'" : undefined;
}
