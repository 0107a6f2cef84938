/**
 * `admitted` and `unreached`: whether a login reached the server. Both ends report, and silence counts only where the same
 * server (and the same wire, if the other step uses it) did report in another step.
 */
import type { z } from 'zod';
import type { EvidenceRef, Observation } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { evidenceOfExtent } from '../../engine/view.ts';
import type { View } from '../../engine/view.ts';
import { grouped } from '../../i18n/number.ts';
import { josa } from '../../i18n/josa.ts';

export function admittedSchema(zod: Z) {
  return zod.strictObject({
    as: zod.string().min(1).describe('The user whose profile the client receives.'),
  });
}

export function unreachedSchema(zod: Z) {
  return zod.strictObject({
    server: zod.string(),
    wires: zod.array(zod.string()).min(1).describe('Wires that must carry nothing.'),
    twin: zod
      .string()
      .describe('A step in which the same server was reached: proof that its silence is meaningful.'),
  });
}

export const admitted = {
  claims: (facts: z.infer<ReturnType<typeof admittedSchema>>) => [{ facts }],
  judge({ as }: { readonly as: string }, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('admitted is about a step');
    const [client] = view.reports('login', step.client, step.id);
    const [server] = view.reports('served', step.server, step.id);
    const evidence = [client, server].flatMap((report): EvidenceRef[] =>
      report ? [{ event: report.seq }] : [],
    );
    if (!client || !server) {
      return {
        status: 'unobserved',
        evidence,
        says: { en: 'an endpoint did not report', ko: '한쪽 끝의 보고가 없습니다' },
      };
    }
    const { outcome, user, status } = client.result;
    const accepted = server.result.logins.some((login) => login.user === as && login.accepted);
    if (outcome === 'admitted' && user === as && accepted) {
      return {
        status: 'met',
        evidence,
        says: {
          en: `${as} was admitted: the server accepted the login and ${status === undefined ? 'reported it' : `showed ${as} the profile (status ${status})`}`,
          ko: `서버가 ${as}의 로그인을 받아들이고 ${status === undefined ? '그렇게 응답했습니다' : `프로필을 보여 주었습니다(상태 코드 ${status})`}`,
        },
      };
    }
    const code = client.result.error?.code;
    return {
      status: 'missed',
      evidence,
      says: {
        en: `${as} was not admitted: the client reports that ${clientSays[outcome].en}${code ? ` (${code})` : ''}, and the server ${accepted ? 'that it accepted the login' : 'reports no login'}`,
        ko: `${josa(as, '은/는')} 허용되지 않았습니다. 클라이언트는 ${clientSays[outcome].ko}${code ? `(${code})` : ''} 보고했고, 서버는 로그인을 ${accepted ? '받아들였습니다' : '받아들이지 않았습니다'}`,
      },
    };
  },
} as const;

/** A login's outcome, as its client reports it. */
const clientSays: Readonly<Record<Extract<Observation, { kind: 'login' }>['outcome'], Localized>> = {
  admitted: { en: 'it was admitted', ko: '들어갔다고' },
  denied: { en: 'its login was denied', ko: '로그인이 거절되었다고' },
  refused: { en: 'it was rejected', ko: '거부당했다고' },
  refusing: { en: 'it rejected the server', ko: '서버를 거부했다고' },
  failed: { en: 'the connection failed', ko: '연결에 실패했다고' },
};

type Unreached = z.infer<ReturnType<typeof unreachedSchema>>;

export const unreached = {
  claims: (facts: Unreached) => [{ facts }],
  judge({ server, wires, twin }: Unreached, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('unreached is about a step');
    const opened = wires.flatMap((wire) => view.connectionsUsed(wire, step.id));
    const bytes = wires.flatMap((wire) => view.wireBytes(wire, step.id));
    const [report] = view.reports('served', server, step.id);
    if (opened.length > 0 || (report && report.result.requests > 0)) {
      const total = grouped(bytes.reduce((sum, { length }) => sum + length, 0));
      return {
        status: 'missed',
        evidence: [...bytes.map(evidenceOfExtent), ...(report ? [{ event: report.seq }] : [])],
        says: {
          en: `${server} was reached: ${opened.length} connections and ${total} bytes on ${wires.join(', ')}, ${report?.result.requests ?? 0} requests served`,
          ko: `${server}에 도달했습니다. 구간 ${wires.join(', ')}에 연결 ${opened.length}개와 ${total}바이트, 처리한 요청 ${report?.result.requests ?? 0}건`,
        },
      };
    }
    const [twinReport] = view.reports('served', server, twin);
    const other = view.titleOf(twin);
    const twinPath = view.plan.steps.find(({ id }) => id === twin)?.path ?? [];
    const heard = wires
      .filter((wire) => twinPath.includes(wire))
      .every((wire) => view.wireBytes(wire, twin).length > 0);
    const alive = heard && twinReport?.result.logins.some(({ accepted }) => accepted);
    if (!report || !twinReport || !alive) {
      return {
        status: 'unobserved',
        evidence: [report, twinReport].flatMap((seen): EvidenceRef[] => (seen ? [{ event: seen.seq }] : [])),
        says: {
          en: `nothing arrived at ${server}, but ${report ? `it did not answer in “${other.en}” either` : `${server} did not report`}: this proves nothing`,
          ko: `${server}에 아무것도 도달하지 않았지만 ${report ? `“${other.ko}” 단계에서도 응답이 확인되지 않았습니다` : `${server}의 보고가 없습니다`}. 아무것도 증명되지 않습니다`,
        },
      };
    }
    return {
      status: 'met',
      evidence: [{ event: report.seq }, { event: twinReport.seq }],
      says: {
        en: `nothing reached ${server}: no byte crossed wire ${wires.join(', ')}, and ${server} itself reports no request (in “${other.en}” it served a login)`,
        ko: `${server}에 아무것도 도달하지 않았습니다. 구간 ${wires.join(', ')}에 오간 바이트가 없고, ${server}의 보고에도 요청이 없습니다(“${other.ko}” 단계에서는 로그인을 처리함)`,
      },
    };
  },
} as const;
