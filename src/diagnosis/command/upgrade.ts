/**
 * A command whose protocol turns to TLS on request, and that left before TLS could begin: the server did not offer it, or speaks
 * another protocol than the command. What both sides said before TLS shows it.
 */
import { latin1Text } from '../../core/bytes.ts';
import { hostPort } from '../../capture/event.ts';
import { defined } from '../../core/defined.ts';
import { safeText } from '../../i18n/safe.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Connection } from '../../capture/connection.ts';
import { offersTls } from '../../wire/starttls/mysql.ts';
import { starttlsNames, starttlsRow } from '../../wire/starttls/protocols.ts';
import type { StarttlsName } from '../../wire/starttls/protocols.ts';
import { explained, shown } from '../case.ts';
import type { Diagnosis, Finding } from '../diagnosis.ts';
import { notOfferedRemedy } from '../hypotheses/answers/turned-away.ts';
import type { Heard } from '../programs/hear.ts';
import type { Seen } from './seen.ts';

export interface UpgradeFacts {
  readonly heard: Heard | undefined;
  readonly diagnosis: Diagnosis;
  /** The command as it is typed. */
  readonly words: readonly string[];
  /** What its arguments say: `-starttls smtp`. */
  readonly asked: StarttlsName | undefined;
  /** Nothing is between the command and its server: both are on this machine. */
  readonly isAlone: boolean;
}

/** @param found what is known without: it stands where it is proven, unless another protocol may be why no TLS came back */
export function ofUpgrade(seen: Seen, found: Finding | undefined, facts: UpgradeFacts): Finding | undefined {
  if (!seen.connection) return undefined;
  if (found?.confidence === 'proven' && !ofTurning.has(found.cause)) return undefined;
  const said = { client: textOf(seen.connection, 'client'), server: textOf(seen.connection, 'server') };
  return ofOtherProtocol(seen, said, found, facts) ?? notOffered(seen, said, found, facts);
}

const ofTurning: ReadonlySet<Finding['cause']> = new Set<Finding['cause']>([
  'tls_on_plaintext_port',
  'starttls_refused',
]);

interface Said {
  readonly client: string;
  readonly server: string;
}

const mostRead = 4096;

function textOf(connection: Connection, side: 'client' | 'server'): string {
  const stream = connection.stream('wire', side);
  return latin1Text(stream.read(0, Math.min(stream.length, mostRead)) ?? stream.head);
}

/** How a server of each protocol greets; those of LDAP and PostgreSQL wait for the client. */
const greetings: readonly (readonly [RegExp, StarttlsName])[] = [
  [/^220[ -](?!.*\bFTP\b)/i, 'smtp'],
  [/^\* (?:OK|PREAUTH)\b/i, 'imap'],
  [/^\+OK\b/, 'pop3'],
  [/^[\s\S]{3}\0\n/, 'mysql'],
];

