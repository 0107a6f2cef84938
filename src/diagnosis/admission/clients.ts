/**
 * The clients that are played, a row each: what is wrong with it, what an enforcing server does with it, and, if the server admits
 * it, what that means and what to do. `prove.ts` plays them in this order; `judge.ts` judges.
 */
import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { josa } from '../../i18n/josa.ts';
import type { Localized } from '../../i18n/language.ts';
import type { CertificateFlaw } from '../../pki/ca/flaws.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { Identity, TlsChoices } from '../../wire/endpoint.ts';
import type { Change } from '../attempt/call.ts';
import type { ClientAuthority, Likeness, Signer } from './identities.ts';
import { clientAsSigner, issueClient, keyOfAnother, signerOf, strangeAuthority } from './identities.ts';
import { omitted } from './judge.ts';
import type { NotTested } from './judge.ts';
import {
  checkRevocation,
  checkUsage,
  closeOldVersions,
  endSessions,
  keepSessionsShort,
  refuseRenegotiation,
  requireCertificate,
  verifyAll,
  verifyIssuer,
} from './remedies.ts';
import type { Remedy } from './remedies.ts';

/** What the rows make their clients of. */
export interface Means {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly authority: ClientAuthority;
  /** The valid client: given, or issued by the authority. */
  readonly valid: Identity;
  /** Of the valid client: its certificate, its private key, and the DER of what it sends behind its own. */
  readonly leaf: Certificate;
  readonly leafKey: KeyObject;
  readonly likeness: Likeness;
  /** In which the valid client was admitted; undefined where it was not. */
  readonly version: string | undefined;
  /** The last session that the valid client received. */
  readonly session: Buffer | undefined;
  /** What every client does, unless its row says otherwise. */
  readonly tls: TlsChoices;
}

/** `either`: both are in order, and the answer is worth knowing. */
export type Expected = 'admitted' | 'refused' | 'either';

type Played = Pick<Change, 'identity' | 'tls' | 'session' | 'renegotiates'>;

export interface ClientKind {
  readonly id: string;
  readonly words: Localized;
  readonly expected: Expected;
  make(means: Means): Played | NotTested;
  /** Its certificate is in order: what is wrong with it is elsewhere. */
  readonly hasSoundCertificate?: true;
  /** What it means that it was admitted, and what ends that. */
  readonly admitted: Admitted;
}

export interface Admitted {
  readonly because: Localized;
  readonly remedy: Remedy;
}

const withoutKey = omitted('needs --client-ca-key', '--client-ca-key 필요');

/** A client of the authority with one flaw. */
const flawed =
  (flaw: CertificateFlaw) =>
  ({ authority, likeness, now }: Means): Played | NotTested =>
    authority.key
      ? { identity: issueClient({ signer: signerOf(authority, authority.key), likeness, now, flaw }) }
      : withoutKey;

const issuedBy = (signer: Signer, { likeness, now }: Means): Played => ({
  identity: issueClient({ signer, likeness, now }),
});

/** OpenSSL allows the old versions only at its lowest security level. */
const onlyVersion = (version: 'TLSv1' | 'TLSv1.1'): TlsChoices => ({
  minVersion: version,
  maxVersion: version,
  securityLevel: 0,
});

const onlyTls12: TlsChoices = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' };

/** Whatever its certificate is: nobody looked at it. */
export const neverAsked: Admitted = {
  because: {
    en: 'No certificate was asked for at all (no CertificateRequest).',
    ko: '서버가 인증서를 아예 요청하지 않았습니다(CertificateRequest 없음).',
  },
  remedy: requireCertificate,
};

const forgeable: Localized = {
  en: 'Anybody can make such a certificate, with any name in it.',
  ko: '누구나 이런 인증서를 어떤 이름으로든 만들 수 있습니다.',
};

/** A version that RFC 8996 forbids. */
const oldVersion = (version: 'TLSv1' | 'TLSv1.1', title: string): ClientKind => ({
  id: version === 'TLSv1' ? 'tls1.0' : 'tls1.1',
  words: { en: `valid, but only ${title}`, ko: `유효하지만 ${title}만 사용` },
  expected: 'refused',
  hasSoundCertificate: true,
  make: ({ valid }) => ({ identity: valid, tls: onlyVersion(version) }),
  admitted: {
    because: {
      en: `${title} is open (RFC 8996 forbids it): its handshake is signed over SHA-1, and the client’s certificate is readable.`,
      ko: `${josa(title, '이/가')} 열려 있습니다(RFC 8996에서 금지). 핸드셰이크 서명에 SHA-1을 쓰고 클라이언트 인증서도 그대로 읽힙니다.`,
    },
    remedy: closeOldVersions,
  },
});

