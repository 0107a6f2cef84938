/** Validates the contents of secrets of known types (kube-apiserver, ValidateSecret). */
import { invalid, required } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { isJsonObject, JsonError, objectAt, parseJson, textAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';

export const accountTokenType = 'kubernetes.io/service-account-token';
export const accountNameAnnotation = 'kubernetes.io/service-account.name';
/** Of the account whose token it is: another of the same name is another. */
export const accountUidAnnotation = 'kubernetes.io/service-account.uid';

const has = (secret: KubeObject, key: string): boolean => Object.hasOwn(objectAt(secret, 'data'), key);
const missing = (secret: KubeObject, ...keys: readonly string[]): FieldError[] =>
  keys.filter((key) => !has(secret, key)).map((key) => required(`data[${key}]`));

/** Docker's configuration, which is JSON. */
const configuration =
  (key: string) =>
  (secret: KubeObject): FieldError[] => {
    if (!has(secret, key)) return [required(`data[${key}]`)];
    const fault = jsonFault(Buffer.from(textAt(secret, 'data', key), 'base64').toString());
    return fault === undefined ? [] : [invalid(`data[${key}]`, '<secret contents redacted>', fault)];
  };

function jsonFault(text: string): string | undefined {
  if (text.trim() === '') return 'unexpected end of JSON input';
  try {
    const value = parseJson(text);
    return isJsonObject(value) || value === null
      ? undefined
      : `json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value} into Go value of type map[string]interface {}`;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return goSyntaxFault(text);
  }
}

/** Of the most frequent mistake, text that begins as nothing of JSON does, Go's words; of others, the fact. */
function goSyntaxFault(text: string): string {
  const [first = ''] = text.trimStart();
  return '{["-0123456789tfn'.includes(first)
    ? 'unexpected end of JSON input'
    : `invalid character '${first}' looking for beginning of value`;
}

const types: Readonly<Record<string, (secret: KubeObject) => FieldError[]>> = {
  [accountTokenType]: ({ metadata: { annotations = {} } }) =>
    annotations[accountNameAnnotation] ? [] : [required(`metadata.annotations[${accountNameAnnotation}]`)],
  'kubernetes.io/dockercfg': configuration('.dockercfg'),
  'kubernetes.io/dockerconfigjson': configuration('.dockerconfigjson'),
  // One of the two is enough.
  'kubernetes.io/basic-auth': (secret) =>
    has(secret, 'username') || has(secret, 'password') ? [] : missing(secret, 'username', 'password'),
  'kubernetes.io/ssh-auth': (secret) =>
    textAt(secret, 'data', 'ssh-privatekey') === '' ? [required('data[ssh-privatekey]')] : [],
  'kubernetes.io/tls': (secret) => missing(secret, 'tls.crt', 'tls.key'),
};

export function secretTypeFaults(secret: KubeObject): FieldError[] {
  const type = textAt(secret, 'type');
  return Object.hasOwn(types, type) ? (types[type]?.(secret) ?? []) : [];
}
