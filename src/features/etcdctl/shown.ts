/** Shows etcdctl's output, and the clients that an etcd admitted and rejected, as lines. */
import { atRest } from './at-rest/shown.ts';
import type { Shown } from '../../engine/shown.ts';
import type { Observed } from '../../engine/view.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { commandOutput } from '../../peers/reports/command-output.ts';

export const shown: Shown = {
  reports: {
    ...atRest,
    etcdctl: {
      client: ({ result: { connections } }) => ({ connections }),
      command: ({ result }) => commandOutput(result),
    },
    etcd: {
      served: (reports) => reports.flatMap(servedLines),
      hasTurnedAway: ({ result: { rejected } }) => rejected.length > 0,
    },
  },
  servers: { etcd: { identifiesCallers: true, isStore: true } },
};

/** The clients that an etcd admitted and rejected: a line for each client, and one for each reason. */
function servedLines({ who, result: { requests, rejected } }: Observed<'etcd'>): Localized[] {
  const callers = [...new Set(requests.map(({ caller }) => caller))].map((caller): Localized => {
    const last = requests.findLast((request) => request.caller === caller);
    const what = last ? `${last.path} → ${last.status}` : '';
    const known: Localized =
      caller === undefined
        ? { en: 'answers without identifying the client', ko: '상대를 확인하지 않고 응답' }
        : { en: `admits ${safeText(caller)}`, ko: `들여보낸 상대: ${safeText(caller)}` };
    return { en: `${who} ${known.en}: ${what}`, ko: `${who}, ${known.ko}: ${what}` };
  });
  const reasons = [...new Map(rejected.map(({ reason, words }) => [reason, safeText(words)])).values()].map(
    (words): Localized => ({
      en: `${who} rejected a client; in its log: ${words}`,
      ko: `${who}, 연결 거부(서버 로그: ${words})`,
    }),
  );
  return [...callers, ...reasons];
}
