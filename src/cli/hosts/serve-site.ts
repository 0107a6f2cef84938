/**
 * Implements `wirelab serve-site`: the login site of the demonstrations on a host of one's own, until a signal ends it. The site is
 * `peers/site/server.ts`; who logged in is printed, and what this end sees of each connection.
 */
import { randomBytes } from 'node:crypto';
import { formatAddress, hostPort } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import { systemClock } from '../../core/clock.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import { safeText } from '../../i18n/safe.ts';
import { startLoginServer } from '../../peers/site/server.ts';
import type { LoginServer, LoginServerOptions } from '../../peers/site/server.ts';
import { loadAuthorities, loadIdentity } from '../../pki/keystore/identity.ts';
import type { Accepted, AcceptOptions, Security } from '../../wire/endpoint.ts';
import { signalExits } from '../command.ts';
import type { Command, Environment, Parsed } from '../command.ts';
import { exitCodes } from '../io/ending.ts';
import { isLoopback } from '../io/loopback.ts';
import { memoryOptions } from '../io/memory.ts';
import { checkSecrets, fileOptions } from '../io/outlets.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { watchSignals } from '../io/signals.ts';
import { readVersion } from '../places.ts';
import { named } from '../proxy/credentials.ts';
import { addressIn } from '../proxy/setting-values.ts';
import { hop, lineOptions, openEnd } from './lines.ts';
import { beyond, missing, withoutEffect, wrongCall } from './mistakes.ts';
import { demoUser, madeUpPassword, passwordOf, passwordOptions, passwordVariable } from './password.ts';

const usualAddress = '127.0.0.1:8443';

export const serveSite: Command = {
  summary: {
    en: 'serve the demonstrations’ site with its login, on a host of your own',
    ko: '시연에 쓰이는 로그인 사이트를 원하는 컴퓨터에서 엽니다',
  },
  operands: '[--listen HOST:PORT] --plain|--cert FILE --key FILE',
  options: {
    listen: {
      heading: { en: 'Address and TLS', ko: '주소와 TLS' },
      value: 'HOST:PORT',
      help: {
        en: `the address to listen on (default: ${usualAddress}); port 0 selects a free one`,
        ko: `연결을 받을 주소(기본값: ${usualAddress}). 포트 0은 빈 포트를 고릅니다`,
      },
    },
    plain: { help: { en: 'HTTP without TLS', ko: 'TLS 없는 HTTP' } },
    cert: {
      value: 'FILE',
      help: {
        en: 'the site’s certificate and chain, PEM, leaf first',
        ko: '사이트의 인증서와 체인(PEM, 서버 인증서가 먼저)',
      },
    },
    key: { value: 'FILE', help: { en: 'its private key, PEM', ko: '그 개인 키(PEM)' } },
    cacert: {
      value: 'FILE',
      help: {
        en: 'mutual TLS: admit only clients with a certificate of these CAs, PEM',
        ko: '상호 TLS: 이 CA가 발급한 인증서를 가진 클라이언트만 허용(PEM)',
      },
    },
    'unsafe-listen': {
      help: {
        en: 'allow an address that others can reach: whoever reaches this machine can open the site',
        ko: '이 컴퓨터 밖에서 접속할 수 있는 주소도 허용. 접속할 수 있는 누구나 사이트를 열 수 있습니다',
      },
    },
    user: {
      heading: { en: 'Who may log in', ko: '로그인할 수 있는 사용자' },
      value: 'NAME',
      help: { en: `the user (default: ${demoUser})`, ko: `사용자 이름(기본값: ${demoUser})` },
    },
    password: {
      value: 'WORD',
      help: {
        en: 'a made-up password: every user of this machine can read it here (default: one is made up and printed)',
        ko: '가상의 비밀번호. 이 컴퓨터의 모든 사용자가 명령줄에서 읽을 수 있습니다(기본값: 새로 만들어 출력)',
      },
    },
    ...passwordOptions,
    ...fileOptions,
    ...memoryOptions,
    ...lineOptions,
  },
  examples: [
    {
      line: './wirelab serve-site --plain --listen 127.0.0.1:8080',
      does: {
        en: 'a site in plaintext; ./wirelab login http://127.0.0.1:8080 in another terminal',
        ko: '평문 사이트. 다른 터미널에서 ./wirelab login http://127.0.0.1:8080',
      },
    },
    {
      line: './wirelab serve-site --cert shop.crt --key shop.key --cacert clients.crt',
      does: {
        en: 'mutual TLS: a client without a certificate of that CA is refused',
        ko: '상호 TLS: 그 CA가 발급한 인증서가 없는 클라이언트는 거부됩니다',
      },
    },
  ],
  exits: {
    en: `Exit codes: 2 error in an option, a file or an address; ${signalExits.en}.`,
    ko: `종료 코드: 2는 옵션이나 파일, 주소에 잘못이 있음, ${signalExits.ko}.`,
  },
  run: runSite,
};