export const clientKinds: readonly ClientKind[] = [
  {
    id: 'none',
    words: { en: 'no certificate', ko: '인증서 없음' },
    expected: 'refused',
    make: () => ({ identity: null }),
    admitted: {
      because: {
        en: 'Nobody needs a certificate: mutual TLS is optional here.',
        ko: '인증서가 없어도 됩니다. 이 서버의 상호 TLS는 선택 사항입니다.',
      },
      remedy: requireCertificate,
    },
  },
  {
    id: 'none-tls1.2',
    words: { en: 'no certificate, TLS 1.2 at most', ko: '인증서 없음, TLS 1.2까지만' },
    expected: 'refused',
    make: ({ version }) =>
      version === 'TLS 1.3'
        ? { identity: null, tls: onlyTls12 }
        : omitted('the same as the client before it', '앞의 클라이언트와 같음'),
    admitted: {
      because: {
        en: 'A client that speaks only TLS 1.2 needs no certificate.',
        ko: 'TLS 1.2만 쓰면 인증서가 없어도 됩니다.',
      },
      remedy: requireCertificate,
    },
  },
  {
    id: 'other-ca',
    words: { en: 'of an unknown CA', ko: '모르는 CA의 인증서' },
    expected: 'refused',
    make: (means) => issuedBy(strangeAuthority(means.now), means),
    admitted: { because: forgeable, remedy: verifyIssuer },
  },
  {
    id: 'same-name-ca',
    words: { en: 'of a CA of the same name', ko: '이름이 같은 다른 CA의 인증서' },
    expected: 'refused',
    make: (means) => issuedBy(strangeAuthority(means.now, { namesake: means.authority.certificate }), means),
    admitted: { because: forgeable, remedy: verifyIssuer },
  },
  {
    id: 'same-key-id-ca',
    words: {
      en: 'of a CA of the same name and key identifier',
      ko: '이름과 키 식별자가 같은 다른 CA의 인증서',
    },
    expected: 'refused',
    make: (means) =>
      issuedBy(strangeAuthority(means.now, { namesake: means.authority.certificate, hasKeyId: true }), means),
    admitted: { because: forgeable, remedy: verifyIssuer },
  },
  {
    id: 'self-signed',
    words: { en: 'self-signed', ko: '자체 서명' },
    expected: 'refused',
    make: ({ likeness, now }) => ({
      identity: issueClient({ signer: undefined, likeness, now, flaw: 'self-signed' }),
    }),
    admitted: { because: forgeable, remedy: verifyIssuer },
  },
  {
    id: 'expired',
    words: { en: 'expired yesterday', ko: '어제 만료됨' },
    expected: 'refused',
    make: flawed('expired'),
    admitted: {
      because: {
        en: 'A certificate stays good for ever: what was to end by itself does not.',
        ko: '인증서가 만료되어도 계속 쓸 수 있습니다.',
      },
      remedy: verifyAll,
    },
  },
  {
    id: 'not-yet-valid',
    words: { en: 'not valid before next month', ko: '다음 달부터 유효' },
    expected: 'refused',
    make: flawed('not-yet-valid'),
    admitted: {
      because: {
        en: 'Dates of certificates are not checked; or the clock of the server is wrong.',
        ko: '인증서의 유효 기간을 확인하지 않거나, 서버의 시계가 틀립니다.',
      },
      remedy: verifyAll,
    },
  },
  {
    id: 'wrong-usage',
    words: { en: 'for servers only (serverAuth)', ko: '서버 전용(serverAuth)' },
    expected: 'refused',
    make: flawed('wrong-usage'),
    admitted: {
      because: {
        en: 'Every server with a certificate of this CA can act as a client.',
        ko: '이 CA의 인증서를 가진 서버는 모두 클라이언트로 행세할 수 있습니다.',
      },
      remedy: checkUsage,
    },
  },
  {
    id: 'bad-signature',
    words: { en: 'one bit of the CA’s signature flipped', ko: 'CA 서명의 비트 하나가 바뀜' },
    expected: 'refused',
    make: flawed('bad-signature'),
    admitted: { because: forgeable, remedy: verifyIssuer },
  },
  {
    id: 'client-as-ca',
    words: { en: 'signed by the valid client, which is no CA', ko: 'CA가 아닌 유효한 클라이언트가 서명' },
    expected: 'refused',
    make: (means) =>
      issuedBy(
        clientAsSigner(means.leaf, means.leafKey, [means.leaf.der, ...means.authority.intermediates]),
        means,
      ),
    admitted: {
      because: {
        en: 'Every client can make certificates for others, with any name.',
        ko: '클라이언트라면 누구나 다른 사람의 인증서를 어떤 이름으로든 만들 수 있습니다.',
      },
      remedy: {
        words: {
          en: 'Let the TLS library verify the chain: it must check basicConstraints (RFC 5280 section 4.2.1.9).',
          ko: 'TLS 라이브러리가 체인을 검증하게 두세요. basicConstraints를 확인해야 합니다(RFC 5280 4.2.1.9절).',
        },
        settings: verifyIssuer.settings,
      },
    },
  },
  {
    id: 'other-key',
    words: { en: 'the valid certificate, without its key', ko: '유효한 인증서지만 개인 키가 다름' },
    expected: 'refused',
    make: ({ valid, leaf, authority, likeness, now }) => {
      // The valid client's own key may be RSA.
      const own = authority.key
        ? issueClient({ signer: signerOf(authority, authority.key), likeness, now })
        : { certificate: valid.certificate, leaf: leaf.der };
      const key = keyOfAnother(new X509Certificate(own.leaf).publicKey);
      return key === undefined
        ? omitted(
            'needs --client-ca-key, or a certificate with a key on an elliptic curve',
            '--client-ca-key나 타원 곡선 키의 인증서 필요',
          )
        : { identity: { certificate: own.certificate, key } };
    },
    admitted: {
      because: {
        en: 'A copy of a certificate suffices, and certificates are no secret: the CertificateVerify is not checked.',
        ko: '비밀이 아닌 인증서의 사본만 있으면 됩니다. CertificateVerify를 확인하지 않습니다.',
      },
      remedy: {
        words: {
          en: 'Use a TLS library that checks the client’s signature (RFC 8446 section 4.4.3).',
          ko: '클라이언트의 서명을 확인하는 TLS 라이브러리를 쓰세요(RFC 8446 4.4.3절).',
        },
        settings: {},
      },
    },
  },
  oldVersion('TLSv1', 'TLS 1.0'),
  oldVersion('TLSv1.1', 'TLS 1.1'),
  {
    id: 'resumed',
    words: {
      en: 'no certificate, but a session of the valid client',
      ko: '인증서 없이 유효한 클라이언트의 세션 사용',
    },
    expected: 'either',
    hasSoundCertificate: true,
    make: ({ session, version, tls }) =>
      session
        ? { identity: null, session, tls: version === 'TLS 1.2' ? onlyTls12 : tls }
        : omitted(
            'the server gave the valid client no session',
            '서버가 유효한 클라이언트에게 세션을 주지 않음',
          ),
    admitted: {
      because: {
        en: 'Sessions are resumed without a certificate, as TLS has it: one that began before a certificate was revoked or expired may outlive it.',
        ko: 'TLS의 규칙대로 세션은 인증서 없이 재개됩니다. 인증서가 폐기되거나 만료되어도 그 전에 시작한 세션은 계속될 수 있습니다.',
      },
      remedy: keepSessionsShort,
    },
  },
  {
    id: 'renegotiated',
    words: { en: 'valid, and renegotiates (TLS 1.2)', ko: '유효하지만 재협상 요청(TLS 1.2)' },
    expected: 'either',
    hasSoundCertificate: true,
    make: ({ valid }) => ({ identity: valid, tls: onlyTls12, renegotiates: true }),
    admitted: {
      because: {
        en: 'A client may begin a new handshake on its connection: what the server knows of its certificate may then be out of date, and handshakes cost the server more than the client.',
        ko: '클라이언트가 연결 중에 새 핸드셰이크를 시작할 수 있습니다. 서버가 알고 있는 인증서가 바뀔 수 있고, 핸드셰이크는 서버에 더 큰 부담을 줍니다.',
      },
      remedy: refuseRenegotiation,
    },
  },
];

