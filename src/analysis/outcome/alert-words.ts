/**
 * Explains every TLS alert in a sentence (RFC 8446 section 6, RFC 5246 section 7.2 and older), and translates the old
 * names that libraries report.
 */
import { alertCodeNamed, alertOf } from '../../capture/vocabulary.ts';
import type { Alert, AlertCode, KnownAlertCode } from '../../capture/vocabulary.ts';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';

const meanings: Readonly<Record<number, Localized>> = {
  0: {
    en: 'the sender has no more to say: an orderly end, no error',
    ko: '보낼 내용이 더 없다는 뜻입니다. 오류가 아니라 정상 종료입니다.',
  },
  10: {
    en: 'a message came that does not belong at this place of the handshake',
    ko: '핸드셰이크의 그 단계에 올 수 없는 메시지를 받았습니다.',
  },
  20: {
    en: 'a record could not be opened: its bytes were altered, or the keys differ',
    ko: '레코드를 복호화할 수 없습니다. 내용이 바뀌었거나 양쪽의 키가 다릅니다.',
  },
  21: {
    en: 'a record could not be decrypted (SSL 3.0 and TLS 1.0 only)',
    ko: '레코드를 복호화할 수 없습니다(SSL 3.0과 TLS 1.0에서만 쓰던 알림).',
  },
  22: { en: 'a record was longer than TLS allows', ko: '레코드가 TLS가 허용하는 길이를 넘었습니다.' },
  30: {
    en: 'a compressed record could not be unpacked (up to TLS 1.2)',
    ko: '압축된 레코드를 풀 수 없습니다(TLS 1.2까지).',
  },
  40: {
    en: 'the two sides could not agree, or (up to TLS 1.2) a required certificate was missing',
    ko: '양쪽이 합의하지 못했습니다. TLS 1.2까지는 필요한 인증서가 없을 때에도 보냅니다.',
  },
  41: {
    en: 'no certificate was presented (SSL 3.0 only)',
    ko: '인증서를 제시하지 않았습니다(SSL 3.0에서만 쓰던 알림).',
  },
  42: {
    en: 'the certificate was refused; what is wrong with it, the alert does not say: some libraries send it for a few faults, others (Go) for all',
    ko: '인증서를 거부했습니다. 무엇이 문제인지는 알림에 담기지 않습니다. 몇 가지 문제에만 보내는 라이브러리도, 모든 문제에 보내는 라이브러리(Go)도 있습니다.',
  },
  43: {
    en: 'the certificate is of a kind that is not accepted here, such as one for another usage',
    ko: '여기에서 받지 않는 종류의 인증서입니다. 용도가 다른 인증서가 그렇습니다.',
  },
  44: { en: 'the CA has revoked the certificate', ko: 'CA가 폐기한 인증서입니다.' },
  45: { en: 'the certificate has expired', ko: '유효 기간이 끝난 인증서입니다.' },
  46: {
    en: 'something else about the certificate was not acceptable',
    ko: '그 밖의 이유로 인증서를 받아들이지 않았습니다.',
  },
  47: {
    en: 'a value in the handshake is not allowed, or contradicts another',
    ko: '핸드셰이크에 허용되지 않거나 서로 맞지 않는 값이 있습니다.',
  },
  48: {
    en: 'the certificate was issued by a CA that the sender does not trust',
    ko: '알림을 보낸 쪽이 신뢰하지 않는 CA가 발급한 인증서입니다.',
  },
  49: {
    en: 'the certificate is valid, but its holder is not admitted',
    ko: '인증서는 유효하지만 그 소유자의 접속을 허용하지 않습니다.',
  },
  50: {
    en: 'a message could not be read: a length or a value in it is wrong',
    ko: '메시지를 해석할 수 없습니다. 길이나 값이 잘못되었습니다.',
  },
  51: {
    en: 'a cryptographic check in the handshake failed, such as the signature that proves the key',
    ko: '핸드셰이크의 암호 검증에 실패했습니다. 키 소유를 증명하는 서명이 맞지 않는 경우가 그렇습니다.',
  },
  52: {
    en: 'the other side asked for too many connection ids (DTLS only)',
    ko: '상대가 연결 ID를 너무 많이 요청했습니다(DTLS에서만 쓰는 알림).',
  },
  60: {
    en: 'a key was longer than old export rules allowed (TLS 1.0 only)',
    ko: '옛 수출 규제가 허용하던 것보다 긴 키입니다(TLS 1.0에서만 쓰던 알림).',
  },
  70: {
    en: 'the TLS version that the client offered is not supported',
    ko: '클라이언트가 제안한 TLS 버전을 지원하지 않습니다.',
  },
  71: {
    en: 'the server wants stronger ciphers than the client offered',
    ko: '서버가 클라이언트의 제안보다 더 강한 암호를 요구합니다.',
  },
  80: {
    en: 'something failed inside the sender; what the other side sent may have set it off',
    ko: '알림을 보낸 쪽 내부에서 오류가 났습니다. 상대가 보낸 내용 때문일 수도 있습니다.',
  },
  86: {
    en: 'the client retried with an older version than both sides support: a third party may be forcing a downgrade',
    ko: '클라이언트가 양쪽이 지원하는 것보다 낮은 버전으로 다시 접속했습니다. 누군가 버전을 낮추려는 시도일 수 있습니다.',
  },
  90: { en: 'the user broke the handshake off', ko: '사용자가 핸드셰이크를 취소했습니다.' },
  100: {
    en: 'a new handshake within the connection is not wanted (a warning, up to TLS 1.2)',
    ko: '연결 중에 다시 핸드셰이크하기를 원하지 않습니다(경고, TLS 1.2까지).',
  },
  109: { en: 'an extension that TLS 1.3 requires was missing', ko: 'TLS 1.3에 필요한 확장이 빠졌습니다.' },
  110: {
    en: 'an extension came that was not asked for, or does not belong in that message',
    ko: '요청하지 않았거나 그 메시지에 올 수 없는 확장을 받았습니다.',
  },
  111: {
    en: 'the certificate could not be fetched from the address that was given for it (up to TLS 1.2)',
    ko: '알려 준 주소에서 인증서를 가져올 수 없습니다(TLS 1.2까지).',
  },
  112: {
    en: 'the server has nothing under the name that the client asked for (SNI)',
    ko: '클라이언트가 요청한 이름(SNI)을 서버가 모릅니다.',
  },
  113: {
    en: 'the stapled status of the certificate (OCSP) was not acceptable',
    ko: '함께 보낸 인증서 상태 응답(OCSP)을 받아들일 수 없습니다.',
  },
  114: {
    en: 'a certificate does not fit the digest that was given for it (up to TLS 1.2)',
    ko: '인증서가 알려 준 해시와 맞지 않습니다(TLS 1.2까지).',
  },
  115: {
    en: 'the server does not know the pre-shared key that the client named',
    ko: '클라이언트가 지정한 사전 공유 키를 서버가 모릅니다.',
  },
  116: {
    en: 'the server requires a client certificate, and none was presented (TLS 1.3)',
    ko: '서버가 클라이언트 인증서(client certificate)를 요구하는데 제시하지 않았습니다(TLS 1.3).',
  },
  117: {
    en: 'something failed that no other alert names',
    ko: '다른 알림으로 나타낼 수 없는 오류가 났습니다.',
  },
  120: {
    en: 'none of the application protocols that the client offered (ALPN) is spoken here',
    ko: '클라이언트가 제안한 응용 프로토콜(ALPN)을 서버가 지원하지 않습니다.',
  },
  121: {
    en: 'the server requires encrypted ClientHello (ECH) and refused this one',
    ko: '서버가 암호화된 ClientHello(ECH)를 요구하며 이 요청을 거부했습니다.',
  },
} satisfies Readonly<Record<KnownAlertCode, Localized>>;

