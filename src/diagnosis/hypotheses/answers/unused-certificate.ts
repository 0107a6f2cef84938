/**
 * The client's certificate is not in the handshake: the server did not ask for one (no CertificateRequest), and what answers behind
 * it misses one; or it asked, and the client could not use the one that it has.
 */
import { nameOrCode, signatureName } from '../../../protocols/tls/codes.ts';
import { certificateSummary } from '../../../protocols/x509/certificate.ts';
import type { Certificate } from '../../../protocols/x509/certificate.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { Attempt } from '../../attempt/attempt.ts';
import { isAccepted, meaningOf } from '../application.ts';
import { bytesOf, difference, explained, serverSaid } from '../../case.ts';
import type { Case, Hypothesis } from '../../case.ts';
import { readLeaf } from '../../chain.ts';
import type { Evidence, Finding } from '../../diagnosis.ts';
import { found } from '../../found.ts';
import { tls12 } from '../negotiation.ts';

export const unusedCertificate: Hypothesis = {
  name: 'unused-certificate',
  async test(current) {
    const { base, call } = current;
    if (base.acceptable === undefined) return notRequested(current);
    if (!call.identity || base.presented?.length !== 0) return undefined;
    const leaf = readLeaf(call.identity.certificate);
    return leaf && notSent(current, leaf);
  },
};

/** The server's own part of the handshake has been read, and it asks for nothing in it. */
const isReadWhole = ({ secured, chain }: Attempt): boolean => secured !== undefined && chain.length > 0;

async function notRequested(current: Case): Promise<Finding | undefined> {
  const { base, call, laboratory } = current;
  const meaning = meaningOf(base);
  if (meaning?.meant !== 'certificate_missing' || !isReadWhole(base)) return undefined;
  // Anybody may use general words; that the client gave a certificate, and it was not wanted, is as good as the server's own.
  if (!meaning.isOwn && !call.identity) return undefined;
  const isLater = /Post-Handshake/i.test(meaning.said);
  const older = base.version === 'TLS 1.3' ? await laboratory.try(tls12) : undefined;
  const isAskedLater = isLater || (older !== undefined && older.acceptable !== undefined);
  const isAdmitted = older !== undefined && call.identity !== undefined && isAccepted(older);
  const evidence: readonly Evidence[] = [
    serverSaid(base, meaning.said),
    ...(older && (older.acceptable !== undefined || isAdmitted) ? [difference(base, older)] : []),
    ...bytesOf(base),
  ];
  // A client that has none lacks one in any case.
  if (isAskedLater && !call.identity)
    return explained({
      cause: 'certificate_missing',
      by: 'server',
      detail: {},
      confidence: meaning.isOwn ? 'proven' : 'likely',
      message: 'application data',
      evidence,
      because: {
        en: `the server wants a certificate, and did not ask for it in the handshake: ${later.en}`,
        ko: `서버가 인증서를 원하지만 핸드셰이크에서는 요구하지 않았습니다. ${later.ko}`,
      },
      remedy: {
        en: `present a certificate with its key (--cert and --key). Under TLS 1.3 that may not be enough: ${askInHandshake.en}`,
        ko: `인증서와 개인 키를 제시하세요(--cert, --key). TLS 1.3에서는 그것으로 부족할 수 있습니다. ${askInHandshake.ko}`,
      },
    });
  return found({
    cause: 'certificate_not_requested',
    by: 'server',
    confidence: meaning.isOwn ? 'proven' : 'likely',
    message: 'application data',
    evidence,
    more: isAskedLater ? later : behind,
    remedy: isAskedLater ? askInHandshake : askBehind,
  });
}

const later: Localized = {
  en: 'it wants it only for this path, after the handshake, which TLS 1.3 clients rarely allow (post-handshake authentication): Node, browsers and most libraries do not; curl does',
  ko: '이 경로에서만, 핸드셰이크가 끝난 뒤에 요구하기 때문입니다. TLS 1.3 클라이언트는 이를 거의 허용하지 않습니다(핸드셰이크 후 인증). Node와 브라우저, 대부분의 라이브러리는 지원하지 않고 curl은 지원합니다.',
};
const behind: Localized = {
  en: 'a certificate of the client cannot get there. As a rule a server behind this one wants a certificate, and wants it from this one',
  ko: '클라이언트의 인증서가 그곳에 닿을 수 없습니다. 보통은 이 서버 뒤의 다른 서버가 이 서버에게 인증서를 요구하는 것입니다.',
};
const askInHandshake: Localized = {
  en: 'let the server ask in the handshake: set the requirement for the whole virtual host and not for a path (Apache: SSLVerifyClient in <VirtualHost>), or leave TLS 1.3 out there (SSLProtocol -TLSv1.3); or use a client that allows it',
  ko: '서버가 핸드셰이크에서 인증서를 요구하게 하세요. 경로가 아니라 가상 호스트 전체에 설정하거나(Apache: <VirtualHost>의 SSLVerifyClient) 그곳에서 TLS 1.3을 끄세요(SSLProtocol -TLSv1.3). 이를 지원하는 클라이언트를 써도 됩니다.',
};
const askBehind: Localized = {
  en: 'if the server passes requests on, let it present a certificate of its own to the server behind it (nginx: proxy_ssl_certificate and proxy_ssl_certificate_key); if the client’s certificate is wanted, let this server ask for it (nginx: ssl_verify_client, Apache: SSLVerifyClient)',
  ko: '요청을 넘겨주는 서버라면 뒤의 서버에 자신의 인증서를 제시하게 하세요(nginx: proxy_ssl_certificate, proxy_ssl_certificate_key). 클라이언트의 인증서가 필요하다면 이 서버가 요구하게 하세요(nginx: ssl_verify_client, Apache: SSLVerifyClient).',
};

