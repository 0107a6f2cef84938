/**
 * Parses the few etcdctl command lines that wirelab can execute itself. Pure; `etcdctl-stand-in.ts` executes them.
 */

export type EtcdctlCommand =
  | {
      readonly verb: 'get';
      readonly key: string;
      readonly isPrefix: boolean;
      readonly keysOnly: boolean;
      readonly valueOnly: boolean;
    }
  | { readonly verb: 'put'; readonly key: string; readonly value: string }
  | { readonly verb: 'del'; readonly key: string; readonly isPrefix: boolean };

const switches: Readonly<Record<EtcdctlCommand['verb'], readonly string[]>> = {
  get: ['--prefix', '--keys-only', '--print-value-only'],
  put: [],
  del: ['--prefix'],
};

/** Undefined for what only etcdctl itself can do. */
export function etcdctlCommand(line: string): EtcdctlCommand | undefined {
  const words = line.split(' ').filter(Boolean);
  const [verb = '', key, value, ...more] = words.filter((word) => !word.startsWith('--'));
  const flags = words.filter((word) => word.startsWith('--'));
  if (!Object.hasOwn(switches, verb) || key === undefined || more.length > 0) return undefined;
  if (!flags.every((flag) => switches[verb as EtcdctlCommand['verb']].includes(flag))) return undefined;
  const isPrefix = flags.includes('--prefix');
  if (verb === 'put') return value === undefined ? undefined : { verb, key, value };
  if (value !== undefined) return undefined;
  return verb === 'get'
    ? {
        verb,
        key,
        isPrefix,
        keysOnly: flags.includes('--keys-only'),
        valueOnly: flags.includes('--print-value-only'),
      }
    : { verb: 'del', key, isPrefix };
}
