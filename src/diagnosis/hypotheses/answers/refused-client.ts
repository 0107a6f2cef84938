/** What is said, and done, about a client whose certificate is refused: by what the certificate itself leaves open. */
import type { Localized } from '../../../i18n/language.ts';
import { safeText } from '../../../i18n/safe.ts';
import { sameName } from '../../../pki/x509/verify.ts';
import type { Certificate } from '../../../protocols/x509/certificate.ts';
import type { Machine } from '../../diagnosis.ts';

interface Done {
  readonly on: Machine;
  readonly remedy: Localized;
}

/** Its dates and its usage are well, and a CA that the server names has issued it: it is something at the server. */
export const faultless: Done = {
  on: 'server',
  remedy: {
    en: 'the certificate is valid by its dates and usage, and its chain ends at a CA that the server names. What is left lies at the server: a limit of the chain (nginx ssl_verify_depth, Apache SSLVerifyDepth), its revocation list, the CA certificate in its file (an older one of that name), its clock (OpenSSL refuses like this what is not valid yet by it), or a list of those admitted. Its log names the reason',
    ko: '인증서의 유효 기간과 용도가 맞고 체인도 서버가 허용한다고 알린 CA로 이어집니다. 남는 것은 서버 쪽입니다. 체인 깊이 제한(nginx ssl_verify_depth, Apache SSLVerifyDepth), 인증서 폐기 목록(CRL), 서버 파일의 CA 인증서(같은 이름의 예전 것), 서버 시계, 허용 목록을 확인하세요. 이유는 서버 로그에 있습니다.',
  },
};

/** Which CAs the server accepts, it does not say. @param since from when on the certificate is valid */
export const wellDated = (since: string): Done => ({
  on: 'server',
  remedy: {
    en: `read the log of the server, which names the reason. By the clock of this machine the certificate is valid (since ${since}), and its usage is right. For a CA that they do not know OpenSSL, Go and GnuTLS have another alert (Java has not): look at the clock of the server (OpenSSL refuses like this what is not valid yet), its revocation list, and a list of those admitted`,
    ko: `이유는 서버 로그에 있으므로 먼저 확인하세요. 이 컴퓨터의 시계로는 인증서가 유효하고(${since}부터) 용도도 맞습니다. 모르는 CA일 때 OpenSSL, Go, GnuTLS는 다른 알림(Alert)을 보내므로(Java는 같은 알림) 서버 시계(OpenSSL은 아직 유효하지 않은 인증서를 이렇게 거부합니다), 인증서 폐기 목록(CRL), 허용 목록을 살펴보세요.`,
  },
});

/** RFC 5280 section 4.2.1.1 requires it of all that no root has issued for itself. */
export const isWithoutKeyId = ({ authorityKeyId, issuer, subject }: Certificate): boolean =>
  authorityKeyId === undefined && !sameName(issuer, subject);

/** What strict servers refuse, and others do not look at. */
export const withoutKeyId: Done = {
  on: 'client',
  remedy: {
    en: 'the certificate has no authority key identifier, which RFC 5280 requires: a server that checks strictly refuses it for that (Python from 3.13 on, VERIFY_X509_STRICT, openssl -x509_strict). Have it issued again with one (openssl: authorityKeyIdentifier = keyid). If the server is not strict, its log names the reason',
    ko: '인증서에 RFC 5280이 요구하는 기관 키 식별자(Authority Key Identifier)가 없습니다. 엄격하게 검사하는 서버(Python 3.13부터, VERIFY_X509_STRICT, openssl -x509_strict)는 이 때문에 거부합니다. 그것을 넣어 다시 발급받으세요(openssl: authorityKeyIdentifier = keyid). 서버가 엄격하지 않다면 이유는 서버 로그에 있습니다.',
  },
};

