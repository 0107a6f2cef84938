/**
 * Implements `wirelab login`: one login at a site that has the demonstrations' form, from a host of one's own. The client is
 * `peers/client/log-in.ts`; what it agreed on, sent and got back is printed, and the card where it was refused.
 */
import { defined } from '../../core/defined.ts';
import { hostPort } from '../../capture/event.ts';
import type { Address, EventOf } from '../../capture/event.ts';
import { systemClock } from '../../core/clock.ts';
import { ipVersion } from '../../core/ip-version.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { josa } from '../../i18n/josa.ts';
import { safeText } from '../../i18n/safe.ts';
import { alertMeaning } from '../../analysis/outcome/alert-words.ts';
import { causeName } from '../../analysis/outcome/refusal.ts';
import { chainReport, readableRoots } from '../../peers/client/chain-report.ts';
import { logIn } from '../../peers/client/log-in.ts';
import type { Login } from '../../peers/client/log-in.ts';
import { maskRegistrationNumber } from '../../peers/site/form.ts';
import { loadAuthorities, loadIdentity } from '../../pki/keystore/identity.ts';
import type { Identity } from '../../pki/keystore/world.ts';
import type { ChainReport } from '../../peers/reports/chain.ts';
import type { Command, Environment, Parsed } from '../command.ts';
import { isLoopback } from '../io/loopback.ts';
import { memoryOptions } from '../io/memory.ts';
import { checkSecrets, fileOptions } from '../io/outlets.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { readVersion } from '../places.ts';
import { named } from '../proxy/credentials.ts';
import { hop, lineOptions, openEnd } from './lines.ts';
import type { EndLines } from './lines.ts';
import { addressesOf, readTarget } from './login-target.ts';
import type { LoginTarget } from './login-target.ts';
import { readPins } from './pins.ts';
import { missing, withoutEffect, wrongCall } from './mistakes.ts';
import { demoNumber, demoUser, passwordOf, passwordOptions, passwordVariable } from './password.ts';

