/**
 * TLS is to be requested in a protocol in which the server speaks first, and it never comes to that: the server turns the client away
 * in its first words, or offers no TLS. It is of that protocol, and says so in its own words.
 */
import { starttlsRow } from '../../../wire/starttls/protocols.ts';
import type { Localized } from '../../../i18n/language.ts';
import { safeText } from '../../../i18n/safe.ts';
import { packetWords } from '../../attempt/packet-words.ts';
import type { Attempt } from '../../attempt/attempt.ts';
import { explained, firstLine, serverSaid } from '../../case.ts';
import type { Case, Hypothesis } from '../../case.ts';
import type { Finding } from '../../diagnosis.ts';

/** SMTP (RFC 5321 section 4.2.1), IMAP (RFC 9051 section 7.1.5), POP3 (RFC 1939 section 3); MySQL's packet has been read as one. */
const refusals: Readonly<Record<string, RegExp>> = {
  smtp: /^[45]\d\d[ -]/,
  imap: /^\* (?:BYE|NO|BAD)\b/i,
  pop3: /^-ERR\b/i,
  mysql: /^\d{4,5} /,
};

/** What its words are about, and what is to be done about that on the server; the first that fits. */
const reasons: readonly (readonly [RegExp, Localized])[] = [
  [
    /too many|max(?:imum)?[ _.]|busy|overload|try (?:again )?later|shutting down|starting up|^421|^\* BYE.*(?:limit|unavailable)|^1040 |^1203 /i,
    {
      en: 'wait and try again: at the moment the server takes no more connections, or none from this address. If it lasts, look at its limits (Exim smtp_accept_max, Postfix smtpd_client_connection_count_limit, MySQL max_connections) and at what holds its connections',
      ko: '나중에 다시 시도하세요. 지금은 서버가 연결을 더 받지 않거나 이 주소에서는 받지 않습니다. 계속되면 서버의 연결 한도(Exim smtp_accept_max, Postfix smtpd_client_connection_count_limit, MySQL max_connections)와 연결을 붙잡고 있는 것을 확인하세요.',
    },
  ],
  [
    /not allowed|not permitted|denied|listed|blocked|black ?list|block ?list|reject|policy|access|banned|relay|reverse|PTR|^55[0-9]|^1130 |^1129 /i,
    {
      en: 'allow the address of this client, if it belongs here, where the server turns it away: DNS blocklists, access rules, MySQL’s accounts by host',
      ko: '허용할 클라이언트라면 그 주소를 허용하세요. 서버가 이 주소를 거부하는 곳은 DNS 차단 목록, 접근 규칙, MySQL의 호스트별 계정 가운데 하나입니다.',
    },
  ],
];

const otherReason: Localized = {
  en: 'look for these words in the settings and in the log of the server: they name the reason',
  ko: '서버 설정과 로그에서 이 문구를 찾아보세요. 이유가 여기에 있습니다.',
};

export const turnedAway: Hypothesis = {
  name: 'turned-away',
  async test(current) {
    const { base, call } = current;
    const { starttls } = call;
    if (starttls === undefined || base.secured !== undefined || !base.failure) return undefined;
    const { reason, code } = base.failure;
    if (reason === 'target_greeting_refused' && refusals[starttls]?.test(code))
      return Promise.resolve(atTheGreeting(current, code));
    // A request that was made and refused has words of its own in the bytes.
    if (reason === 'target_starttls_refused' && base.outcome?.cause !== 'starttls_refused')
      return Promise.resolve(
        code.endsWith(' is not offered') ? notOffered(current) : refusedBefore(current, code),
      );
    return undefined;
  },
};

function atTheGreeting({ base, call: { starttls = 'smtp' } }: Case, code: string): Finding {
  const { title } = starttlsRow(starttls);
  const words = safeText(code).replace(/\.$/, '');
  return explained({
    cause: 'target_greeting_refused',
    by: 'server',
    detail: { code },
    confidence: 'proven',
    message: 'greeting',
    evidence: [serverSaid(base, code)],
    because: {
      en: `the server speaks first in this protocol (${title}), and its first words turn this client away: ${words}. TLS was not requested`,
      ko: `이 프로토콜(${title})에서는 서버가 먼저 말하는데, 그 첫마디에서 접속을 거부했습니다. 내용: ${words}. TLS는 요청하지 못했습니다.`,
    },
    remedy: reasons.find(([pattern]) => pattern.test(code))?.[1] ?? otherReason,
  });
}

