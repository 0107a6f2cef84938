/** What a proof does not say, in sentences: what was not asked, not given, or not tested. Pure. */
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { sameName } from '../../pki/x509/verify.ts';
import { readDistinguishedName } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { Attempt } from '../attempt/attempt.ts';
import type { Call } from '../attempt/call.ts';
import type { ClientAuthority } from './identities.ts';
import type { PlayedClient } from './proof.ts';
import type { Reaction } from './reaction.ts';

export interface Proven {
  readonly call: Call;
  readonly authority: ClientAuthority;
  readonly path: string | undefined;
  readonly clients: readonly PlayedClient[];
  /** The valid client's, at first; undefined where no connection was tried. */
  readonly first: Attempt | undefined;
  /** What it met with; undefined where it was not admitted. */
  readonly measure: Reaction | undefined;
}

export function notProven({ call, authority, path = '/', clients, first, measure }: Proven): Localized[] {
  const isHttp =
    measure?.kind === 'answered' &&
    measure.status !== undefined &&
    first?.answer?.asked === true &&
    call.starttls === undefined;
  const rows: Localized[] = [];
  const name = call.serverName ?? call.host;
  rows.push({
    en: `other server names than ${name}, other ports${isHttp ? `, and other requests than GET ${path}` : ''}`,
    ko: `${name} 외의 서버 이름, 다른 포트${isHttp ? `, GET ${path} 외의 요청` : ''}`,
  });
  // A request with such a header is none that `prove` makes: what it does is known only to who reads it.
  if (isHttp)
    rows.push({
      en: 'that a header does not take the place of a certificate: a program behind the server may believe an X-Client-Verify, X-SSL-Client-… or X-Forwarded-Client-Cert that a client sends itself, unless the server removes or overwrites it',
      ko: '헤더가 인증서를 대신하지 못하는지: 클라이언트가 직접 보낸 X-Client-Verify, X-SSL-Client-…, X-Forwarded-Client-Cert를 서버가 지우거나 덮어쓰지 않으면 뒤의 프로그램이 믿을 수 있음',
    });
  if (measure?.kind === 'answered' && measure.line.startsWith('CONNACK'))
    rows.push({
      en: 'what a client that is in may publish and subscribe to: MQTT was asked for a connection only',
      ko: '연결된 클라이언트가 발행하고 구독할 수 있는 것: MQTT로는 연결만 요청함',
    });
  const others = otherAuthorities(first, authority.certificate);
  if (others.length > 0)
    rows.push({
      en: `clients of the other CAs that the server names: ${others.slice(0, 3).join(' | ')}${others.length > 3 ? ` and ${others.length - 3} more` : ''}`,
      ko: `서버가 허용한다고 알린 다른 CA의 클라이언트: ${others.slice(0, 3).join(' | ')}${others.length > 3 ? ` 외 ${others.length - 3}개` : ''}`,
    });
  rows.push({
    en: 'who is allowed what: any certificate of this CA may be admitted, whatever name it has',
    ko: '누가 무엇을 할 수 있는지: 이 CA의 인증서라면 이름과 관계없이 통과할 수 있음',
  });
  if (measure?.kind === 'answered' && measure.isRefusal)
    rows.push({
      en: `that anybody is served: the application refuses the valid client too (${measure.line}); choose another --path, or --cert and --key`,
      ko: `누군가는 통과하는지: 응용이 유효한 클라이언트도 거부함(${measure.line}). 다른 --path나 --cert, --key를 지정할 것`,
    });
  if (clients.some(isLetInFirst))
    rows.push({
      en: 'what other requests need: without a certificate the handshake is completed, and what comes behind it is refused or not',
      ko: '다른 요청에 필요한 것: 인증서가 없어도 핸드셰이크는 끝나고, 그 뒤의 요청에 따라 거부 여부가 정해짐',
    });
  if (call.authoritiesFrom !== 'given')
    rows.push({
      en: 'that this is the right server: its certificate is verified with --cacert',
      ko: '올바른 서버인지: --cacert를 지정하면 서버 인증서도 검증함',
    });
  return [...rows, ...untested(clients)];
}

/** Clients with the same reason stand together. */
function untested(clients: readonly PlayedClient[]): Localized[] {
  const byReason = new Map<string, PlayedClient[]>();
  for (const client of clients)
    if (client.admission.kind === 'not_tested') {
      const reason = client.admission.words.en;
      byReason.set(reason, [...(byReason.get(reason) ?? []), client]);
    }
  return Array.from(byReason.values(), (group) =>
    inEach(
      (language) =>
        `${group.map(({ words }) => words[language]).join(' | ')} (${group[0]?.admission.words[language]})`,
    ),
  );
}

/** Up to TLS 1.2 a server that requires a certificate does not complete the handshake without one. */
const isLetInFirst = ({ id, attempt }: PlayedClient): boolean =>
  id.startsWith('none') && attempt?.secured !== undefined && attempt.version !== 'TLS 1.3';

/** The names of CAs in the CertificateRequest that are not the given one's. */
function otherAuthorities(attempt: Attempt | undefined, own: Certificate): string[] {
  return (attempt?.acceptable ?? []).flatMap((der) => {
    const step = readDistinguishedName(der);
    if (!('got' in step) || sameName(step.got, own.subject) || sameName(step.got, own.issuer)) return [];
    return [step.got.text];
  });
}
