/** TLS is requested in one protocol of a port that speaks another. */
import { hostPort } from '../../capture/event.ts';
import { starttlsRow } from '../../wire/starttls/protocols.ts';
import type { StarttlsName } from '../../wire/starttls/protocols.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { difference, firstLine, isAnswered, isBetter } from '../case.ts';
import type { Case, Hypothesis } from '../case.ts';
import type { Finding } from '../diagnosis.ts';
import { found } from '../found.ts';
import { spokenIn } from './greetings.ts';
import type { Spoken } from './greetings.ts';
import { isComplaint, isRequestRefused, listen, requesting, silentOnes } from './other-protocol.ts';

export const otherRequest: Hypothesis = {
  name: 'other-request',
  async test(current) {
    const { base, call, laboratory } = current;
    const asked = call.starttls;
    if (
      asked === undefined ||
      base.secured !== undefined ||
      base.result === 'no_connection' ||
      isAnswered(base)
    )
      return undefined;
    const heard = await listen(current);
    const spoken = spokenIn(heard);
    if (!heard || spoken?.starttls === asked) return undefined;
    // Servers that wait for the client end what they cannot read; the call itself may have waited for a greeting.
    const isWaiting = base.result === 'silence' && starttlsRow(asked).greeting === 'none';
    const isMute = heard.result !== 'plaintext' && !isWaiting;
    const silent = isMute ? silentOnes.filter((name) => name !== asked) : [];
    for (const name of spoken?.starttls ? [spoken.starttls] : silent) {
      const made = await laboratory.try(requesting(name));
      if (!made) break;
      if (isBetter(made, base)) return mistaken(current, asked, spoken ?? titled(name), made);
      if (isRequestRefused(made)) return withoutTls(current, asked, titled(name), made);
    }
    return spoken && !isComplaint(heard) ? withoutTls(current, asked, spoken, heard) : undefined;
  },
};

const titled = (starttls: StarttlsName): Spoken => ({ title: starttlsRow(starttls).title, starttls });

/** The same port turns to TLS when it is asked in its own protocol. */
function mistaken(
  { base, call }: Case,
  asked: StarttlsName,
  { title, starttls = asked }: Spoken,
  made: Attempt,
): Finding {
  return found({
    cause: 'other_protocol',
    by: 'client',
    confidence: 'proven',
    message: 'STARTTLS',
    evidence: [difference(base, made)],
    more: {
      en: `${starttlsRow(asked).title} was asked for, and this port speaks ${title}`,
      ko: `요청에 쓴 프로토콜은 ${starttlsRow(asked).title}, 이 포트의 프로토콜은 ${title}입니다.`,
    },
    remedy: {
      en: `let the client request TLS in ${title} (openssl s_client -starttls ${starttls}), or use the port of ${starttlsRow(asked).title}`,
      ko: `클라이언트가 이 포트의 프로토콜(${title})로 TLS를 요청하게 하거나(openssl s_client -starttls ${starttls}), ${starttlsRow(asked).title} 포트를 쓰세요.`,
    },
    command: `./wirelab why ${hostPort(call)} --starttls ${starttls}`,
  });
}

/** Another protocol, and whether it has TLS is not known, or it has none. */
function withoutTls({ base, call }: Case, asked: StarttlsName, spoken: Spoken, heard: Attempt): Finding {
  const { title, openssl } = spoken;
  const isHttp = title === 'HTTP';
  const wanted = starttlsRow(asked).title;
  return found({
    cause: 'other_protocol',
    by: 'client',
    confidence: 'proven',
    message: 'STARTTLS',
    evidence: [
      difference(base, heard),
      {
        kind: 'words',
        attempt: heard.number,
        said: firstLine(heard),
        words: { en: `the server says, ${title}`, ko: `서버의 말(${title})` },
      },
    ],
    more: {
      en: `${wanted} was asked for, and this port speaks ${title}`,
      ko: `요청에 쓴 프로토콜은 ${wanted}, 이 포트의 프로토콜은 ${title}입니다.`,
    },
    remedy: isHttp
      ? {
          en: `use the port of ${wanted}; this one answers plain HTTP (http://${hostPort(call)}/)`,
          ko: `${wanted} 포트를 쓰세요. 이 포트는 평문 HTTP로 답합니다(http://${hostPort(call)}/).`,
        }
      : {
          en: `use the port of ${wanted}, or the client of ${title}${openssl === undefined ? '' : '; whether this port turns to TLS, this shows:'}`,
          ko: `${wanted} 포트를 쓰거나 ${title} 클라이언트를 쓰세요.${openssl === undefined ? '' : ' 이 포트가 TLS로 전환하는지는 다음 명령으로 확인합니다.'}`,
        },
    command: openssl && `openssl s_client -starttls ${openssl} -connect ${hostPort(call)}`,
  });
}
