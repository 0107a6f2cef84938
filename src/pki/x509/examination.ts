/**
 * Examines a chain for a person: reports every check, including those that pass, with what was presented, what was
 * expected and what to do. The predicates are those of `verify.ts`, which gives a single reason; a test compares the
 * two, and both with openssl.
 *
 * 1. A failed check means that the chain is refused. A warning is accepted by OpenSSL, Node and curl but refused by
 *    stricter verifiers (browsers, Go, wirelab's own proxy); with `strict` it fails.
 * 2. The reported path is the one that OpenSSL takes (`path.ts`), and the reported reason is the first that OpenSSL
 *    finds.
 * 3. If no path leads to a trusted certificate, the partial path is examined all the same.
 * 4. A remedy never suggests turning verification off.
 */
import { defined } from '../../core/defined.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { formFault, strictFault } from './certificate-form.ts';
import { checkIds, faultWords, reissue, subjectOf } from './examination/check.ts';
import type { Check, CheckId, Looked, Question } from './examination/check.ts';
import { missingPath } from './examination/missing-path.ts';
import { nameCheck } from './examination/name-check.ts';
import { revocationFailure } from './examination/revocation-check.ts';
import { keyFault } from './key-strength.ts';
import { visible } from './name-lint.ts';
import { constraintFault } from './name-constraints.ts';
import { buildPath } from './path.ts';
import { publicKeyOf } from './signature.ts';
import { minuteText, validityWords } from './validity.ts';
import {
  hasExtendedUsage,
  hasLeafUsage,
  hasNetscapeType,
  hasTypeOfCa,
  hasWeakDigest,
  hasWeakKey,
  isIssuedBy,
  isWellFormed,
  judgeRead,
  mayIssue,
  sameName,
  unknownConditions,
  usageOf,
} from './verify.ts';
import type { Purpose } from './verify.ts';

export const checkTitles: Readonly<Record<CheckId, Localized>> = {
  chain: { en: 'chain', ko: '체인' },
  form: { en: 'RFC 5280', ko: 'RFC 5280' },
  signature: { en: 'signatures', ko: '서명' },
  validity: { en: 'validity', ko: '유효 기간' },
  authority: { en: 'CA flags', ko: 'CA 여부' },
  path_length: { en: 'path length', ko: '체인 길이' },
  critical_extensions: { en: 'extensions', ko: '확장' },
  key_usage: { en: 'key usage', ko: '키 사용' },
  extended_key_usage: { en: 'ext. usage', ko: '확장 키 사용' },
  strength: { en: 'strength', ko: '강도' },
  name: { en: 'name', ko: '이름' },
  name_constraints: { en: 'constraints', ko: '이름 제약' },
  revocation: { en: 'revocation', ko: '폐기 여부' },
};

export interface Examination {
  readonly verified: boolean;
  /** Leaf first; ends with a trusted certificate if `complete`. */
  readonly path: readonly Certificate[];
  readonly complete: boolean;
  readonly checks: readonly Check[];
  /** If it is refused: the first reason that OpenSSL finds. */
  readonly reason?: NonNullable<Check['reason']>;
}

export function examine(question: Question): Examination {
  const [leaf, ...others] = question.chain;
  const { roots, at, name, lists, purpose } = question;
  const built = buildPath(leaf, others.filter(isWellFormed), roots.filter(isWellFormed), at);
  const looked = { ...built, question };
  const checks = checkIds
    .flatMap((id) => checkers[id](looked))
    .map(
      (check): Check =>
        check.status === 'warned' && question.strict ? { ...check, status: 'failed' } : check,
    );
  const failed = checks.filter(({ status }) => status === 'failed');
  const facts = { verified: failed.length === 0, path: built.path, complete: built.complete, checks };
  if (facts.verified) return facts;
  const judged = judgeRead(
    leaf,
    others,
    { roots, known: [], revocations: lists, purpose },
    defined({ at, hostname: name }),
  );
  const reason =
    'reason' in judged && failed.some((check) => check.reason === judged.reason)
      ? judged.reason
      : failed[0]?.reason;
  return defined({ ...facts, reason });
}

