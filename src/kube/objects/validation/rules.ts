/**
 * Provides rules that many fields share: names, ports, bounded numbers, one of a few values. Each returns the errors of
 * a field's value, in kube-apiserver's words.
 */
import { isIP } from 'node:net';
import { invalid, notSupported, required } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { labelKeyFault, labelValueFault, nameFaults } from '../names.ts';
import type { NameRule } from '../names.ts';

const faultOf = (field: string, value: unknown, fault: string | undefined): FieldError[] =>
  fault === undefined ? [] : [invalid(field, value, fault)];

export const named = (field: string, name: string, rule: NameRule): FieldError[] =>
  faultOf(field, name, nameFaults[rule](name));
export const qualifiedName = (field: string, name: string): FieldError[] =>
  faultOf(field, name, labelKeyFault(name));
export const labelValue = (field: string, value: string): FieldError[] =>
  faultOf(field, value, labelValueFault(value));

/** A value that must be there, and one of these. */
export function oneOf(
  field: string,
  value: string,
  supported: readonly string[],
  absent: FieldError = required(field),
): FieldError[] {
  if (value === '') return [absent];
  return supported.includes(value) ? [] : [notSupported(field, value, supported)];
}

/** A value that may be left out. */
export const oneOfOrNone = (field: string, value: string, supported: readonly string[]): FieldError[] =>
  value === '' ? [] : oneOf(field, value, supported);

export function between(field: string, value: unknown, least: number, most: number): FieldError[] {
  if (typeof value !== 'number' || (value >= least && value <= most)) return [];
  return [invalid(field, value, `must be between ${least} and ${most}, inclusive`)];
}

export const atLeastZero = (field: string, value: unknown): FieldError[] =>
  typeof value === 'number' && value < 0 ? [invalid(field, value, 'must be greater than or equal to 0')] : [];

export const mostPorts = 65_535;
export const most32 = 2 ** 31 - 1;

export const portNumber = (field: string, value: unknown): FieldError[] =>
  between(field, value ?? 0, 1, mostPorts);

/** What a port may be called (IANA service names, RFC 6335 section 5.1). */
export function portName(field: string, name: string): FieldError[] {
  const faults = [
    ...(name.length > 15 ? ['must be no more than 15 characters'] : []),
    ...(/^[-a-z0-9]+$/.test(name)
      ? []
      : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
    ...(/[a-z]/.test(name) ? [] : ['must contain at least one letter (a-z)']),
    ...(name.includes('--') ? ['must not contain consecutive hyphens'] : []),
    ...(/^-|-$/.test(name) ? ['must not begin or end with a hyphen'] : []),
  ];
  return faults.map((fault) => invalid(field, name, fault));
}

export const portNumberOrName = (field: string, value: unknown): FieldError[] =>
  typeof value === 'string' ? portName(field, value) : portNumber(field, value);

export const protocols = ['SCTP', 'TCP', 'UDP'];

export function labels(field: string, given: Readonly<Record<string, unknown>>): FieldError[] {
  return Object.entries(given).flatMap(([key, value]) => [
    ...qualifiedName(field, key),
    ...labelValue(field, String(value)),
  ]);
}

export function address(field: string, value: string): FieldError[] {
  return isIP(value) === 0
    ? [invalid(field, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
    : [];
}

/** A path strictly below another. */
export function localPath(field: string, path: string): FieldError[] {
  if (path.startsWith('/')) return [invalid(field, path, 'must be a relative path')];
  return noBacksteps(field, path);
}

export const noBacksteps = (field: string, path: string): FieldError[] =>
  path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : [];
