/**
 * Parses the few kubectl command lines that wirelab can execute itself. Pure; `stand-in.ts` executes them.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import { resources } from '../apiserver/resources.ts';
import type { ResourceType } from '../apiserver/resources.ts';

export type KubectlCommand =
  | {
      readonly verb: 'get';
      readonly resource: ResourceType;
      readonly name?: string;
      readonly namespace: string;
      readonly allNamespaces: boolean;
      readonly output?: string;
    }
  /** A path, asked as it is. */
  | { readonly verb: 'raw'; readonly path: string }
  | {
      readonly verb: 'delete';
      readonly resource: ResourceType;
      readonly name: string;
      readonly namespace: string;
    }
  | { readonly verb: 'apply'; readonly file: string; readonly namespace: string }
  | { readonly verb: 'create'; readonly file: string; readonly namespace: string }
  | { readonly verb: 'replace'; readonly file: string; readonly namespace: string }
  | { readonly verb: 'approve'; readonly name: string }
  | { readonly verb: 'deny'; readonly name: string }
  | {
      readonly verb: 'bind';
      readonly resource: ResourceType;
      readonly name: string;
      readonly role: { readonly kind: 'Role' | 'ClusterRole'; readonly name: string };
      readonly users: readonly string[];
      readonly groups: readonly string[];
      readonly namespace: string;
    }
  | {
      readonly verb: 'run';
      readonly name: string;
      readonly image: string;
      readonly args: readonly string[];
      readonly namespace: string;
    }
  | {
      readonly verb: 'logs';
      readonly name: string;
      readonly container?: string;
      readonly tail?: string;
      readonly namespace: string;
    }
  /** Seconds, if a duration was given. */
  | {
      readonly verb: 'token';
      readonly account: string;
      readonly seconds?: number;
      readonly namespace: string;
    }
  | { readonly verb: 'whoami' }
  | {
      readonly verb: 'can-i';
      readonly asked: string;
      readonly resource: ResourceType;
      readonly namespace: string;
    };

interface Words {
  readonly operands: readonly string[];
  /** After `--`: arguments for another program. */
  readonly passed: readonly string[];
  readonly flags: ReadonlyMap<string, readonly string[]>;
}

const shorthands: Dictionary<string> = {
  '-n': '--namespace',
  '-A': '--all-namespaces',
  '-o': '--output',
  '-f': '--filename',
  '-c': '--container',
};
const insecure = '--insecure-skip-tls-verify';
const switches: ReadonlySet<string> = new Set(['--all-namespaces', insecure]);

/** Whether the server's certificate is not verified. */
export const isInsecure = (line: string): boolean => wordsOf(line).flags.has(insecure);

function wordsOf(line: string): Words {
  const operands: string[] = [];
  const flags = new Map<string, string[]>();
  const words = line.split(' ').filter(Boolean);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--') return { operands, passed: words.slice(index + 1), flags };
    if (!word.startsWith('-')) {
      operands.push(word);
      continue;
    }
    const [given = '', ...value] = word.split('=');
    const name = shorthands[given] ?? given;
    const said = value.length > 0 ? value.join('=') : switches.has(name) ? 'true' : (words[++index] ?? '');
    flags.set(name, [...(flags.get(name) ?? []), said]);
  }
  return { operands, passed: [], flags };
}

/** By its plural, singular, short name, or name with its group. */
export function resourceNamed(word: string): ResourceType | undefined {
  return resources.find(({ plural, singular, shortNames, group }) =>
    [plural, singular, ...shortNames, `${plural}.${group}`, `${singular}.${group}`].includes(word),
  );
}

/** Undefined for what can only be done by kubectl itself. */
export function kubectlCommand(line: string): KubectlCommand | undefined {
  const { operands, passed, flags } = wordsOf(line);
  const [verb = '', ...rest] = operands;
  const flag = (name: string): string | undefined => flags.get(name)?.at(-1);
  const namespace = flag('--namespace') ?? 'default';
  const known = readers[verb];
  const allowed: readonly string[] = known?.flags ?? [];
  if (
    !known ||
    [...flags.keys()].some((name) => name !== insecure && !allowed.includes(name)) ||
    (passed.length > 0 && verb !== 'run')
  )
    return undefined;
  return known.read(rest, { flag, all: (name) => flags.get(name) ?? [], passed, namespace });
}

interface Flags {
  readonly flag: (name: string) => string | undefined;
  readonly all: (name: string) => readonly string[];
  readonly passed: readonly string[];
  readonly namespace: string;
}

interface Reader {
  readonly flags: readonly string[];
  readonly read: (operands: readonly string[], flags: Flags) => KubectlCommand | undefined;
}

