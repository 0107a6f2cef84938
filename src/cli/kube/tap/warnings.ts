/** What is wrong with the user's own configuration, and does not keep a tap from running. */
import { systemClock } from '../../../core/clock.ts';
import type { Localized } from '../../../i18n/language.ts';
import { pemCertificates } from '../../../pki/keystore/pem.ts';
import { minuteText } from '../../../pki/x509/validity.ts';
import { readCertificate } from '../../../protocols/x509/certificate.ts';
import type { PreparedTap } from './settings.ts';

export function warningsOf({
  config,
  target,
}: Pick<PreparedTap, 'target'> & {
  readonly config: Pick<PreparedTap['config'], 'insecure'>;
}): readonly Localized[] {
  const validity = outsideValidity(target.identity?.certificate);
  return [
    ...(config.insecure && target.security !== 'plain' ? [insecureWords] : []),
    ...(target.security === 'plain' ? [plainWords] : []),
    ...(validity ? [validity] : []),
  ];
}

function outsideValidity(certificate: string | undefined): Localized | undefined {
  const [der] = certificate === undefined ? [] : pemCertificates(certificate);
  const read = der && readCertificate(der);
  if (!read || !('got' in read)) return undefined;
  const { notBefore, notAfter } = read.got;
  const now = systemClock.now();
  if (now > notAfter)
    return {
      en: `your client certificate expired at ${minuteText(notAfter)}: the API server will not know who you are (401)`,
      ko: `클라이언트 인증서가 ${minuteText(notAfter)}에 만료되었습니다. API 서버는 누구인지 알 수 없다고(401) 답합니다`,
    };
  if (now < notBefore)
    return {
      en: `your client certificate is valid from ${minuteText(notBefore)} only: the API server will not know who you are (401)`,
      ko: `클라이언트 인증서는 ${minuteText(notBefore)}부터 유효합니다. 그 전까지 API 서버는 누구인지 알 수 없다고(401) 답합니다`,
    };
  return undefined;
}

const insecureWords: Localized = {
  en: 'insecure-skip-tls-verify: the API server is not verified, as your configuration says. Any server is trusted, including an attacker’s',
  ko: 'insecure-skip-tls-verify: 설정에 따라 API 서버를 검증하지 않습니다. 공격자를 포함해 누가 응답하든 믿게 됩니다',
};
const plainWords: Localized = {
  en: 'http: your configuration reaches the API server without TLS. Whoever is on the way reads and changes the calls, and your credentials',
  ko: 'http: 설정에 따라 TLS 없이 API 서버에 접속합니다. 경로에 있는 누구나 호출과 자격 증명을 읽고 바꿀 수 있습니다',
};
