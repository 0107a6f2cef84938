/**
 * `servedAfterRevocation`: the effect of a revocation on an open connection. What was sent after it is read from the
 * captured bytes: records of both sides after the proxy put the new list in force.
 */
import type { z } from 'zod';
import type { EvidenceRef, Side } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import { grouped } from '../../i18n/number.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { loginOf } from './step.ts';
import type { View } from '../../engine/view.ts';
import { evidenceAt } from '../../engine/view.ts';

export function servedAfterRevocationSchema(zod: Z) {
  return zod.boolean().describe('Whether a connection opened earlier is still served after the revocation.');
}

export const servedAfterRevocation = {
  claims: (served: z.infer<ReturnType<typeof servedAfterRevocationSchema>>) => [{ facts: { served } }],
  judge({ served }: { readonly served: boolean }, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('servedAfterRevocation is about a step');
    const connection = view.clientConnection(step);
    const [report] = view.reports('login', step.client, step.id);
    const [list] = view.reports('revocation', loginOf(step).to, step.id);
    if (!connection || !report || !list) {
      return {
        status: 'unobserved',
        evidence: [],
        says: {
          en: 'no revocation took place while the connection was open',
          ko: '연결이 열려 있는 동안의 폐기가 관찰되지 않았습니다',
        },
      };
    }
    const { again } = report.result;
    const asked = after(connection, 'client', list.seq);
    const answered = after(connection, 'server', list.seq);
    const evidence: EvidenceRef[] = [
      { event: list.seq },
      { event: report.seq },
      ...(['client', 'server'] as const).flatMap((from): EvidenceRef[] => {
        const piece = from === 'client' ? asked : answered;
        return piece ? [evidenceAt(connection, from, piece.offset, piece.length)] : [];
      }),
    ];
    const isServed = again?.status === 200 && asked !== undefined && answered !== undefined;
    const { number, certificates } = list.result;
    const serial = certificates[0]?.serial ?? '';
    const says = isServed
      ? {
          en: `list ${number} revokes ${serial}; the open connection was still served: another request (${grouped(asked.length)} bytes) , answered with status 200 (${grouped(answered.length)} bytes)`,
          ko: `${number}번 목록이 ${serial} 인증서를 폐기했지만, 이미 열려 있던 연결은 계속 처리되었습니다. 다시 요청한 ${grouped(asked.length)}바이트에 상태 코드 200, ${grouped(answered.length)}바이트로 응답했습니다`,
        }
      : {
          en: `list ${number} revokes ${serial}; the open connection was no longer served (${again?.code ?? again?.status ?? 'no answer'})`,
          ko: `${number}번 목록이 ${serial} 인증서를 폐기한 뒤, 이미 열려 있던 연결도 더 이상 처리되지 않았습니다(${again?.code ?? again?.status ?? '응답 없음'})`,
        };
    return { status: isServed === served ? 'met' : 'missed', evidence, says };
  },
} as const;

/** What a side sent on the wire after that event. */
function after(
  connection: Connection,
  from: Side,
  seq: number,
): { readonly offset: number; readonly length: number } | undefined {
  const chunks = connection.stream('wire', from).chunks.filter((chunk) => chunk.seq > seq);
  const [first] = chunks;
  const last = chunks.at(-1);
  return first && last
    ? { offset: first.offset, length: last.offset + last.length - first.offset }
    : undefined;
}
