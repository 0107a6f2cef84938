/** A command with a time limit of its own (`curl -m`, `wget --timeout`), which ends while its server is silent. */
import { defined } from '../../core/defined.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import type { DiagnosedCause, Evidence, Finding } from '../diagnosis.ts';
import { found } from '../found.ts';
import type { Seen } from './seen.ts';

/** Microseconds: a client that leaves sooner has waited for nothing. */
const shortest = 900_000;

/** As curl, wget, Python, Node, Java, Go, libpq and redis-cli write it. */
const ofLimits =
  /timed?[- ]?out|timeout|deadline exceeded|took too long|Resource temporarily unavailable|no response received/i;

/** What an experiment finds of a server that does not answer in time. */
const ofSilence: ReadonlySet<DiagnosedCause> = new Set<DiagnosedCause>(['application_silent', 'slow_server']);

/**
 * For how many seconds the server had been silent when the client ended its connection; undefined where the server ended it, or
 * the client left soon.
 * @param milliseconds how long the command ran: its connection may have been closed some time after it
 */
export function silenceBefore(
  { connection }: Pick<Seen, 'connection'>,
  milliseconds: number,
): number | undefined {
  const closed = connection?.closed;
  if (!connection || !closed || closed.by === 'server' || closed.how === 'timeout') return undefined;
  const last = connection.stream('wire', 'server').chunks.at(-1)?.at;
  const client = connection.stream('wire', 'client').chunks[0]?.at;
  const since = last ?? client;
  if (since === undefined) return undefined;
  const silent = Math.min(closed.at - since, milliseconds * 1000);
  return silent < shortest ? undefined : silent / 1_000_000;
}

export const speaksOfLimit = (said: string): boolean => ofLimits.test(said);

const seconds = (silence: number): string => silence.toFixed(1);

/** TLS works, and the server owed an answer: the client says that it has waited long enough. */
export const silentServer = (silence: number): Finding =>
  found({
    cause: 'application_silent',
    by: 'server',
    confidence: 'likely',
    evidence: [leaving(silence)],
    message: 'application data',
    more: gaveUp(silence),
  });

const gaveUp = (silence: number): Localized => ({
  en: `the server said nothing more for ${seconds(silence)} s, and the client gave up, by a time limit of its own`,
  ko: `서버가 ${seconds(silence)}초 동안 아무 말도 하지 않아, 클라이언트가 자신의 제한 시간에 따라 포기했습니다.`,
});

const leaving = (silence: number): Evidence => ({
  kind: 'words',
  said: '',
  words: {
    en: `the client ended the connection, after ${seconds(silence)} s in which the server sent nothing`,
    ko: `서버가 ${seconds(silence)}초 동안 아무것도 보내지 않은 뒤, 클라이언트가 연결을 끝냈습니다`,
  },
});

/** That the end of the connection was the client's, and how long it had waited. */
export function withSilence(finding: Finding, silence: number | undefined): Finding {
  if (silence === undefined || finding.evidence.some(({ words }) => words?.en === leaving(silence).words?.en))
    return finding;
  const evidence = [...finding.evidence, leaving(silence)];
  if (!ofSilence.has(finding.cause)) return defined({ ...finding, evidence });
  const ended: Localized = {
    en: `The command gave up after ${seconds(silence)} s, by a time limit of its own`,
    ko: `명령은 ${seconds(silence)}초 뒤 자신의 제한 시간에 따라 포기했습니다.`,
  };
  return {
    ...finding,
    evidence,
    because: inEach((language) => `${finding.because[language].replace(/\.$/, '')}. ${ended[language]}`),
  };
}