export const login: Command = {
  summary: {
    en: 'log in at such a site: what was agreed, sent and answered, or why it was refused',
    ko: '그런 사이트에 로그인하고, 합의한 것, 보낸 것, 돌아온 것이나 거부된 이유를 보여 줍니다',
  },
  operands: 'URL|HOST:PORT',
  options: {
    user: {
      value: 'NAME',
      help: { en: `the user (default: ${demoUser})`, ko: `사용자 이름(기본값: ${demoUser})` },
    },
    ...passwordOptions,
    cacert: {
      heading: { en: 'TLS', ko: 'TLS' },
      value: 'FILE',
      help: {
        en: 'the trusted CAs for the site, PEM (default: the public CAs of Node.js)',
        ko: '사이트의 인증서를 검증할 CA(PEM, 기본값: Node.js의 공개 CA)',
      },
    },
    pinnedpubkey: {
      value: 'FILE|sha256//HASH',
      help: {
        en: 'accept the public key of this certificate or PEM file, or of this hash (base64; several with ;), and no other',
        ko: '이 인증서나 PEM 파일의 공개 키, 또는 이 해시(base64, 여러 개는 ;로 구분)의 공개 키만 받아들입니다',
      },
    },
    cert: {
      value: 'FILE',
      help: {
        en: 'mutual TLS: present this certificate and chain, PEM',
        ko: '상호 TLS: 제시할 인증서와 체인(PEM)',
      },
    },
    key: { value: 'FILE', help: { en: 'its private key, PEM', ko: '그 개인 키(PEM)' } },
    servername: {
      value: 'NAME',
      help: {
        en: 'the server name to request (SNI) and to verify (default: the host)',
        ko: '서버에 요청하고 검증할 이름(기본값: 접속하는 호스트)',
      },
    },
    insecure: {
      help: {
        en: 'a careless client: do not verify the site',
        ko: '부주의한 클라이언트: 사이트를 검증하지 않습니다',
      },
    },
    resolve: {
      heading: { en: 'Addresses', ko: '주소' },
      value: 'HOST:PORT:ADDRESS',
      many: true,
      help: {
        en: 'take the host for this address, as a resolver or /etc/hosts would say',
        ko: '호스트 이름을 이 주소로 봅니다(리졸버나 /etc/hosts 대신)',
      },
    },
    'unsafe-target': {
      help: {
        en: 'allow a site that is not on this machine: user name and password leave it',
        ko: '이 컴퓨터 밖의 사이트도 허용. 사용자 이름과 비밀번호가 밖으로 나갑니다',
      },
    },
    ...fileOptions,
    ...memoryOptions,
    ...lineOptions,
  },
  examples: [
    {
      line: 'WIRELAB_PASSWORD=demo ./wirelab login http://127.0.0.1:8080',
      does: { en: 'in plaintext', ko: '평문으로' },
    },
    {
      line: './wirelab login https://shop.example:8443 --resolve shop.example:8443:127.0.0.1 --cacert ca.crt --password-stdin < password',
      does: {
        en: 'with TLS, at a site whose name is in no resolver',
        ko: '리졸버에 없는 이름의 사이트에 TLS로',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 0 admitted; 1 not admitted, whoever refused; 2 error in the address, an option or a file; 70 a fault in wirelab.',
    ko: '종료 코드: 0은 로그인함, 1은 누가 거부했든 로그인하지 못함, 2는 주소나 옵션, 파일에 잘못이 있음, 70은 wirelab의 결함.',
  },
  run: runLogin,
};

const wrong = wrongCall.bind(undefined, 'login');

interface LoginSettings {
  readonly target: LoginTarget;
  readonly user: string;
  readonly identity?: Identity;
  readonly authorities?: readonly string[];
  /** SHA-256 of the public keys of which the site must have one, in base64. */
  readonly pins?: readonly string[];
  readonly verify: boolean;
  /** Requested and verified. */
  readonly serverName: string;
}

function readLogin(parsed: Parsed): LoginSettings {
  const target = readTarget(parsed);
  const [cert, key, cacert] = ['cert', 'key', 'cacert'].map((option) => parsed.text(option));
  if (target.security === 'plain') {
    const idle = ['cacert', 'cert', 'key', 'servername', 'insecure', 'pinnedpubkey'].find(
      (option) => parsed.text(option) !== undefined || parsed.flag(option),
    );
    if (idle !== undefined)
      throw withoutEffect('login', idle, {
        en: 'http:// does not use TLS',
        ko: 'http:// 주소는 TLS를 쓰지 않습니다',
      });
  }
  if (parsed.flag('insecure') && cacert !== undefined)
    throw withoutEffect('login', 'cacert', {
      en: '--insecure disables verification',
      ko: '--insecure는 아무것도 검증하지 않습니다',
    });
  if (cert !== undefined && key === undefined)
    throw missing('login', '--key FILE', {
      en: 'missing --key: the certificate needs its private key',
      ko: '그 인증서의 개인 키를 --key로 지정하세요',
    });
  if (key !== undefined && cert === undefined)
    throw missing('login', '--cert FILE', {
      en: 'missing --cert: a key is presented with its certificate',
      ko: '그 개인 키의 인증서를 --cert로 지정하세요',
    });
  const pinned = parsed.text('pinnedpubkey');
  const serverName = parsed.text('servername') ?? target.host;
  if (ipVersion(serverName) === 0 && !/^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$/.test(serverName))
    throw wrong(
      { en: 'invalid server name', ko: '서버 이름으로 쓸 수 없습니다' },
      { received: `--servername ${serverName}` },
    );
  return defined({
    target,
    user: parsed.text('user') ?? demoUser,
    identity:
      cert === undefined || key === undefined
        ? undefined
        : named('cert, --key', () => loadIdentity({ certFile: cert, keyFile: key })),
    authorities: cacert === undefined ? undefined : named('cacert', () => loadAuthorities(cacert)),
    pins: pinned === undefined ? undefined : readPins(pinned),
    verify: !parsed.flag('insecure'),
    serverName,
  });
}

async function runLogin(parsed: Parsed, environment: Environment): Promise<number> {
  checkSecrets('login', parsed);
  const settings = readLogin(parsed);
  const { target } = settings;
  const addresses = await addressesOf(target, parsed.flag('unsafe-target'));
  const password = await passwordOf('login', parsed, environment);
  if (password === undefined)
    throw wrong(
      { en: 'no password was given', ko: '비밀번호가 없습니다' },
      {
        expected: {
          en: `--password-stdin, or ${passwordVariable} in the environment`,
          ko: `--password-stdin, 또는 ${passwordVariable} 환경 변수`,
        },
        remedy: {
          en: './wirelab serve-site prints the made-up password of its user.',
          ko: './wirelab serve-site가 사용자의 가상 비밀번호를 출력합니다.',
        },
      },
    );
  const end = await openEnd('login', parsed, environment, () => reproduction(settings, parsed, addresses[0]));
  try {
    if (!addresses.every(({ host }) => isLoopback(host))) end.warn(leaving(target));
    if (!settings.verify) end.warn(careless);
    const { report, seen } = await attempt(settings, { addresses, password }, end, environment);
    printReport(report, seen, { ...settings, password, parsed }, end);
    return report.outcome === 'admitted' ? 0 : 1;
  } finally {
    end.end();
  }
}

/** What this end learnt about the connection. */
interface Seen {
  secured?: EventOf<'secured'>;
  chain?: ChainReport | undefined;
}

/** How long the end of the connection may take to be reported, in milliseconds. */
const closingTime = 1000;

/** Tries the addresses in turn, until something listens. */
async function attempt(
  { target, user, identity, authorities, pins, verify, serverName }: LoginSettings,
  { addresses, password }: { readonly addresses: readonly Address[]; readonly password: string },
  { log: capture }: EndLines,
  environment: Environment,
): Promise<{ readonly report: Login; readonly seen: Seen }> {
  const log = capture.openRun();
  const seen: Seen = {};
  let open = 0;
  capture.subscribe((event) => {
    if (event.type === 'opened') open++;
    if (event.type === 'closed') open--;
    if (event.type === 'secured') seen.secured = event;
  });
  const security = target.security === 'plain' ? 'plain' : identity ? 'mtls' : 'tls';
  log.append({
    type: 'began',
    version: readVersion(environment.places.root),
    wallClock: new Date().toISOString(),
    topology: {
      participants: [
        { name: 'client', role: 'client' },
        { name: serverName, role: 'server', ...(addresses[0] ? { address: addresses[0] } : {}) },
      ],
      wires: [
        {
          hop,
          from: 'client',
          to: serverName,
          protocol: { plain: 'http', tls: 'https', mtls: 'mtls' }[security],
        },
      ],
    },
  });
  let report: Login | undefined;
  for (const to of addresses) {
    report = await logIn({
      who: 'client',
      dial: defined({
        security,
        to,
        clock: systemClock,
        tap: { log, hop },
        serverName: target.security === 'plain' ? undefined : serverName,
        identity,
        authorities,
        pins,
        verify: verify ? undefined : false,
        onPresented: (chain: readonly Uint8Array[]) =>
          void (seen.chain = chainReport(chain, readableRoots(authorities), {
            name: serverName,
            at: systemClock.now(),
          })),
      }),
      host: hostPort(target),
      user,
      password,
      rrn: demoNumber,
      log,
    });
    if (report.error?.code !== 'ECONNREFUSED') break;
  }
  if (!report) throw new Error('a name without an address');
  // The last of the connection is printed before what it comes to.
  await log.until(() => open === 0, closingTime);
  return { report, seen };
}

type Printed = LoginSettings & { readonly password: string; readonly parsed: Parsed };

/** What it came to, in rows. */
function printReport(
  report: Login,
  seen: Seen,
  settings: Printed,
  { page, shown, language }: EndLines,
): void {
  const rows: readonly (readonly [Localized, Localized])[] = [
    [words.agreed, agreed(report, seen, settings)],
    ...serverRow(report, seen, settings),
    [words.sent, sent(report, settings, shown(settings.password))],
    [words.answer, answered(report)],
    [words.result, result(report, settings)],
  ];
  page.blank();
  for (const [label, text] of rows) page.behind(page.fit(label[language], labelCells), text[language]);
}

const labelCells = 10;

const words = {
  agreed: { en: 'agreed', ko: '합의' },
  server: { en: 'site', ko: '사이트' },
  sent: { en: 'sent', ko: '보냄' },
  answer: { en: 'answer', ko: '응답' },
  result: { en: 'result', ko: '결과' },
} as const satisfies Readonly<Record<string, Localized>>;

function agreed({ from }: Login, { secured }: Seen, { target }: LoginSettings): Localized {
  if (from === undefined) return { en: 'nothing: there was no connection', ko: '없음: 연결되지 않았습니다' };
  if (target.security === 'plain')
    return {
      en: 'no TLS: everybody on the way reads all of it',
      ko: 'TLS 없음: 중간에 있는 누구나 모두 읽습니다',
    };
  if (!secured)
    return {
      en: 'nothing: the TLS handshake was not completed',
      ko: '없음: TLS 핸드셰이크가 끝나지 않았습니다',
    };
  const text = `${secured.version.replace('TLSv', 'TLS ')}, ${secured.cipher}`;
  return { en: text, ko: text };
}

/** The presented certificate, and who verified it. */
function serverRow(
  { outcome, error }: Login,
  { secured, chain }: Seen,
  { serverName, parsed, verify }: Printed,
): (readonly [Localized, Localized])[] {
  const [leaf] = chain?.way ?? [];
  if (!chain || !leaf) return [];
  const shown = `${safeText(leaf.subject)} (${issuedBy.en} ${safeText(leaf.issuer)})`;
  const shownKo = `${safeText(leaf.subject)} (${issuedBy.ko} ${safeText(leaf.issuer)})`;
  const isOtherKey = error?.code === otherKeyCode;
  const cause = isOtherKey ? 'key_not_pinned' : chain.breaks?.reason;
  const reason = cause && causeName(cause);
  const file = parsed.text('cacert');
  const store: Localized =
    file === undefined
      ? { en: 'the public CAs of Node.js', ko: 'Node.js의 공개 CA' }
      : { en: `--cacert ${safeText(file)}`, ko: `--cacert ${safeText(file)}` };
  const top = safeText(chain.way.at(-1)?.subject ?? '');
  const verdict: Localized = isOtherKey
    ? {
        en: `refused by this client: ${reason?.en ?? ''} (--pinnedpubkey)`,
        ko: `이 클라이언트가 거부함: ${reason?.ko ?? ''}(--pinnedpubkey)`,
      }
    : !verify
      ? {
          en: `not verified by anyone (--insecure)${reason ? `; a careful client refuses it: ${reason.en}` : ''}`,
          ko: `아무도 검증하지 않음(--insecure)${reason ? `. 주의 깊은 클라이언트라면 거부합니다: ${reason.ko}` : ''}`,
        }
      : secured && outcome !== 'refusing'
        ? {
            en: `verified by this client for ${serverName}, up to ${top} (of ${store.en})`,
            ko: `이 클라이언트가 ${serverName} 이름으로 검증함, ${top}까지(${store.ko})`,
          }
        : {
            en: `refused by this client${reason ? `: ${reason.en}` : ''} (trusts ${store.en})`,
            ko: `이 클라이언트가 거부함${reason ? `: ${reason.ko}` : ''}(신뢰하는 CA: ${store.ko})`,
          };
  return [[words.server, { en: `${shown}; ${verdict.en}`, ko: `${shownKo}. ${verdict.ko}` }]];
}

/** Of a key that is none of those that are pinned (`wire/tls/failures.ts`). */
const otherKeyCode = 'PUBLIC_KEY_NOT_PINNED';

const issuedBy: Localized = { en: 'issued by', ko: '발급자:' };

function sent({ sentBytes }: Login, { user }: LoginSettings, password: string): Localized {
  if (sentBytes === 0)
    return { en: 'nothing: the password has not left this client', ko: '없음: 비밀번호는 나가지 않았습니다' };
  const form = `username=${safeText(user)}, password=${safeText(password)}, rrn=${maskRegistrationNumber(demoNumber)}`;
  return {
    en: `${grouped(sentBytes)} bytes of requests, first POST /login with ${form}`,
    ko: `요청 ${grouped(sentBytes)}바이트. 첫 요청은 POST /login, ${form}`,
  };
}

function answered({ status, user }: Login): Localized {
  if (status === undefined) return { en: 'none', ko: '없음' };
  return user === undefined
    ? { en: `status ${status}`, ko: `상태 코드 ${status}` }
    : {
        en: `status ${status}, the profile of ${safeText(user)}`,
        ko: `상태 코드 ${status}, ${safeText(user)} 프로필`,
      };
}

function result({ outcome, user = '', error, status }: Login, { target }: LoginSettings): Localized {
  const alert = error?.alert;
  const why: Localized = alert
    ? {
        en: `: ${alertMeaning(alert.code).en} (alert ${alert.description})`,
        ko: `: ${alertMeaning(alert.code).ko} (알림 ${alert.description})`,
      }
    : inEach(() => (error ? ` (${safeText(error.code)})` : ''));
  const named = safeText(user);
  switch (outcome) {
    case 'admitted':
      return { en: `admitted as ${named}`, ko: `${josa(named, '으로/로')} 로그인했습니다` };
    case 'denied':
      return {
        en: 'not admitted: the site says that the user name or the password is wrong',
        ko: '로그인 실패: 사이트가 사용자 이름이나 비밀번호가 다르다고 합니다',
      };
    case 'refused':
      return {
        en: `not admitted: the site refused this client${why.en}`,
        ko: `로그인 실패: 사이트가 이 클라이언트를 거부했습니다${why.ko}`,
      };
    case 'refusing':
      return {
        en: `not admitted: this client refused the site${why.en}`,
        ko: `로그인 실패: 이 클라이언트가 사이트를 거부했습니다${why.ko}`,
      };
    case 'failed':
      return error?.code === 'ECONNREFUSED'
        ? {
            en: `not admitted: no program listens on ${target.host}:${target.port}`,
            ko: `로그인 실패: ${target.host}:${target.port}에서 연결을 받는 프로그램이 없습니다`,
          }
        : {
            en: `not admitted: the connection failed${status === undefined ? why.en : `, status ${status}`}`,
            ko: `로그인 실패: 연결이 이루어지지 않았습니다${status === undefined ? why.ko : `(상태 코드 ${status})`}`,
          };
  }
}

const careless: Localized = {
  en: '--insecure: the site is not verified. Whoever answers gets the password',
  ko: '--insecure: 사이트를 검증하지 않습니다. 누가 응답하든 비밀번호를 받게 됩니다',
};

function leaving({ security }: LoginTarget): Localized {
  return security === 'plain'
    ? {
        en: 'user name and password leave this machine in plaintext: whoever is on the way reads them. Use made-up ones',
        ko: '사용자 이름과 비밀번호가 평문으로 이 컴퓨터 밖으로 나갑니다. 중간에 있는 누구나 읽으므로 가상의 것만 쓰세요',
      }
    : {
        en: 'user name and password leave this machine, to whoever the certificate names. Use made-up ones',
        ko: '사용자 이름과 비밀번호가 이 컴퓨터 밖으로, 인증서에 적힌 상대에게 나갑니다. 가상의 것만 쓰세요',
      };
}

/** The same with OpenSSL. */
function reproduction(
  { target, pins, serverName }: LoginSettings,
  parsed: Parsed,
  address: Address | undefined,
): string | undefined {
  // s_client would accept a site whose key this client rejects.
  if (target.security === 'plain' || pins || !address) return undefined;
  const [cert, key, cacert] = ['cert', 'key', 'cacert'].map((option) => parsed.text(option));
  return [
    `openssl s_client -connect ${hostPort(address)}`,
    ...(ipVersion(serverName) ? [] : [`-servername ${serverName}`]),
    ...(cacert === undefined ? [] : [`-CAfile ${shellWord(cacert)}`]),
    ...(cert === undefined || key === undefined ? [] : [`-cert ${shellWord(cert)} -key ${shellWord(key)}`]),
    `-verify_return_error -verify_${ipVersion(serverName) ? 'ip' : 'hostname'} ${serverName}`,
  ].join(' ');
}
