/** Values by a name that is any string. */
export type Dictionary<Value> = Readonly<Record<string, Value>>;