const wrong = wrongCall.bind(undefined, 'serve-site');

/** Where it listens and with which files; everything that can be wrong in a call is found here. */
function readSite(
  parsed: Parsed,
): Pick<AcceptOptions, 'security' | 'listen' | 'identity' | 'clientAuthorities' | 'policy'> {
  const [stray] = parsed.operands;
  if (stray !== undefined)
    throw wrong(
      { en: 'serve-site takes options only', ko: 'serve-site에는 옵션만 쓸 수 있습니다' },
      { received: stray },
    );
  const listen = addressIn(parsed.text('listen') ?? usualAddress, '--listen', 'wirelab serve-site');
  if (!isLoopback(listen.host) && !parsed.flag('unsafe-listen')) throw beyond('serve-site', listen.host);
  const [cert, key, cacert] = ['cert', 'key', 'cacert'].map((option) => parsed.text(option));
  if (parsed.flag('plain')) {
    const idle = ['cert', 'key', 'cacert'].find((option) => parsed.text(option) !== undefined);
    if (idle !== undefined)
      throw withoutEffect('serve-site', idle, {
        en: 'a plain site does not use TLS',
        ko: '--plain 사이트는 TLS를 쓰지 않습니다',
      });
    return { security: 'plain', listen };
  }
  if (cert === undefined)
    throw wrong(
      {
        en: 'missing --cert: a site with TLS needs a certificate',
        ko: 'TLS 사이트의 인증서를 --cert로 지정하세요',
      },
      {
        expected: { en: '--cert FILE --key FILE, or --plain', ko: '--cert FILE --key FILE, 또는 --plain' },
        remedy: {
          en: './wirelab certs ca and ./wirelab certs issue make one.',
          ko: './wirelab certs ca와 ./wirelab certs issue로 만들 수 있습니다.',
        },
      },
    );
  if (key === undefined)
    throw missing('serve-site', '--key FILE', {
      en: 'missing --key: the certificate needs its private key',
      ko: '그 인증서의 개인 키를 --key로 지정하세요',
    });
  const identity = named('cert, --key', () => loadIdentity({ certFile: cert, keyFile: key }));
  if (cacert === undefined) return { security: 'tls', listen, identity };
  return {
    security: 'mtls',
    listen,
    identity,
    clientAuthorities: named('cacert', () => loadAuthorities(cacert)),
    policy: { allowAll: true },
  };
}

async function runSite(parsed: Parsed, environment: Environment): Promise<number> {
  checkSecrets('serve-site', parsed);
  const settings = readSite(parsed);
  const { security, listen } = settings;
  if (parsed.text('password') !== undefined && parsed.flag('password-stdin'))
    throw wrong({
      en: '--password and --password-stdin contradict each other',
      ko: '--password와 --password-stdin은 함께 쓸 수 없습니다',
    });
  const user = parsed.text('user') ?? demoUser;
  const given = parsed.text('password') ?? (await passwordOf('serve-site', parsed, environment));
  const password = given ?? madeUpPassword(randomBytes);
  let site: LoginServer | undefined;
  const address = (): Address => site?.address ?? listen;
  const end = await openEnd('serve-site', parsed, environment, ({ by }) =>
    security === 'plain' || by !== 'server'
      ? undefined
      : `openssl s_client -connect ${hostPort(address())}${security === 'mtls' ? ' -cert CLIENT.crt -key CLIENT.key' : ''}`,
  );
  const signals = watchSignals(environment, () => {});
  const log = end.log.openRun();
  const note = (text: Localized): void => void log.append({ type: 'note', text });
  try {
    if (!isLoopback(listen.host)) end.warn(reachable(security));
    site = await startLoginServer({
      accept: { ...settings, clock: systemClock, tap: { log, hop } },
      accounts: [{ user, password }],
      random: randomBytes,
      onLogin: (login, over) => note(loginWords(login, over, parsed.flag('show-secrets'))),
    });
    log.append({
      type: 'began',
      version: readVersion(environment.places.root),
      wallClock: new Date().toISOString(),
      topology: {
        participants: [
          { name: 'client', role: 'client' },
          { name: 'site', role: 'server', address: site.address },
        ],
        wires: [{ hop, from: 'client', to: 'site', protocol: protocols[security] }],
      },
    });
    note(greeting(security, site.address));
    note(howToLogIn(security, site.address, user, given === undefined ? password : undefined));
    const signal = await signals.ended;
    await site.close();
    return exitCodes[signal];
  } finally {
    signals.stop();
    await site?.close(0);
    end.end();
  }
}

