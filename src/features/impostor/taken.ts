/**
 * `taken` and `kept`: whether an impostor obtained the secrets.
 *
 * 1. `taken` is met only if two agree: the impostor's own report of what was typed, and the client's connection, which has
 *    the secret in cleartext or above TLS.
 * 2. `kept` is met only if the client did connect to the impostor, no byte of the step contains the secret (not even above
 *    TLS), the impostor reports none, and in the twin step the same impostor did get it.
 */
import type { z } from 'zod';
import type { EvidenceRef } from '../../capture/event.ts';
import { evidenceOf } from '../../analysis/secrets/secret-hunt.ts';
import { toOffset } from '../../core/hex.ts';
import { grouped } from '../../i18n/number.ts';
import { josa } from '../../i18n/josa.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { evidenceOfExtent } from '../../engine/view.ts';
import type { Observed, View } from '../../engine/view.ts';
import { hitWords } from '../../evidence/words.ts';

export function takenSchema(zod: Z) {
  return zod.strictObject({
    server: zod.string().describe('The impostor.'),
    secrets: zod.array(zod.string()).min(1),
  });
}

export function keptSchema(zod: Z) {
  return takenSchema(zod).extend({
    twin: zod.string().describe('A step in which the same impostor did get them: proof that it could.'),
  });
}

interface Taken {
  readonly server: string;
  readonly secret: string;
}

export const taken = {
  claims: ({ server, secrets }: z.infer<ReturnType<typeof takenSchema>>) =>
    secrets.map((secret) => ({ suffix: secret, facts: { server, secret } })),
  judge({ server, secret }: Taken, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('taken is about a step');
    const [report] = view.reports('taken', server, step.id);
    const connection = view.clientConnection(step);
    const hits = view
      .hits(secret, step.id, {})
      .filter(({ conn, from }) => conn === connection?.conn && from === 'client');
    const [hit] = hits;
    const evidence: EvidenceRef[] = [...(report ? [{ event: report.seq }] : []), ...hits.map(evidenceOf)];
    if (!report)
      return {
        status: 'unobserved',
        evidence,
        says: { en: `${server} did not report`, ko: `${server}의 보고가 없습니다` },
      };
    if (!has(report, secret, view)) {
      return {
        status: 'missed',
        evidence,
        says: {
          en: `the impostor ${server} did not get ${secret}`,
          ko: `${josa(server, '은/는')} ${secret} 값을 얻지 못했습니다`,
        },
      };
    }
    if (!hit)
      return {
        status: 'unobserved',
        evidence,
        says: {
          en: `${server} reports ${secret}, but it was not found on the client’s connection`,
          ko: `${josa(server, '이/가')} ${secret} 값을 얻었다고 보고했지만 클라이언트의 연결에서는 보이지 않았습니다`,
        },
      };
    const sealed = connection?.carriesTls === true;
    return {
      status: 'met',
      evidence,
      says: {
        en: `the impostor ${server} has ${secret}: the client sent it on wire ${hit.hop}, at ${toOffset(hit.offset)} ${sealed ? 'above TLS: encrypted for the café, readable for the other end' : 'in the clear'}, where it was read as typed`,
        ko: `${josa(server, '이/가')} ${secret} 값을 얻었습니다. 클라이언트가 구간 ${hit.hop}에서 ${sealed ? `TLS로 보냈고(TLS 위 오프셋 ${toOffset(hit.offset)}), 카페에서는 읽을 수 없지만` : `평문으로 보냈고(오프셋 ${toOffset(hit.offset)}),`} 가짜 사이트는 입력한 그대로 읽었습니다`,
      },
    };
  },
} as const;

interface Kept extends Taken {
  readonly twin: string;
}

export const kept = {
  claims: ({ server, secrets, twin }: z.infer<ReturnType<typeof keptSchema>>) =>
    secrets.map((secret) => ({ suffix: secret, facts: { server, secret, twin } })),
  judge({ server, secret, twin }: Kept, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('kept is about a step');
    const [report] = view.reports('taken', server, step.id);
    const [twinReport] = view.reports('taken', server, twin);
    const hop = step.entryPoints.at(-1)?.wire ?? '';
    const bytes = view.wireBytes(hop, step.id);
    const hits = view.hits(secret, step.id, {});
    const evidence: EvidenceRef[] = [report, twinReport].flatMap((seen): EvidenceRef[] =>
      seen ? [{ event: seen.seq }] : [],
    );
    const [hit] = hits;
    if (report && has(report, secret, view)) {
      return {
        status: 'missed',
        evidence: [...evidence, ...hits.map(evidenceOf)],
        says: {
          en: `the impostor ${server} has ${secret}`,
          ko: `${josa(server, '이/가')} ${secret} 값을 얻었습니다`,
        },
      };
    }
    if (hit)
      return { status: 'missed', evidence: [...evidence, ...hits.map(evidenceOf)], says: hitWords(hit) };
    const dropped = view.unsearched(bytes);
    const why = !report
      ? { en: `${server} did not report`, ko: `${server}의 보고가 없습니다` }
      : bytes.length === 0
        ? {
            en: `${server} was not reached: no byte was captured on wire ${hop}`,
            ko: `${server}에 아무도 오지 않았습니다. 구간 ${hop}에서 캡처된 바이트가 없습니다`,
          }
        : dropped > 0
          ? {
              en: `${grouped(dropped)} bytes of wire ${hop} were dropped before they were searched for ${secret}`,
              ko: `구간 ${hop}의 ${grouped(dropped)}바이트는 ${secret} 값을 찾기 전에 버려졌습니다`,
            }
          : !twinReport || !has(twinReport, secret, view)
            ? {
                en: `the impostor ${server} has no ${secret}, but it did not get it in step ${twin} either: this proves nothing`,
                ko: `${server}의 보고에 ${secret} 값이 없지만 ${twin} 단계에서도 얻지 못했습니다. 아무것도 증명되지 않습니다`,
              }
            : undefined;
    const places = bytes.map(evidenceOfExtent);
    if (why) return { status: 'unobserved', evidence: [...evidence, ...places], says: why };
    const total = grouped(bytes.reduce((sum, { length }) => sum + length, 0));
    const other = view.titleOf(twin);
    return {
      status: 'met',
      evidence: [...evidence, ...places],
      says: {
        en: `the impostor ${server} has no ${secret}: it is not in the ${total} bytes on wire ${hop}, and the impostor reports no login (in “${other.en}” it did)`,
        ko: `${josa(server, '은/는')} ${secret} 값을 얻지 못했습니다. 구간 ${hop}의 ${total}바이트에 없고, 가짜 사이트의 보고에도 로그인이 없습니다(“${other.ko}” 단계에서는 얻음)`,
      },
    };
  },
} as const;

function has({ result }: Observed<'taken'>, secret: string, view: View): boolean {
  const value = view.plan.secrets.find(({ id }) => id === secret)?.value;
  return result.logins.some(
    ({ password, rrn }) => value !== undefined && (password === value || rrn === value),
  );
}
