/**
 * An etcd that runs elsewhere, as kube-apiserver is given one: --etcd-servers, --etcd-cafile, --etcd-certfile and
 * --etcd-keyfile. Its files are checked before anything is written or started, each by its option.
 */
import { hostPort } from '../../../capture/event.ts';
import type { Address } from '../../../capture/event.ts';
import { systemClock } from '../../../core/clock.ts';
import { defined } from '../../../core/defined.ts';
import { verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { UserError } from '../../../i18n/user-error.ts';
import { dialWords } from '../../../kube/go-client-words.ts';
import { EtcdClient } from '../../../kube/etcd/client.ts';
import type { EtcdClientOptions } from '../../../kube/etcd/client.ts';
import { loadAuthorities, loadIdentity } from '../../../pki/keystore/identity.ts';
import { pemCertificates } from '../../../pki/keystore/pem.ts';
import type { GoQuestion } from '../../../pki/x509/go-verification.ts';
import { isoTime, readCertificate } from '../../../protocols/x509/certificate.ts';
import type { Identity } from '../../../wire/endpoint.ts';
import { Unreachable } from '../../../wire/http/client.ts';
import type { OptionTable, Parsed } from '../../command.ts';

export interface ExternalEtcd {
  readonly endpoints: readonly [Address, ...Address[]];
  readonly authorities: readonly string[];
  readonly identity: Identity;
  readonly files: { readonly authority: string; readonly certificate: string; readonly key: string };
}

export const externalEtcdOptions = {
  'etcd-servers': {
    value: 'URL,URL',
    help: {
      en: 'an etcd that runs elsewhere, one or more members: https://127.0.0.1:12379',
      ko: '다른 곳에서 실행 중인 etcd. 멤버가 여럿이면 쉼표로 나열: https://127.0.0.1:12379',
    },
  },
  'etcd-cafile': {
    value: 'FILE',
    help: { en: 'the CA of its certificates', ko: 'etcd의 인증서에 서명한 CA' },
  },
  'etcd-certfile': {
    value: 'FILE',
    help: {
      en: 'the API server’s client certificate for it',
      ko: 'API 서버가 etcd에 제시할 클라이언트 인증서',
    },
  },
  'etcd-keyfile': {
    value: 'FILE',
    help: { en: 'the key of that certificate', ko: '그 인증서의 개인 키' },
  },
} as const satisfies OptionTable;

const fileOptions = ['etcd-cafile', 'etcd-certfile', 'etcd-keyfile'] as const;

/** Undefined without the options. @throws UserError for options that do not fit together, and for unusable files. */
export function externalEtcdAsked(parsed: Parsed): ExternalEtcd | undefined {
  const servers = parsed.text('etcd-servers');
  const given = fileOptions.filter((option) => parsed.text(option) !== undefined);
  if (servers === undefined) {
    const [first] = given;
    if (first === undefined) return undefined;
    throw misused(`--${first}`, { en: 'together with --etcd-servers', ko: '--etcd-servers와 함께' });
  }
  if (parsed.text('etcd') !== undefined)
    throw misused(`--etcd ${parsed.text('etcd') ?? ''}`, {
      en: 'either --etcd or --etcd-servers',
      ko: '--etcd와 --etcd-servers 가운데 하나',
    });
  const absent = fileOptions.filter((option) => !given.includes(option));
  if (absent.length > 0)
    throw misused(`--etcd-servers ${servers}`, {
      en: `also ${absent.map((option) => `--${option} FILE`).join(' ')}: etcd is reached over mutual TLS only`,
      ko: `${absent.map((option) => `--${option} FILE`).join(' ')}도 함께. etcd에는 상호 TLS로만 접속합니다`,
    });
  const [first, ...others] = servers.split(',').map(addressIn);
  if (!first) throw misused('--etcd-servers', verbatim('https://HOST:PORT'));
  const [authority = '', certificate = '', key = ''] = fileOptions.map((option) => parsed.text(option));
  const authorities = named('etcd-cafile', () => loadAuthorities(authority));
  const identity = named('etcd-certfile, --etcd-keyfile', () =>
    loadIdentity({ certFile: certificate, keyFile: key }),
  );
  for (const pem of authorities) refuseExpired('etcd-cafile', authority, pem);
  refuseExpired('etcd-certfile', certificate, identity.certificate);
  return { endpoints: [first, ...others], authorities, identity, files: { authority, certificate, key } };
}

function addressIn(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url?.protocol === 'https:' && /^\/?$/.test(url.pathname) && url.search === '' && url.username === '';
  if (!url || !isPlain || url.port === '' || url.port === '0')
    throw misused(`--etcd-servers ${text}`, verbatim('https://HOST:PORT'));
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) };
}