/** It refuses a command before that for TLS (EHLO), or answers the request with an error. */
function refusedBefore({ base }: Case, reply: string): Finding {
  // Of PostgreSQL only the first letter has been read.
  const code = reply.length > 1 ? reply : offerOf(base);
  const words = safeText(code).replace(/\.$/, '');
  return explained({
    cause: 'starttls_refused',
    by: 'server',
    detail: { said: code },
    confidence: 'proven',
    message: 'STARTTLS',
    evidence: [serverSaid(base, code)],
    because: {
      en: `the server refuses before TLS can begin: ${words}`,
      ko: `TLS를 시작하기 전에 서버가 거부했습니다. 내용: ${words}`,
    },
    remedy: reasons.find(([pattern]) => pattern.test(code))?.[1] ?? otherReason,
  });
}

/** A filter of SMTP overwrites a keyword that it does not let through by as many letters: of STARTTLS nothing else remains. */
const overwritten = /(?:^|\| )250[- ]X{6,}[A-Z]? ?(?:\||$)/;

function takenOut(base: Attempt, offer: string): Finding {
  return explained({
    cause: 'starttls_refused',
    by: 'server',
    blamed: 'between',
    on: 'between',
    detail: {},
    confidence: 'likely',
    message: 'STARTTLS',
    evidence: [serverSaid(base, offer)],
    because: {
      en: 'one of the keywords in the list of what the server can do is a row of the letter X: a firewall that inspects SMTP has overwritten it, and STARTTLS, which is not in the list, is as long as it',
      ko: '서버가 알린 기능 목록의 한 단어가 X로 덮여 있습니다. SMTP를 검사하는 방화벽이 덮어쓴 것이며, 목록에 없는 STARTTLS와 길이가 같습니다.',
    },
    remedy: {
      en: 'switch the inspection of SMTP off in the firewall between the two, or let it pass STARTTLS (Cisco: no inspect esmtp, or allow-tls); compare with a call from a machine that is beside the server',
      ko: '둘 사이 방화벽의 SMTP 검사를 끄거나 STARTTLS를 통과시키게 하세요(Cisco: no inspect esmtp, 또는 allow-tls). 서버 바로 옆의 컴퓨터에서 호출한 결과와 비교해 보세요.',
    },
  });
}

function notOffered({ base, call: { starttls = 'smtp' } }: Case): Finding {
  const { title } = starttlsRow(starttls);
  const offer = offerOf(base);
  if (starttls === 'smtp' && overwritten.test(offer)) return takenOut(base, offer);
  return explained({
    cause: 'starttls_refused',
    by: 'server',
    detail: {},
    confidence: 'proven',
    message: 'STARTTLS',
    evidence: [serverSaid(base, offer)],
    because: {
      en: `the server says what it can do (${title}), and TLS is not among it, so that it was not requested. It may offer it to other clients`,
      ko: `서버가 알린 기능(${title})에 TLS가 없어 요청하지 못했습니다. 다른 클라이언트에는 제안할 수도 있습니다.`,
    },
    remedy:
      starttls === 'mysql'
        ? {
            en: 'configure a certificate and enable TLS on the server (ssl_cert and ssl_key; skip_ssl, and --ssl=0, switch it off)',
            ko: '서버에 인증서를 설정하고 TLS를 켜세요(ssl_cert와 ssl_key). skip_ssl과 --ssl=0은 TLS를 끕니다.',
          }
        : {
            en: 'configure a certificate and enable TLS on the server (Postfix smtpd_tls_security_level = may). If it has TLS for others, see which addresses it offers it to (Exim tls_advertise_hosts, Postfix smtpd_discard_ehlo_keyword_address_maps), and what in between may take the offer out',
            ko: '서버에 인증서를 설정하고 TLS를 켜세요(Postfix smtpd_tls_security_level = may). 다른 클라이언트에는 TLS를 제안한다면 어떤 주소에 제안하는지(Exim tls_advertise_hosts, Postfix smtpd_discard_ehlo_keyword_address_maps), 중간에서 그 제안을 지우는 것이 있는지 확인하세요.',
          },
  });
}

/** All that the server has said, on one line. */
function offerOf(base: Attempt): string {
  const stream = base.connection?.stream('wire', 'server');
  const bytes = stream?.read(0, Math.min(stream.length, 1000)) ?? stream?.head;
  if (!bytes) return firstLine(base);
  return (packetWords(bytes) ?? Buffer.from(bytes).toString('latin1')).trim().split(/\r?\n/).join(' | ');
}
