/**
 * A command that begins without TLS on a port that wants TLS first: whatever it says, in whichever protocol, the server ends the
 * connection, resets it, or waits. Its bytes alone do not say why; that the port answers a ClientHello does.
 */
import type { Connection } from '../../../capture/connection.ts';
import { explained, isAnswered, shown } from '../../case.ts';
import type { Diagnosis, Evidence, Finding } from '../../diagnosis.ts';
import type { Seen } from '../seen.ts';

/** What the bytes show then too, and leave open why. */
const open: ReadonlySet<Finding['cause']> = new Set<Finding['cause']>([
  'plaintext_on_tls_port',
  'upgrade_on_tls_port',
  'no_reply',
]);

/** Microseconds. */
const shortestWait = 300_000;

const quietTime = ({ opened, closed }: Connection): number =>
  opened && closed ? closed.at - opened.at : Infinity;

/**
 * @param found what is known without: it stands where it is proven, or the bytes show another failure
 * @param own the words of the command
 */
export function plainToTls(
  { said, connection, outcome, starttls }: Seen,
  found: Finding | undefined,
  { attempts }: Diagnosis,
  own: readonly string[] = [],
): Finding | undefined {
  const [base] = attempts;
  if (said === undefined || said.server > 0 || starttls !== undefined || !connection) return undefined;
  if (said.isTls || !base || !isAnswered(base) || base.change.starttls !== undefined) return undefined;
  if (found?.confidence === 'proven' && !open.has(found.cause)) return undefined;
  const isMute = said.client === 0;
  // One that gives up at once, over a file of its own for example, waited for nothing.
  if (isMute && quietTime(connection) < shortestWait) return undefined;
  // A client of HTTPS speaks first, with TLS: this one did not come so far.
  if (isMute && own.some((word) => word.startsWith('https://'))) return undefined;
  const evidence: Evidence[] = [
    ...(found?.evidence ?? []),
    {
      kind: 'words',
      said: '',
      words: isMute
        ? {
            en: 'the command sent nothing and was sent nothing: both waited for the other',
            ko: '명령도 서버도 아무것도 보내지 않고 서로 기다렸습니다',
          }
        : {
            en: `the first ${said.client} bytes of the command are no TLS, and nothing came back`,
            ko: `명령이 처음 보낸 ${said.client}바이트는 TLS가 아니고, 돌아온 것은 없습니다`,
          },
    },
    shown(base),
  ];
  const isAsked = outcome?.cause === 'upgrade_on_tls_port';
  return explained({
    cause: isAsked ? 'upgrade_on_tls_port' : 'plaintext_on_tls_port',
    by: 'server',
    blamed: 'client',
    detail: outcome?.detail ?? {},
    // A server that waits may be waited for in another protocol too.
    confidence: isMute ? 'likely' : 'proven',
    evidence,
  });
}
