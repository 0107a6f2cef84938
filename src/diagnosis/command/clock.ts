/** A command that refuses a date which is right by this machine's clock. */
import { isClearOf, ofDates } from './judge.ts';
import type { Diagnosis, Finding } from '../diagnosis.ts';

/**
 * Its own clock is another, or something in its own list of CAs is out of date, where that list is not known.
 * @param trustIsKnown the experiments went by the CAs of the command
 */
export function withClock(finding: Finding, diagnosis: Diagnosis, trustIsKnown: boolean): Finding {
  if (finding.by !== 'client' || !ofDates.has(finding.cause) || !isClearOf(finding.cause, diagnosis))
    return finding;
  const isWhole = trustIsKnown && diagnosis.finding === undefined;
  return {
    ...finding,
    remedy: {
      on: 'client',
      words: isWhole
        ? {
            en: 'correct the clock by which the command goes (date, faketime): by the clock of this machine the certificate is valid',
            ko: '명령이 쓰는 시계(date, faketime)를 바로잡으세요. 이 컴퓨터의 시계로는 인증서가 유효합니다.',
          }
        : {
            en: 'see by which clock the command goes (date, faketime), and whether a CA certificate in its own list is out of date: by the clock of this machine every certificate that the server sends is valid',
            ko: '명령이 쓰는 시계(date, faketime)와, 명령의 CA 목록에 유효 기간이 지난 CA 인증서가 있는지 확인하세요. 이 컴퓨터의 시계로는 서버가 보낸 인증서가 모두 유효합니다.',
          },
    },
  };
}
