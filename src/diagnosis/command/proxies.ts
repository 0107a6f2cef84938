/** Says why a command's own proxy led nowhere: of the target nothing is known then, and it is not to blame. */
import { formatAddress } from '../../capture/event.ts';
import { isRefusalReason } from '../../capture/vocabulary.ts';
import { defined } from '../../core/defined.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Failure, ProxyOnTheWay } from '../../wire/endpoint.ts';
import { explained } from '../case.ts';
import { isOfTrust } from '../diagnosis.ts';
import type { Evidence, Finding } from '../diagnosis.ts';

export interface Way {
  /** The proxy that the program was told to use, and the option in its arguments that names it. */
  readonly through?: ProxyOnTheWay | undefined;
  readonly option?: string | undefined;
  /** It is known whom the program trusts for a proxy. */
  readonly trustIsKnown?: boolean;
  /** The program may find addresses that this machine's resolver does not know. */
  readonly resolvesItself?: boolean;
}

/** Where the command takes its proxy from. */
const fromVariables: Localized = {
  en: 'HTTPS_PROXY, HTTP_PROXY, ALL_PROXY; NO_PROXY names what is reached without it',
  ko: 'HTTPS_PROXY, HTTP_PROXY, ALL_PROXY. 프록시 없이 연결할 대상은 NO_PROXY에 적습니다',
};

const sourceOf = ({ option }: Way): Localized =>
  option === undefined ? fromVariables : { en: option, ko: option };

/** `-x 127.0.0.1:3128`: as a person looks for it. */
const shownProxy = (failure: Failure, through: ProxyOnTheWay, { option }: Way): string =>
  safeText(`${option === undefined ? '' : `${option} `}${formatAddress(failure.onTheWay?.proxy ?? through)}`);

export function notThrough(failure: Failure, through: ProxyOnTheWay, way: Way): Finding {
  const { onTheWay } = failure;
  if (onTheWay?.step === 'tls') return notSecured(failure, through, way);
  return onTheWay?.step === 'tunnel' ? noTunnel(failure, through, way) : notThere(failure, through, way);
}

const evidenceOf = (failure: Failure, said: string, through: ProxyOnTheWay, way: Way): Evidence[] => {
  const proxy = shownProxy(failure, through, way);
  return [
    { kind: 'words', said, words: { en: `the command's own proxy, ${proxy}`, ko: `명령의 프록시 ${proxy}` } },
  ];
};

/** As `askForTunnel` says it. */
const speaksTls = /speaks TLS/;

function noTunnel(failure: Failure, through: ProxyOnTheWay, way: Way): Finding {
  const { code, message } = failure;
  const isTls = code === 'ERR_TUNNEL' && speaksTls.test(message);
  return explained({
    cause: 'tunnel_refused',
    by: 'server',
    blamed: 'between',
    detail: { said: message },
    // One that answers nothing may be none.
    confidence: code === 'ERR_TUNNEL' ? 'proven' : 'likely',
    message: 'CONNECT',
    evidence: evidenceOf(failure, message, through, way),
    on: isTls || message.includes(' 407 ') ? 'client' : 'between',
    ...(isTls
      ? {
          remedy: {
            en: `write https:// before its address (${sourceOf(way).en}): the proxy speaks TLS`,
            ko: `주소 앞에 https://를 쓰세요(${sourceOf(way).ko}). 프록시가 TLS를 씁니다.`,
          },
        }
      : {}),
  });
}

function notThere(failure: Failure, through: ProxyOnTheWay, way: Way): Finding {
  const { code } = failure;
  const proxy = shownProxy(failure, through, way);
  const source = sourceOf(way);
  const cause = code === 'ECONNREFUSED' ? 'nothing_listens' : 'target_unreachable';
  return {
    ...explained({
      cause,
      by: 'server',
      blamed: cause === 'nothing_listens' ? 'nobody' : 'between',
      detail: { code },
      confidence: 'proven',
      message: 'SYN',
      evidence: evidenceOf(failure, code, through, way),
      on: 'client',
      remedy: {
        en: `start the proxy, or correct its address where the command takes it from (${source.en})`,
        ko: `프록시를 시작하거나, 명령이 쓰는 프록시 주소를 고치세요(${source.ko}).`,
      },
    }),
    name: { en: 'the proxy is not there', ko: '프록시에 연결할 수 없음' },
    because: {
      en: `the proxy that the command is told to use (${proxy}) is not there (${code}): the target was not even asked`,
      ko: `명령이 쓰도록 지정된 프록시(${proxy})에 연결할 수 없습니다(${code}). 대상까지는 가지도 못했습니다.`,
    },
  };
}

