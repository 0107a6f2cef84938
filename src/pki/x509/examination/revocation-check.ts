/** Looks up a certificate in the revocation lists of its issuer. */
import type { Certificate } from '../../../protocols/x509/certificate.ts';
import type { RevocationList } from '../../../protocols/x509/crl.ts';
import { revocationReasons } from '../../../protocols/x509/oids.ts';
import { serialText } from '../../../protocols/x509/structures.ts';
import { josa } from '../../../i18n/josa.ts';
import { minuteText } from '../validity.ts';
import { revocationOf } from '../verify.ts';
import { issuerOf, subjectOf } from './check.ts';
import type { Check } from './check.ts';

export function revocationFailure(
  certificate: Certificate,
  issuer: Certificate | undefined,
  lists: readonly RevocationList[],
  at: number,
): Omit<Check, 'id' | 'depth' | 'status'> | undefined {
  const { reason, list, entry } = issuer ? revocationOf(certificate, issuer, lists, at) : {};
  if (!reason) return undefined;
  const subject = subjectOf(certificate);
  if (reason === 'crl_missing') {
    return {
      reason,
      found: {
        en: `there is no trustworthy list of ${issuerOf(certificate)}`,
        ko: `${issuerOf(certificate)}의 믿을 수 있는 CRL이 없습니다`,
      },
      expected: {
        en: `a revocation list for ${subject}, signed by its issuer`,
        ko: `${subject}의 발급자가 서명한 CRL`,
      },
      remedy: {
        en: 'Specify the list of every CA in the chain with --crl.',
        ko: '체인에 있는 모든 CA의 CRL을 --crl로 지정하세요.',
      },
    };
  }
  if (reason === 'crl_expired') {
    return {
      reason,
      found: {
        en: `the list of ${issuerOf(certificate)} was due for an update on ${minuteText(list?.nextUpdate ?? 0)}`,
        ko: `${issuerOf(certificate)}의 CRL 갱신 기한이 지났습니다: ${minuteText(list?.nextUpdate ?? 0)}`,
      },
      expected: { en: `a list that is current at ${minuteText(at)}`, ko: `${minuteText(at)}에 유효한 CRL` },
      remedy: { en: 'Have the CA publish a new list.', ko: 'CA에서 새 CRL을 받으세요.' },
    };
  }
  const why = revocationReasons[entry?.reason ?? 0] ?? String(entry?.reason);
  return {
    reason,
    found: {
      en: `${subject} (serial ${serialText(certificate.serial)}) was revoked on ${minuteText(entry?.at ?? 0)}: ${why}`,
      ko: `${josa(`${subject}(일련번호 ${serialText(certificate.serial)})`, '은/는')} ${minuteText(entry?.at ?? 0)}에 폐기되었습니다: ${why}`,
    },
    expected: { en: 'a certificate that its CA has not revoked', ko: 'CA가 폐기하지 않은 인증서' },
    remedy: {
      en: 'Ask the operator of the CA for the reason. A holder who is still entitled needs a certificate for a new key.',
      ko: 'CA 운영자에게 사유를 확인하세요. 계속 허용할 사용자라면 새 키로 다시 발급받으세요.',
    },
  };
}