/** How a client of each begins. */
const beginnings: readonly (readonly [RegExp, StarttlsName])[] = [
  [/^(?:EHLO|HELO|LHLO)\b/i, 'smtp'],
  [/^\S+ (?:CAPABILITY|STARTTLS)\r?\n/i, 'imap'],
  [/^(?:CAPA|STLS)\r?\n/i, 'pop3'],
  [/^0[\s\S]{1,4}\u0002[\s\S]*1\.3\.6\.1\.4\.1\.1466\.20037/, 'ldap'],
  [/^\0\0\0\u0008\u0004\u00d2\u0016\//, 'postgres'],
];

const firstOf = (rows: typeof greetings, text: string): StarttlsName | undefined =>
  rows.find(([pattern]) => pattern.test(text))?.[1];

/** In the address that the command calls: `smtp://…`. */
const schemeIn = (words: readonly string[]): StarttlsName | undefined =>
  words
    .map((word) => /^(smtp|imap|pop3|ldap):\/\//.exec(word)?.[1])
    .map((scheme) => starttlsNames.find((name) => name === scheme))
    .find((name) => name !== undefined);

function ofOtherProtocol(
  { connection, led: { to } }: Seen,
  { client, server }: Said,
  found: Finding | undefined,
  { diagnosis: { attempts }, words, asked }: UpgradeFacts,
): Finding | undefined {
  const theirs = firstOf(greetings, server);
  const own = firstOf(beginnings, client) ?? (client === '' ? (asked ?? schemeIn(words)) : undefined);
  if (!connection || theirs === undefined || own === undefined || own === theirs) return undefined;
  // An LMTP server greets like one of SMTP, and is one.
  const [title, ownTitle] = [starttlsRow(theirs).title, starttlsRow(own).title];
  const greeting = theirs === 'mysql' ? '' : safeText((server.split(/\r?\n/)[0] ?? '').slice(0, 120));
  const [base] = attempts;
  const isThere = base?.result === 'completed';
  return {
    ...explained({
      cause: 'tls_on_plaintext_port',
      by: 'client',
      detail: { protocol: theirs },
      // The server says what it speaks, and the command asked in another protocol.
      confidence: 'proven',
      evidence: [
        ...(found?.evidence ?? []),
        {
          kind: 'words',
          said: greeting,
          words: { en: `the server greets in ${title}`, ko: `서버의 인사(${title})` },
        },
        ...(base ? [shown(base)] : []),
      ],
      name: { en: 'another protocol before TLS', ko: 'TLS 앞의 프로토콜이 다름' },
      because: {
        en: `the client asks for TLS in ${ownTitle}, and this port speaks ${title}${greeting && `: ${greeting}`}`,
        ko: `클라이언트는 ${ownTitle} 방식으로 TLS를 요청하는데 이 포트의 프로토콜은 다릅니다(${title}).${greeting && ` 서버의 인사: ${greeting}`}`,
      },
      remedy: {
        en: `let the client ask in ${title}${isThere ? ', in which this port begins TLS' : ''}, or use the port of the server that speaks ${ownTitle}`,
        ko: `클라이언트가 ${title} 방식으로 요청하게 하거나${isThere ? '(이 포트는 그렇게 TLS를 시작합니다)' : ''}, ${ownTitle} 포트로 접속하세요.`,
      },
      command: instead(words, theirs) ?? `./wirelab why ${hostPort(to)} --starttls ${theirs}`,
    }),
    ...(found?.connection ? { connection: found.connection } : {}),
  };
}

/** The same command in that protocol; undefined where it does not name its own in words. */
function instead(words: readonly string[], name: StarttlsName): string | undefined {
  const at = words.findIndex((word) => word === '-starttls' || word === '--starttls-proto');
  if (at < 0 || at + 1 >= words.length) return undefined;
  return words
    .with(at + 1, name)
    .map(shellWord)
    .join(' ');
}

/** What only takes leave, behind what asks for the list of what the server can. */
const isDone: Partial<Readonly<Record<StarttlsName, RegExp>>> = {
  smtp: /^(?:(?:EHLO|HELO|LHLO) [^\r\n]*\r?\n)+(?:(?:QUIT|RSET)\r?\n)*$/i,
  imap: /^(?:\S+ (?:CAPABILITY|NOOP|LOGOUT)\r?\n)*$/i,
  pop3: /^(?:(?:CAPA|QUIT)\r?\n)*$/i,
  mysql: /^$/,
};

/** A client that asks all the same, is refused, and begins with TLS nevertheless (`openssl s_client`): its words before that. */
const beforeHello = (client: string): string =>
  client.replace(/\u0016\u0003[\s\S]*$/, '').replace(/^(?:\S+ )?(?:STARTTLS|STLS)\r?\n$/im, '');

const refusal = /^(?:[45]\d\d[ -]|\S+ (?:NO|BAD)\b|-ERR\b)/im;

function notOffered(
  { connection, isTls }: Seen,
  { client, server }: Said,
  found: Finding | undefined,
  { heard, isAlone }: UpgradeFacts,
): Finding | undefined {
  const name = firstOf(greetings, server);
  if (found?.confidence === 'proven' && found.cause === 'starttls_refused') return undefined;
  if (!connection || (isTls && (found?.cause !== 'tls_on_plaintext_port' || !refusal.test(server))))
    return undefined;
  if (name === undefined || !isDone[name]?.test(isTls ? beforeHello(client) : client)) return undefined;
  const offer = offerOf(name, server, connection);
  if (offer === undefined) return undefined;
  const isSaid = isTls || heard?.saying.cause === 'starttls_refused';
  // Without its words, that it left at once is all that speaks of TLS.
  if (heard && !isSaid) return undefined;
  const { title } = starttlsRow(name);
  const isMasked = /^250[ -]X{6,}[A-Z]?\r?$/m.test(server);
  const because: Localized = isMasked
    ? {
        en: `the server's list of what it can do (${title}) has a word overwritten with X in the place of STARTTLS: so does a firewall that inspects mail, and TLS was not requested`,
        ko: `서버가 알린 기능(${title}) 목록에서 STARTTLS 자리가 X로 덮여 있습니다. 메일을 검사하는 방화벽이 이렇게 합니다. TLS는 요청하지 못했습니다.`,
      }
    : {
        en: `the server says what it can do (${title}), and TLS is not among it, so that the client left. It may offer it to other clients`,
        ko: `서버가 알린 기능(${title})에 TLS가 없어 클라이언트가 그만두었습니다. 다른 클라이언트에는 제안할 수도 있습니다.`,
      };
  return {
    ...explained(
      defined({
        cause: 'starttls_refused' as const,
        by: 'server' as const,
        blamed: isMasked ? ('between' as const) : undefined,
        on: isMasked ? ('between' as const) : undefined,
        detail: {},
        // The offer may be taken out on the way.
        confidence: isSaid && isAlone && !isMasked ? ('proven' as const) : ('likely' as const),
        message: 'STARTTLS',
        evidence: [
          ...(found?.evidence ?? []),
          { kind: 'words', said: offer, words: { en: 'the server said', ko: '서버의 말' } } as const,
        ],
        because,
        remedy: isMasked
          ? {
              en: 'switch the inspection of SMTP off in the firewall on the way (Cisco: no inspect esmtp, or allow-tls)',
              ko: '중간 방화벽의 SMTP 검사를 끄세요(Cisco: no inspect esmtp 또는 allow-tls).',
            }
          : notOfferedRemedy(name),
      }),
    ),
    ...(found?.connection ? { connection: found.connection } : {}),
  };
}

/** What it says it can, where TLS is not among it; undefined where it is, or where it has not said so. */
function offerOf(name: StarttlsName, server: string, connection: Connection): string | undefined {
  const lines = server.split(/\r?\n/).filter((line) => line !== '');
  const shownLines = (some: readonly string[]): string => some.join(' | ').slice(0, 400);
  switch (name) {
    case 'smtp': {
      const able = lines.filter((line) => /^250[ -]/.test(line));
      const isWhole = able.some((line) => line.startsWith('250 '));
      return isWhole && !able.some((line) => /^250[ -]STARTTLS\b/i.test(line)) ? shownLines(able) : undefined;
    }
    case 'imap': {
      const able = lines.filter((line) => /^\* (?:CAPABILITY|(?:OK|PREAUTH) \[CAPABILITY)\b/i.test(line));
      return able.length > 0 && !able.some((line) => /\bSTARTTLS\b/i.test(line))
        ? shownLines(able)
        : undefined;
    }
    case 'pop3': {
      const end = lines.indexOf('.');
      const able = lines.slice(1, Math.max(1, end));
      return end > 1 && !able.some((line) => /^STLS\b/i.test(line)) ? shownLines(able) : undefined;
    }
    case 'mysql': {
      const stream = connection.stream('wire', 'server');
      const bytes = stream.read(0, Math.min(stream.length, mostRead));
      return bytes && bytes.length > 40 && !offersTls(bytes) ? 'CLIENT_SSL = 0' : undefined;
    }
    default:
      return undefined;
  }
}