const protocols: Readonly<Record<Security, string>> = { plain: 'http', tls: 'https', mtls: 'mtls' };

type Login = Parameters<NonNullable<LoginServerOptions['onLogin']>>[0];

function reachable(security: Security): Localized {
  return security === 'plain'
    ? {
        en: 'anyone who can reach this machine can open the site, and whoever is on the way reads user names and passwords. Use made-up ones',
        ko: '이 컴퓨터에 접속할 수 있는 누구나 사이트를 열 수 있고, 중간에 있는 누구나 사용자 이름과 비밀번호를 읽습니다. 가상의 것만 쓰세요',
      }
    : {
        en: 'anyone who can reach this machine can open the site, which prints who logs in. Use made-up passwords',
        ko: '이 컴퓨터에 접속할 수 있는 누구나 사이트를 열 수 있고, 로그인한 사용자가 여기에 출력됩니다. 가상의 비밀번호만 쓰세요',
      };
}

function greeting(security: Security, address: Address): Localized {
  const at = hostPort(address);
  const how: Localized = {
    plain: { en: 'in plaintext', ko: '평문으로' },
    tls: { en: 'with TLS', ko: 'TLS로' },
    mtls: { en: 'with mutual TLS', ko: '상호 TLS로' },
  }[security];
  return {
    en: `the site listens on ${at}, ${how.en}; Ctrl-C ends it`,
    ko: `사이트가 ${at}에서 ${how.ko} 연결을 받습니다. 끝내려면 Ctrl-C`,
  };
}

/** @param password one that was made up here; one that was given is not repeated */
function howToLogIn(
  security: Security,
  address: Address,
  user: string,
  password: string | undefined,
): Localized {
  const words = [
    `${passwordVariable}=${password === undefined ? '…' : shellWord(password)}`,
    './wirelab login',
    `${security === 'plain' ? 'http' : 'https'}://${hostPort(address)}`,
    ...(user === demoUser ? [] : ['--user', shellWord(user)]),
    ...(security === 'plain' ? [] : ['--cacert CA.crt']),
    ...(security === 'mtls' ? ['--cert CLIENT.crt --key CLIENT.key'] : []),
  ].join(' ');
  const name = safeText(user);
  return password === undefined
    ? {
        en: `${name} may log in with the password that you gave: ${words}`,
        ko: `${josa(name, '은/는')} 지정한 비밀번호로 로그인할 수 있습니다: ${words}`,
      }
    : {
        en: `${name} may log in with a password made up for this run, ${password}: ${words}`,
        ko: `${josa(name, '은/는')} 이번 실행을 위해 만든 비밀번호 ${josa(password, '으로/로')} 로그인할 수 있습니다: ${words}`,
      };
}

function loginWords(
  { user, password, accepted }: Login,
  { conn, remote, peer }: Accepted,
  isShown: boolean,
): Localized {
  const name = safeText(user);
  const from = `#${conn} ${formatAddress(remote)}`;
  const inBrackets = inEach((language) => {
    const facts = [
      ...(peer === undefined ? [] : [`${factWords.certificate[language]} ${safeText(peer.subject)}`]),
      ...(isShown ? [`${factWords.password[language]} ${safeText(password)}`] : []),
    ];
    return facts.length === 0 ? '' : ` (${facts.join(', ')})`;
  });
  return accepted
    ? {
        en: `${from}: ${name} logged in${inBrackets.en}`,
        ko: `${from}: ${josa(name, '이/가')} 로그인했습니다${inBrackets.ko}`,
      }
    : {
        en: `${from}: login as ${name} refused, wrong user name or password${inBrackets.en}`,
        ko: `${from}: ${name} 로그인을 거부했습니다. 사용자 이름이나 비밀번호가 다릅니다${inBrackets.ko}`,
      };
}

const factWords = {
  certificate: { en: 'client certificate', ko: '클라이언트 인증서' },
  password: { en: 'password', ko: '비밀번호' },
} as const satisfies Readonly<Record<string, Localized>>;
