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
import { readContents } from '../../pki/x509/contents.ts';
import type { Content } from '../../pki/x509/contents.ts';
import { presentedChain } from '../../wire/tls/peer-certificate.ts';
import { isLoopback } from '../io/loopback.ts';

interface LookOptions {
  readonly host: string;
  readonly port: number;
  readonly serverName: string | undefined;
  /** Also allows a server that is not on this machine. */
  readonly anywhere: boolean;
  /** Milliseconds, for the connection and the handshake each. */
  readonly limit?: number;
}

interface Seen {
  readonly contents: readonly Content[];
  readonly notes: readonly Localized[];
  readonly live: { readonly address: string; readonly version: string; readonly cipher: string };
}

/** Allows old versions, short keys and SHA-1 too: they are what this command should show. */
const anyTls = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;

/** @throws UserError for an address outside this machine, a refused connection, and a server without TLS. */
export async function lookAtServer(options: LookOptions): Promise<Seen> {
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
  const socket = await dialFirst(addresses, port, written, limit);
  const name = serverName ?? host;
  const tlsSocket = connect({
    socket,
    ...(ipVersion(name) ? {} : { servername: name }),
    rejectUnauthorized: false,
    ca: [],
    ...anyTls,
  });
  try {
    const failure = await handshake(tlsSocket, limit);
    const chain = presentedChain(tlsSocket);
    if (chain.length === 0) throw noCertificate(written, failure);
    const live = {
      address: written,
      version: tlsSocket.getProtocol() ?? '',
      cipher: failure ? '' : tlsSocket.getCipher().standardName,
    };
    return {
      contents: chain.flatMap((der, index) => readContents(der, `${written}: certificate ${index + 1}`)),
      notes: [
        {
          en: `not verified: ${written} presented this, which does not prove that it is the intended server${failure ? '' : ` (${live.version}, ${live.cipher})`}`,
          ko: `검증하지 않고 보기만 했습니다. ${written} 서버가 제시한 내용이며, 원하던 서버라는 증거는 아닙니다${failure ? '' : `(${live.version}, ${live.cipher})`}`,
        },
        ...(failure
          ? [
              {
                en: `the server then aborted the handshake (${failure}); it may require a client certificate`,
                ko: `그 뒤 서버가 핸드셰이크를 끊었습니다(${failure}). 클라이언트 인증서를 요구할 수 있습니다`,
              },
            ]
          : []),
      ],
      live,
    };
  } finally {
    tlsSocket.destroy();
    socket.destroy();
  }
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
          en: 'Check the port: it may be a plain HTTP port.',
          ko: '포트를 확인하세요. 평문 HTTP 포트일 수 있습니다.',
        }
      : hasLeft
        ? {
            en: 'Check the port. A server that turns to TLS on request (PostgreSQL, SMTP, IMAP) shows its certificate to openssl s_client -starttls PROTOCOL -showcerts.',
            ko: '포트를 확인하세요. 요청을 받은 뒤에 TLS로 전환하는 서버(PostgreSQL, SMTP, IMAP)라면 openssl s_client -starttls 프로토콜 -showcerts로 인증서를 볼 수 있습니다.',
          }
        : {
            en: 'Set the host name that the server expects with --servername.',
            ko: '서버가 기대하는 이름을 --servername으로 지정하세요.',
          },
  });
}
