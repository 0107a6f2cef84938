/** What client and server offer each other: versions, suites, groups, the security level, protocols (ALPN), names (SNI). */
import { DEFAULT_CIPHERS } from 'node:tls';
import type { Attempt } from '../attempt/attempt.ts';
import { meantName } from '../attempt/call.ts';
import type { Call, Change } from '../attempt/call.ts';
import { ipVersion } from '../../core/ip-version.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { presentedCertificate } from '../../protocols/x509/known-certificates.ts';
import { bytesOf, cameBack, difference, explained, isAnswered, isBetter } from '../case.ts';
import type { Cause } from '../../analysis/outcome/cause-words.ts';
import type { Case, Explained, Hypothesis } from '../case.ts';
import type { Finding } from '../diagnosis.ts';
import { found } from '../found.ts';
import { protocolWords } from './answers/protocol-words.ts';
import { failedEarly } from './failed-early.ts';
import { helloForms, isDeaf } from './hello-form.ts';
import { groupsOf, suitesOf } from './one-by-one.ts';

export const tls12: Change = {
  id: 'tls1.2',
  words: { en: 'TLS 1.2 only', ko: 'TLS 1.2만' },
  tls: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' },
};
export const tls13: Change = {
  id: 'tls1.3',
  words: { en: 'TLS 1.3 only', ko: 'TLS 1.3만' },
  tls: { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' },
};
const oldVersions: Change = {
  id: 'old-versions',
  words: { en: 'TLS 1.0 and 1.1, with old suites', ko: 'TLS 1.0과 1.1, 오래된 스위트' },
  hello: {
    isHybrid: false,
    sent: 'whole',
    versions: [0x0302, 0x0301],
    offersOldSuites: true,
    offersOldSignatures: true,
  },
};
const oldSuites: Change = {
  id: 'old-suites',
  words: { en: 'with suites that current clients do not offer', ko: '요즘은 쓰지 않는 스위트도 함께' },
  hello: { isHybrid: false, sent: 'whole', offersOldSuites: true },
};
const rareGroups: Change = {
  id: 'rare-groups',
  words: {
    en: 'with groups that few clients offer (hybrid, finite fields, Brainpool, secp256k1)',
    ko: '흔하지 않은 그룹도 함께(하이브리드, 유한체, Brainpool, secp256k1)',
  },
  hello: { isHybrid: true, sent: 'whole', offersRareGroups: true },
};
const oldSignatures: Change = {
  id: 'old-signatures',
  words: { en: 'with signatures over SHA-1', ko: 'SHA-1 서명도 함께' },
  hello: { isHybrid: false, sent: 'whole', offersOldSignatures: true },
};
const levelZero: Change = {
  id: 'security-level-0',
  words: { en: 'OpenSSL’s security level 0', ko: 'OpenSSL 보안 수준 0' },
  tls: { ciphers: DEFAULT_CIPHERS, securityLevel: 0 },
};

const versionOf: Readonly<Record<string, string>> = { [tls12.id]: 'TLS 1.2', [tls13.id]: 'TLS 1.3' };

/** It chose the version, and then found nothing in common within it: handshake_failure, insufficient_security. */
export const isPickedApart = ({ alert }: Attempt): boolean => alert?.code === 40 || alert?.code === 71;

export const versions: Hypothesis = {
  name: 'versions',
  async test(current) {
    const { base, laboratory } = current;
    if (!failedEarly(base) || isAnswered(base) || (await isDeaf(current))) return undefined;
    // A client with limits of its own has been compared with one that has none (`limits.ts`).
    for (const change of current.call.limits ? [] : [tls12, tls13]) {
      const made = await laboratory.try(change);
      if (!isBetter(made, base)) continue;
      // It answers with an older version than was offered: it has no other.
      if (made.result !== 'completed' && made.version !== undefined && made.version !== versionOf[change.id])
        return explained({
          cause: 'no_common_version',
          by: base.alert?.from ?? 'client',
          detail: { offered: ['TLS 1.3', 'TLS 1.2'], picked: made.version },
          alert: base.alert,
          confidence: 'proven',
          message: 'ClientHello',
          evidence: [difference(base, made), ...bytesOf(base)],
        });
      const intolerance = explained({
        cause: isPickedApart(base) ? 'negotiation_failed' : 'version_intolerance',
        by: 'server',
        // Without an alert it may as well be something on the way.
        blamed: base.alert ? 'server' : 'unknown',
        detail: {},
        alert: base.alert,
        // A hello of one version has other suites and groups too: that it is answered is not yet that it is accepted. And
        // silence may be due to the size of an answer.
        confidence:
          made.result === 'completed' && base.result !== 'silence' && !isPickedApart(base)
            ? 'proven'
            : 'likely',
        message: 'ClientHello',
        evidence: [difference(base, made), ...bytesOf(base)],
      });
      return base.alert ? intolerance : { ...intolerance, ...withoutAlert(made) };
    }
    const own = await ownBase(current);
    const old = own && (await laboratory.try(oldVersions));
    if (!isBetter(old, base)) return undefined;
    return found({
      cause: 'old_ciphers_only',
      by: 'server',
      confidence: 'proven',
      message: 'ClientHello',
      evidence: [difference(base, old)],
      more: cameBack(old),
    });
  },
};

/** Nobody says that it is the server that minds. */
const withoutAlert = ({ change }: Attempt): Pick<Finding, 'because' | 'remedy'> => ({
  because: {
    en: `the connection fails at a valid ClientHello that offers current versions, and succeeds with ${change.words.en}: the server, or something on the way that reads its handshakes, cannot take the newer one`,
    ko: `지금 버전을 제안하는 올바른 ClientHello에서는 실패하고 ${change.words.ko} 제안하면 성공합니다. 서버나 핸드셰이크를 읽는 중간 장비가 새 버전을 처리하지 못합니다.`,
  },
  remedy: {
    on: 'between',
    words: {
      en: 'update what stands before the server and reads TLS (firewall, inspecting proxy, load balancer), or exempt this server from it; then the server itself. Until then a client can be limited to the version that passes',
      ko: '서버 앞에서 TLS를 읽는 장비(방화벽, 검사 프록시, 로드 밸런서)를 업데이트하거나 이 서버를 예외로 두고, 그다음 서버를 업데이트하세요. 그때까지는 클라이언트를 통과하는 버전으로 제한할 수 있습니다.',
    },
  },
});

/**
 * A hello of wirelab's own, to which those that offer more are compared; undefined where it is answered: then what the server
 * does not like is not what it lacks.
 */
async function ownBase(current: Case): Promise<Attempt | undefined> {
  const { base, laboratory } = current;
  if (!failedEarly(base) || isAnswered(base) || (await isDeaf(current))) return undefined;
  const own = await laboratory.try(helloForms.classical);
  return own && !isAnswered(own) ? own : undefined;
}

/** TLS 1.3 has less to choose from: a server with a key of a rare curve takes a hello of TLS 1.2 only. */
const below13 = (change: Change): Change => ({
  ...change,
  id: `${change.id}-tls1.2`,
  words: inEach((language) => `${change.words[language]}, ${tls12.words[language]}`),
  hello: { isHybrid: false, sent: 'whole', ...change.hello, versions: [0x0303] },
});

/** A hello that offers one thing more is answered where the plain one is not: that is what the server has only. */
const offering = (
  name: string,
  changes: readonly Change[],
  finding: (made: Attempt, common: OfferedMore, current: Case) => Promise<Finding> | Finding,
): Hypothesis => ({
  name,
  async test(current) {
    const plain = await ownBase(current);
    if (!plain) return undefined;
    for (const change of changes) {
      // One thing at a time: it is compared with a hello of the same versions.
      const isBelow = change.hello?.versions !== undefined;
      const own = isBelow ? await current.laboratory.try(below13(helloForms.classical)) : plain;
      if (!own || isAnswered(own)) continue;
      const made = await current.laboratory.try(change);
      if (!isBetter(made, own)) continue;
      const common = {
        by: 'server',
        confidence: 'proven',
        message: 'ClientHello',
        evidence: [difference(own, made), ...bytesOf(current.base)],
      } as const;
      return finding(made, common, current);
    }
    return undefined;
  },
});

interface OfferedMore extends Pick<Explained, 'evidence'> {
  readonly by: 'server';
  readonly confidence: 'proven';
  readonly message: string;
}

export const suites = offering('suites', [oldSuites, below13(oldSuites)], async (made, common, current) =>
  found({
    cause: 'old_ciphers_only',
    ...common,
    evidence: [...common.evidence, ...(await suitesOf(current, made))],
    more: cameBack(made),
  }),
);

export const groups = offering('groups', [rareGroups, below13(rareGroups)], async (made, common, current) => {
  const { names, evidence } = await groupsOf(current, made);
  const taken = names === '' ? made.group : names;
  return explained({
    cause: 'no_common_group',
    detail: {},
    alert: current.base.alert,
    ...common,
    evidence: [...common.evidence, ...evidence],
    remedy:
      ofRareKey(made) ??
      (taken === undefined
        ? undefined
        : {
            en: `let the server allow X25519 or P-256 too; it takes ${taken}, which the client can be made to offer as well`,
            ko: `서버에서 X25519나 P-256도 허용하세요. 클라이언트가 서버의 그룹(${taken})을 제안하게 해도 됩니다.`,
          }),
  });
});

const usualCurves: ReadonlySet<string> = new Set(['P-256', 'P-384', 'P-521']);

/** Up to TLS 1.2 the curve of the server's certificate has to be among the groups of the client too (RFC 8422 section 5.1). */
function ofRareKey({ version, chain: [der] }: Attempt): Localized | undefined {
  const key = der === undefined || version === 'TLS 1.3' ? undefined : presentedCertificate(der)?.publicKey;
  if (key?.algorithm !== 'EC' || usualCurves.has(key.name)) return undefined;
  const name = safeText(key.name);
  return {
    en: `give the server a certificate with a key on P-256, or an RSA key: the key of its certificate is on ${name}, a curve that few clients offer, so that the groups for the key exchange alone are no help`,
    ko: `서버에 P-256 키나 RSA 키의 인증서를 쓰세요. 서버 인증서의 키가 클라이언트 대부분이 제안하지 않는 곡선(${name})이므로, 키 교환 그룹만 바꾸어서는 해결되지 않습니다.`,
  };
}

export const signatures = offering('signatures', [oldSignatures], (_made, common, { base: { alert } }) =>
  explained({
    cause: 'no_common_signature',
    detail: {},
    alert,
    ...common,
    because: {
      en: 'the server signs its handshake only in ways that current clients refuse: over SHA-1, or with a DSA key',
      ko: '서버가 요즘 클라이언트가 거부하는 방식(SHA-1 서명, DSA 키)으로만 핸드셰이크에 서명합니다.',
    },
    remedy: {
      en: 'let the server sign with SHA-256 or better: update it, take the limit out of its settings (OpenSSL: SignatureAlgorithms), and give it a key that is RSA or on P-256',
      ko: '서버가 SHA-256 이상으로 서명하게 하세요. 서버를 업데이트하고, 설정의 제한(OpenSSL: SignatureAlgorithms)을 지우고, RSA나 P-256 키를 쓰세요.',
    },
  }),
);

/** What OpenSSL finds too weak, on this side: it ends the handshake by itself. */
const weakness =
  /TOO_SMALL|MD_TOO_WEAK|DH_KEY|UNSUPPORTED_PROTOCOL|NO_CIPHERS_AVAILABLE|WRONG_SIGNATURE_TYPE/;

/** What the client's own TLS library says of its refusal: more than the alert that it sends. */
const ownRefusals: readonly (readonly [RegExp, Cause])[] = [
  [/UNSAFE_LEGACY_RENEGOTIATION_DISABLED/, 'legacy_renegotiation'],
];

export const ownRefusal: Hypothesis = {
  name: 'own-refusal',
  async test({ base }) {
    const { failure } = base;
    // The limit is one of Certificate where that was due, and of every other message before.
    if (failure?.reason === 'certificate_too_large' && base.version === undefined)
      return explained({
        cause: 'protocol_error',
        by: 'client',
        blamed: 'server',
        detail: {},
        confidence: 'proven',
        message: 'ServerHello',
        evidence: bytesOf(base),
      });
    const known = failure && ownRefusals.find(([pattern]) => pattern.test(failure.code));
    if (!known) return undefined;
    return explained({
      cause: known[1],
      by: 'client',
      detail: {},
      confidence: 'proven',
      message: 'ServerHello',
      evidence: bytesOf(base),
    });
  },
};

export const securityLevel: Hypothesis = {
  name: 'security-level',
  async test({ base, laboratory }) {
    if (!base.failure || !weakness.test(base.failure.code)) return undefined;
    const made = await laboratory.try(levelZero);
    if (!isBetter(made, base)) return undefined;
    return found({
      cause: 'security_level',
      by: 'client',
      confidence: 'proven',
      message: 'ServerKeyExchange',
      evidence: [difference(base, made)],
      more: { en: base.failure.code, ko: base.failure.code },
    });
  },
};

export const overHttp: Change = {
  id: 'alpn-http',
  words: { en: 'with ALPN h2 and http/1.1', ko: 'ALPN h2와 http/1.1로' },
  alpn: ['h2', 'http/1.1'],
};

export const protocols: Hypothesis = {
  name: 'alpn',
  async test(current) {
    const { base, call, laboratory } = current;
    if ((!failedEarly(base) && !isLeft(base)) || (await isDeaf(current))) return undefined;
    const made = await laboratory.try(
      call.alpn ? { id: 'alpn-none', words: { en: 'without ALPN', ko: 'ALPN 없이' }, alpn: null } : overHttp,
    );
    if (!isBetter(made, base)) return undefined;
    // Which one it speaks, is seen where both of HTTP are offered.
    const offered = call.alpn ? await laboratory.try(overHttp) : made;
    const agreed = offered?.secured?.alpn;
    return explained({
      cause: 'no_common_protocol',
      by: 'server',
      blamed: base.alert ? 'server' : 'unknown',
      detail: { offered: call.alpn ?? [] },
      alert: base.alert,
      confidence: 'proven',
      message: 'ClientHello',
      ...protocolWords(call.alpn, agreed),
      evidence: [
        difference(base, made),
        ...(offered && offered !== made && agreed !== undefined ? [difference(base, offered)] : []),
        ...bytesOf(base),
      ],
    });
  },
};

/** The handshake completed, and the server hung up without being asked anything: as gRPC does where no protocol was agreed on. */
const isLeft = ({ secured, result }: Attempt): boolean =>
  secured !== undefined && secured.alpn === undefined && (result === 'closed' || result === 'reset');

const isName = (name: string): boolean => !ipVersion(name);

const named = (name: string): Change => ({
  id: `name-${name}`,
  words: { en: `with the server name ${name} (SNI)`, ko: `다른 서버 이름(SNI): ${name}` },
  serverName: name,
});

export const nameless: Change = {
  id: 'no-name',
  words: { en: 'without a server name (SNI)', ko: '서버 이름(SNI) 없이' },
  serverName: null,
};

/** Other names that the server may serve: none, and the one by which it was called. */
function otherNames({ serverName, host }: Call): Change[] {
  if (!isName(serverName ?? host)) return [named('localhost')];
  const isRenamed = serverName !== undefined && isName(host) && host !== serverName;
  return [nameless, ...(isRenamed ? [named(host)] : [])];
}

export const names: Hypothesis = {
  name: 'names',
  async test(current) {
    const { base, call, laboratory } = current;
    if (!failedEarly(base) || isAnswered(base) || (await isDeaf(current))) return undefined;
    const name = meantName(call);
    for (const change of otherNames(call)) {
      const made = await laboratory.try(change);
      if (!isBetter(made, base)) continue;
      // Only an alert says that the server itself decided by the name.
      if (base.alert?.from === 'server' || !isName(name))
        return explained({
          cause: 'unknown_server_name',
          by: 'server',
          detail: isName(name) ? { expected: name } : { unnamed: true },
          alert: base.alert,
          confidence: 'proven',
          message: 'ClientHello',
          evidence: [difference(base, made), ...bytesOf(base)],
        });
      // A server puts a divided hello together; who reads only its packets does not find the name in it.
      const whole = await laboratory.try(helloForms.classical);
      const divided = whole && !isAnswered(whole) ? await laboratory.try(helloForms.divided) : undefined;
      const isDivisionHeard = divided !== undefined && isAnswered(divided);
      return found({
        cause: 'name_filtered',
        by: isDivisionHeard ? 'between' : 'unknown',
        confidence: 'likely',
        message: 'ClientHello',
        evidence: [
          difference(base, made),
          ...(whole && divided && isDivisionHeard ? [difference(whole, divided)] : []),
        ],
        more: { en: name, ko: name },
      });
    }
    return undefined;
  },
};
