/**
 * What mends a hole: what to do, and the setting that does it in each program, a row each. Only the programs that may stand at the
 * tested port are named, as far as its protocol tells; those made for it come first, and before them the one that the
 * server says it is. Pure.
 */
import { defined } from '../../core/defined.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { headerOf } from '../attempt/http-answer.ts';

const protocols = ['http', 'smtp', 'imap', 'pop3', 'postgres', 'mysql', 'ldap', 'redis', 'mqtt'] as const;
export type AskedProtocol = (typeof protocols)[number];

/** What each speaks behind TLS; `any`: it passes on whatever there is, or is a library. */
const programs = {
  nginx: 'any',
  haproxy: 'any',
  Apache: ['http'],
  stunnel: 'any',
  Node: 'any',
  Go: 'any',
  etcd: ['http'],
  'gnutls-serv': ['http'],
  PostgreSQL: ['postgres'],
  MySQL: ['mysql'],
  slapd: ['ldap'],
  Redis: ['redis'],
  exim: ['smtp'],
  Postfix: ['smtp'],
  Dovecot: ['imap', 'pop3'],
  mosquitto: ['mqtt'],
} as const satisfies Readonly<Record<string, 'any' | readonly AskedProtocol[]>>;
export type ServerProgram = keyof typeof programs;

export interface Remedy {
  readonly words: Localized;
  readonly settings: Partial<Readonly<Record<ServerProgram, string | Localized>>>;
}

/** What is known of the server. */
export interface ServerSigns {
  /** Absent where it is not known. */
  readonly protocol?: AskedProtocol;
  /** TLS is requested in the protocol: nothing that only knows TLS stands there. */
  readonly isStarttls?: boolean;
  /** What it calls itself. */
  readonly title?: string;
}

export function signsOf({ change, answer }: Attempt, starttls: string | undefined): ServerSigns {
  const known = protocols.find((one) => one === starttls);
  if (starttls !== undefined) return known ? { protocol: known, isStarttls: true } : {};
  const said = answer?.said ?? new Uint8Array(0);
  const text = Buffer.from(said.subarray(0, 80)).toString('latin1');
  const question = change.asks?.question;
  if (text.startsWith('HTTP/'))
    return defined({ protocol: 'http' as const, title: headerOf(said, 'server', 80) });
  if (question === 'mqtt' || question === 'ldap') return { protocol: question };
  return /^[+-][A-Z]/.test(text) ? { protocol: 'redis' } : {};
}

export function remedyText({ words, settings }: Remedy, signs: ServerSigns): Localized {
  const named = (Object.keys(programs) as ServerProgram[]).filter(
    (program) => settings[program] !== undefined && maySpeak(program, signs),
  );
  const itself = named.filter((program) => signs.title?.toLowerCase().startsWith(program.toLowerCase()));
  const own = signs.protocol === 'http' ? [] : named.filter((program) => programs[program] !== 'any');
  const sorted = new Set([...itself, ...own, ...named]);
  return inEach((language) =>
    [
      words[language],
      ...Array.from(sorted, (program) => {
        const setting = settings[program] ?? '';
        return `${program}: ${typeof setting === 'string' ? setting : setting[language]}.`;
      }),
    ].join(' '),
  );
}

function maySpeak(program: ServerProgram, { protocol, isStarttls }: ServerSigns): boolean {
  const spoken: 'any' | readonly AskedProtocol[] = programs[program];
  if (spoken === 'any') return isStarttls !== true;
  return protocol === undefined || spoken.includes(protocol);
}

export const requireCertificate: Remedy = {
  words: {
    en: 'Require a certificate, and do not only ask for one.',
    ko: '인증서를 요청만 하지 말고 필수로 요구하세요.',
  },
  settings: {
    nginx: 'ssl_verify_client on',
    haproxy: 'verify required',
    Apache: 'SSLVerifyClient require',
    stunnel: 'verifyChain = yes',
    Node: { en: 'requestCert and rejectUnauthorized true', ko: 'requestCert와 rejectUnauthorized를 true로' },
    Go: 'RequireAndVerifyClientCert',
    etcd: '--client-cert-auth',
    'gnutls-serv': '--require-client-cert --verify-client-cert',
    PostgreSQL: 'clientcert=verify-full',
    MySQL: 'ALTER USER … REQUIRE X509',
    slapd: 'TLSVerifyClient demand',
    Redis: 'tls-auth-clients yes',
    exim: 'tls_verify_hosts = *',
    Postfix: 'smtpd_tls_req_ccert = yes',
    Dovecot: 'auth_ssl_require_client_cert = yes',
    mosquitto: 'require_certificate true',
  },
};

