/** Explains why a chain does not lead to a trusted certificate. */
import { sameBytes } from '../../../core/bytes.ts';
import { toColonHex } from '../../../core/hex.ts';
import { isKnownSignature, isSelfIssued } from '../path.ts';
import { blameIncomplete, sameName } from '../verify.ts';
import { faultWords, issuerOf, reissue, subjectOf } from './check.ts';
import type { Check, Looked } from './check.ts';
import { josa } from '../../../i18n/josa.ts';

export function missingPath(looked: Looked): Check {
  const {
    path,
    question: { roots, chain },
  } = looked;
  const { reason, depth, fault } = blameIncomplete(looked, { roots, known: [] }, chain.slice(1));
  const tip = path[depth] ?? path[0];
  const trusted =
    roots.length > 3
      ? undefined
      : roots
          .map(
            (root) => `${subjectOf(root)}${root.keyId ? ` (${toColonHex(root.keyId).slice(0, 11)}…)` : ''}`,
          )
          .join(', ');
  const expected =
    trusted === undefined
      ? { en: `one of the ${roots.length} trusted CAs`, ko: `신뢰하는 CA ${roots.length}개 중 하나` }
      : {
          en: `a chain to ${trusted || 'a trusted CA (--cacert)'}`,
          ko: `${trusted || '신뢰하는 CA(--cacert)'}까지 이어지는 체인`,
        };
  const base = { id: 'chain', status: 'failed', reason, depth, expected } as const;
  if (!tip) return { ...base, found: { en: 'there is no certificate', ko: '인증서가 없습니다' } };
  if (fault) {
    const words = faultWords(fault);
    return {
      ...base,
      found: {
        en: `the issuer ${issuerOf(path.at(-1) ?? tip)} was found but is malformed: ${words.en}`,
        ko: `발급자 ${issuerOf(path.at(-1) ?? tip)}의 형식이 잘못되었습니다. ${words.ko}`,
      },
      remedy: reissue,
    };
  }
  if (reason === 'path_too_long') {
    return {
      ...base,
      found: {
        en: `there are more than a hundred CAs between ${subjectOf(path[0] ?? tip)} and a trusted certificate`,
        ko: `${josa(subjectOf(path[0] ?? tip), '과/와')} 신뢰하는 인증서 사이에 CA가 100개 넘게 있습니다`,
      },
      remedy: {
        en: 'Have the leaf issued by a CA at a higher level.',
        ko: '더 상위의 CA에서 발급받으세요.',
      },
    };
  }
  if (reason === 'bad_signature' && !isKnownSignature(tip)) {
    return {
      ...base,
      found: {
        en: `${subjectOf(tip)} is signed with ${tip.signedAlgorithm.name}, an unknown algorithm: its signature cannot be checked`,
        ko: `${subjectOf(tip)}의 서명 알고리즘 ${josa(tip.signedAlgorithm.name, '을/를')} 알지 못해 서명을 확인할 수 없습니다`,
      },
      remedy: reissue,
    };
  }
  if (reason === 'bad_signature') {
    return {
      ...base,
      found: {
        en: `${subjectOf(tip)} names the signature algorithm ${tip.signedAlgorithm.name}, which does not match the key of ${issuerOf(tip)}`,
        ko: `${subjectOf(tip)}의 서명 알고리즘 ${josa(tip.signedAlgorithm.name, '과/와')} ${issuerOf(tip)}의 키 종류가 맞지 않습니다`,
      },
      remedy: reissue,
    };
  }
  if (isSelfIssued(tip) && roots.some((root) => sameBytes(root.der, tip.der))) {
    return {
      ...base,
      found: {
        en: `the trusted ${subjectOf(tip)} names another key or serial number as its issuer: OpenSSL does not treat it as self-signed`,
        ko: `신뢰하는 인증서 ${subjectOf(tip)}에 발급자의 키나 일련번호가 자신과 다르게 적혀 있어 OpenSSL이 자체 서명으로 보지 않습니다`,
      },
      remedy: {
        en: 'Have the CA issue its own certificate again, with matching key identifiers.',
        ko: '키 식별자가 일치하도록 CA 인증서를 다시 만드세요.',
      },
    };
  }
  if (reason === 'self_signed') {
    return {
      ...base,
      found: {
        en: `${subjectOf(tip)} is self-signed and not trusted`,
        ko: `${josa(subjectOf(tip), '은/는')} 자체 서명 인증서이며 신뢰 목록에 없습니다`,
      },
      remedy: {
        en: 'Have a trusted CA issue it; or, if you received it from a trustworthy source, specify it with --cacert.',
        ko: '신뢰하는 CA에서 발급받거나, 믿을 수 있는 경로로 받은 것이라면 --cacert로 지정하세요.',
      },
    };
  }
  if (reason === 'intermediate_missing') {
    return {
      ...base,
      found: {
        en: `the issuer of ${subjectOf(tip)} is missing: ${issuerOf(tip)}`,
        ko: `${subjectOf(tip)}의 발급자가 없습니다: ${issuerOf(tip)}`,
      },
      remedy: {
        en: 'Add the intermediate certificate after the leaf in the chain, or specify it with --untrusted.',
        ko: '체인 파일에 중간 인증서를 추가하거나 --untrusted로 지정하세요.',
      },
    };
  }
  const namesake = roots.find((root) => sameName(root.subject, tip.issuer));
  return {
    ...base,
    found: namesake
      ? {
          en: `${subjectOf(tip)} was issued by a CA with the name of the trusted ${subjectOf(namesake)} but another key`,
          ko: `${josa(subjectOf(tip), '은/는')} 신뢰하는 ${josa(subjectOf(namesake), '과/와')} 이름은 같지만 키가 다른 CA가 발급했습니다`,
        }
      : {
          en: `${subjectOf(tip)} was issued by ${issuerOf(tip)}, which is not trusted`,
          ko: `${subjectOf(tip)}의 발급자 ${josa(issuerOf(tip), '을/를')} 신뢰하지 않습니다`,
        },
    remedy: {
      en: 'Get the CA certificate from its operator through a trustworthy channel, and specify it with --cacert.',
      ko: 'CA 운영자에게서 믿을 수 있는 경로로 CA 인증서를 받아 --cacert로 지정하세요.',
    },
  };
}