/** What the alert of that code means. */
export function alertMeaning(code: AlertCode): Localized {
  return (
    meanings[code] ?? {
      en: `no standard defines the code ${code}`,
      ko: `표준에 정의되지 않은 코드입니다(${code}).`,
    }
  );
}

export interface TranslatedAlert {
  readonly alert: Alert;
  /** The meaning of the alert, and a note that the version in its old name was not used. */
  readonly text: Localized;
  /** The second half of that alone, where it applies. */
  readonly oldName?: Localized;
}

/**
 * The alert in a library's words: `sslv3 alert bad certificate`, `tlsv1 alert unknown ca`, `SSL alert number 48`,
 * ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE, `SSL/TLS alert handshake failure`. Undefined when there is none in them.
 */
export function translateAlertWords(words: string): TranslatedAlert | undefined {
  const named = /\b(?:ERR_SSL_)?(sslv3|tlsv1\d*|ssl\/tls)[ _]alert[ _]([a-z]+(?:[ _][a-z]+)*)/i.exec(words);
  const number = /SSL alert number (\d{1,3})\b/i.exec(words)?.[1];
  const code = number === undefined ? codeOfName(named?.[2] ?? '') : Number(number);
  if (code === undefined) return undefined;
  const alert = alertOf(code, code === 0 || code === 90 || code === 100 ? 'warning' : 'fatal');
  const prefix = named?.[1]?.toLowerCase();
  const meaning = alertMeaning(code);
  if (prefix !== 'sslv3' && prefix !== 'tlsv1') return { alert, text: meaning };
  const old = prefix === 'sslv3' ? 'SSLv3' : 'TLSv1';
  const oldName: Localized = {
    en: `The ${old} in these words is part of an old OpenSSL name: neither side used or needs ${old}`,
    ko: `오류 문구의 ${josa(old, '은/는')} OpenSSL이 그 이름을 붙인 시기를 나타낼 뿐입니다. ${josa(old, '을/를')} 썼거나 써야 한다는 뜻이 아닙니다.`,
  };
  return {
    alert,
    oldName,
    text: { en: `${meaning.en}. (${oldName.en})`, ko: `${meaning.ko} (${oldName.ko})` },
  };
}

/** The longest beginning of the words that names an alert: what follows may be anything. */
function codeOfName(words: string): AlertCode | undefined {
  const parts = words.toLowerCase().split(/[ _]/);
  for (let count = parts.length; count > 0; count--) {
    const name = parts.slice(0, count).join('_');
    const code = alertCodeNamed(name);
    if (code !== undefined) return code;
  }
  return undefined;
}
