/**
 * Implements `wirelab certs show --trusted`: lists the root certificates bundled with Node, which a client trusts by
 * default.
 */
import { rootCertificates } from 'node:tls';
import { sha256Hex } from '../../core/sha256.ts';
import { systemClock } from '../../core/clock.ts';
import { isoTime, readCertificate } from '../../protocols/x509/certificate.ts';
import { verbatim } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { visible } from '../../pki/x509/name-lint.ts';
import { endingSoon, groupTrusted } from '../../pki/x509/trust-store.ts';
import { minuteText } from '../../pki/x509/validity.ts';
import type { Environment, Parsed } from '../command.ts';
import { optionsOnly } from '../io/options-only.ts';
import { printJson, printTo } from './print.ts';

/** The root certificates bundled with this Node. */
export function rootsOfNode(): Certificate[] {
  return rootCertificates.flatMap(pemCertificates).map((der) => {
    const step = readCertificate(der);
    if (!('got' in step)) throw new Error('a root certificate bundled with Node cannot be parsed');
    return step.got;
  });
}

const dayOf = (milliseconds: number): string => isoTime(milliseconds).slice(0, 10);

export function showTrusted(parsed: Parsed, environment: Environment): number {
  optionsOnly(parsed, 'certs show --trusted', verbatim('wirelab certs show --trusted [--json]'));
  const now = systemClock.now();
  const roots = rootsOfNode();
  const groups = groupTrusted(roots);
  const { expired, withinAYear } = endingSoon(roots, now);
  if (parsed.flag('json')) {
    printJson(environment, {
      v: 2,
      kind: 'trusted-roots',
      node: process.versions.node,
      count: roots.length,
      expired: expired.length,
      expireWithinAYear: withinAYear.length,
      groups: groups.map(({ organization, roots: members }) => ({
        organization,
        roots: members.map((root) => ({
          subject: root.subject.text,
          notAfter: isoTime(root.notAfter),
          publicKey: root.publicKey.name,
          sha256: sha256Hex(root.der),
        })),
      })),
    });
    return 0;
  }
  const print = printTo(environment);
  print.say({
    en: `Node ${process.versions.node} trusts ${roots.length} roots of ${groups.length} organizations; ${expired.length} have expired, ${withinAYear.length} expire within a year`,
    ko: `Node ${josa(process.versions.node, '이/가')} 신뢰하는 루트 인증서는 기관 ${groups.length}곳의 ${roots.length}개이며, ${expired.length}개는 만료되었고 ${withinAYear.length}개는 1년 안에 만료됩니다`,
  });
  print.page.blank();
  const head = { en: ['organization', 'roots', 'first expiry'], ko: ['기관', '루트', '첫 만료'] }[
    environment.language
  ];
  print.page.table({
    head,
    rows: groups.map(({ organization, roots: members, soonestEnd }) => [
      visible(organization),
      String(members.length),
      dayOf(soonestEnd),
    ]),
  });
  if (withinAYear.length > 0) print.heading({ en: 'expire within a year', ko: '1년 안에 만료' });
  for (const root of withinAYear)
    print.mark('!', verbatim(`${minuteText(root.notAfter)} ${visible(root.subject.text)}`), 2);
  print.page.blank();
  print.say({
    en: 'Each of them can issue certificates for any name. For mutual TLS, use your own CA with --cacert.',
    ko: '이 가운데 어느 하나라도 모든 이름을 보증할 수 있습니다. 상호 TLS(mTLS)에는 --cacert로 지정한 자체 CA가 알맞습니다.',
  });
  return 0;
}
