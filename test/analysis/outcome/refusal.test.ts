import test from 'ava';
import type { RefusalDetail } from '../../../src/capture/event.ts';
import { alertDescriptions, alertOf, refusalReasons } from '../../../src/capture/vocabulary.ts';
import type { CertificateSummary, RefusalReason } from '../../../src/capture/vocabulary.ts';
import { languages } from '../../../src/i18n/language.ts';
import type { Localized } from '../../../src/i18n/language.ts';
import { alertMeaning, translateAlertWords } from '../../../src/analysis/outcome/alert-words.ts';
import { explainRefusal, refusalWords } from '../../../src/analysis/outcome/refusal.ts';

const presented: CertificateSummary = {
  subject: 'CN=mallory',
  issuer: 'CN=Rogue CA',
  serial: '0a1b',
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2026-02-01T12:34:56.000Z',
  san: ['DNS:shop.localhost'],
  extendedKeyUsage: ['serverAuth'],
  isCa: false,
  publicKey: 'RSA-1024',
  sha256: '00',
};
const full: RefusalDetail = {
  presented,
  trusted: [{ subject: 'CN=Workshop Client CA' }],
  now: '2026-03-01T00:00:00.000Z',
  expected: 'bank.localhost',
  code: 'ECONNREFUSED',
};

/** Every sentence that can be said, with all the facts and with none. */
function* sentences(): Generator<[where: string, text: Localized]> {
  for (const reason of refusalReasons) {
    for (const by of ['client', 'server'] as const) {
      for (const detail of [full, {}]) {
        const said = explainRefusal({ by, reason, detail, alert: alertOf(48) });
        for (const part of ['name', 'because', 'remedy', 'alert'] as const)
          yield [`${reason}.${part}`, said[part] ?? { en: '', ko: '' }];
      }
    }
  }
  for (const code of Object.keys(alertDescriptions)) yield [`alert ${code}`, alertMeaning(Number(code))];
}

