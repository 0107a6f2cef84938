/** Checks who issued a certificate, and whether those who verify it accept it. */
import type { RefusalReason } from '../../../capture/vocabulary.ts';
import { sameBytes } from '../../../core/bytes.ts';
import { verbatim } from '../../../i18n/language.ts';
import { josa } from '../../../i18n/josa.ts';
import type { Certificate } from '../../../protocols/x509/certificate.ts';
import { isKeyOf } from '../../ca/signing-policy.ts';
import { examine } from '../../x509/examination.ts';
import { namesAsIssuer } from '../../x509/go-x509.ts';
import { visible } from '../../x509/name-lint.ts';
import { constraintFault } from '../../x509/name-constraints.ts';
import { isIssuedBy, prepareTrust, sameName } from '../../x509/verify.ts';
import { certificateFile } from '../certificates.ts';
import type { AuthorityRow } from '../certificates.ts';
import { gotOf } from '../reading.ts';
import { rowOf } from './context.ts';
import type { CheckContext } from './context.ts';
import { words } from './finding.ts';
import type { Problem } from './finding.ts';
import { constrained, misidentified, notFirst, renewRemedy, respelt, strayCertificate } from './texts.ts';
import type { KeyObject } from 'node:crypto';

export function checkIssuer(
  check: CheckContext,
  path: string,
  certificate: Certificate,
  name: AuthorityRow['name'],
  row?: string,
): void {
  const authority = check.authorityOf(name);
  if (!authority) return;
  const issuers = check.rootsOf(name).filter((root) => isIssuedBy(certificate, root));
  if (issuers.length > 0) {
    const [namesake] = issuers;
    if (namesake && !check.respelt.has(name) && isRespelt(certificate, issuers))
      check.add(path, 'wrong_authority', respelt(namesake, certificate, renewRemedy(row)));
    return;
  }
  // An intermediate that follows it may lead there.
  const behind =
    (path.endsWith('.crt')
      ? gotOf(check.reading.certificates(path))
      : gotOf(check.kubeconfig(path)?.chain)
    )?.slice(1) ?? [];
  if (behind.some((one) => isIssuedBy(certificate, one))) return;
  const remedy = renewRemedy(row);
  const issuer = visible(certificate.issuer.text);
  if (sameName(certificate.issuer, authority.subject)) {
    const sameKey =
      certificate.authorityKeyId !== undefined &&
      authority.keyId !== undefined &&
      sameBytes(certificate.authorityKeyId, authority.keyId);
    return check.add(
      path,
      sameKey ? 'bad_signature' : 'replaced_authority',
      sameKey
        ? words(
            [
              'the CA’s signature does not verify: the certificate was changed after it was signed',
              'CA의 서명이 맞지 않습니다. 서명한 뒤에 내용이 바뀌었습니다',
            ],
            remedy,
          )
        : words(
            [
              `it was signed by a CA with the same name (${issuer}) but another key: the CA was re-created since, or it is an impostor`,
              `이름은 같지만(${issuer}) 키가 다른 CA가 서명했습니다. 그 뒤로 CA를 다시 만들었거나, 이름만 같은 가짜 CA입니다`,
            ],
            remedy,
          ),
    );
  }
  const actual = check.allAuthorities().find(([, one]) => isIssuedBy(certificate, one))?.[0];
  check.add(
    path,
    'wrong_authority',
    words(
      actual
        ? [
            `it was signed by ${actual} instead of ${name}: its verifiers trust only ${name}`,
            `${josa(name, '이/가')} 아니라 ${josa(actual, '이/가')} 서명했습니다. 상대방은 ${name}만 신뢰합니다`,
          ]
        : [
            `it was signed by a CA other than ${name} of this folder`,
            `이 폴더에 ${josa(name, '으로/로')} 있는 CA가 아니라 다른 CA가 서명했습니다`,
          ],
      remedy,
      { expected: verbatim(visible(authority.subject.text)), received: issuer },
    ),
  );
}

/**
 * Whether its verifiers accept it, according to the verifier of the proxies and the API server, which follows OpenSSL
 * (`verify.ts`). It runs last: more specific findings, and the CA's own problems, are not repeated.
 */