/** TLS with the proxy itself failed. */
function notSecured(failure: Failure, through: ProxyOnTheWay, way: Way): Finding {
  const { reason, by, code, message, alert, presented } = failure;
  const proxy = shownProxy(failure, through, way);
  const source = sourceOf(way);
  const evidence: Evidence[] = [
    ...evidenceOf(failure, code === 'UNKNOWN' ? message : code, through, way),
    ...(presented
      ? [
          {
            kind: 'certificate',
            certificate: presented,
            words: { en: "the proxy's certificate", ko: '프록시의 인증서' },
          } as const,
        ]
      : []),
  ];
  const isPlain = reason === 'tls_on_plaintext_port';
  const isRefusedHere = by === 'client' && presented !== undefined;
  const isTrust = isOfTrust(reason);
  const finding = explained({
    cause: isRefusalReason(reason) ? reason : 'closed_during_handshake',
    by: by === 'client' ? 'client' : 'server',
    blamed: by === 'client' ? 'client' : 'between',
    detail: defined({
      presented,
      expected: reason === 'name_mismatch' ? failure.onTheWay?.proxy.host : undefined,
      code,
    }),
    alert: alert && { ...alert, from: 'server' },
    // Whom the program trusts for a proxy may be up to the program, and a leaf alone does not say what is missing.
    confidence:
      isPlain ||
      (isRefusedHere && (!isTrust || (way.trustIsKnown === true && reason === 'self_signed'))) ||
      alert
        ? 'proven'
        : 'likely',
    message: isRefusedHere ? 'Certificate' : 'ClientHello',
    evidence,
    on: isPlain || isTrust || reason === 'name_mismatch' ? 'client' : 'between',
    remedy: isPlain
      ? {
          en: `write http:// before its address (${source.en}): the proxy speaks no TLS itself, and TLS with the target goes through it all the same`,
          ko: `주소 앞에 http://를 쓰세요(${source.ko}). 프록시 자체는 TLS를 쓰지 않으며, 대상과의 TLS는 그대로 프록시를 거쳐 갑니다.`,
        }
      : isTrust
        ? {
            en: 'get the certificate of the CA that issued the proxy’s certificate from those who run the proxy, by a way that you trust, and have the command trust it for the proxy',
            ko: '프록시 인증서를 발급한 CA의 인증서를 프록시 운영자에게서 믿을 수 있는 경로로 받아, 명령이 프록시에 대해 신뢰하게 하세요.',
          }
        : reason === 'name_mismatch'
          ? {
              en: `call the proxy by a name that is in its certificate (${source.en}), or have its certificate issued for this name`,
              ko: `프록시 인증서에 있는 이름으로 프록시를 지정하거나(${source.ko}), 이 이름으로 인증서를 다시 발급받게 하세요.`,
            }
          : {
              en: 'tell those who run the proxy what is wrong with its TLS: it is corrected there, and the target has nothing to do with it',
              ko: '프록시의 TLS에 무엇이 문제인지 프록시 운영자에게 알리세요. 프록시 쪽에서 고쳐야 하며 대상과는 관계가 없습니다.',
            },
  });
  return {
    ...finding,
    name: inEach(
      (language) =>
        `${{ en: 'the TLS of the proxy', ko: '프록시의 TLS' }[language]}: ${finding.name[language]}`,
    ),
    because: {
      en: `the command's own proxy (${proxy}) is spoken to over TLS, since its address begins with https://, and that TLS fails (${finding.name.en}): the target was not even asked`,
      ko: `명령의 프록시(${proxy})는 주소가 https://로 시작해 프록시 자체와도 TLS를 하는데, 그 TLS가 실패했습니다(${finding.name.ko}). 대상까지는 가지도 못했습니다.`,
    },
  };
}