/** What has the TLS library of each verify whatever a client presents. */
const verifying: Remedy['settings'] = {
  nginx: {
    en: 'ssl_verify_client on, not optional_no_ca',
    ko: 'optional_no_ca가 아니라 ssl_verify_client on',
  },
  Apache: {
    en: 'SSLVerifyClient require, not optional_no_ca',
    ko: 'optional_no_ca가 아니라 SSLVerifyClient require',
  },
  'gnutls-serv': '--verify-client-cert',
  slapd: {
    en: 'TLSVerifyClient demand, not allow or try',
    ko: 'allow나 try가 아니라 TLSVerifyClient demand',
  },
  exim: {
    en: 'tls_verify_hosts, not tls_try_verify_hosts',
    ko: 'tls_try_verify_hosts가 아니라 tls_verify_hosts',
  },
};

export const verifyIssuer: Remedy = {
  words: {
    en: 'Verify the chain up to your own CA, and ignore no error of it.',
    ko: '클라이언트 인증서의 체인을 내 CA까지 검증하고, 검증 오류를 무시하지 마세요.',
  },
  settings: {
    ...verifying,
    haproxy: {
      en: 'no ca-ignore-err, no crt-ignore-err',
      ko: 'ca-ignore-err와 crt-ignore-err를 쓰지 않기',
    },
    stunnel: { en: 'verifyChain = yes, not verify = 1', ko: 'verify = 1이 아니라 verifyChain = yes' },
    Node: { en: 'rejectUnauthorized true', ko: 'rejectUnauthorized를 true로' },
    Go: {
      en: 'RequireAndVerifyClientCert, not RequireAnyClientCert',
      ko: 'RequireAnyClientCert가 아니라 RequireAndVerifyClientCert',
    },
  },
};

export const verifyAll: Remedy = {
  words: {
    en: 'Let the TLS library refuse what it finds wrong.',
    ko: 'TLS 라이브러리가 찾은 오류를 그대로 거부하게 두세요.',
  },
  settings: {
    ...verifying,
    haproxy: { en: 'no crt-ignore-err', ko: 'crt-ignore-err를 쓰지 않기' },
    Node: {
      en: 'rejectUnauthorized true, and no check of one’s own in its place',
      ko: 'rejectUnauthorized를 true로 하고 자체 검사로 대신하지 않기',
    },
    Go: {
      en: 'no VerifyPeerCertificate in the place of the usual verification',
      ko: '기본 검증을 VerifyPeerCertificate로 대신하지 않기',
    },
  },
};

export const checkUsage: Remedy = {
  words: {
    en: `Check the extended key usage for clientAuth, or issue servers’ certificates by a CA of their own. ${verifyAll.words.en}`,
    ko: `확장 키 사용에 clientAuth가 있는지 확인하거나, 서버 인증서는 다른 CA로 발급하세요. ${verifyAll.words.ko}`,
  },
  settings: {
    ...verifyAll.settings,
    Go: {
      en: 'no VerifyPeerCertificate in the place of the usual verification; in x509.VerifyOptions, KeyUsages with ExtKeyUsageClientAuth',
      ko: '기본 검증을 VerifyPeerCertificate로 대신하지 않기. x509.VerifyOptions의 KeyUsages에는 ExtKeyUsageClientAuth를',
    },
  },
};

export const closeOldVersions: Remedy = {
  words: { en: 'Allow TLS 1.2 and 1.3 only.', ko: 'TLS 1.2와 1.3만 허용하세요.' },
  settings: {
    nginx: 'ssl_protocols TLSv1.2 TLSv1.3',
    haproxy: 'ssl-min-ver TLSv1.2',
    Apache: 'SSLProtocol -all +TLSv1.2 +TLSv1.3',
    stunnel: 'sslVersionMin = TLSv1.2',
    Node: { en: 'minVersion TLSv1.2', ko: 'minVersion을 TLSv1.2로' },
    Go: { en: 'MinVersion tls.VersionTLS12', ko: 'MinVersion을 tls.VersionTLS12로' },
    etcd: '--tls-min-version TLS1.2',
    'gnutls-serv': '--priority NORMAL:-VERS-TLS1.0:-VERS-TLS1.1',
    PostgreSQL: 'ssl_min_protocol_version = TLSv1.2',
    MySQL: 'tls_version = TLSv1.2,TLSv1.3',
    slapd: 'TLSProtocolMin 3.3',
    Redis: 'tls-protocols "TLSv1.2 TLSv1.3"',
    exim: 'openssl_options = +no_tlsv1 +no_tlsv1_1 (OpenSSL), tls_require_ciphers = NORMAL:-VERS-TLS1.0:-VERS-TLS1.1 (GnuTLS)',
    Postfix: 'smtpd_tls_protocols = >=TLSv1.2',
    Dovecot: 'ssl_min_protocol = TLSv1.2',
    mosquitto: 'tls_version tlsv1.2',
  },
};

