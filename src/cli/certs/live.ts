/**
 * Reads the certificates that a TLS server presents, without judging them: verification is off for this connection, no
 * data follows the handshake, and the notes say so. Only servers on this machine, unless --unsafe-target is given.
 */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { ipVersion } from '../../core/ip-version.ts';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { UserError } from '../../i18n/user-error.ts';
import type { Localized } from '../../i18n/language.ts';
import { requiresStatus } from '../../pki/x509/lint.ts';
import { readContents } from '../../pki/x509/contents.ts';
import type { Content } from '../../pki/x509/contents.ts';
import { readDistinguishedName } from '../../protocols/x509/certificate.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Identity } from '../../pki/keystore/world.ts';
import { starttlsTitles } from '../../wire/starttls/protocols.ts';
import { requestTls } from '../../wire/starttls/request.ts';
import type { StarttlsName } from '../../wire/starttls/protocols.ts';
import { ConnectionRecord } from '../../wire/tap/connection-record.ts';
import { TlsWire } from '../../wire/tap/tls-wire.ts';
import { HandshakeTranscript } from '../../wire/tls/handshake-transcript.ts';
import { presentedChain } from '../../wire/tls/peer-certificate.ts';
import { defined } from '../../core/defined.ts';
import { isLoopback } from '../io/loopback.ts';

interface LookOptions {
  readonly host: string;
  readonly port: number;
  readonly serverName: string | undefined;
  readonly starttls: StarttlsName | undefined;
  /** Offered to the server; by default those of the web, and none to a server that speaks none of these. */
  readonly alpn: readonly string[] | undefined;
  /** Presented if the server asks for a certificate. */
  readonly identity: Identity | undefined;
  /** Also allows a server that is not on this machine. */
  readonly anywhere: boolean;
  /** Milliseconds, for the connection and the handshake each. */
  readonly limit?: number;
}

export interface SeenServer {
  /** As it presented them, leaf first, DER. */
  readonly chain: readonly Uint8Array[];
  /** The name that was requested of it. */
  readonly name: string;
  readonly contents: readonly Content[];
  readonly notes: readonly Localized[];
  readonly live: {
    readonly address: string;
    readonly version: string;
    readonly cipher: string;
    /** What it agreed on (ALPN). */
    readonly alpn?: string;
    /** Whether it asks for a certificate, and by which CAs; none where any will do. */
    readonly clientCertificate: { readonly requested: boolean; readonly authorities?: readonly string[] };
  };
}

const ofTheWeb: readonly string[] = ['h2', 'http/1.1'];

/** Under TLS 1.3 a server refuses a client behind the handshake: how long it may take for that, in milliseconds. */
const verdictTime = 500;

/** Allows old versions, short keys and SHA-1 too: they are what this command should show. An OCSP response is asked for. */
const anyTls = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0', requestOCSP: true } as const;

