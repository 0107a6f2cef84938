/** TLS works, and the server refuses what is asked because of the name: none was sent, or one that it does not serve here. */
import { ipVersion } from '../../../core/ip-version.ts';
import { safeText } from '../../../i18n/safe.ts';
import { isAccepted, meaningOf, statusOf } from '../application.ts';
import type { Attempt } from '../../attempt/attempt.ts';
import { meantName } from '../../attempt/call.ts';
import type { Change } from '../../attempt/call.ts';
import { difference, explained, firstLine, serverSaid } from '../../case.ts';
import type { Case, Hypothesis } from '../../case.ts';
import type { Evidence, Finding } from '../../diagnosis.ts';
import { found } from '../../found.ts';

const misdirected = 421;
/** They may be about the name of the host. */
const aboutHosts: ReadonlySet<number> = new Set([400, 403, 404, misdirected]);

const called = (name: string): Change => ({
  id: `called-${name}`,
  words: { en: `called by the name ${name}`, ko: `${safeText(name)} 이름으로 호출` },
  serverName: name,
  asks: { authority: name },
});

export const byName: Hypothesis = {
  name: 'by-name',
  async test(current) {
    const { base } = current;
    const status = statusOf(base);
    if (status === undefined || !aboutHosts.has(status)) return undefined;
    const isUnnamed = ipVersion(meantName(current.call)) > 0;
    if (!isUnnamed) return status === misdirected ? otherHost(current) : undefined;
    const isSaid = meaningOf(base)?.meant === 'name_missing';
    const name = isSaid || status === misdirected ? nameIn(current) : undefined;
    const made = name === undefined ? undefined : await current.laboratory.try(called(name));
    const isBetter = made !== undefined && isAccepted(made) && (statusOf(made) ?? 200) < 400;
    if (!isSaid && !isBetter) return status === misdirected ? otherHost(current) : undefined;
    return explained({
      cause: 'unknown_server_name',
      by: 'server',
      detail: { unnamed: true },
      confidence: isSaid ? 'proven' : 'likely',
      message: 'application data',
      evidence: [saidIn(base), ...(isBetter ? [difference(base, made)] : [])],
      because: {
        en: `the client called an address and so named no server (SNI), and the server answers ${status} to such a request${isBetter ? `; called by the name ${name} it answers` : ''}`,
        ko: `클라이언트가 주소로 접속해 서버 이름(SNI)을 보내지 않았고, 서버가 그런 요청에 상태 코드 ${status} 응답을 보냅니다.${isBetter ? ` ${safeText(name ?? '')} 이름으로 호출하면 정상으로 답합니다.` : ''}`,
      },
    });
  },
};

const saidIn = (base: Attempt): Evidence => serverSaid(base, meaningOf(base)?.said ?? firstLine(base));

/** A DNS name that the certificate is valid for. */
function nameIn({ chain }: Case): string | undefined {
  const names = chain?.path[0]?.subjectAlternativeNames ?? [];
  return names.find(({ kind, value }) => kind === 'DNS' && /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(value))?.value;
}

/** 421 (RFC 9110 section 15.5.20): the name is not one of this server, or of another one of its virtual hosts. */
function otherHost({ base, call, chain }: Case): Finding {
  const name = safeText(meantName(call));
  const names = (chain?.path[0]?.subjectAlternativeNames ?? [])
    .filter(({ kind }) => kind === 'DNS')
    .slice(0, 6)
    .map(({ value }) => value)
    .join(', ');
  return found({
    cause: 'refused_by_application',
    by: 'server',
    confidence: 'proven',
    message: 'application data',
    evidence: [
      saidIn(base),
      ...(names === ''
        ? []
        : [
            {
              kind: 'words' as const,
              said: names,
              words: { en: 'its certificate is valid for', ko: '인증서가 유효한 이름' },
            },
          ]),
    ],
    more: {
      en: `it does not answer for ${name} on this connection (421 Misdirected Request)`,
      ko: `이 연결에서는 ${name}에 답하지 않습니다(421 Misdirected Request).`,
    },
    remedy: {
      en: `check the name ${name} and the address; if both are right, configure that name at this server (its virtual host, its list of hosts). Where one certificate is for several hosts, clients may reuse a connection for another of them: then they have to open a new one`,
      ko: `이름(${name})과 주소를 확인하세요. 둘 다 맞다면 이 서버에 그 이름을 설정하세요(가상 호스트, 호스트 목록). 인증서 하나에 호스트가 여럿이면 클라이언트가 한 연결을 다른 호스트에도 쓸 수 있는데, 그때는 새 연결을 열어야 합니다.`,
    },
  });
}
