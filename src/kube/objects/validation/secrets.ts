/** Validates the contents of secrets of known types (kube-apiserver, ValidateSecret). */
import type { Dictionary } from '../../../core/dictionary.ts';
import type { FieldError } from '../field-error.ts';
import { isJsonObject, JsonError, parseJson } from '../json.ts';
import type { Place } from './place.ts';

export const accountTokenType = 'kubernetes.io/service-account-token';
export const accountNameAnnotation = 'kubernetes.io/service-account.name';
/** Of the account whose token it is: another of the same name is another. */
export const accountUidAnnotation = 'kubernetes.io/service-account.uid';

const missing = (secret: Place, ...keys: readonly string[]): FieldError[] => {
  const data = secret.at('data');
  return keys.flatMap((key) => data.as(`data[${key}]`).requiredIf(!data.at(key).isSet));
};

/** Docker's configuration, which is JSON. */
const configuration =
  (key: string) =>
  (secret: Place): FieldError[] => {
    const value = secret.at('data', key).as(`data[${key}]`);
    if (!value.isSet) return value.required();
    const fault = jsonFault(Buffer.from(value.text, 'base64').toString());
    return fault === undefined ? [] : value.invalid(fault, '<secret contents redacted>');
  };

function jsonFault(text: string): string | undefined {
  try {
    const value = parseJson(text);
    return isJsonObject(value) || value === null
      ? undefined
      : `json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value} into Go value of type map[string]interface {}`;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return error.message;
  }
}

const types: Dictionary<(secret: Place) => FieldError[]> = {
  [accountTokenType]: (secret) =>
    secret
      .at('metadata', 'annotations', accountNameAnnotation)
      .as(`metadata.annotations[${accountNameAnnotation}]`)
      .requiredText(),
  'kubernetes.io/dockercfg': configuration('.dockercfg'),
  'kubernetes.io/dockerconfigjson': configuration('.dockerconfigjson'),
  'kubernetes.io/basic-auth': (secret) => {
    // One of the two is enough.
    const faults = missing(secret, 'username', 'password');
    return faults.length === 2 ? faults : [];
  },
  'kubernetes.io/ssh-auth': (secret) =>
    secret.at('data', 'ssh-privatekey').as('data[ssh-privatekey]').requiredText(),
  'kubernetes.io/tls': (secret) => missing(secret, 'tls.crt', 'tls.key'),
};

export function secretTypeFaults(secret: Place): FieldError[] {
  const type = secret.at('type').text;
  return Object.hasOwn(types, type) ? (types[type]?.(secret) ?? []) : [];
}
