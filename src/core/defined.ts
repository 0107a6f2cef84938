/** Leaves out the properties of an object that have no value, since an optional property is absent and never undefined. */
type Defined<T> = T extends unknown
  ? { readonly [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
      readonly [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
    }
  : never;

export function defined<const T extends object>(values: T): Defined<T> {
  // A literal without gaps is most usual, and is taken as it is.
  for (const name in values) if (values[name] === undefined) return withoutGaps(values);
  return values as unknown as Defined<T>;
}

function withoutGaps<const T extends object>(values: T): Defined<T> {
  const kept: Partial<T> = {};
  for (const name in values) if (values[name] !== undefined) kept[name] = values[name];
  return kept as Defined<T>;
}