/** @throws UserError for an address outside this machine, a refused connection, and a server without TLS. */
export async function lookAtServer(options: LookOptions): Promise<SeenServer> {
  const { host, port, serverName, limit = 10_000 } = options;
  const written = `${ipVersion(host) === 6 ? `[${host}]` : host}:${port}`;
  if (port < 1 || port > 65_535) {
    throw new UserError({
      what: { en: 'invalid port', ko: '그런 포트는 없습니다' },
      where: written,
      expected: { en: 'a port from 1 to 65535', ko: '1부터 65535까지의 포트' },
      received: String(port),
    });
  }
  const addresses = await addressesOf(host, written);
  const away = addresses.find((address) => !isLoopback(address));
  if (away !== undefined && !options.anywhere) {
    throw new UserError({
      what: { en: 'the server is not on this machine', ko: '이 컴퓨터에 있는 서버가 아닙니다' },
      where: written,
      expected: {
        en: 'a loopback address (127.0.0.1, ::1, localhost)',
        ko: '루프백 주소(127.0.0.1, ::1, localhost)',
      },
      received: away,
      remedy: {
        en: 'If you are allowed to connect to it, add --unsafe-target.',
        ko: '살펴봐도 되는 서버라면 --unsafe-target을 붙이세요.',
      },
    });
  }
  const name = serverName ?? host;
  const socket = await dialFirst(addresses, port, written, limit);
  if (options.starttls !== undefined) await ask(options.starttls, socket, written, limit);
  const offered = options.alpn ?? (options.starttls === undefined ? ofTheWeb : []);
  const transcript = new HandshakeTranscript();
  const wire = new TlsWire({
    lower: socket,
    farSide: 'server',
    record: (from, bytes) => transcript.add(from, bytes),
  });
  const tlsSocket = connect({
    socket: wire,
    ...(ipVersion(name) ? {} : { servername: name }),
    rejectUnauthorized: false,
    ca: [],
    ...(offered.length > 0 ? { ALPNProtocols: [...offered] } : {}),
    ...(options.identity ? { cert: options.identity.certificate, key: options.identity.key } : {}),
    ...anyTls,
  });
  let isStapled = false;
  tlsSocket.on('OCSPResponse', (response: Buffer | null) => (isStapled = (response?.length ?? 0) > 0));
  tlsSocket.on('keylog', (line: Buffer) => transcript.addKeylog(line.toString('latin1').trimEnd()));
  try {
    let failure = await handshake(tlsSocket, limit);
    wire.dispatch(failure ? 'fail' : 'admit');
    const asked = transcript.requestedAuthorities();
    if (!failure && asked && tlsSocket.getProtocol() === 'TLSv1.3') failure = await refusalOf(tlsSocket);
    const chain = presentedChain(tlsSocket);
    if (chain.length === 0 && options.alpn === undefined && offered.length > 0 && isAlpnRefused(failure))
      return await lookAtServer({ ...options, alpn: [] });
    if (chain.length === 0) throw noCertificate(written, failure);
    const authorities = asked?.map(nameIn);
    const { alpnProtocol } = tlsSocket;
    const live = defined({
      address: written,
      version: tlsSocket.getProtocol() ?? '',
      cipher: tlsSocket.getCipher()?.standardName ?? '',
      alpn: alpnProtocol || undefined,
      clientCertificate: defined({ requested: asked !== undefined, authorities }),
    });
    const contents = chain.flatMap((der, index) => readContents(der, `${written}: certificate ${index + 1}`));
    return {
      chain,
      name,
      contents,
      notes: [
        {
          en: `not verified: ${written} presented this, which does not prove that it is the intended server${failure ? '' : ` (${live.version}, ${live.cipher})`}`,
          ko: `검증하지 않고 보기만 했습니다. ${written} 서버가 제시한 내용이며, 원하던 서버라는 증거는 아닙니다${failure ? '' : `(${live.version}, ${live.cipher})`}`,
        },
        ...(failure ? [refusedAfter(failure, options.identity !== undefined)] : []),
        ...agreedOn(alpnProtocol, offered),
        ...(authorities ? [askedFor(authorities)] : []),
        ...(isStapled ? [] : statusMissing(contents[0])),
      ],
      live,
    };
  } finally {
    tlsSocket.destroy();
    socket.destroy();
  }
}

function agreedOn(protocol: string | false | null, offered: readonly string[]): Localized[] {
  if (protocol)
    return [{ en: `application protocol (ALPN): ${protocol}`, ko: `응용 프로토콜(ALPN): ${protocol}` }];
  if (offered.length === 0) return [];
  const list = offered.join(', ');
  return [
    {
      en: `application protocol (ALPN): none agreed on (offered: ${list})`,
      ko: `응용 프로토콜(ALPN): 합의하지 않음(제안: ${list})`,
    },
  ];
}

/** A certificate that demands an OCSP response, and a server that sends none. */
function statusMissing(leaf: Content | undefined): Localized[] {
  if (leaf?.kind !== 'certificate' || !requiresStatus(leaf.certificate)) return [];
  return [
    {
      en: 'no OCSP response came with it, though the certificate demands one (TLS feature, must-staple): GnuTLS refuses this server',
      ko: '인증서가 요구하는 OCSP 응답(TLS Feature, must-staple)이 함께 오지 않았습니다. GnuTLS는 이 서버를 거부합니다',
    },
  ];
}

const isAlpnRefused = (failure: string | undefined): boolean =>
  failure?.includes('NO_APPLICATION_PROTOCOL') === true;

function askedFor(authorities: readonly string[]): Localized {
  return authorities.length === 0
    ? {
        en: 'asks for a client certificate, of any CA by its list',
        ko: '클라이언트 인증서를 요구합니다. 허용하는 CA 목록은 비어 있습니다',
      }
    : {
        en: `asks for a client certificate; acceptable CAs: ${authorities.join(' | ')}`,
        ko: `클라이언트 인증서를 요구합니다. 허용하는 CA: ${authorities.join(' | ')}`,
      };
}

function refusedAfter(failure: string, isPresented: boolean): Localized {
  return isPresented
    ? {
        en: `the server then refused the client certificate or aborted the handshake (${failure})`,
        ko: `그 뒤 서버가 클라이언트 인증서를 거부했거나 핸드셰이크를 끊었습니다(${failure})`,
      }
    : {
        en: `the server then aborted the handshake (${failure}); it may require a client certificate (--cert and --key)`,
        ko: `그 뒤 서버가 핸드셰이크를 끊었습니다(${failure}). 클라이언트 인증서를 요구할 수 있습니다(--cert, --key)`,
      };
}

function nameIn(der: Uint8Array): string {
  const step = readDistinguishedName(der);
  return 'got' in step ? safeText(step.got.text) : '?';
}

