/** Puts `{}` in the place of the target in a command's words, where there is just one: the exact line with which it is led. */
import { withoutBrackets } from '../../core/ip-version.ts';
import type { Placed, Words } from './program.ts';

const url =
  /^((?:--[\w-]+=)?(https?):\/\/(?:[^@/\s]*@)?)(\[[^\]]+\]|[^/:?#[\]\s]+)(?::(\d{1,5}))?((?:[/?#].*)?)$/;
const hostAndPort = /^((?:--[\w-]+=)?)(\[[\da-f:]+\]|[A-Za-z\d.-]+):(\d{1,5})$/i;

/** Undefined where no word is a target, or several are. */
export function placeIn(words: Words): Placed | undefined {
  const found = words.flatMap((word, index): Placed[] => {
    if (index === 0) return [];
    const [, before, scheme, host, port, rest = ''] = url.exec(word) ?? [];
    if (before !== undefined && host !== undefined)
      return [
        {
          to: `${host}:${port ?? (scheme === 'https' ? '443' : '80')}`,
          words: words.with(index, `${before}{}${rest}`),
        },
      ];
    const [, option, name, number] = hostAndPort.exec(word) ?? [];
    return name === undefined || number === undefined
      ? []
      : [{ to: `${name}:${number}`, words: words.with(index, `${option ?? ''}{}`) }];
  });
  return found.length === 1 ? found[0] : undefined;
}

/** gnutls-cli: the last word is the host, and -p or --port has the port. */
export function placeInGnutls(words: Words): Placed | undefined {
  const host = words.at(-1);
  const at = words.findIndex((word) => word === '-p' || word === '--port');
  const joined = words.findIndex((word) => word.startsWith('--port='));
  if (words.length < 2 || host === undefined || host.startsWith('-') || at === words.length - 2)
    return undefined;
  const port = at > 0 ? words[at + 1] : joined > 0 ? words[joined]?.slice('--port='.length) : '443';
  const without = words.filter(
    (_word, index) => !(at > 0 && (index === at || index === at + 1)) && index !== joined,
  );
  const [program = '', ...rest] = without.slice(0, -1);
  const has = (option: string): boolean =>
    rest.some((word) => word === option || word.startsWith(`${option}=`));
  return {
    to: `${host}:${port ?? ''}`,
    words: [
      program,
      '-p',
      '{port}',
      ...(has('--sni-hostname') ? [] : [`--sni-hostname=${withoutBrackets(host)}`]),
      ...(has('--verify-hostname') ? [] : [`--verify-hostname=${withoutBrackets(host)}`]),
      ...rest,
      '{host}',
    ],
  };
}

/** Options of psql(1) that have a value. */
const withValue = /^-[cfFLoPRTUv]$/;

/** `-h HOST -p PORT` of PostgreSQL's programs, and `postgresql://…`: as a connection string, which has the address apart. */
function placeByOptions(words: Words): Placed | undefined {
  const at = words.findIndex((word) => /^postgres(?:ql)?:\/\//.test(word));
  const url = /^(postgres(?:ql)?:\/\/(?:[^@/]*@)?)([^:/?,@]+)(?::(\d+))?(\/[^?]*)?(\?.*)?$/.exec(
    words[at] ?? '',
  );
  if (url) {
    const [, before = '', host = '', port = '5432', path = '/', query = ''] = url;
    const more = `${query === '' ? '?' : `${query}&`}hostaddr={host}`;
    return { to: `${host}:${port}`, words: words.with(at, `${before}${host}:{port}${path}${more}`) };
  }
  const taken = new Map<string, string>();
  const kept: string[] = [];
  const long: Readonly<Record<string, string>> = { '--host': '-h', '--port': '-p', '--dbname': '-d' };
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const [, name = word, joined] = /^(--\w+)=(.*)$/.exec(word) ?? [];
    const option = long[name] ?? name;
    if (index > 0 && (option === '-h' || option === '-p' || option === '-d'))
      taken.set(option, joined ?? words[++index] ?? '');
    else kept.push(word);
  }
  const host = taken.get('-h');
  const alone = kept.filter(
    (word, index) => index > 0 && !word.startsWith('-') && !withValue.test(kept[index - 1] ?? ''),
  );
  const [database = taken.get('-d')] = alone;
  if (host === undefined || host.startsWith('/') || alone.length > 1 || database?.includes('='))
    return undefined;
  const string = `host=${host} hostaddr={host} port={port}${database === undefined ? '' : ` dbname=${database}`}`;
  return {
    to: `${host}:${taken.get('-p') ?? '5432'}`,
    words: [...kept.slice(0, 1), '-d', string, ...kept.slice(1).filter((word) => !alone.includes(word))],
  };
}

/** A connection string of libpq: `host=…` stays the name that is verified, `hostaddr=` leads to the listener. */
export function placeInPostgres(words: Words): Placed | undefined {
  const index = words.findIndex((word, at) => at > 0 && /(?:^|\s)host=[^\s/]+/.test(word));
  const word = words[index];
  if (word === undefined) return placeByOptions(words);
  const host = /(?:^|\s)host=(\S+)/.exec(word)?.[1] ?? '';
  const port = /(?:^|\s)port=(\d+)/.exec(word)?.[1] ?? '5432';
  const rest = word.replace(/(^|\s)(?:hostaddr|port)=\S+/g, '').trim();
  return { to: `${host}:${port}`, words: words.with(index, `${rest} hostaddr={host} port={port}`) };
}
