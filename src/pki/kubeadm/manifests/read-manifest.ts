/**
 * Reads the flags out of a static pod's manifest, which anybody may have changed.
 *
 * 1. Flags are in `command` and `args` of the first container, as `--name=value` or in two entries; the last of several
 *    counts.
 */

/** Command and arguments of the first container; undefined if this is not a Pod with a container. */
export function commandIn(manifest: unknown): readonly string[] | undefined {
  const [container] = listIn(at(at(manifest, 'spec'), 'containers'));
  if (at(manifest, 'kind') !== 'Pod' || container === undefined) return undefined;
  return [...listIn(at(container, 'command')), ...listIn(at(container, 'args'))].map(String);
}

/** @param flag without dashes. */
export function flagValue(words: readonly string[], flag: string): string | undefined {
  const name = `--${flag}`;
  const index = words.findLastIndex((word) => word === name || word.startsWith(`${name}=`));
  return words[index] === name ? words[index + 1] : words[index]?.slice(name.length + 1);
}

/** The text at a path in a configuration: `authentication.x509.clientCAFile`. */
export function settingIn(config: unknown, path: string): string | undefined {
  const value = path.split('.').reduce<unknown>(at, config);
  return typeof value === 'string' ? value : undefined;
}

const at = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