/** The two that are played around the command that revokes. */
export const revokedKinds = {
  fresh: {
    id: 'revoked',
    words: { en: 'revoked by the command', ko: '명령으로 폐기됨' },
    expected: 'refused',
    hasSoundCertificate: true,
    admitted: {
      because: {
        en: 'The command reported success, and the certificate is still admitted: a stolen one cannot be stopped.',
        ko: '폐기 명령은 성공했는데 인증서가 여전히 통과합니다. 도난당한 인증서를 막을 수 없습니다.',
      },
      remedy: checkRevocation,
    },
  },
  resumed: {
    id: 'revoked-resumed',
    words: { en: 'revoked, with a session from before', ko: '폐기 전에 받은 세션 사용' },
    expected: 'refused',
    hasSoundCertificate: true,
    admitted: {
      because: {
        en: 'A session from before the revocation is resumed: the holder of a revoked certificate stays in.',
        ko: '폐기 전의 세션이 재개됩니다. 폐기된 인증서의 주인이 계속 접속할 수 있습니다.',
      },
      remedy: endSessions,
    },
  },
} as const satisfies Readonly<Record<string, Omit<ClientKind, 'make'>>>;

/** First and last: without it nothing is proven. */
export const validKinds = {
  first: {
    id: 'valid',
    words: { en: 'valid', ko: '유효함' },
    expected: 'admitted',
  },
  last: {
    id: 'valid-again',
    words: { en: 'valid, once more at the end', ko: '유효함(마지막에 다시)' },
    expected: 'admitted',
  },
} as const satisfies Readonly<Record<string, Pick<ClientKind, 'id' | 'words' | 'expected'>>>;
