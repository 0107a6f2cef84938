/**
 * The server has begun its answer, and the connection was reset, or ended in the middle of a record: TLS servers write records as a
 * whole.
 */
import { headerLength, looksLikeTls } from '../../protocols/tls/framing.ts';
import type { Attempt } from '../attempt/attempt.ts';
import type { Call } from '../attempt/call.ts';
import { difference, isAnswered, isBetter } from '../case.ts';
import type { Hypothesis } from '../case.ts';
import { found } from '../found.ts';
import { tls12, tls13 } from './negotiation.ts';

interface Part {
  readonly came: number;
  /** Undefined where not even that came. */
  readonly announced?: number;
}

/** What came of the last record of the server's; undefined where it is whole, or no TLS. */
function partOf({ connection }: Attempt, { starttls }: Pick<Call, 'starttls'>): Part | undefined {
  const stream = connection?.stream('wire', 'server');
  const bytes = stream?.read(0, stream.length);
  // Behind a dialogue in clear records begin somewhere.
  if (!bytes || starttls !== undefined || looksLikeTls(bytes.subarray(0, headerLength)) === false)
    return undefined;
  for (let at = 0; at < bytes.length; ) {
    const came = bytes.length - at;
    if (came < headerLength) return { came };
    const announced = headerLength + (bytes[at + 3] ?? 0) * 256 + (bytes[at + 4] ?? 0);
    if (came < announced) return { came, announced };
    at += announced;
  }
  return undefined;
}

const isSameReset = (attempt: Attempt): boolean =>
  attempt.result === 'reset' && (attempt.connection?.lengthOf('wire', 'server') ?? 0) > 0;

export const cutShort: Hypothesis = {
  name: 'cut-short',
  async test({ base, call, laboratory }) {
    // A reset right behind data is reported as an end now and then (libuv).
    const isReset =
      base.result === 'reset' || (base.result === 'closed' && laboratory.attempts.some(isSameReset));
    if (base.secured !== undefined || (!isReset && base.result !== 'closed')) return undefined;
    if ((base.connection?.lengthOf('wire', 'server') ?? 0) === 0) return undefined;
    const part = partOf(base, call);
    const bytes =
      part &&
      (part.announced === undefined
        ? {
            en: `${part.came} bytes of the header of a record came`,
            ko: `레코드 헤더의 ${part.came}바이트만 왔습니다.`,
          }
        : {
            en: `${part.came} of its ${part.announced} bytes came`,
            ko: `${part.announced}바이트 가운데 ${part.came}바이트만 왔습니다.`,
          });
    if (!isReset)
      return bytes
        ? found({
            cause: 'cut_within_record',
            by: 'unknown',
            confidence: 'likely',
            message: isAnswered(base) ? 'Certificate' : 'ServerHello',
            evidence: [],
            more: bytes,
          })
        : undefined;
    if (!isAnswered(base) && !part) return undefined;
    // Up to TLS 1.2 the certificate travels in clear: whoever reads it on the way reads nothing under TLS 1.3.
    const made = isAnswered(base)
      ? await laboratory.try(base.version === 'TLS 1.3' ? tls12 : tls13)
      : undefined;
    const isOther = made?.result === 'completed' && isBetter(made, base);
    return found({
      cause: 'reset_in_handshake',
      by: 'unknown',
      confidence: 'likely',
      message: isAnswered(base) ? 'Certificate' : 'ServerHello',
      evidence: isOther ? [difference(base, made)] : [],
      more:
        isOther && made.version === 'TLS 1.3'
          ? {
              en: `${made.version}, under which the certificate is encrypted, is let through: what resets reads the certificate, or does not like ${base.version}`,
              ko: `인증서가 암호화되는 버전(${made.version})으로는 통과합니다. 인증서를 읽고 재설정하거나 다른 버전(${base.version})을 막는 것입니다.`,
            }
          : {
              en: `after ${base.connection?.lengthOf('wire', 'server') ?? 0} bytes of its answer. A loss of large packets is silence, and no reset`,
              ko: `응답 ${base.connection?.lengthOf('wire', 'server') ?? 0}바이트 뒤에 재설정되었습니다. 큰 패킷이 사라진 것이라면 재설정이 아니라 침묵이 됩니다.`,
            },
    });
  },
};
