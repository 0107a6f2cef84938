/** libldap verifies this machine's full name, where it is told to call `localhost` (`ldap_pvt_get_fqdn` in its ldap_connect_to_host). */
import { basename } from 'node:path';
import { hostname } from 'node:os';
import { safeText } from '../../../i18n/safe.ts';
import { inEach } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { Finding } from '../../diagnosis.ts';

const callsItself = /^(?:ldaps?:\/\/)?localhost(?:[:/]|$)/i;

/** @param words the command as it is typed, its program first */
export function withOwnHost(finding: Finding, words: readonly string[]): Finding {
  const [first = '', ...others] = words;
  if (finding.cause !== 'name_mismatch' || finding.by !== 'client' || !basename(first).startsWith('ldap'))
    return finding;
  if (!others.some((word) => callsItself.test(word))) return finding;
  const name = safeText(hostname());
  const more: Localized = {
    en: `libldap puts this machine's own full name (${name}, hostname --fqdn) in the place of localhost, and verifies that`,
    ko: `libldap은 localhost 대신 이 컴퓨터의 전체 이름(${name}, hostname --fqdn)을 검증합니다.`,
  };
  return {
    ...finding,
    because: inEach((language) => `${finding.because[language].replace(/\.$/, '')}. ${more[language]}`),
    remedy: {
      on: 'client',
      words: {
        en: 'call the server by a name or an address that its certificate has (ldap://127.0.0.1/ where that is among them), or have its certificate issued for this machine’s full name too',
        ko: '인증서에 있는 이름이나 주소로 서버를 호출하거나(인증서에 있다면 ldap://127.0.0.1/), 이 컴퓨터의 전체 이름도 넣어 인증서를 다시 발급받으세요.',
      },
    },
  };
}