/** What is wrong with a file is told with its option. */
function named<T>(options: string, load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      { ...error.facts, where: `--${options}: ${error.facts.where ?? ''}` },
      { cause: error },
    );
  }
}

/** The first certificate of a file is the one that is shown. @throws UserError */
function refuseExpired(option: string, file: string, pem: string): void {
  const [der] = pemCertificates(pem);
  const step = der && readCertificate(der);
  if (!step || !('got' in step) || step.got.notAfter >= systemClock.now()) return;
  throw new UserError({
    what: { en: 'the certificate has expired', ko: '인증서가 만료되었습니다' },
    where: `--${option}: ${file}`,
    received: isoTime(step.got.notAfter),
    remedy: {
      en: 'Have a new one signed by the CA of that etcd.',
      ko: '그 etcd의 CA가 서명한 새 인증서를 받으세요.',
    },
  });
}

function misused(received: string, expected: Localized): UserError {
  return new UserError({
    what: { en: 'invalid options for an external etcd', ko: '외부 etcd를 지정하는 옵션이 맞지 않습니다' },
    where: 'wirelab kube up',
    expected,
    received,
    remedy: verbatim(
      './wirelab kube up --etcd-servers https://HOST:PORT --etcd-cafile FILE --etcd-certfile FILE --etcd-keyfile FILE',
    ),
  });
}

/** How long a member may take to answer at the start, in milliseconds. */
const patience = 5_000;

/**
 * A client of all members, once one of them has answered, and the version of that one.
 * @throws UserError with what each member's connection failed of, in kube-apiserver's words.
 */
export async function connectExternal(
  { endpoints, authorities, identity }: ExternalEtcd,
  tap: EtcdClientOptions['tap'],
): Promise<{ readonly client: EtcdClient; readonly version: string }> {
  const options = defined({ authorities, identity, clock: systemClock, tap });
  const failures: string[] = [];
  for (const to of endpoints) {
    // Each is asked by a client of its own: the shared one passes over those that do not answer.
    let chain: readonly Uint8Array[] = [];
    const client = new EtcdClient({ ...options, to, onPresented: (shown) => (chain = shown) });
    try {
      const { version } = await client.status({ signal: AbortSignal.timeout(patience), timeout: patience });
      return {
        client: new EtcdClient({ ...options, to, others: endpoints.filter((one) => one !== to) }),
        version,
      };
    } catch (error) {
      failures.push(
        `${hostPort(to)}: ${failureWords(error, to, { chain, roots: authorities.flatMap(pemCertificates) })}`,
      );
    } finally {
      client.close();
    }
  }
  throw new UserError({
    what: {
      en: 'the API server cannot start: none of the etcd servers answers',
      ko: 'API 서버를 시작할 수 없습니다. 응답하는 etcd 서버가 없습니다',
    },
    where: '--etcd-servers',
    received: `Error creating leases: error creating storage factory: context deadline exceeded (${failures.join('; ')})`,
    remedy: {
      en: 'Ask it with the same files: etcdctl --endpoints … --cacert … --cert … --key … endpoint health',
      ko: '같은 파일로 직접 접속해 보세요: etcdctl --endpoints … --cacert … --cert … --key … endpoint health',
    },
  });
}

/** As grpc-go tells of a connection that it cannot make. */
function failureWords(error: unknown, to: Address, presented: Pick<GoQuestion, 'chain' | 'roots'>): string {
  if (!(error instanceof Unreachable)) return error instanceof Error ? error.message : String(error);
  const words = dialWords(error.failure, to, { ...presented, hostname: to.host, at: systemClock.now() });
  const doing = words.startsWith('dial ') ? 'Error while dialing' : 'authentication handshake failed';
  return `connection error: desc = "transport: ${doing}: ${words}"`;
}
