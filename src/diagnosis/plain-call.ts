/**
 * Diagnoses a call that uses no TLS, as `http://` has it: made once as it is; where an answer in its protocol comes, nothing is wrong. Otherwise the
 * same is tried with TLS, which may be what the port wants.
 */
import type { Localized } from '../i18n/language.ts';
import type { Call, Change } from './attempt/call.ts';
import { asCalled } from './attempt/call.ts';
import { difference, explained } from './case.ts';
import { diagnose } from './diagnose.ts';
import type { Diagnosis } from './diagnosis.ts';
import { isTlsWanted, wordsOf } from './hypotheses/application.ts';
import type { Laboratory } from './laboratory.ts';

const withoutTls = ({ asks }: Call): Change => ({
  id: 'as-called-plain',
  words: { en: 'as called, without TLS', ko: '호출한 그대로(TLS 없이)' },
  plain: asks ?? 'http',
});

/** How an answer in the protocol that was asked for begins. */
const answers: Readonly<Record<NonNullable<Call['asks']> | 'http', RegExp>> = {
  http: /^HTTP\//,
  websocket: /^HTTP\//,
  mqtt: /^CONNACK, /,
  ping: /^[+-]/,
};

const withTls = (scheme: string, program: string): Localized => ({
  en: `let the client begin with TLS (${scheme}:// in an address, ${program}), or use the port without TLS; if a password was in what it sent, change the password`,
  ko: `클라이언트가 TLS로 시작하게 하거나(주소의 ${scheme}://, ${program}) TLS 없는 포트를 쓰세요. 보낸 내용에 비밀번호가 있었다면 바꾸세요.`,
});
const securely: Readonly<Record<keyof typeof answers, Localized | undefined>> = {
  http: undefined,
  websocket: withTls('wss', 'new WebSocket'),
  mqtt: withTls('mqtts', 'mosquitto_pub --cafile'),
  ping: withTls('rediss', 'redis-cli --tls'),
};

export async function diagnosePlain(laboratory: Laboratory): Promise<Diagnosis> {
  const plain =
    laboratory.call.addresses.length > 0 ? await laboratory.try(withoutTls(laboratory.call)) : undefined;
  const said = plain ? wordsOf(plain) : '';
  if (answers[laboratory.call.asks ?? 'http'].test(said) && !isTlsWanted(said))
    return { others: [], attempts: laboratory.attempts };
  const diagnosis = await diagnose(laboratory);
  const secured = laboratory.attempts.find(
    ({ change, result }) => change.id === asCalled.id && result === 'completed',
  );
  if (plain && secured)
    return {
      ...diagnosis,
      finding: explained({
        cause: 'plaintext_on_tls_port',
        by: 'server',
        detail: {},
        confidence: 'proven',
        evidence: [difference(plain, secured)],
        remedy: securely[laboratory.call.asks ?? 'http'],
      }),
      others: (diagnosis.finding ? [diagnosis.finding, ...diagnosis.others] : diagnosis.others).filter(
        // That the TLS port does not answer a request of HTTP, is no wonder where another protocol was meant.
        ({ cause }) => laboratory.call.asks === undefined || cause !== 'application_silent',
      ),
    };
  const { finding } = diagnosis;
  // TLS is not what was called for: that the port has none explains little.
  return finding?.cause === 'tls_on_plaintext_port' && finding.confidence === 'proven'
    ? { ...diagnosis, finding: { ...finding, confidence: 'likely' } }
    : diagnosis;
}