type Checker = (looked: Looked) => Check[];

/** The failures, certificate by certificate, or one line that reports success. */
function all(
  id: CheckId,
  path: readonly Certificate[],
  passed: Localized,
  failure: (certificate: Certificate, depth: number) => Omit<Check, 'id' | 'depth' | 'status'> | undefined,
): Check[] {
  const failed = path.flatMap((certificate, depth): Check[] => {
    const wrong = failure(certificate, depth);
    return wrong ? [{ id, status: 'failed', depth, ...wrong }] : [];
  });
  return failed.length > 0 ? failed : [{ id, status: 'passed', found: passed }];
}

const purposeNames: Readonly<Record<Purpose, Localized>> = {
  server: { en: 'server', ko: '서버' },
  client: { en: 'client', ko: '클라이언트' },
};

const checkers: Readonly<Record<CheckId, Checker>> = {
  form: ({ path, question: { strict } }) => {
    const checks = path.flatMap((certificate, depth): Check[] => {
      const broken = formFault(certificate);
      // RFC 5280 has rules for paths: a trust anchor may break them.
      const fault = broken ?? strictFault(certificate, depth, path.length);
      if (!fault) return [];
      const words = faultWords(fault);
      return [
        {
          id: 'form',
          depth,
          status: broken ? 'failed' : 'warned',
          reason: broken ? 'malformed_certificate' : 'not_conforming',
          found: broken
            ? {
                en: `${subjectOf(certificate)} is malformed: ${words.en}`,
                ko: `${subjectOf(certificate)}의 형식이 잘못되었습니다. ${words.ko}`,
              }
            : {
                en: `${subjectOf(certificate)}: ${words.en}; OpenSSL checks this only with -x509_strict`,
                ko: `${subjectOf(certificate)}: ${words.ko}. OpenSSL은 -x509_strict를 쓸 때만 확인합니다`,
              },
          remedy: reissue,
        },
      ];
    });
    return checks.length > 0
      ? checks
      : [
          {
            id: 'form',
            status: 'passed',
            found: strict
              ? { en: 'conforms to the standard', ko: '표준에 맞게 작성되어 있습니다' }
              : { en: 'well-formed', ko: '형식이 올바릅니다' },
          },
        ];
  },
  name_constraints: ({ path, complete }) => {
    const limiting = path.slice(1).filter(({ nameConstraints }) => nameConstraints);
    if (limiting.length === 0)
      return [
        notLooked('name_constraints', { en: 'no CA limits the names', ko: '이름을 제한하는 CA가 없습니다' }),
      ];
    if (!complete)
      return [
        notLooked('name_constraints', {
          en: 'cannot be checked without a chain',
          ko: '체인이 없어 확인할 수 없습니다',
        }),
      ];
    const fault = constraintFault(path);
    if (!fault) {
      const by = limiting.map(subjectOf).join(', ');
      return [
        {
          id: 'name_constraints',
          status: 'passed',
          found: {
            en: `the names are within what ${by} may issue for`,
            ko: `이름이 ${by}의 발급 범위에 있습니다`,
          },
        },
      ];
    }
    const [certificate, issuer] = [path[fault.depth], path[fault.issuer]];
    const [name, limit] = [visible(fault.name), visible(fault.constraint)];
    const isExcluded = fault.violation === 'EXCLUDED_VIOLATION';
    const isForeign = isExcluded || fault.violation === 'PERMITTED_VIOLATION';
    return [
      {
        id: 'name_constraints',
        status: 'failed',
        reason: 'name_constraint_violated',
        depth: fault.depth,
        found: isForeign
          ? {
              en: `${certificate ? subjectOf(certificate) : ''} has the name ${name}, for which ${issuer ? subjectOf(issuer) : ''} may not issue`,
              ko: `${certificate ? subjectOf(certificate) : ''}의 이름 ${name}: ${issuer ? subjectOf(issuer) : ''}의 발급 범위를 벗어납니다`,
            }
          : {
              en: `whether ${name} is within the constraints of ${issuer ? subjectOf(issuer) : ''} cannot be determined (${fault.violation})`,
              ko: `이름 ${name}: ${issuer ? subjectOf(issuer) : ''}의 이름 제약에 맞는지 판단할 수 없습니다(${fault.violation})`,
            },
        expected: isExcluded
          ? { en: `a name outside ${limit}`, ko: `${limit}에 속하지 않는 이름` }
          : isForeign
            ? { en: `a name within ${limit}`, ko: `${limit}에 속하는 이름` }
            : { en: limit, ko: limit },
        remedy: {
          en: 'Have the certificate issued by a CA that may certify this name.',
          ko: '이 이름의 인증서를 발급할 수 있는 CA에서 다시 발급받으세요.',
        },
      },
    ];
  },
  chain: (looked) => {
    const { path, complete } = looked;
    const anchor = path.at(-1);
    if (!complete || !anchor) return [missingPath(looked)];
    const length = path.length;
    const found =
      length === 1
        ? {
            en: `${subjectOf(anchor)} is itself trusted`,
            ko: `${subjectOf(anchor)} 인증서 자체를 신뢰합니다`,
          }
        : {
            en: `leads in ${length - 1} step${length === 2 ? '' : 's'} to the trusted ${subjectOf(anchor)}`,
            ko: `신뢰하는 ${subjectOf(anchor)}까지 ${length - 1}단계로 이어집니다`,
          };
    return [{ id: 'chain', status: 'passed', found }];
  },
  signature: ({ path, complete }) => {
    const tip = path.at(-1);
    const unknown = !complete && tip && !sameName(tip.subject, tip.issuer) ? tip : undefined;
    const unlooked = unknown
      ? [
          notLooked('signature', {
            en: `the one on ${subjectOf(unknown)} cannot be checked: its issuer is missing`,
            ko: `${subjectOf(unknown)}의 서명은 발급자가 없어 확인할 수 없습니다`,
          }),
        ]
      : [];
    if (path.length === 1 && complete)
      return [notLooked('signature', { en: 'it is itself trusted', ko: '신뢰하는 인증서 자체입니다' })];
    if (path.length === 1 && unknown) return unlooked;
    const passed = { en: 'each matches the key of its issuer', ko: '모두 발급자의 키와 맞습니다' };
    const checks = all('signature', complete ? path.slice(0, -1) : path, passed, (certificate, depth) => {
      const issuer =
        path[depth + 1] ?? (sameName(certificate.subject, certificate.issuer) ? certificate : undefined);
      if (!issuer || isIssuedBy(certificate, issuer)) return undefined;
      return {
        reason: 'bad_signature',
        found: {
          en: `the signature on ${subjectOf(certificate)} does not match the key of ${subjectOf(issuer)}`,
          ko: `${subjectOf(certificate)}의 서명이 ${subjectOf(issuer)}의 키와 맞지 않습니다`,
        },
        expected: {
          en: 'a signature made with the private key of the issuer',
          ko: '발급자의 개인 키로 만든 서명',
        },
        remedy: {
          en: 'Compare the fingerprint with the one that the CA issued. Replace a damaged file; anything else is a security incident.',
          ko: 'CA가 발급한 인증서와 지문을 비교하세요. 파일 손상이라면 원본으로 바꾸고, 아니라면 보안 사고로 다루세요.',
        },
      };
    });
    return [...checks, ...unlooked];
  },
  validity: ({ path, question: { at } }) => {
    const firstEnd = minuteText(Math.min(...path.map(({ notAfter }) => notAfter)));
    const passed = {
      en: `all are valid at ${minuteText(at)}; the first ends ${firstEnd}`,
      ko: `모두 ${minuteText(at)}에 유효하며, 가장 먼저 끝나는 때는 ${firstEnd}입니다`,
    };
    return all('validity', path, passed, (certificate) => {
      const early = at < certificate.notBefore;
      if (!early && at < certificate.notAfter) return undefined;
      const words = validityWords(certificate, early ? at : Math.max(at, certificate.notAfter + 1000));
      const dates = `${minuteText(certificate.notBefore)} – ${minuteText(certificate.notAfter)}`;
      return {
        reason: early ? 'certificate_not_yet_valid' : 'certificate_expired',
        found: {
          en: `${subjectOf(certificate)}: ${words.en} (${dates})`,
          ko: `${subjectOf(certificate)}: ${words.ko} (${dates})`,
        },
        expected: { en: `valid at ${minuteText(at)}`, ko: `${minuteText(at)}에 유효` },
        remedy: early
          ? {
              en: 'Compare the clocks of both machines first. If they are right, wait, or have it reissued.',
              ko: '먼저 두 컴퓨터의 시계를 비교하세요. 맞다면 기다리거나 다시 발급받으세요.',
            }
          : {
              en: 'Renew it; if its dates look right, compare the clocks of both machines.',
              ko: '인증서를 갱신하세요. 날짜에 문제가 없어 보이면 두 컴퓨터의 시계를 비교하세요.',
            },
      };
    });
  },
  authority: ({ path, complete, question: { purpose } }) => {
    if (path.length === 1) return [noIssuer('authority')];
    const issuers = all(
      'authority',
      path,
      { en: 'every issuer may issue certificates', ko: '발급자가 모두 인증서를 발급할 수 있습니다' },
      (certificate, depth) => {
        if (depth === 0 || mayIssue(certificate, complete && depth === path.length - 1)) return undefined;
        const hasFlag = certificate.basicConstraints?.isCa ?? false;
        return {
          reason: 'not_a_ca',
          found: hasFlag
            ? {
                en: `${subjectOf(certificate)} is a CA whose keyUsage (${certificate.keyUsage?.join(', ') ?? ''}) does not include signing certificates`,
                ko: `${josa(subjectOf(certificate), '은/는')} CA이지만 keyUsage(${certificate.keyUsage?.join(', ') ?? ''})에 인증서 서명이 없습니다`,
              }
            : {
                en: `${subjectOf(certificate)} issued the certificate below it but is not a CA`,
                ko: `${josa(subjectOf(certificate), '은/는')} CA가 아닌데 아래 인증서를 발급했습니다`,
              },
          expected: verbatim('basicConstraints CA:TRUE, keyUsage keyCertSign'),
          remedy: {
            en: 'Have the certificate below it issued by a CA; until then, treat it as forged.',
            ko: '아래 인증서를 CA에서 발급받으세요. 경위를 알 때까지 위조된 것으로 다루세요.',
          },
        };
      },
    );
    const [leaf] = path;
    if (!leaf?.basicConstraints?.isCa) return issuers;
    return [
      ...issuers,
      {
        id: 'authority',
        status: 'warned',
        reason: 'ca_as_leaf',
        depth: 0,
        found: {
          en: `${subjectOf(leaf)} is a CA but presented as a ${purpose ?? 'server or client'}; OpenSSL accepts it, wirelab's proxy does not`,
          ko: `${josa(subjectOf(leaf), '은/는')} CA인데 ${purpose ? purposeNames[purpose].ko : '서버나 클라이언트'} 인증서로 제시되었습니다. OpenSSL은 받아들이지만 wirelab 프록시는 거부합니다`,
        },
        expected: verbatim('basicConstraints CA:FALSE'),
        remedy: {
          en: 'Issue a separate certificate, with a key that signs no certificates.',
          ko: '다른 것에 서명하지 않는 키로 별도의 인증서를 발급하세요.',
        },
      },
    ];
  },
  path_length: ({ path }) => {
    if (path.length === 1) return [noIssuer('path_length')];
    let below = 0;
    return all(
      'path_length',
      path,
      { en: 'no path length is exceeded', ko: '허용된 단계 수를 넘는 CA가 없습니다' },
      (certificate, depth) => {
        if (depth === 0) return undefined;
        const limit = certificate.basicConstraints?.pathLength;
        const count = below;
        if (!sameName(certificate.subject, certificate.issuer)) below++;
        if (limit === undefined || count <= limit) return undefined;
        return {
          reason: 'path_too_long',
          found: {
            en: `${count} CA${count === 1 ? ' is' : 's are'} below ${subjectOf(certificate)}`,
            ko: `${subjectOf(certificate)} 아래에 CA가 ${count}개 있습니다`,
          },
          expected: { en: `at most ${limit} (path length)`, ko: `최대 ${limit}개(path length)` },
          remedy: {
            en: 'Have the leaf issued by a CA at a higher level.',
            ko: '더 상위의 CA에서 발급받으세요.',
          },
        };
      },
    );
  },
  critical_extensions: ({ path }) =>
    all(
      'critical_extensions',
      path,
      { en: 'no unknown critical extensions', ko: '모르는 필수(critical) 확장이 없습니다' },
      (certificate, depth) => {
        const unknown = unknownConditions(certificate, depth);
        if (unknown.length === 0) return undefined;
        return {
          reason: 'unhandled_critical_extension',
          found: {
            en: `${subjectOf(certificate)} has an unknown critical extension: ${unknown.join(', ')}`,
            ko: `${subjectOf(certificate)}에 무시할 수 없지만 뜻을 모르는 조건이 있습니다: ${unknown.join(', ')}`,
          },
          expected: {
            en: 'only known critical extensions (RFC 5280 section 4.2)',
            ko: '알고 있는 필수 확장만(RFC 5280 section 4.2)',
          },
          remedy: reissue,
        };
      },
    ),
  key_usage: ({ path, question: { purpose } }) => {
    const [leaf] = path;
    if (!purpose || !leaf) return [notAsked('key_usage', '--purpose')];
    const used = leaf.keyUsage ? leaf.keyUsage.join(', ') : undefined;
    const passed =
      used === undefined ? { en: 'the leaf does not limit it', ko: '제한이 없습니다' } : verbatim(used);
    return all('key_usage', [leaf], passed, () => {
      if (hasLeafUsage(leaf, purpose)) return undefined;
      if (!hasNetscapeType(leaf, purpose)) {
        const types = leaf.netscapeCertType?.join(', ');
        return {
          reason: 'wrong_usage',
          found: {
            en: `${subjectOf(leaf)} has the Netscape certificate type ${types || '(none)'}`,
            ko: `${subjectOf(leaf)}의 Netscape 인증서 종류: ${types || '없음'}`,
          },
          expected: verbatim(purpose === 'client' ? 'sslClient' : 'sslServer'),
          remedy: reissue,
        };
      }
      return {
        reason: 'wrong_usage',
        found: {
          en: `${subjectOf(leaf)} may use its key for ${used || 'nothing'}`,
          ko: `${subjectOf(leaf)}의 키 사용: ${used || '없음'}`,
        },
        expected: {
          en: `one of ${usageOf[purpose].leaf.join(', ')}`,
          ko: `다음 중 하나: ${usageOf[purpose].leaf.join(', ')}`,
        },
        remedy: reissue,
      };
    });
  },
  extended_key_usage: ({ path, question: { purpose } }) => {
    if (!purpose) return [notAsked('extended_key_usage', '--purpose')];
    const wanted = usageOf[purpose].extended;
    const usages = path[0]?.extendedKeyUsage;
    const passed = usages
      ? {
          en: `${usages.join(', ')}: valid for a ${purpose}`,
          ko: `${usages.join(', ')}: ${josa(purposeNames[purpose].ko, '으로/로')} 쓸 수 있습니다`,
        }
      : { en: 'the leaf does not limit it', ko: '제한이 없습니다' };
    return all('extended_key_usage', path, passed, (certificate, depth) => {
      if (hasExtendedUsage(certificate, purpose) && hasTypeOfCa(certificate, depth)) return undefined;
      const has = certificate.extendedKeyUsage?.join(', ') || 'nothing';
      return {
        reason: 'wrong_usage',
        found:
          depth === 0
            ? {
                en: `${subjectOf(certificate)} is valid for ${has} only`,
                ko: `${subjectOf(certificate)}의 용도: ${has}`,
              }
            : {
                en: `the CA ${subjectOf(certificate)} may issue for ${has} only`,
                ko: `CA ${josa(subjectOf(certificate), '이/가')} 발급할 수 있는 용도: ${has}`,
              },
        expected: { en: `${wanted}, for a ${purpose}`, ko: `${purposeNames[purpose].ko}에는 ${wanted}` },
        remedy: {
          en: `Have a certificate issued with the extended key usage ${wanted}; use separate certificates for servers and clients.`,
          ko: `확장 키 사용에 ${wanted} 용도가 있는 인증서를 발급받으세요. 서버와 클라이언트는 따로 씁니다.`,
        },
      };
    });
  },
  strength: ({ path, complete }) => {
    const keys = [...new Set(path.map(({ publicKey }) => publicKey.name))].join(', ');
    return all(
      'strength',
      path,
      { en: `keys and digests are strong enough (${keys})`, ko: `키와 해시가 충분히 강합니다(${keys})` },
      (certificate, depth) => {
        if (
          publicKeyOf(certificate.publicKey) === undefined ||
          (path.length > 1 && certificate.publicKey.hasExplicitCurve)
        ) {
          const { expected, found } = keyFault(certificate);
          return {
            reason: 'unusable_key',
            found: {
              en: `${subjectOf(certificate)} has a key that OpenSSL cannot use: ${found}`,
              ko: `${subjectOf(certificate)}의 키를 OpenSSL이 쓸 수 없습니다: ${found}`,
            },
            expected: verbatim(expected),
            remedy: {
              en: 'Create a new key and have a certificate issued for it.',
              ko: '새 키를 만들어 인증서를 다시 발급받으세요.',
            },
          };
        }
        if (hasWeakKey(certificate)) {
          return {
            reason: 'weak_key',
            found: {
              en: `${subjectOf(certificate)} has a weak key: ${certificate.publicKey.name}`,
              ko: `${subjectOf(certificate)}의 키는 ${certificate.publicKey.name}입니다`,
            },
            expected: { en: 'RSA of at least 2048 bits, or P-256', ko: '2048비트 이상의 RSA 또는 P-256' },
            remedy: {
              en: 'Create a new key and have a certificate issued for it.',
              ko: '새 키를 만들어 인증서를 다시 발급받으세요.',
            },
          };
        }
        // The signature of a trust anchor over itself is not relied on.
        if ((complete && depth === path.length - 1) || !hasWeakDigest(certificate)) return undefined;
        return {
          reason: 'weak_signature',
          found: {
            en: `${subjectOf(certificate)} is signed with ${certificate.signatureAlgorithm.name}`,
            ko: `${subjectOf(certificate)}의 서명 알고리즘은 ${certificate.signatureAlgorithm.name}입니다`,
          },
          expected: { en: 'SHA-256 or better', ko: 'SHA-256 이상' },
          remedy: reissue,
        };
      },
    );
  },
  name: ({ path, question: { name } }) => {
    const [leaf] = path;
    if (name === undefined || !leaf) return [notAsked('name', '--name')];
    return [nameCheck(leaf, name)];
  },
  revocation: ({ path, complete, question: { lists, at } }) => {
    if (!lists) return [notAsked('revocation', '--crl')];
    if (!complete)
      return [
        notLooked('revocation', {
          en: 'cannot be checked without a chain',
          ko: '체인이 없어 확인할 수 없습니다',
        }),
      ];
    if (path.length === 1)
      return [
        notLooked('revocation', {
          en: 'a trusted certificate is not checked',
          ko: '신뢰하는 인증서 자체는 확인하지 않습니다',
        }),
      ];
    const passed = {
      en: 'none of them is on the current list of its issuer',
      ko: '각 발급자의 유효한 CRL에 올라 있지 않습니다',
    };
    return all('revocation', path.slice(0, -1), passed, (certificate, depth) =>
      revocationFailure(certificate, path[depth + 1], lists, at),
    );
  },
};

const notLooked = (id: CheckId, found: Localized): Check => ({ id, status: 'not_asked', found });

const notAsked = (id: CheckId, option: string): Check =>
  notLooked(id, { en: `not checked (${option})`, ko: `확인하지 않음(${option})` });

const noIssuer = (id: CheckId): Check =>
  notLooked(id, { en: 'there is no issuer to check', ko: '살펴볼 발급자가 없습니다' });