/** unknown_ca, although the server names the issuer. */
export const knownByName = ({ issuer }: Certificate): Done & { readonly because: Localized } => {
  const name = safeText(issuer.text);
  return {
    on: 'server',
    because: {
      en: `the server says that it does not know the CA of the certificate, although it names one of that name (${name}) among those that it accepts`,
      ko: `서버가 허용한다고 알린 CA에 ${name} 이름이 있는데도, 인증서를 발급한 CA를 모른다고 합니다.`,
    },
    remedy: {
      en: `see whether it checks revocation and has no list (CRL) of this CA (OpenSSL sends unknown_ca then), whether it limits the length of the chain (verify depth), and whether the CA in its file has the key that signed (compare the key identifiers); on the client, whether an intermediate certificate is missing`,
      ko: `서버에서는 폐기 여부를 확인하면서 이 CA의 CRL이 없는 것은 아닌지(OpenSSL은 이때 unknown_ca를 보냅니다), 체인 깊이를 제한하는지(verify depth), 파일의 CA가 실제로 서명한 키인지(키 식별자 비교) 확인하세요. 클라이언트에서는 중간 인증서가 빠지지 않았는지 확인하세요.`,
    },
  };
};

/** certificate_expired, although the certificate is valid by its dates. */
export const expiredAbove: {
  readonly name: Localized;
  readonly because: Localized;
  readonly remedy: Localized;
} = {
  name: { en: 'something is out of date at the server', ko: '서버 쪽 무언가의 유효 기간이 지남' },
  because: {
    en: 'the server says that something has expired, and the certificate that the client presents has not. Something else that the server looks at is out of date: its revocation list, the CA certificate in its file, an intermediate one, or its clock is wrong',
    ko: '서버는 만료되었다고 하지만 클라이언트가 제시한 인증서는 유효 기간 안에 있습니다. 서버가 보는 다른 것이 오래되었습니다. 인증서 폐기 목록(CRL), 서버 파일의 CA 인증서, 중간 인증서 가운데 하나이거나 서버 시계가 틀렸습니다.',
  },
  remedy: {
    en: 'look at the dates of all of them: the revocation list (openssl crl -in FILE -noout -nextupdate), the CAs in its file (openssl x509 -in FILE -noout -enddate, for each of them), and its clock',
    ko: '서버에서 날짜를 모두 확인하세요. 인증서 폐기 목록(openssl crl -in 파일 -noout -nextupdate), 파일에 있는 CA 각각(openssl x509 -in 파일 -noout -enddate), 시계입니다.',
  },
};

/** A status without a reason: 401 or 403. @param isPresented the client has presented a certificate */
export const forbiddenWords = (status: number, isPresented: boolean): Done =>
  isPresented
    ? {
        on: 'server',
        remedy: {
          en: `read the log of the server and its access rules: the answer gives no reason. ${status} may be about what is in the certificate (its subject, its issuer: Apache SSLRequire, nginx $ssl_client_s_dn), about the user, the path, or the address of the client`,
          ko: `서버 로그와 접근 규칙을 확인하세요. 응답에는 이유가 없습니다. 상태 코드 ${status} 응답은 인증서의 내용(주체, 발급자: Apache SSLRequire, nginx $ssl_client_s_dn)이나 사용자, 경로, 클라이언트 주소 때문일 수 있습니다.`,
        },
      }
    : {
        on: 'client',
        remedy: {
          en: `present a certificate with its key (--cert and --key). The server asks for one without requiring it, and ${status} may have another reason too: the address of the client, the path, or a login; if a certificate does not help, read the access rules of the server`,
          ko: `인증서와 개인 키를 제시하세요(--cert, --key). 서버가 인증서를 요구하지만 필수는 아니므로 ${status}의 이유는 클라이언트 주소, 경로, 로그인일 수도 있습니다. 인증서를 제시해도 같다면 서버의 접근 규칙을 확인하세요.`,
        },
      };

/** By the clock of the server, its Date header, the certificate is not valid. */
export const byItsClock = (theirs: string, ours: string): { readonly because: Localized } & Done => ({
  because: {
    en: `by the clock of the server (its Date header: ${theirs}) the certificate of the client is not valid, and by the clock of this machine (${ours}) it is`,
    ko: `서버의 시계(Date 헤더: ${theirs})로는 클라이언트 인증서가 유효하지 않고, 이 컴퓨터의 시계(${ours})로는 유효합니다.`,
  },
  on: 'server',
  remedy: {
    en: 'compare both clocks with a third (timedatectl), and set the wrong one: most likely that of the server',
    ko: '두 시계를 다른 시계와 비교해(timedatectl) 틀린 쪽을 맞추세요. 서버 시계일 가능성이 큽니다.',
  },
});
