/** Checks the files of kubeadm's tree row by row, and the certificates beside it. */
import { sameBytes } from '../../../core/bytes.ts';
import type { Certificate } from '../../../protocols/x509/certificate.ts';
import { isAuthority, isIssuedBy, sameName } from '../../x509/verify.ts';
import {
  kubeadmLeaves,
  certificateFile,
  kubeadmAuthorities,
  kubeadmCertificates,
  kubeadmKubeconfigs,
  serviceAccountFiles,
} from '../certificates.ts';
import type { AuthorityRow, LeafRow } from '../certificates.ts';
import { accountKeyFaults } from '../faults.ts';
import { gotOf } from '../reading.ts';
import {
  checkDates,
  checkFaults,
  checkIdentity,
  checkOwnKey,
  checkPlace,
  checkUnrevocable,
  checkUsages,
  identities,
} from './contents.ts';
import { misplaced, pairOf } from './context.ts';
import type { CheckContext, Pair } from './context.ts';
import { checkForm, checkPairedKey, readSecretKey } from './files.ts';
import { words } from './finding.ts';
import { checkChain, checkIssuer, checkVerified, isBehindAnother, isRespelt } from './issuers.ts';
import { checkNames } from './names.ts';
import {
  anotherBeside,
  anotherInPlace,
  halfWithout,
  keyOfCa,
  missing,
  nameless,
  noCaBeside,
  notACa,
  renamed,
  sharedWords,
} from './texts.ts';
import { createPublicKey } from 'node:crypto';
import { isAbsolute } from 'node:path';

/** Whether the certificate of a row exists; a missing one is reported. */
function hasCertificate(
  check: CheckContext,
  row: AuthorityRow | LeafRow,
  { certificate, key }: Pair,
): boolean {
  if (check.reading.has(certificate)) return true;
  if (check.reading.has(key)) check.add(certificate, 'half', halfWithout(check.reading.where(key)));
  else if (check.isDemanded(row)) check.add(certificate, 'missing', missing(row.name));
  return false;
}

export function checkAuthority(check: CheckContext, row: AuthorityRow): void {
  const pair = pairOf(row);
  const path = pair.certificate;
  if (!hasCertificate(check, row, pair)) return;
  const certificate = check.readable(path, check.reading.certificate(path));
  checkPairedKey(check, pair, certificate);
  if (!certificate) return;
  const namesake = misplaced(row, certificate);
  if (!isAuthority(certificate, true)) check.add(path, 'not_a_ca', notACa(certificate));
  else if (namesake) check.add(path, 'wrong_authority', anotherInPlace(row, namesake, certificate));
  checkDates(check, path, certificate, undefined, row.name);
  checkFaults(check, path, certificate, true);
  for (const other of check.chain(path).slice(1))
    check.add(
      path,
      'stray_content',
      isAuthority(other, true) ? anotherBeside(other, check.now) : noCaBeside(other),
    );
  checkForm(check, path, 'certificate');
  checkSpelling(check, row, path, certificate);
}

/** If all certificates of a CA spell its name differently, the CA's own certificate was replaced. */
export function checkSpelling(
  check: CheckContext,
  { name }: AuthorityRow,
  path: string,
  certificate: Certificate,
): void {
  const leaves = [
    ...kubeadmLeaves.flatMap((leaf) =>
      leaf.authority === name ? (check.certificate(certificateFile(leaf)) ?? []) : [],
    ),
    ...(name === 'ca'
      ? kubeadmKubeconfigs.flatMap((one) => gotOf(check.kubeconfig(one.name)?.certificate) ?? [])
      : []),
  ];
  const roots = check.rootsOf(name);
  const issued = leaves.filter((leaf) => roots.some((root) => isIssuedBy(leaf, root)));
  const [first] = issued;
  if (
    !first ||
    !issued.every((leaf) =>
      isRespelt(
        leaf,
        roots.filter((root) => isIssuedBy(leaf, root)),
      ),
    )
  )
    return;
  check.respelt.add(name);
  check.add(path, 'wrong_authority', renamed(certificate, first));
}

/** One CA for several purposes: certificates for one of them are accepted for the others. */
export function checkSharedAuthorities(check: CheckContext): void {
  const known: [AuthorityRow, Certificate][] = [];
  for (const row of kubeadmAuthorities) {
    const certificate = check.authorityOf(row.name);
    if (!certificate) continue;
    const same = known.find(([, other]) => sameBytes(other.publicKey.der, certificate.publicKey.der));
    if (same) check.add(certificateFile(row), 'shared_authority', sharedWords(row.name, same[0].name));
    known.push([row, certificate]);
  }
}

