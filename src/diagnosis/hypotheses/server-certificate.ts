/** The client does not accept the server's chain: judged from the chain itself, by the client's CAs, name and clock. */
import { certificateSummary } from '../../protocols/x509/certificate.ts';
import { refusalReasons } from '../../capture/vocabulary.ts';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import { defined } from '../../core/defined.ts';
import { verbatim } from '../../i18n/language.ts';
import { isoTime } from '../../protocols/x509/certificate.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { meantName } from '../attempt/call.ts';
import { bytesOf, certificateOf, explained } from '../case.ts';
import type { Case, Hypothesis } from '../case.ts';
import { judgeChain } from '../chain.ts';
import type { Evidence } from '../diagnosis.ts';
import { found } from '../found.ts';

const isReason = (text: string | undefined): text is RefusalReason =>
  refusalReasons.some((reason) => reason === text);

export const serverCertificate: Hypothesis = {
  name: 'server-certificate',
  async test(current) {
    const { base, call, chain, laboratory } = current;
    if (!chain || chain.verified || !isReason(chain.reason)) return undefined;
    const failed = chain.checks.find(({ status, reason }) => status === 'failed' && reason === chain.reason);
    const [leaf] = chain.path;
    const depth = failed?.depth ?? 0;
    const blamed = chain.path[depth];
    const evidence: readonly Evidence[] = [
      ...certificateOf(chain, 0, { en: "the server's certificate", ko: '서버 인증서' }),
      ...(depth > 0
        ? certificateOf(chain, depth, { en: 'the certificate at fault', ko: '문제의 인증서' })
        : []),
      ...(failed ? [{ kind: 'words', said: '', words: failed.found } as const] : []),
      ...bytesOf(base),
    ];
    const isTimely = chain.reason === 'certificate_expired' || chain.reason === 'certificate_not_yet_valid';
    const theirs = isTimely ? clockOf(base) : undefined;
    if (theirs !== undefined && judgeChain(call, base, theirs)?.verified)
      return found({
        cause: 'clock_wrong',
        by: 'client',
        confidence: 'likely',
        message: 'Certificate',
        evidence,
        more: verbatim(`${isoTime(laboratory.clock.now())} / ${isoTime(theirs)}`),
      });
    return explained({
      cause: chain.reason,
      by: 'client',
      confidence: 'proven',
      message: 'Certificate',
      detail: defined({
        presented: leaf && certificateSummary(leaf),
        blamed: depth > 0 && blamed ? certificateSummary(blamed) : undefined,
        expected: chain.reason === 'name_mismatch' ? meantName(call) : undefined,
        chainLength: base.chain.length,
        now: isTimely ? isoTime(laboratory.clock.now()) : undefined,
      }),
      evidence,
      command: commandFor(current),
    });
  },
};

/** To see the whole judgement. */
const commandFor = ({ call }: Case): string =>
  `./wirelab certs verify ${call.host.includes(':') ? `[${call.host}]` : call.host}:${call.port}${call.serverName === undefined ? '' : ` --servername ${call.serverName}`}`;

/** The server's clock by its Date header (RFC 9110 section 6.6.1), milliseconds since the epoch. */
function clockOf({ answer }: Attempt): number | undefined {
  if (!answer) return undefined;
  const head = Buffer.from(answer.said.subarray(0, 8192)).toString('latin1');
  const date = /^HTTP\/1\.[\s\S]*?\r\ndate: *([^\r\n]{10,40})\r\n/i.exec(head)?.[1];
  const time = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(time) ? undefined : time;
}
