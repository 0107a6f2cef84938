/**
 * Provides rules that many fields share: names, ports, bounded numbers, one of a few values. Each returns the errors of
 * a field's value, in kube-apiserver's words.
 */
import { ipVersion } from '../../../core/ip-version.ts';
import type { FieldError } from '../field-error.ts';
import { labelKeyFault, labelValueFault, nameFaults } from '../names.ts';
import type { NameRule } from '../names.ts';
import type { Place } from './place.ts';

/** @param fault says what is wrong with a text; undefined where nothing is. */
export function checked(
  place: Place,
  fault: (text: string) => string | undefined,
  text = place.text,
): FieldError[] {
  const detail = fault(text);
  return detail === undefined ? [] : place.invalid(detail, text);
}

/** A text that must be there, and be right. */
export const requiredChecked = (place: Place, fault: (text: string) => string | undefined): FieldError[] =>
  place.text === '' ? place.required() : checked(place, fault);

export const named = (place: Place, rule: NameRule): FieldError[] => checked(place, nameFaults[rule]);
export const requiredName = (place: Place, rule: NameRule): FieldError[] =>
  requiredChecked(place, nameFaults[rule]);
export const qualifiedName = (place: Place, name?: string): FieldError[] =>
  checked(place, labelKeyFault, name);
export const labelValue = (place: Place, value?: string): FieldError[] =>
  checked(place, labelValueFault, value);

/** A value that must be there, and one of these. */
export const oneOf = (place: Place, supported: readonly string[], detail?: string): FieldError[] =>
  place.text === '' ? place.required(detail) : place.supported(supported);

/** A value that may be left out. */
export const oneOfOrNone = (place: Place, supported: readonly string[]): FieldError[] =>
  place.text === '' ? [] : place.supported(supported);

/** A number that breaks a rule; what is no number does not. */
export const numberFault = (
  place: Place,
  isWrong: (value: number) => boolean,
  detail: string,
): FieldError[] => place.invalidIf(typeof place.value === 'number' && isWrong(place.value), detail);

export const between = (place: Place, least: number, most: number): FieldError[] =>
  numberFault(
    place,
    (value) => value < least || value > most,
    `must be between ${least} and ${most}, inclusive`,
  );

export const atLeastZero = (place: Place): FieldError[] =>
  numberFault(place, (value) => value < 0, 'must be greater than or equal to 0');

export const moreThanZero = (place: Place, detail = 'must be greater than 0'): FieldError[] =>
  numberFault(place, (value) => value <= 0, detail);

export const most32 = 2 ** 31 - 1;

export const portNumber = (place: Place): FieldError[] => between(place.or(0), 1, 65_535);

/** What a port may be called (IANA service names, RFC 6335 section 5.1). */
export const portName = (place: Place): FieldError[] => [
  ...place.invalidIf(place.text.length > 15, 'must be no more than 15 characters'),
  ...place.invalidIf(
    !/^[-a-z0-9]+$/.test(place.text),
    'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
  ),
  ...place.invalidIf(!/[a-z]/.test(place.text), 'must contain at least one letter (a-z)'),
  ...place.invalidIf(place.text.includes('--'), 'must not contain consecutive hyphens'),
  ...place.invalidIf(/^-|-$/.test(place.text), 'must not begin or end with a hyphen'),
];

export const portNumberOrName = (place: Place): FieldError[] =>
  typeof place.value === 'string' ? portName(place) : portNumber(place);

export const protocols = ['SCTP', 'TCP', 'UDP'];

export const labels = (place: Place): FieldError[] =>
  place.members.flatMap(([key, { value }]) => [
    ...qualifiedName(place, key),
    ...labelValue(place, String(value)),
  ]);

export const address = (place: Place): FieldError[] =>
  place.invalidIf(
    ipVersion(place.text) === 0,
    'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  );

const special: readonly (readonly [RegExp, (ip: string) => string])[] = [
  [/^(?:0\.0\.0\.0|::)$/, (ip) => `may not be unspecified (${ip})`],
  [/^(?:127\.|::1$)/, () => 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [/^(?:169\.254\.|fe[89ab])/i, () => 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [/^(?:224\.0\.0\.|ff02)/i, () => 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];

/** Of an address that traffic is sent to (ValidateNonSpecialIP). */
export const specialAddressFaults = (ip: Place): FieldError[] =>
  special.flatMap(([range, detail]) => ip.invalidIf(range.test(ip.text), detail(ip.text)));

/** A path strictly below another. */
export const localPath = (place: Place): FieldError[] =>
  place.text.startsWith('/') ? place.invalid('must be a relative path') : noBacksteps(place);

export const noBacksteps = (place: Place): FieldError[] =>
  place.invalidIf(place.text.split('/').includes('..'), "must not contain '..'");

/** Whether each text that it is asked for was asked for before; an empty one never was. */
export function repetition(): (text: string) => boolean {
  const seen = new Set(['']);
  return (text) => {
    const isRepeated = text !== '' && seen.has(text);
    seen.add(text);
    return isRepeated;
  };
}
