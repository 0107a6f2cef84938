/** Leaves out the properties of an object that have no value, since an optional property is absent and never undefined. */
type Defined<T> = T extends unknown
  ? { readonly [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
      readonly [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
    }
  : never;

export function defined<const T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
