/**
 * `declined`: a client reached the server, and its own script made it leave without a login. Both ends must say so: a client that
 * reached nobody has declined nothing.
 */
import type { EvidenceRef } from '../../capture/event.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { View } from '../../engine/view.ts';
import { josa } from '../../i18n/josa.ts';

export function declinedSchema(zod: Z) {
  return zod
    .literal(true)
    .describe(
      'The client reached the server, and left by its own script without logging in (login: declined).',
    );
}

export const declined = {
  claims: () => [{ facts: {} }],
  judge(_facts: object, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('declined is about a step');
    const [client] = view.reports('login', step.client, step.id);
    const [server] = view.reports('served', step.server, step.id);
    const evidence = [client, server].flatMap((report): EvidenceRef[] =>
      report ? [{ event: report.seq }] : [],
    );
    if (!client || !server || server.result.connections === 0) {
      return {
        status: 'unobserved',
        evidence,
        says:
          client && server
            ? {
                en: `${step.server} reports no connection, so nothing was declined there: this proves nothing`,
                ko: `${josa(step.server, '은/는')} 접속한 클라이언트가 없다고 보고합니다. 아무것도 증명되지 않습니다`,
              }
            : {
                en: 'an endpoint did not report: this proves nothing',
                ko: '한쪽 끝의 보고가 없습니다. 아무것도 증명되지 않습니다',
              },
      };
    }
    const { outcome, error } = client.result;
    const { requests, logins } = server.result;
    const isMet = outcome === 'refusing' && error === undefined && logins.length === 0;
    return {
      status: isMet ? 'met' : 'missed',
      evidence,
      says: isMet
        ? {
            en: `${step.client} left by itself without logging in; ${step.server} had read ${requests === 0 ? 'none' : requests} of its lines${requests === 0 ? '' : ', none of them a login'}`,
            ko: `${josa(step.client, '은/는')} 로그인하지 않고 스스로 떠났습니다. ${josa(step.server, '이/가')} 읽은 ${requests === 0 ? '줄은 없습니다' : `${requests}줄에 로그인은 없습니다`}`,
          }
        : {
            en: `${step.client} did not decline: it reports ${outcome}${error ? ` (${error.code})` : ''}, the server ${logins.length} logins`,
            ko: `${josa(step.client, '은/는')} 로그인을 그만두지 않았습니다. 클라이언트의 보고는 ${outcome}${error ? `(${error.code})` : ''}, 서버가 받은 로그인은 ${logins.length}건입니다`,
          },
    };
  },
} as const;
