/** Where a program connects for a name without asking this machine's resolver: what its arguments say. */
import { withoutBrackets } from '../../core/ip-version.ts';
import type { Address } from '../../capture/event.ts';
import type { Words } from './program.ts';

/** curl's `--resolve [+]HOST:PORT:ADDRESS[,ADDRESS]…` and `--connect-to HOST:PORT:HOST:PORT` (curl(1)); the last that fits counts. */
export function addressOfCurl(words: Words, to: Address): Address | undefined {
  const turned =
    valuesOf(words, '--connect-to')
      .map((value) => turnedBy(value, to))
      .find(Boolean) ?? to;
  const resolved = valuesOf(words, '--resolve')
    .map((value) => resolvedBy(value, turned))
    .findLast(Boolean);
  if (resolved !== undefined) return { host: resolved, port: turned.port };
  return turned === to ? undefined : turned;
}

const valuesOf = (words: Words, option: string): readonly string[] =>
  words.flatMap((word, index) => {
    if (word === option) return words[index + 1] ?? [];
    return word.startsWith(`${option}=`) ? word.slice(option.length + 1) : [];
  });

const host = '(\\[[^\\]]*\\]|[^:\\[\\]]*)';

function resolvedBy(value: string, to: Address): string | undefined {
  const [, name, port, addresses = ''] = new RegExp(`^\\+?${host}:(\\d+):(.+)$`).exec(value) ?? [];
  if (name === undefined || Number(port) !== to.port || !(name === '*' || isSame(name, to.host)))
    return undefined;
  const [first = ''] = addresses.split(',');
  return withoutBrackets(first);
}

function turnedBy(value: string, to: Address): Address | undefined {
  const [, name, port, other = '', otherPort = ''] =
    new RegExp(`^${host}:(\\d*):${host}:(\\d*)$`).exec(value) ?? [];
  if (name === undefined || (name !== '' && !isSame(name, to.host))) return undefined;
  if (port !== '' && Number(port) !== to.port) return undefined;
  return {
    host: other === '' ? to.host : withoutBrackets(other),
    port: otherPort === '' ? to.port : Number(otherPort),
  };
}

const isSame = (one: string, other: string): boolean =>
  withoutBrackets(one).toLowerCase() === withoutBrackets(other).toLowerCase();