export function checkVerified(
  check: CheckContext,
  path: string,
  chain: readonly Certificate[],
  name: AuthorityRow['name'],
  usages: readonly string[],
  leafName?: string,
): void {
  const row = rowOf(name);
  const roots = check.rootsOf(name);
  const [leaf, ...others] = chain;
  if (!row || !leaf || roots.length === 0) return;
  for (const usage of usages) {
    if (check.isFaulty(path) || check.isFaulty(certificateFile(row))) return;
    const purpose = usage === 'serverAuth' ? 'server' : 'client';
    const verdict = once(check.verifiers, `${name} ${purpose}`, () =>
      prepareTrust({ roots: roots.map(({ der }) => der), purpose }),
    )({ chain: chain.map(({ der }) => der), at: check.now });
    if (verdict.admitted) continue;
    const { path: way, checks } = examine({ chain: [leaf, ...others], roots, purpose, at: check.now });
    const failed =
      checks.find((check) => check.status === 'failed' && check.reason === verdict.reason) ??
      checks.find((check) => check.status === 'failed');
    const blamed = way[verdict.depth];
    const outside = verdict.reason === 'name_constraint_violated' ? constraintFault(way) : undefined;
    const limiting = outside && way[outside.issuer];
    if (outside && limiting) {
      const isRoot = roots.some(({ der }) => sameBytes(der, limiting.der));
      check.add(
        path,
        'refused',
        constrained(
          isRoot ? check.reading.where(certificateFile(row)) : visible(limiting.subject.text),
          visible(outside.name),
          failed?.expected,
        ),
      );
      continue;
    }
    if (problemOf[verdict.reason] === 'wrong_authority' && roots.some((root) => isIssuedBy(leaf, root))) {
      check.add(path, 'refused', misidentified(renewRemedy(leafName)));
      continue;
    }
    const isCas =
      verdict.depth > 0 && blamed !== undefined && roots.some(({ der }) => sameBytes(der, blamed.der));
    check.add(
      isCas ? certificateFile(row) : path,
      problemOf[verdict.reason] ?? 'refused',
      words(
        failed?.found ?? {
          en: `verifiers refuse it: ${verdict.reason}`,
          ko: `거부됩니다: ${verdict.reason}`,
        },
        failed?.remedy ?? { en: 'Have it reissued.', ko: '다시 발급받으세요.' },
        { expected: failed?.expected },
      ),
    );
  }
}

/** Whether its own certificate follows another one: everything else would be reported about the first. */
export function isBehindAnother(
  check: CheckContext,
  path: string,
  chain: readonly Certificate[],
  key: KeyObject | undefined,
  keyPath: string,
): boolean {
  const at = key ? chain.findIndex((one) => isKeyOf(key, one)) : -1;
  if (at < 1) return false;
  check.add(path, 'key_mismatch', notFirst(at, check.reading.where(keyPath)));
  return true;
}

/** Certificates after a leaf must lead from it to its CA. */
export function checkChain(
  check: CheckContext,
  path: string,
  [leaf, ...others]: readonly Certificate[],
): void {
  const before = leaf ? [leaf] : [];
  for (const other of others) {
    if (!before.some((one) => sameName(one.issuer, other.subject)))
      check.add(path, 'stray_content', strayCertificate(other));
    before.push(other);
  }
}

/** Translates the verifier's reasons into problems. */
const problemOf: Readonly<Partial<Record<RefusalReason, Problem>>> = {
  certificate_expired: 'expired',
  certificate_not_yet_valid: 'not_yet_valid',
  wrong_usage: 'wrong_usage',
  weak_key: 'weak_key',
  weak_signature: 'weak_signature',
  unhandled_critical_extension: 'unknown_extension',
  not_a_ca: 'not_a_ca',
  ca_as_leaf: 'ca_as_leaf',
  bad_signature: 'bad_signature',
  unknown_ca: 'wrong_authority',
  self_signed: 'wrong_authority',
  intermediate_missing: 'wrong_authority',
};

function once<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name) ?? make();
  known.set(name, found);
  return found;
}

/** Only the name's encoding differs: OpenSSL accepts that. @param issuers the CAs whose signature it has. */
export const isRespelt = (certificate: Certificate, issuers: readonly Certificate[]): boolean =>
  !issuers.some((root) => namesAsIssuer(certificate, root)) &&
  issuers.some((root) => sameName(certificate.issuer, root.subject));