export function checkLeaf(check: CheckContext, row: LeafRow): void {
  const pair = pairOf(row);
  const path = pair.certificate;
  if (!hasCertificate(check, row, pair)) return;
  const certificate = check.readable(path, check.reading.certificate(path));
  const chain = check.chain(path);
  if (isBehindAnother(check, path, chain, gotOf(check.reading.key(pair.key)), pair.key)) return;
  if (check.reading.has(pair.key)) checkPairedKey(check, pair, certificate);
  else check.add(pair.key, 'half', halfWithout(check.reading.where(path)));
  if (!certificate) return;
  checkIssuer(check, path, certificate, row.authority, row.name);
  checkDates(check, path, certificate, check.authorityOf(row.authority), row.name);
  checkUsages(check, path, certificate, row.usages);
  checkIdentity(check, path, certificate, identities[row.name]);
  checkPlace(check, path, certificate, row);
  checkOwnKey(check, path, certificate);
  checkNames(check, path, certificate, row);
  checkFaults(check, path, certificate, false);
  checkChain(check, path, chain);
  checkForm(check, path, 'certificate');
  checkVerified(check, path, chain, row.authority, row.usages, row.name);
}

export function checkServiceAccount(check: CheckContext): void {
  const { key, publicKey } = serviceAccountFiles;
  const hasKey = check.reading.has(key);
  const hasPublic = check.reading.has(publicKey);
  if (!hasKey && !hasPublic) {
    if (check.isControlPlane()) check.add(key, 'missing', missing('sa'));
    return;
  }
  if (!hasKey) check.add(key, 'half', halfWithout(check.reading.where(publicKey)));
  if (!hasPublic) check.add(publicKey, 'half', halfWithout(check.reading.where(key)));
  const secret = hasKey ? readSecretKey(check, key) : undefined;
  if (secret) for (const { problem, ...words } of accountKeyFaults(secret)) check.add(key, problem, words);
  const halves = hasPublic ? check.readable(publicKey, check.reading.publicKeys(publicKey)) : undefined;
  if (hasPublic) checkForm(check, publicKey, 'public-key');
  const own = secret && createPublicKey(secret).export({ type: 'spki', format: 'der' });
  const authority = own && check.authorityWithKey(own);
  if (authority !== undefined) check.add(key, 'ca_as_leaf', keyOfCa(authority));
  // Several are accepted while the key is being replaced.
  if (own && halves && !halves.some((half) => own.equals(half))) {
    check.add(
      publicKey,
      'key_mismatch',
      words(
        [
          'it does not match sa.key: the API server rejects every token that the controller manager signs',
          'sa.key가 아닌 다른 키의 공개 키입니다. 컨트롤러 매니저가 서명한 토큰을 API 서버가 모두 거부합니다',
        ],
        ['openssl pkey -in sa.key -pubout -out sa.pub', 'openssl pkey -in sa.key -pubout -out sa.pub'],
      ),
    );
  }
}

export function otherBases(check: CheckContext): string[] {
  const known = new Set(kubeadmCertificates.map((row) => `pki/${row.file}`));
  // Files that a kubeconfig names are outside the folder and are checked with it; nobody verifies the kubelet's server.
  return check.reading.paths
    .filter((path) => path.endsWith('.crt'))
    .map((path) => path.slice(0, -4))
    .filter((base) => !known.has(base) && !isAbsolute(base) && !base.startsWith('kubelet/'));
}

export function checkOther(check: CheckContext, base: string): void {
  const pair = { certificate: `${base}.crt`, key: `${base}.key` };
  const certificate = check.readable(pair.certificate, check.reading.certificate(pair.certificate));
  checkPairedKey(check, pair, certificate);
  if (!certificate) return;
  if (!certificate.basicConstraints?.isCa) checkOwnKey(check, pair.certificate, certificate);
  checkDates(check, pair.certificate, certificate, undefined);
  checkFaults(check, pair.certificate, certificate, certificate.basicConstraints?.isCa ?? false);
  checkForm(check, pair.certificate, 'certificate');
  checkUnrevocable(check, pair.certificate, certificate);
  if (
    certificate.extendedKeyUsage?.includes('serverAuth') &&
    (certificate.subjectAlternativeNames ?? []).length === 0
  )
    check.add(pair.certificate, 'missing_name', nameless);
  if (sameName(certificate.subject, certificate.issuer) && isIssuedBy(certificate, certificate)) return;
  const authorities = check.allAuthorities();
  const issuer = authorities.find(([, authority]) => isIssuedBy(certificate, authority));
  if (issuer && !certificate.basicConstraints?.isCa) {
    const usages = (['clientAuth', 'serverAuth'] as const).filter(
      (usage) => certificate.extendedKeyUsage?.includes(usage) ?? usage === 'clientAuth',
    );
    checkVerified(check, pair.certificate, check.chain(pair.certificate), issuer[0], usages);
  }
  if (authorities.length === 0 || issuer) return;
  const [namesake] = authorities.filter(([, authority]) => sameName(authority.subject, certificate.issuer));
  checkIssuer(check, pair.certificate, certificate, namesake?.[0] ?? 'ca');
}