/** @throws UserError if the server does not turn to TLS */
async function ask(name: StarttlsName, socket: Socket, written: string, limit: number): Promise<void> {
  const asked = await requestTls(name, socket, new ConnectionRecord(undefined), limit);
  if (!('failure' in asked)) return;
  throw new UserError({
    what: {
      en: `the server did not turn to TLS (${name})`,
      ko: `서버가 TLS로 전환하지 않았습니다(${name})`,
    },
    where: written,
    received: safeText(asked.failure.code),
    remedy: {
      en: 'Check the port, the protocol of --starttls, and that the server has TLS.',
      ko: '포트와 --starttls의 프로토콜, 서버의 TLS 설정을 확인하세요.',
    },
  });
}

/** The code of the server's refusal; undefined if none comes in time. */
async function refusalOf(tlsSocket: TLSSocket): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), verdictTime);
    const finish = (code: string | undefined): void => {
      clearTimeout(timer);
      resolve(code);
    };
    tlsSocket.once('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
    // A server that ends without an alert has refused nothing.
    tlsSocket.once('end', () => finish(undefined)).resume();
  });
}

/** `localhost` and its subdomains are this machine, whatever a name server answers (RFC 6761 section 6.3). */
async function addressesOf(host: string, written: string): Promise<string[]> {
  if (ipVersion(host)) return [host];
  if (/(?:^|\.)localhost\.?$/i.test(host)) return ['127.0.0.1', '::1'];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    throw new UserError(
      {
        what: { en: 'unknown host name', ko: '호스트 이름을 찾을 수 없습니다' },
        where: written,
        received: (error as NodeJS.ErrnoException).code ?? '',
        remedy: {
          en: 'Check the name. For a file, give an existing path.',
          ko: '이름을 확인하세요. 파일이라면 있는 경로를 지정하세요.',
        },
      },
      { cause: error },
    );
  }
}

async function dialFirst(
  addresses: readonly string[],
  port: number,
  written: string,
  limit: number,
): Promise<Socket> {
  let last = '';
  for (const host of addresses) {
    const socket = connectTcp({ host, port });
    const timer = setTimeout(
      () => socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
      limit,
    );
    try {
      await once(socket, 'connect');
      return socket;
    } catch (error) {
      last = (error as NodeJS.ErrnoException).code ?? String(error);
    } finally {
      clearTimeout(timer);
    }
  }
  throw new UserError({
    what:
      last === 'ECONNREFUSED'
        ? {
            en: 'connection refused: no program listens on this port',
            ko: '그 포트에서 연결을 받는 프로그램이 없습니다',
          }
        : { en: 'the connection failed', ko: '연결하지 못했습니다' },
    where: written,
    received: last,
    remedy: {
      en: 'Check that the server is running, and check its port.',
      ko: '서버가 실행 중인지, 포트가 맞는지 확인하세요.',
    },
  });
}

/** Resolves with the error code, or with undefined on success. Later errors are ignored: the handshake is over. */
async function handshake(tlsSocket: TLSSocket, limit: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const finish = (code?: string): void => {
      clearTimeout(timer);
      resolve(code);
    };
    const timer = setTimeout(() => finish('ETIMEDOUT'), limit);
    tlsSocket.once('secureConnect', () => finish());
    tlsSocket.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
    tlsSocket.once('close', () => finish('ECONNRESET'));
  });
}

function noCertificate(written: string, failure: string | undefined): UserError {
  const isNoTls = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/.test(failure ?? '');
  // It did not even answer in TLS: a name would change nothing.
  const hasLeft = /ECONNRESET|ETIMEDOUT|EPIPE/.test(failure ?? '');
  return new UserError({
    what: isNoTls
      ? { en: 'the server does not use TLS', ko: '그 포트는 TLS를 쓰지 않습니다' }
      : { en: 'the server presented no certificate', ko: '서버가 인증서를 제시하지 않았습니다' },
    where: written,
    expected: { en: 'a TLS server', ko: 'TLS 서버' },
    ...(failure === undefined ? {} : { received: failure }),
    remedy: isNoTls
      ? {
          en: 'Check the port: it may be a plain HTTP port, or one of a server that turns to TLS on request (PostgreSQL, SMTP, IMAP, LDAP), which needs --starttls PROTOCOL.',
          ko: '포트를 확인하세요. 평문 HTTP 포트일 수 있습니다. 요청을 받은 뒤에 TLS로 전환하는 서버(PostgreSQL, SMTP, IMAP, LDAP)라면 --starttls 프로토콜을 지정하세요.',
        }
      : hasLeft
        ? {
            en: `Check the port. A server that turns to TLS on request (${starttlsTitles}) needs --starttls PROTOCOL.`,
            ko: `포트를 확인하세요. 요청을 받은 뒤에 TLS로 전환하는 서버(${starttlsTitles})라면 --starttls 프로토콜을 지정하세요.`,
          }
        : {
            en: 'Set the host name that the server expects with --servername.',
            ko: '서버가 기대하는 이름을 --servername으로 지정하세요.',
          },
  });
}