type KeyType = 'RSA' | 'ECDSA' | 'EdDSA' | 'DSA';

/** Of the code points of RFC 8446 section 4.2.3, and of the pairs of RFC 5246 section 7.4.1.4.1. */
function keyTypeOf(scheme: number): KeyType | undefined {
  if (scheme >= 0x0804 && scheme <= 0x0806) return 'RSA';
  if (scheme >= 0x0809 && scheme <= 0x080b) return 'RSA';
  if (scheme === 0x0807 || scheme === 0x0808) return 'EdDSA';
  if (scheme >= 0x081a && scheme <= 0x081c) return 'ECDSA';
  const [hash, signature] = [scheme >> 8, scheme & 0xff];
  if (hash < 1 || hash > 6) return undefined;
  return ({ 1: 'RSA', 2: 'DSA', 3: 'ECDSA' } as const)[signature];
}

/** By the name of its key: `P-256`, `RSA-2048`, `Ed25519`; RSASSA-PSS is RSA too. */
function keyTypeIn(name: string): KeyType | undefined {
  if (/^RSA/i.test(name)) return 'RSA';
  if (/^Ed/i.test(name)) return 'EdDSA';
  if (/^DSA/i.test(name)) return 'DSA';
  return /^(?:EC|P-|secp|prime|brainpool)/i.test(name) ? 'ECDSA' : undefined;
}

/** A certificate was asked for, and the client had to answer that it has none. */
function notSent({ base }: Case, leaf: Certificate): Finding | undefined {
  const wanted = base.acceptableSignatures ?? [];
  const own = keyTypeIn(leaf.publicKey.name);
  const types = [...new Set(wanted.flatMap((scheme) => keyTypeOf(scheme) ?? []))];
  const isOfOtherType = own !== undefined && types.length > 0 && !types.includes(own);
  const names = wanted.map((scheme) => nameOrCode(signatureName, scheme)).join(', ');
  const evidence: Evidence[] = [
    {
      kind: 'certificate',
      certificate: certificateSummary(leaf),
      words: { en: 'the certificate that the client was given', ko: '클라이언트에 지정된 인증서' },
    },
    ...(names === ''
      ? []
      : [
          {
            kind: 'words' as const,
            attempt: base.number,
            said: names,
            words: {
              en: 'CertificateRequest: signature algorithms that the server accepts',
              ko: 'CertificateRequest: 서버가 받아들이는 서명 알고리즘',
            },
          },
        ]),
    {
      kind: 'words',
      attempt: base.number,
      said: '',
      words: {
        en: 'the client’s Certificate message is empty',
        ko: '클라이언트의 Certificate 메시지가 비어 있음',
      },
    },
    ...bytesOf(base),
  ];
  const accepted = types.join(', ');
  return explained({
    cause: 'no_common_signature',
    by: 'server',
    detail: {},
    alert: base.alert,
    confidence: isOfOtherType ? 'proven' : 'likely',
    message: 'CertificateRequest',
    on: 'server',
    evidence,
    because: isOfOtherType
      ? {
          en: `the client could not use its ${own} certificate: the server accepts only signatures of ${accepted} from a client, so that none was sent`,
          ko: `서버가 클라이언트에게서 받아들이는 서명이 ${accepted}뿐이라, 클라이언트가 자신의 ${own} 인증서를 쓰지 못하고 인증서 없이 답했습니다.`,
        }
      : {
          en: 'the client was given a certificate and sent none: it has no signature in common with those that the server accepts, or its library did not use the certificate',
          ko: '클라이언트에 인증서가 지정되어 있지만 보내지 않았습니다. 서버가 받아들이는 서명 알고리즘에 맞는 것이 없거나 라이브러리가 그 인증서를 쓰지 않았습니다.',
        },
    remedy: isOfOtherType
      ? {
          en: `let the server accept signatures of ${own} keys from clients (nginx: ssl_conf_command ClientSignatureAlgorithms), or give the client a certificate with another kind of key (${accepted})`,
          ko: `서버가 클라이언트의 ${own} 서명도 받아들이게 하거나(nginx: ssl_conf_command ClientSignatureAlgorithms), 클라이언트에 ${accepted} 키의 인증서를 쓰세요.`,
        }
      : {
          en: 'compare the signature algorithms that the server accepts from clients with the key of the certificate',
          ko: '서버가 클라이언트에게서 받아들이는 서명 알고리즘을 인증서의 키와 비교하세요.',
        },
  });
}
