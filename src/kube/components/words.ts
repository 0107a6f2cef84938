/** Formats the reports of components as log lines. Uninteresting reports have no text. */
import { formatAddress } from '../../capture/event.ts';
import { isoTime } from '../../protocols/x509/certificate.ts';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import type { ControllerReport } from './controller-manager.ts';
import type { KubeProxyReport } from './kube-proxy.ts';
import type { KubeletReport } from './kubelet/kubelet-options.ts';
import type { SchedulerReport } from './scheduler.ts';

export type ComponentReport = ControllerReport | SchedulerReport | KubeletReport | KubeProxyReport;

type Words = {
  readonly [What in ComponentReport['what']]: (
    report: Extract<ComponentReport, { readonly what: What }>,
  ) => Localized | undefined;
};

const same = (text: string): Localized => ({ en: text, ko: text });

const words: Words = {
  watching: () => undefined,
  approved: ({ name, subresource }) => ({
    en: `approved ${name} (${subresource})`,
    ko: `${name} 승인(${subresource})`,
  }),
  not_approved: ({ name, tried }) => ({
    en: `${name} is not approved automatically: the requestor lacks ${tried.join(', ')}`,
    ko: `${name}: 요청자에게 ${tried.join(', ')} 권한이 없어 자동으로 승인하지 않음`,
  }),
  signed: ({ name }) => ({ en: `signed ${name}`, ko: `${name}에 서명함` }),
  failed: ({ name, message }) => ({ en: `${name} failed: ${message}`, ko: `${name} 실패: ${message}` }),
  deleted: ({ name, reason }) => ({
    en: `removed ${name} (${reason})`,
    ko: `${name} 정리함(${reason})`,
  }),
  refused: ({ name, message }) => same(`${name}: ${message}`),
  disconnected: ({ message, code }) =>
    code === 'Unauthorized'
      ? {
          en: `the API server does not accept its credentials (401 ${message}); retrying`,
          ko: `API 서버가 신원을 인정하지 않음(401 ${message}). 다시 시도함`,
        }
      : { en: `lost its connection: ${message}`, ko: `연결이 끊김: ${message}` },
  leading: ({ lease }) => ({
    en: `acquired the lease kube-system/${lease}; working`,
    ko: `리스(lease) kube-system/${lease} 획득. 작업을 시작함`,
  }),
  waiting: ({ lease, holder }) => ({
    en: `waiting: ${holder} holds the lease kube-system/${lease}`,
    ko: `대기 중: ${josa(holder, '이/가')} 리스(lease) kube-system/${lease} 보유`,
  }),
  made: ({ name }) => ({ en: `created ${name}, which was missing`, ko: `없던 ${name} 생성` }),
  node_silent: ({ name }) => ({
    en: `the kubelet of node ${name} has been silent for too long: Ready is Unknown`,
    ko: `노드 ${name}의 kubelet에서 오랫동안 소식이 없음: Ready를 Unknown으로 바꿈`,
  }),
  tainted: ({ name, taints }) =>
    taints.length === 0
      ? { en: `removed all taints of node ${name}`, ko: `노드 ${name}의 테인트(taint)를 모두 제거함` }
      : {
          en: `node ${name} is tainted: ${taints.join(', ')}`,
          ko: `노드 ${name}에 테인트(taint) 설정: ${taints.join(', ')}`,
        },
  orphan_deleted: ({ name, node }) => ({
    en: `deleted pod ${name}: its node ${node} is gone`,
    ko: `파드 ${name} 삭제: 노드 ${josa(node, '이/가')} 없어짐`,
  }),
  evicted: ({ name, node }) => ({
    en: `evicted pod ${name}: it does not tolerate a taint of node ${node}`,
    ko: `파드 ${name} 축출: 노드 ${node}의 테인트(taint)에 맞는 톨러레이션(toleration)이 없음`,
  }),
  aggregated: ({ name, rules }) => ({
    en: `wrote the rules that the ClusterRole ${name} aggregates: ${rules}`,
    ko: `클러스터롤(ClusterRole) ${name}에 집계한 규칙 ${rules}개 기록`,
  }),
  token_written: ({ secret, account }) => ({
    en: `wrote a token for service account ${account} to secret ${secret}`,
    ko: `시크릿 ${secret}에 서비스 어카운트 ${account}의 토큰 기록`,
  }),
  token_deleted: ({ secret, account }) => ({
    en: `deleted secret ${secret}: service account ${account} is gone`,
    ko: `시크릿 ${secret} 삭제: 서비스 어카운트 ${account} 없음`,
  }),
  bound: ({ pod, node }) => ({ en: `bound ${pod} to ${node}`, ko: `${josa(pod, '을/를')} ${node}에 배정함` }),
  unschedulable: ({ pod, message }) => ({
    en: `no node for ${pod}: ${message}`,
    ko: `${josa(pod, '을/를')} 배정할 노드가 없음: ${message}`,
  }),
  listening: ({ address, shows }) => {
    const at = formatAddress(address);
    if (shows === 'nothing')
      return {
        en: `listening on ${at}, without a certificate so far`,
        ko: `${at}에서 연결을 받지만 아직 보여 줄 인증서가 없음`,
      };
    return shows === 'self-signed'
      ? {
          en: `listening on ${at}, with a self-signed certificate`,
          ko: `${at}에서 자체 서명 인증서로 연결을 받음`,
        }
      : { en: `listening on ${at}`, ko: `${at}에서 연결을 받음` };
  },
  requested: ({ name, signerName }) => ({
    en: `requested a certificate: ${name} (${signerName})`,
    ko: `인증서 요청: ${name}(${signerName})`,
  }),
  certificate: ({ subject, notAfter, rotates }) => ({
    en: `received a certificate: ${subject}, valid until ${isoTime(notAfter)}; requests the next one at ${isoTime(rotates)}`,
    ko: `인증서를 받음: ${subject}, 만료 ${isoTime(notAfter)}. 다음 인증서는 ${isoTime(rotates)}에 요청`,
  }),
  expired: ({ notAfter }) => ({
    en: `its certificate expired at ${isoTime(notAfter)}, and it has no token to request a new one`,
    ko: `인증서가 ${isoTime(notAfter)}에 만료되었고, 새로 요청할 토큰이 없음`,
  }),
  registered: ({ node }) => ({ en: `registered node ${node}`, ko: `노드 ${node} 등록` }),
  running: ({ pod }) => ({
    en: `reports ${pod} as running (no container runs)`,
    ko: `${pod} 실행 중이라고 보고(실제로 실행되는 컨테이너는 없음)`,
  }),
  done: ({ pod }) => ({
    en: `reports ${pod} as completed (no container ran)`,
    ko: `${pod} 완료라고 보고(실제로 실행된 컨테이너는 없음)`,
  }),
  removed: ({ pod }) => ({ en: `${pod} is gone`, ko: `${pod} 제거됨` }),
  token: (report) => {
    if ('pod' in report)
      return {
        en: `received a token of ${report.account} for ${report.pod}`,
        ko: `${report.pod}에 쓸 ${report.account} 토큰을 받음`,
      };
    return report.expires === undefined
      ? { en: 'received a token', ko: '토큰을 받음' }
      : {
          en: `received a token, valid until ${isoTime(report.expires)}`,
          ko: `토큰을 받음. 만료 ${isoTime(report.expires)}`,
        };
  },
  answered: ({ method, target, code, user, why }) => ({
    en: answerLine(method, target, code, user?.name, why?.en),
    ko: answerLine(method, target, code, user?.name, why?.ko),
  }),
  rules: ({ service, rules }) =>
    rules.length === 0
      ? {
          en: `would have no rules for ${service}`,
          ko: `${service}에 대한 규칙 없음(실제로 설정하지는 않음)`,
        }
      : {
          en: `would have programmed ${rules.join(', ')} (it programs nothing)`,
          ko: `설정했을 규칙: ${rules.join(', ')}(실제로 설정하지는 않음)`,
        },
};

const answerLine = (method: string, target: string, code: number, user = '-', why?: string): string =>
  [
    user.slice(0, 64),
    method.slice(0, 16),
    target.slice(0, 200),
    code,
    ...(why === undefined ? [] : [why.slice(0, 300)]),
  ].join(' ');

/** Undefined for what goes without saying. Not made harmless: names and messages come from others. */
export function componentWords(report: ComponentReport): Localized | undefined {
  // The table has a row for each report, of that report's type.
  return (words[report.what] as (report: ComponentReport) => Localized | undefined)(report);
}
