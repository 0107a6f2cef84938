/**
 * `ledTo`: the server to which a resolver directed the client. Proven from the bytes of the answer, which contain that
 * server's port, and from where the client then connected; whether the answer is true is not claimed.
 */
import type { z } from 'zod';
import type { EvidenceRef } from '../../capture/event.ts';
import { formatAddress } from '../../capture/event.ts';
import { toOffset } from '../../core/hex.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { evidenceAt } from '../../engine/view.ts';
import { readingOf } from '../../evidence/records.ts';
import type { View } from '../../engine/view.ts';
import { josa } from '../../i18n/josa.ts';

export function ledToSchema(zod: Z) {
  return zod.strictObject({
    server: zod
      .string()
      .describe('The server that the answer must point to and that the client must have connected to.'),
  });
}

export const ledTo = {
  claims: (facts: z.infer<ReturnType<typeof ledToSchema>>) => [{ facts }],
  judge({ server }: { readonly server: string }, view: View, step: PlannedStep | undefined): Judgement {
    if (!step?.lookUp) throw new Error('ledTo is about a look-up');
    const { askedOver, meant: site } = step.lookUp;
    const [report] = view.reports('resolved', step.client, step.id);
    const heard = view
      .connectionsOn(askedOver, step.id)
      .flatMap((connection) =>
        (readingOf(view, connection)?.answers() ?? []).map((answer) => ({ connection, answer })),
      );
    const found = heard.find(({ answer }) => answer.service !== undefined);
    const place = view.addressOf(server);
    const evidence: EvidenceRef[] = [
      ...(report ? [{ event: report.seq }] : []),
      ...heard.map(({ connection, answer }) =>
        evidenceAt(connection, 'server', answer.offset, answer.length),
      ),
    ];
    if (!report || !found || !place) {
      return {
        status: 'unobserved',
        evidence,
        says: {
          en: `no answer from the resolver was captured on wire ${askedOver}`,
          ko: `구간 ${askedOver}에서 리졸버의 응답이 캡처되지 않았습니다`,
        },
      };
    }
    const { answer } = found;
    const { name, host, port } = answer.service ?? { name: '', host: '', port: 0 };
    const went = view.clientConnection(step);
    const answered = formatAddress({ host, port });
    const goesThere =
      report.result.to?.port === port &&
      went?.opened?.to.port === port &&
      went.opened.to.host === report.result.to.host;
    if (port !== place.port || !goesThere) {
      const gone = went?.opened ? formatAddress(went.opened.to) : undefined;
      return {
        status: went || port !== place.port ? 'missed' : 'unobserved',
        evidence,
        says: {
          en: `the resolver said that ${name} is at ${answered}; ${server} is at ${formatAddress(place)}, and the client ${gone ? `connected to ${gone}` : 'did not connect'}`,
          ko: `리졸버의 응답: ${name}의 위치는 ${answered}. ${server}의 위치는 ${josa(formatAddress(place), '이고/고')}, 클라이언트가 접속한 곳은 ${gone ?? '없습니다'}`,
        },
      };
    }
    const isTrue = server === site;
    const where = {
      en: `${answer.length} bytes at ${toOffset(answer.offset)} on wire ${askedOver}`,
      ko: `구간 ${askedOver}의 오프셋 ${toOffset(answer.offset)}, ${answer.length}바이트`,
    };
    return {
      status: 'met',
      evidence,
      says: {
        en: `the resolver said that ${name} is at ${answered} (${where.en}), and the client connected there: ${isTrue ? `that is ${server}` : `that is ${server}, not ${site}`}`,
        ko: `리졸버는 ${name}의 위치를 ${josa(answered, '으로/로')} 알려 주었고(${where.ko}) 클라이언트는 그곳에 접속했습니다. 그곳은 ${isTrue ? `${server}입니다` : `${josa(site, '이/가')} 아니라 ${server}입니다`}`,
      },
    };
  },
} as const;
