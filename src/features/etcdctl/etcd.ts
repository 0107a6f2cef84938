/**
 * `rejected`: an etcd rejected a client in the handshake, for that reason. The etcd's own report decides; and on the wire of
 * the step the client must have been rejected by TLS, not in a response.
 */
import type { EvidenceRef } from '../../capture/event.ts';
import { safeText } from '../../i18n/safe.ts';
import { josa } from '../../i18n/josa.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judged } from '../../engine/kinds.ts';
import type { z } from 'zod';
import type { PlannedStep } from '../../engine/plan.ts';
import { evidenceOfExtent } from '../../engine/view.ts';
import type { View } from '../../engine/view.ts';

export function rejectedSchema(zod: Z) {
  return zod.strictObject({
    reason: zod
      .string()
      .describe(
        'The reason, as a RefusalReason: certificate_missing, unknown_ca, certificate_expired, wrong_usage.',
      ),
    itself: zod
      .boolean()
      .optional()
      .describe('true: etcd rejects its own connection, in this step or at any time before.'),
  });
}

type Rejected = z.infer<ReturnType<typeof rejectedSchema>>;

export const rejected = {
  claims: (facts: Rejected) => [{ facts }],
  judge({ reason, itself = false }: Rejected, view: View, step: PlannedStep | undefined): Judged {
    if (!step) throw new Error('rejected is about a step');
    const extents = step.path.flatMap((hop) => view.wireBytes(hop, step.id));
    const accounts = view.reports('etcd', step.server, step.id, itself);
    const account = accounts.at(-1);
    const evidence: EvidenceRef[] = [
      ...(account ? [{ event: account.seq }] : []),
      ...extents.slice(0, 2).map(evidenceOfExtent),
    ];
    if (!account)
      return {
        status: 'unobserved',
        evidence,
        says: { en: `${step.server} did not report`, ko: `${step.server}의 보고가 없습니다` },
      };
    if (extents.length === 0)
      return {
        status: 'unobserved',
        evidence,
        says: {
          en: `no byte was captured on wire ${step.path.join(', ')}`,
          ko: `구간 ${step.path.join(', ')}에서 캡처된 바이트가 없습니다`,
        },
      };
    const turnedAway = accounts.flatMap(({ result }) => result.rejected);
    const { requests } = account.result;
    const conns = new Set(extents.map(({ connection }) => connection.conn));
    const isLetIn = !itself && requests.some(({ conn }) => conns.has(conn));
    const fitting = turnedAway.find((one) => one.reason === reason);
    if (!fitting || isLetIn || turnedAway.some((one) => one.reason !== reason)) {
      const reasons = [...new Set(turnedAway.map((one) => one.reason))].join(', ');
      return {
        status: 'missed',
        evidence,
        says: {
          en: `${step.server} rejected the client for ${reasons || 'nothing'}${isLetIn ? ', and answered a request' : ''}, not for ${reason}`,
          ko: `${step.server}의 거부 이유: ${reasons || '없음'}${isLetIn ? '(요청에 응답도 함)' : ''}. 기대: ${reason}`,
        },
      };
    }
    return {
      status: 'met',
      evidence,
      says: itself
        ? {
            en: `${step.server} rejected itself in the handshake. In its own log: ${safeText(fitting.words)}`,
            ko: `${josa(step.server, '이/가')} 자기 자신의 연결을 핸드셰이크 중에 거부했습니다. 서버 로그에 적힌 이유: ${safeText(fitting.words)}`,
          }
        : {
            en: `${step.server} rejected the client in the handshake. In its own log: ${safeText(fitting.words)}`,
            ko: `${josa(step.server, '이/가')} 핸드셰이크 중에 연결을 거부했습니다. 서버 로그에 적힌 이유: ${safeText(fitting.words)}`,
          },
    };
  },
} as const;