test('every reason and every alert has its words in every language: NFC, safe, no gap in a sentence', (t) => {
  t.deepEqual(Object.keys(refusalWords), [...refusalReasons]);
  for (const [where, text] of sentences()) {
    for (const language of languages) {
      const sentence = text[language];
      t.true(sentence.length > 1, where);
      t.is(sentence, sentence.normalize('NFC'), where);
      t.notRegex(
        sentence,
        /[\p{Cc}\p{Cf}\p{Emoji_Presentation}]|undefined|\[object|\( *\)| {2}|\.\.|: *$|^ | $/u,
        `${where}: ${sentence}`,
      );
    }
    t.regex(text.ko, /[가-힣]|CA|CRL/, where);
    t.notRegex(text.en, /[가-힣]/, where);
  }
});

test('no remedy switches verification off or signs whoever knocks', (t) => {
  for (const reason of refusalReasons) {
    for (const by of ['client', 'server'] as const) {
      const { en, ko } = refusalWords[reason].remedy({ by, detail: full });
      t.notRegex(
        en,
        /-k\b|--insecure|disable|turn off|switch off|ignore|skip|rejectUnauthorized|--allow-all/i,
        reason,
      );
      t.notRegex(ko, /끄세요|끄면|무시하세요|건너뛰|--insecure/, reason);
      if (/sign its request|issue a|--allow-cn/.test(en) && reason !== 'wrong_usage')
        t.regex(en, /^if /, `${reason}: asks first who it is`);
    }
  }
});

test('the numbers that a person needs are in the sentences', (t) => {
  const because = (reason: (typeof refusalReasons)[number], by: 'client' | 'server' = 'server'): string =>
    refusalWords[reason].because({ by, detail: full }).en;
  t.is(
    because('unknown_ca'),
    "the client's certificate was issued by a CA that the server does not trust (CN=Rogue CA)",
  );
  t.is(
    because('certificate_expired'),
    "the client's certificate was valid until 2026-02-01 12:34 UTC; the clock of the side that refused says 2026-03-01 00:00 UTC",
  );
  t.is(
    because('name_mismatch', 'client'),
    'the certificate is valid for DNS:shop.localhost, not for bank.localhost',
  );
  t.regex(
    refusalWords.unknown_ca.remedy({ by: 'server', detail: full }).en,
    /^if CN=mallory belongs here, have CN=Workshop Client CA sign its request .* If not, leave it as it is: the refusal is right$/,
  );
  t.regex(
    refusalWords.certificate_expired.because({ by: 'server', detail: full }).ko,
    /2026-02-01 12:34 UTC에 끝났습니다\. 거부한 쪽의 시계는 2026-03-01 00:00 UTC입니다\.$/,
  );
});

test('what a stranger wrote into a certificate is made harmless', (t) => {
  const hostile = { ...presented, subject: 'CN=\u001b[2J\u202eevil', issuer: 'CN=\u009b2J', san: ['DNS:\n'] };
  for (const reason of refusalReasons) {
    for (const text of [
      refusalWords[reason].because({ by: 'server', detail: { ...full, presented: hostile } }),
      refusalWords[reason].remedy({ by: 'server', detail: { presented: hostile } }),
    ]) {
      t.notRegex(`${text.en}${text.ko}`, /[\p{Cc}\p{Cf}]/u, reason);
    }
  }
});

test('the old names of libraries are translated, whatever library wrote them', (t) => {
  const code = (words: string): number | undefined => translateAlertWords(words)?.alert.code;
  t.is(code('sslv3 alert bad certificate'), 42);
  t.is(code('OpenSSL/3.5.4: error:0A000418:SSL routines::tlsv1 alert unknown ca'), 48);
  t.is(
    code(
      'error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:../ssl/record/rec_layer_s3.c:1605:SSL alert number 116',
    ),
    116,
  );
  t.is(code('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'), 40);
  t.is(code('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 116);
  t.is(code('ssl/tls alert handshake failure'), 40);
  t.is(code('ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED'), 45);
  t.is(code('tlsv1 alert user cancelled'), 90);
  t.is(code('curl: (56) OpenSSL SSL_read: tlsv1 alert unknown ca, errno 0'), 48);
  t.is(code('certificate has expired'), undefined);
  t.is(code(''), undefined);
  t.is(code('SSL alert number 250'), 250);
  t.is(translateAlertWords('SSL alert number 250')?.alert.description, 'unknown_250');
});

test('SSLv3 in the words is said to be a name only, and only then', (t) => {
  const old = translateAlertWords('sslv3 alert bad certificate');
  t.regex(old?.text.en ?? '', /SSLv3 .*part of an old OpenSSL name/);
  t.regex(old?.text.ko ?? '', /SSLv3/);
  t.notRegex(translateAlertWords('SSL alert number 42')?.text.en ?? '', /SSLv3/);
  t.notRegex(translateAlertWords('tlsv13 alert certificate required')?.text.en ?? '', /only the age/);
});

test('a proxy of this program is told its own options for its target', (t) => {
  const remedyOf = (reason: RefusalReason, isProxy: boolean): string => {
    const { remedy } = explainRefusal({ by: 'server', reason, detail: {} }, { isProxy });
    for (const language of languages) t.is(/--target-/.test(remedy[language]), isProxy, remedy[language]);
    return remedy.en;
  };
  t.regex(remedyOf('certificate_missing', true), /\(--target-cert and --target-key\)/);
  t.regex(remedyOf('certificate_missing', false), /\(--cert and --key\)/);
  t.regex(remedyOf('plaintext_on_tls_port', true), /--target-tls tls/);
  t.regex(remedyOf('plaintext_on_tls_port', false), /https:\/\//);
});

test('a revoked CA is told from a revoked certificate below it', (t) => {
  const of = (detail: RefusalDetail): string => {
    const { because, remedy } = explainRefusal({ by: 'client', reason: 'certificate_revoked', detail });
    return `${because.en}. ${remedy.en}`;
  };
  t.regex(of({ presented }), /revoked the server's certificate.*\(0a1b\).*create a new key/);
  const blamed = { ...presented, subject: 'CN=Issuing CA', serial: '77' };
  const above = of({ presented, blamed });
  t.regex(above, /above the server's \(CN=Issuing CA\) is revoked.*issued by a CA that is not revoked/);
  t.notRegex(above, /0a1b/);
});
