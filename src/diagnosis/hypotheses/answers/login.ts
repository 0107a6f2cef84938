/**
 * A database took the login over TLS and refused the user: TLS works. Where wirelab chose the user by itself, nothing is wrong; where
 * the same login is let in without TLS, its rules demand that.
 */
import { userOf } from '../../attempt/attempt.ts';
import type { Attempt } from '../../attempt/attempt.ts';
import type { Call, Change } from '../../attempt/call.ts';
import { difference, serverSaid } from '../../case.ts';
import type { Explained, Hypothesis } from '../../case.ts';
import { appFinding, isLoginRefused, isOwnComplaint, wordsOf } from '../application.ts';

/** Nothing is wrong as far as TLS goes: what is refused is a request, or a user, that wirelab chose by itself. */
export const isWellOverTls = (base: Attempt, { user }: Pick<Call, 'user'>): boolean =>
  base.result === 'completed' || isOwnComplaint(base) || (user === undefined && isLoginRefused(base));

const noRule = /no pg_hba\.conf entry for .*SSL (?:on|encryption)/;

/** No rule of the database admits a login without TLS. */
export const saysNoEncryption = (said: string): boolean =>
  /(?:no pg_hba\.conf entry for|pg_hba\.conf rejects) .*(?:no encryption|SSL off)/.test(said);

/** PostgreSQL's refusal of a login: its only protocol in which TLS is left to the client. */
export const loginWithoutTls: Pick<Explained, 'because' | 'remedy'> = {
  because: {
    en: 'the client logged in without TLS, and the rules of the database (pg_hba.conf) do not admit that, as is usual where they require TLS (hostssl)',
    ko: '클라이언트가 TLS 없이 로그인했는데, 데이터베이스의 규칙(pg_hba.conf)이 그런 로그인을 허용하지 않습니다. 규칙이 TLS를 요구하면(hostssl) 보통 이렇게 됩니다.',
  },
  remedy: {
    en: 'let the client use TLS (sslmode=require; sslmode=verify-full with sslrootcert=CA.crt verifies the server too)',
    ko: '클라이언트가 TLS를 쓰게 하세요(sslmode=require). 서버까지 검증하려면 sslmode=verify-full과 sslrootcert=CA.crt를 쓰세요.',
  },
};

const inPlaintext: Change = {
  id: 'postgres-without-tls',
  words: { en: 'the same login without TLS', ko: 'TLS 없이 같은 로그인' },
  plain: 'postgres',
};

/** PostgreSQL's Authentication messages. */
const isLetIn = (made: Attempt | undefined): made is Attempt => made?.answer?.said[0] === 0x52;

export const login: Hypothesis = {
  name: 'login',
  async test({ base, call, laboratory }) {
    const text = wordsOf(base);
    if (!isLoginRefused(base)) return undefined;
    const evidence = [serverSaid(base, text)];
    const plain = noRule.test(text) ? await laboratory.try(inPlaintext) : undefined;
    if (isLetIn(plain))
      return {
        ...appFinding('refused_by_application', [difference(base, plain), ...evidence], text),
        remedy: {
          on: 'server',
          words: {
            en: 'write hostssl, or host, in the place of hostnossl in the line of pg_hba.conf that fits this login, and reload (SELECT pg_reload_conf()): as it stands, the database lets this login in without TLS only',
            ko: 'pg_hba.conf에서 이 로그인에 맞는 줄의 hostnossl을 hostssl이나 host로 바꾸고 다시 읽히세요(SELECT pg_reload_conf()). 지금은 이 로그인을 TLS 없이만 허용합니다.',
          },
        },
      };
    if (call.user === undefined)
      return {
        ...appFinding('refused_by_application', evidence, text),
        confidence: 'likely',
        isNote: true,
        name: { en: 'the login, not TLS', ko: 'TLS가 아닌 로그인 문제' },
        because: {
          en: `TLS works: the server took the login over it, and has none for the user “${userOf(call)}”, whom wirelab tried (${text.slice(0, 160)}). With --user NAME another one is tried`,
          ko: `TLS는 정상입니다. 서버가 TLS 위에서 로그인을 받았고, wirelab이 시도한 사용자(${userOf(call)})를 허용하지 않을 뿐입니다(${text.slice(0, 160)}). 다른 사용자로 시도하려면 --user 이름을 쓰세요.`,
        },
      };
    return {
      ...appFinding('refused_by_application', evidence, text),
      remedy: {
        on: 'server',
        words: {
          en: 'compare the user, the database and the address with the rules of the database (pg_hba.conf) and with its roles: the first line that fits counts',
          ko: '사용자, 데이터베이스, 주소를 데이터베이스의 규칙(pg_hba.conf) 및 역할과 비교하세요. 처음 맞는 줄이 적용됩니다.',
        },
      },
    };
  },
};
