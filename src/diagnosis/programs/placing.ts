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

/** A connection string of libpq: `host=…` stays the name that is verified, `hostaddr=` leads to the listener. */
export function placeInPostgres(words: Words): Placed | undefined {
  const index = words.findIndex((word, at) => at > 0 && /(?:^|\s)host=[^\s/]+/.test(word));
  const word = words[index];
  if (word === undefined) return undefined;
  const host = /(?:^|\s)host=(\S+)/.exec(word)?.[1] ?? '';
  const port = /(?:^|\s)port=(\d+)/.exec(word)?.[1] ?? '5432';
  const rest = word.replace(/(^|\s)(?:hostaddr|port)=\S+/g, '').trim();
  return { to: `${host}:${port}`, words: words.with(index, `${rest} hostaddr={host} port={port}`) };
}
