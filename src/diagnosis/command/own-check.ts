/**
 * A program that checks the server's certificate itself, beyond its library: a fingerprint or a key that it was told to expect. No
 * alert says so; its own words do, and experiments find nothing wrong with the certificate.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { hostPort } from '../../capture/event.ts';
import { safeText } from '../../i18n/safe.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { explained } from '../case.ts';
import type { DiagnosedCause, Diagnosis, Evidence, Finding } from '../diagnosis.ts';
import type { Seen } from './seen.ts';

const speaksOfPin = /\b(?:pin(?:s|ned|ning)?|(?:finger|thumb) ?prints?|public ?key hash)\b/i;
const speaksOfOther =
  /mis-?match|n.t match|not match|\bno match|differ|\bexpected\b|unexpected|unknown|not (?:pinned|allowed|trusted|found)|invalid|fail|wrong|chang|refus|reject/i;

/** What may stand behind such a check, as far as the bytes go. */
const open: ReadonlySet<DiagnosedCause> = new Set<DiagnosedCause>([
  'certificate_not_accepted',
  'closed_during_handshake',
  'failed_elsewhere',
]);

/**
 * @param line what the command wrote last of its failure
 * @param name the server's, as the experiments asked for it
 */
export function withOwnCheck(
  finding: Finding,
  { isTls, isAnswered, led: { to } }: Seen,
  { attempts: [base] }: Pick<Diagnosis, 'attempts'>,
  { line, name }: { readonly line: string; readonly name: string },
): Finding {
  if (!isTls || !isAnswered || finding.by === 'server' || finding.by === 'between') return finding;
  // What the bytes make likely is a guess at what it checks.
  const isOpen = open.has(finding.cause) || (finding.by === 'client' && finding.confidence === 'likely');
  if (!isOpen || !speaksOfPin.test(line) || !speaksOfOther.test(line)) return finding;
  const [leaf] = base?.chain ?? [];
  const prints = leaf && base ? printsOf(leaf, base.number) : [];
  const words = safeText(line);
  return {
    ...finding,
    ...explained({
      cause: 'key_not_pinned',
      by: 'client',
      detail: {},
      confidence: 'likely',
      message: 'Certificate',
      evidence: [...finding.evidence, ...prints],
      because: {
        en: `the program expects a certificate or a key of its own choice (a pin, a fingerprint), and the server's is another, whichever CA issued it: ${words}`,
        ko: `프로그램에 정해 둔 인증서나 키(핀, 지문)와 서버의 것이 다릅니다. 어느 CA가 발급했는지는 상관없습니다. 프로그램의 말: ${words}`,
      },
      remedy: {
        en: 'compare what the program expects with the server’s certificate. If its owner has renewed it, get the new fingerprint from them, over a channel other than this connection, and put it into the program’s settings or code; if not, another server stands in its place',
        ko: '프로그램에 정해 둔 값을 서버 인증서와 비교하세요. 운영자가 인증서를 바꾼 것이라면 새 지문을 이 연결이 아닌 다른 경로로 받아 프로그램의 설정이나 코드에 넣으세요. 바꾸지 않았다면 다른 서버가 그 자리에 있는 것입니다.',
      },
      command: `openssl s_client -connect ${hostPort(to)} -servername ${shellWord(name)} </dev/null | openssl x509 -noout -fingerprint -sha256`,
    }),
  };
}

/** The two that are usual: of the whole certificate in hex, and of its key in base64. */
function printsOf(der: Uint8Array, attempt: number): Evidence[] {
  const key = keyOf(der);
  const whole = createHash('sha256')
    .update(der)
    .digest('hex')
    .toUpperCase()
    .replaceAll(/(..)(?=.)/g, '$1:');
  return [
    {
      kind: 'words',
      attempt,
      said: whole,
      words: { en: 'SHA-256 fingerprint of the server’s certificate', ko: '서버 인증서의 SHA-256 지문' },
    },
    ...(key
      ? [
          {
            kind: 'words',
            attempt,
            said: `sha256//${createHash('sha256').update(key).digest('base64')}`,
            words: { en: 'SHA-256 of its public key', ko: '공개 키의 SHA-256' },
          } as const,
        ]
      : []),
  ];
}

function keyOf(der: Uint8Array): Buffer | undefined {
  try {
    return new X509Certificate(der).publicKey.export({ type: 'spki', format: 'der' });
  } catch {
    return undefined;
  }
}
