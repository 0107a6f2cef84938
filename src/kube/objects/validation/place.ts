/**
 * A value and its place in the object that is being validated, as Go's field.Path: rules read the one, and their errors
 * name the other. Every error is a list, empty where the rule holds, so that rules are joined by spreading.
 */
import {
  duplicate,
  forbiddenField,
  invalid,
  notFoundField,
  notSupported,
  required,
  tooLong,
} from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { isJsonObject, valueAt } from '../json.ts';

export class Place {
  readonly value: unknown;
  readonly #above: Place | undefined;
  /** From there: `name`, `[0]`. */
  readonly #step: string;

  constructor(value: unknown, step = '', above?: Place) {
    this.value = value;
    this.#step = step;
    this.#above = above;
  }

  /** `spec.containers[0].name`; empty for the object itself. Put together for an error alone. */
  get path(): string {
    const above = this.#above?.path ?? '';
    return above === '' || this.#step.startsWith('[') ? above + this.#step : `${above}.${this.#step}`;
  }

  at(field: string, ...below: readonly string[]): Place {
    const place = new Place(valueAt(this.value, field), field, this);
    const [next, ...more] = below;
    return next === undefined ? place : place.at(next, ...more);
  }

  /** The same value under another path, where kube-apiserver names it so. */
  as(path: string): Place {
    return new Place(this.value, path);
  }

  /** With a value in place of an absent one. */
  or(value: unknown): Place {
    return new Place(this.value ?? value, this.#step, this.#above);
  }

  get isSet(): boolean {
    return this.value !== undefined;
  }

  /** Empty where it is no string. */
  get text(): string {
    return typeof this.value === 'string' ? this.value : '';
  }

  /** Of a list: its elements. */
  get items(): readonly Place[] {
    const elements: readonly unknown[] = Array.isArray(this.value) ? this.value : [];
    return elements.map((element, index) => new Place(element, `[${index}]`, this));
  }

  /** Of a map: its members, each under its key in brackets. */
  get members(): readonly (readonly [key: string, member: Place])[] {
    return Object.entries(isJsonObject(this.value) ? this.value : {}).map(([key, member]) => [
      key,
      new Place(member, `[${key}]`, this),
    ]);
  }

  required(detail = ''): FieldError[] {
    return [required(this.path, detail)];
  }

  invalid(detail: string, value: unknown = this.value ?? ''): FieldError[] {
    return [invalid(this.path, value, detail)];
  }

  requiredIf(isMissing: boolean, detail = ''): FieldError[] {
    return isMissing ? this.required(detail) : [];
  }

  requiredText(detail = ''): FieldError[] {
    return this.requiredIf(this.text === '', detail);
  }

  invalidIf(isWrong: boolean, detail: string, value?: unknown): FieldError[] {
    return isWrong ? this.invalid(detail, value) : [];
  }

  forbiddenIf(isWrong: boolean, detail: string): FieldError[] {
    return isWrong ? [forbiddenField(this.path, detail)] : [];
  }

  forbidden(detail: string): FieldError[] {
    return this.forbiddenIf(this.isSet, detail);
  }

  duplicateIf(isTaken: boolean, value = this.value): FieldError[] {
    return isTaken ? [duplicate(this.path, value)] : [];
  }

  notFoundIf(isMissing: boolean): FieldError[] {
    return isMissing ? [notFoundField(this.path, this.text)] : [];
  }

  tooLongIf(isTooLong: boolean, bytes: number): FieldError[] {
    return isTooLong ? [tooLong(this.path, bytes)] : [];
  }

  supported(values: readonly string[]): FieldError[] {
    return values.includes(this.text) ? [] : [notSupported(this.path, this.text, values)];
  }
}
