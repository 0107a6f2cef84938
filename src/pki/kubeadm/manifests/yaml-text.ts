/** Writes plain data as YAML the way Kubernetes does: keys in alphabetical order, lists at the level of their key. */

export type YamlValue =
  | string
  | number
  | boolean
  | null
  | readonly YamlValue[]
  | { readonly [key: string]: YamlValue };

export const yamlText = (value: YamlValue): string => `${linesOf(value).join('\n')}\n`;

function linesOf(value: YamlValue): string[] {
  if (isList(value)) return value.flatMap((item) => hanging('- ', linesOf(item)));
  if (typeof value !== 'object' || value === null) return [scalar(value)];
  return Object.keys(value)
    .sort()
    .flatMap((key) => entry(key, value[key] ?? null));
}

function entry(key: string, value: YamlValue): string[] {
  if (typeof value !== 'object' || value === null) return [`${key}: ${scalar(value)}`];
  if (Object.keys(value).length === 0) return [`${key}: ${isList(value) ? '[]' : '{}'}`];
  const lines = linesOf(value);
  return [`${key}:`, ...(isList(value) ? lines : lines.map((line) => `  ${line}`))];
}

const hanging = (mark: string, lines: readonly string[]): string[] =>
  lines.map((line, at) => (at === 0 ? mark : '  ') + line);

const isList = (value: YamlValue): value is readonly YamlValue[] => Array.isArray(value);

/** Unquoted where YAML reads it as the same text; a JSON string is a YAML string. */
const scalar = (value: string | number | boolean | null): string =>
  typeof value !== 'string' || (isPlain(value) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value))
    ? String(value)
    : JSON.stringify(value);

/** A word, a path or a URL; an address or a network; an amount with its unit, a duration. */
const isPlain = (value: string): boolean =>
  /^(?:[a-z/]|--)(?:[\w./@[\]*=,-]|:(?=\S))*$/i.test(value) ||
  /^\d+(?:\.\d+){3}(?:[:/]\d+)?$/.test(value) ||
  /^\d+(?:m|Mi|s)$/.test(value) ||
  /^\d+h\d+m\d+s$/.test(value);
