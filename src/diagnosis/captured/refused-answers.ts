/** The connection went well, and the server refused over it, in words that can be read: a login, a request, or all that follows. */
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { explained } from '../case.ts';
import type { Finding } from '../diagnosis.ts';
import { found } from '../found.ts';
import { loginWithoutTls, saysNoEncryption } from '../hypotheses/answers/login.ts';
import { gatewayErrors } from '../hypotheses/application.ts';
import { evidenceOfSpot } from './heard.ts';
import type { Heard, RefusedRequest, Spot } from './heard.ts';

/** @param isTls whether it was said over TLS */
export function refusedLogin({ login }: Pick<Heard, 'login'>, isTls: boolean): Finding {
  if (login && !isTls && saysNoEncryption(login.facts))
    return explained({
      cause: 'starttls_required',
      by: 'server',
      detail: {},
      confidence: 'likely',
      evidence: [evidenceOfSpot(login)],
      on: 'client',
      ...loginWithoutTls,
    });
  return saying(
    login,
    isTls,
    { en: 'the login was refused', ko: '로그인을 거부했습니다' },
    {
      en: 'compare the user and the password, or the certificate, with those that the server knows; its log may say more',
      ko: '사용자와 비밀번호(또는 인증서)를 서버에 등록된 것과 비교하세요. 서버 로그에 더 자세한 이유가 있을 수 있습니다.',
    },
  );
}

/** An error of a database or a mail server, behind which nothing more was asked for. */
export const refusedByError = ({ error }: Pick<Heard, 'error'>, isTls: boolean): Finding | undefined =>
  error &&
  saying(
    error,
    isTls,
    { en: 'it ended with an error', ko: '오류로 끝났습니다' },
    undefined,
    error.protocol === 'postgres' ? 'proven' : 'likely',
  );

function saying(
  spot: Spot | undefined,
  isTls: boolean,
  what: Localized,
  remedy: Localized | undefined,
  confidence: Finding['confidence'] = 'proven',
): Finding {
  const said = spot && safeText(spot.facts === '' ? spot.title : spot.facts).slice(0, 160);
  const found_ = found({
    cause: 'refused_by_application',
    by: 'server',
    confidence,
    evidence: spot ? [evidenceOfSpot(spot)] : [],
    ...(isTls ? { message: 'application data' } : {}),
    remedy,
  });
  return {
    ...found_,
    because: inEach((language) => {
      const tail = said === undefined ? '' : language === 'en' ? `: ${said}` : `. ${said}`;
      return `${opening(isTls)[language]}${what[language]}${tail}`;
    }),
  };
}

const opening = (isTls: boolean): Localized =>
  isTls ? { en: 'TLS succeeded, and ', ko: 'TLS는 성공했고, ' } : { en: '', ko: '' };

/** What is not there is often asked for in vain: by a browser for an icon, by a search for the one of several places. */
const ofTheRequest: ReadonlySet<number> = new Set([404, 405, 406, 409, 410, 412, 416]);

const unauthorized: ReadonlySet<number> = new Set([401, 407]);

/** It asks for a password, and a client that has one answers it. */
export const isChallenge = ({ status }: Pick<RefusedRequest, 'status'>): boolean => unauthorized.has(status);

/** The request that counts, of those that were refused: what the server itself fails at, then what it refuses, the last first. */
export function refusedRequestIn({ refused }: Pick<Heard, 'refused'>): RefusedRequest | undefined {
  return (
    refused.findLast(({ status }) => status >= 500) ??
    refused.findLast(({ status }) => !ofTheRequest.has(status)) ??
    refused.at(-1)
  );
}

/** Every request that was refused asked for what is not there. */
export const isOnlyMissing = ({ refused }: Pick<Heard, 'refused'>): boolean =>
  refused.length > 0 && refused.every(({ status }) => ofTheRequest.has(status));

/** Undefined where every request was served. A note where others were, and this one only asked for what is not there. */
export function refusedRequest(heard: Heard, isTls: boolean): Finding | undefined {
  const request = refusedRequestIn(heard);
  if (!request) return undefined;
  const { method, path, status, reason, spot } = request;
  const line = safeText(`${status}${reason === '' ? '' : ` ${reason}`}`);
  const asked = method === '' ? 'a request' : safeText(`${method} ${path}`).slice(0, 120);
  const askedKo = method === '' ? '' : `${asked} `;
  const gateway = gatewayErrors[status];
  const isNote = heard.served > 0 && ofTheRequest.has(status);
  return {
    ...found({
      cause: 'refused_by_application',
      by: 'server',
      confidence: gateway ? 'likely' : 'proven',
      ...(isTls ? { message: 'application data' } : {}),
      evidence: [
        ...(spot ? [evidenceOfSpot(spot)] : []),
        ...(heard.asked && heard.refused.length === 1 && heard.served === 0
          ? [evidenceOfSpot(heard.asked)]
          : []),
      ],
      ...remedyFor(status),
    }),
    because: {
      en: `${opening(isTls).en}the answer to ${asked} is ${line}${heard.refused.length > 1 ? ` (${heard.refused.length} requests were refused)` : ''}`,
      ko: `${opening(isTls).ko}${askedKo}요청에 대한 응답이 ${line}입니다${heard.refused.length > 1 ? `(거부된 요청 ${heard.refused.length}개)` : ''}.`,
    },
    ...(isNote ? { isNote } : {}),
  };
}

function remedyFor(status: number): { readonly remedy?: Localized; readonly on?: 'client' | 'server' } {
  const gateway = gatewayErrors[status];
  if (gateway)
    return {
      remedy: {
        en: `read the log of what answered here, a gateway as a rule: ${gateway.en}`,
        ko: `여기서 답한 서버(보통 게이트웨이)의 로그를 확인하세요. ${gateway.ko}.`,
      },
    };
  if (status >= 500)
    return {
      remedy: {
        en: 'read the log of the application: it failed at this request',
        ko: '애플리케이션 로그를 확인하세요. 이 요청을 처리하다 실패했습니다.',
      },
    };
  if (status === 407)
    return {
      on: 'client',
      remedy: {
        en: 'give the client the user name and the password that the proxy requires',
        ko: '프록시가 요구하는 사용자 이름과 비밀번호를 클라이언트에 지정하세요.',
      },
    };
  if (status === 401)
    return {
      on: 'client',
      remedy: {
        en: 'let the client log in: the server takes no request without a valid login (user and password, token, or cookie)',
        ko: '클라이언트가 로그인하게 하세요. 서버는 유효한 로그인(사용자와 비밀번호, 토큰, 쿠키) 없이는 요청을 받지 않습니다.',
      },
    };
  if (status === 404 || status === 410)
    return {
      on: 'client',
      remedy: {
        en: 'check the address that the client asks for, and whether this is the host (name and port) that has it',
        ko: '클라이언트가 요청한 주소와, 그것이 있는 호스트(이름과 포트)가 맞는지 확인하세요.',
      },
    };
  return {};
}