const fromFile = (verb: 'apply' | 'create' | 'replace'): Reader => ({
  flags: [
    '--filename',
    '--namespace',
    ...(verb === 'create' ? ['--clusterrole', '--role', '--user', '--group', '--duration'] : []),
  ],
  read(operands, flags) {
    const file = flags.flag('--filename');
    if (file !== undefined)
      return operands.length === 0 ? { verb, file, namespace: flags.namespace } : undefined;
    if (verb !== 'create') return undefined;
    return operands[0] === 'token' ? token(operands, flags) : binding(operands, flags);
  },
});

function binding(
  [kind = '', name, ...more]: readonly string[],
  { flag, all, namespace }: Flags,
): KubectlCommand | undefined {
  const resource = resourceNamed(kind);
  const clusterRole = flag('--clusterrole');
  const role = flag('--role');
  const isBinding = resource?.kind === 'RoleBinding' || resource?.kind === 'ClusterRoleBinding';
  if (
    !resource ||
    !isBinding ||
    name === undefined ||
    more.length > 0 ||
    (clusterRole === undefined) === (role === undefined)
  )
    return undefined;
  const bound =
    clusterRole === undefined
      ? ({ kind: 'Role', name: role ?? '' } as const)
      : ({ kind: 'ClusterRole', name: clusterRole } as const);
  return {
    verb: 'bind',
    resource,
    name,
    role: bound,
    users: all('--user'),
    groups: all('--group'),
    namespace,
  };
}

const secondsIn: Dictionary<number> = { s: 1, m: 60, h: 3600 };

function token(
  [, account, ...more]: readonly string[],
  { flag, namespace }: Flags,
): KubectlCommand | undefined {
  const [whole, count = '', unit = ''] = /^(\d{1,9})([smh])$/.exec(flag('--duration') ?? '') ?? [];
  if (account === undefined || more.length > 0 || (flag('--duration') !== undefined && whole === undefined))
    return undefined;
  return {
    verb: 'token',
    account,
    namespace,
    ...(whole === undefined ? {} : { seconds: Number(count) * (secondsIn[unit] ?? 1) }),
  };
}

const readers: Dictionary<Reader> = {
  get: {
    flags: ['--namespace', '--all-namespaces', '--output', '--raw'],
    read([word = '', name, ...more], { flag, namespace }) {
      const path = flag('--raw');
      if (path !== undefined) return word === '' && path.startsWith('/') ? { verb: 'raw', path } : undefined;
      const resource = resourceNamed(word);
      const output = flag('--output');
      if (
        !resource ||
        more.length > 0 ||
        (output !== undefined && output !== 'wide' && !output.startsWith('jsonpath='))
      )
        return undefined;
      return {
        verb: 'get',
        resource,
        namespace,
        allNamespaces: flag('--all-namespaces') === 'true',
        ...defined({ name, output }),
      };
    },
  },
  delete: {
    flags: ['--namespace'],
    read([word = '', name, ...more], { namespace }) {
      const resource = resourceNamed(word);
      return resource && name !== undefined && more.length === 0
        ? { verb: 'delete', resource, name, namespace }
        : undefined;
    },
  },
  run: {
    flags: ['--image', '--namespace'],
    read([name, ...more], { flag, passed, namespace }) {
      const image = flag('--image');
      return name !== undefined && image !== undefined && more.length === 0
        ? { verb: 'run', name, image, args: passed, namespace }
        : undefined;
    },
  },
  logs: {
    flags: ['--container', '--tail', '--namespace'],
    read([named = '', ...more], { flag, namespace }) {
      const name = named.replace(/^pods?\//, '');
      const [container, tail] = [flag('--container'), flag('--tail')];
      if (name === '' || name.includes('/') || more.length > 0) return undefined;
      return {
        verb: 'logs',
        name,
        namespace,
        ...defined({ container, tail }),
      };
    },
  },
  apply: fromFile('apply'),
  create: fromFile('create'),
  replace: fromFile('replace'),
  certificate: {
    flags: [],
    read: ([verb, name, ...more]) =>
      (verb === 'approve' || verb === 'deny') && name !== undefined && more.length === 0
        ? { verb, name }
        : undefined,
  },
  auth: {
    flags: ['--namespace'],
    read([verb, asked, word = '', ...more], { namespace }) {
      if (verb === 'whoami' && asked === undefined) return { verb: 'whoami' };
      const resource = resourceNamed(word);
      return verb === 'can-i' && asked !== undefined && resource && more.length === 0
        ? { verb: 'can-i', asked, resource, namespace }
        : undefined;
    },
  },
};