export const keepSessionsShort: Remedy = {
  words: { en: 'Keep sessions short, or turn them off.', ko: '세션을 짧게 유지하거나 끄세요.' },
  settings: {
    nginx: 'ssl_session_timeout, ssl_session_tickets off',
    haproxy: 'no-tls-tickets',
    Apache: 'SSLSessionTickets off, SSLSessionCacheTimeout',
    stunnel: 'sessionResume = no',
    Node: { en: 'secureOptions with SSL_OP_NO_TICKET', ko: 'secureOptions에 SSL_OP_NO_TICKET' },
    Go: {
      en: 'SessionTicketsDisabled, or checks of one’s own in VerifyConnection, which sees resumed sessions too (VerifyPeerCertificate does not)',
      ko: 'SessionTicketsDisabled를 켜거나, 자체 검사를 VerifyConnection에 두기(VerifyPeerCertificate와 달리 재개된 세션에도 호출됨)',
    },
    Redis: 'tls-session-caching no',
  },
};

export const endSessions: Remedy = {
  words: {
    en: 'End sessions with the revocation: new ticket keys and an empty session cache at each new list, or no sessions.',
    ko: '폐기할 때 세션도 끝내세요. 목록이 바뀔 때마다 티켓 키를 바꾸고 세션 캐시를 비우거나, 세션을 쓰지 마세요.',
  },
  settings: {
    nginx: {
      en: 'no ssl_session_cache shared over a reload, ssl_session_tickets off',
      ko: 'reload 뒤에도 남는 ssl_session_cache shared를 쓰지 않고 ssl_session_tickets off로',
    },
    haproxy: 'no-tls-tickets, tune.ssl.cachesize 0',
    Apache: 'SSLSessionTickets off, SSLSessionCache none',
    stunnel: 'sessionResume = no',
    Node: { en: 'secureOptions with SSL_OP_NO_TICKET', ko: 'secureOptions에 SSL_OP_NO_TICKET' },
    Go: {
      en: 'check revocation in VerifyConnection, which is called for resumed sessions too; VerifyPeerCertificate is not',
      ko: '폐기 여부를 VerifyConnection에서 확인하기. 재개된 세션에는 VerifyPeerCertificate가 호출되지 않음',
    },
    Redis: 'tls-session-caching no',
  },
};

export const checkRevocation: Remedy = {
  words: {
    en: 'Give the server the CA’s revocation list, and let it read a new one at once.',
    ko: '서버에 CA의 인증서 폐기 목록(CRL)을 지정하고, 새 목록을 바로 읽게 하세요.',
  },
  settings: {
    nginx: { en: 'ssl_crl and reload', ko: 'ssl_crl 지정 후 reload' },
    haproxy: {
      en: 'crl-file and crt verification, or set ssl crl-file at its socket',
      ko: 'crl-file(또는 소켓에서 set ssl crl-file)',
    },
    Apache: {
      en: 'SSLCARevocationFile, SSLCARevocationCheck leaf, and a graceful restart',
      ko: 'SSLCARevocationFile과 SSLCARevocationCheck leaf 지정 후 graceful 재시작',
    },
    stunnel: 'CRLfile',
    Node: { en: 'crl, and setSecureContext', ko: 'crl과 setSecureContext' },
    Go: {
      en: 'a check of one’s own in VerifyConnection (crypto/tls reads no list)',
      ko: 'VerifyConnection에서 직접 확인(crypto/tls는 목록을 읽지 않음)',
    },
    etcd: '--client-crl-file',
    PostgreSQL: { en: 'ssl_crl_file and reload', ko: 'ssl_crl_file 지정 후 reload' },
    slapd: 'TLSCRLCheck peer (OpenSSL), TLSCRLFile (GnuTLS)',
    exim: 'tls_crl',
    mosquitto: { en: 'crlfile and SIGHUP', ko: 'crlfile 지정 후 SIGHUP' },
  },
};

export const refuseRenegotiation: Remedy = {
  words: {
    en: 'Refuse renegotiation (OpenSSL: SSL_OP_NO_RENEGOTIATION), or allow only TLS 1.3.',
    ko: '재협상을 거부하거나(OpenSSL: SSL_OP_NO_RENEGOTIATION) TLS 1.3만 허용하세요.',
  },
  settings: { Node: 'secureOptions' },
};
