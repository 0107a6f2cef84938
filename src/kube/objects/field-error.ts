/**
 * Words field errors like k8s.io/apimachinery, and builds the 422 with all of them. The validations find them.
 */
import { defined } from '../../core/defined.ts';
import { GoValue } from './go/values.ts';
import { ApiFailure } from './objects.ts';
import { quoted } from './go/quoted.ts';

/** By the reason that the cause carries: how its message begins. */
const beginnings = {
  FieldValueRequired: 'Required value',
  FieldValueInvalid: 'Invalid value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueNotFound: 'Not found',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
} as const;

export interface FieldError {
  readonly reason: keyof typeof beginnings;
  /** `spec.usages[0]`. */
  readonly field: string;
  /** `Required value`, `Invalid value: "x": must be …`. */
  readonly message: string;
}

function fieldError(reason: FieldError['reason'], field: string, value: unknown, detail: string): FieldError {
  const shown = value === undefined ? '' : `: ${valueText(value)}`;
  return { reason, field, message: `${beginnings[reason]}${shown}${detail === '' ? '' : `: ${detail}`}` };
}

export const required = (field: string, detail = ''): FieldError =>
  fieldError('FieldValueRequired', field, undefined, detail);
export const invalid = (field: string, value: unknown, detail: string): FieldError =>
  fieldError('FieldValueInvalid', field, value, detail);
export const duplicate = (field: string, value: unknown): FieldError =>
  fieldError('FieldValueDuplicate', field, value, '');
export const notFoundField = (field: string, value: unknown): FieldError =>
  fieldError('FieldValueNotFound', field, value, '');
export const forbiddenField = (field: string, detail: string): FieldError =>
  fieldError('FieldValueForbidden', field, undefined, detail);
export const tooLong = (field: string, bytes: number): FieldError =>
  fieldError('FieldValueTooLong', field, undefined, `may not be more than ${bytes} bytes`);
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError =>
  fieldError(
    'FieldValueNotSupported',
    field,
    value,
    `supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`,
  );

/** A value as Go prints it; long ones are truncated, since the sender knows them. */
function valueText(value: unknown): string {
  if (value instanceof GoValue) return cut(value.text);
  if (value instanceof Uint8Array) {
    const shown = Array.from(value.subarray(0, 16), (byte) => `0x${byte.toString(16)}`).join(', ');
    return `[]byte{${shown}${value.length > 16 ? ', …' : ''}}`;
  }
  if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
    return cut(`[]string{${value.map(quoted).join(', ')}}`);
  return cut(typeof value === 'string' ? quoted(value) : (JSON.stringify(value) ?? 'null'));
}

const cut = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);

/** More causes are of no use; a malicious object may have a million. */
const mostCauses = 100;

/** The 422 of an object in which something is wrong. */
export function invalidObject(
  kind: string,
  group: string,
  name: string,
  errors: readonly FieldError[],
): ApiFailure {
  const causes = errors
    .slice(0, mostCauses)
    .map(({ reason, field, message }) => ({ reason, message, field }));
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const qualified = group === '' ? kind : `${kind}.${group}`;
  const all = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  return new ApiFailure('Invalid', `${qualified} ${quoted(name)} is invalid: ${all}`, {
    ...defined({ name: name || undefined, group: group || undefined, kind: kind || undefined }),
    causes,
  });
}
