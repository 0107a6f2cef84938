/**
 * What kubectl printed, and whom an API server took its callers for, as lines for people. Words of programs and servers are
 * shown as they are, made harmless.
 */
import type { Shown } from '../../engine/shown.ts';
import type { Observed } from '../../engine/view.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { ApiRequest } from '../../kube/apiserver/audit.ts';
import type { StandingRequests } from '../../peers/reports/api.ts';
import { commandOutput } from '../../peers/reports/command-output.ts';

export const shown: Shown = {
  reports: {
    kubectl: {
      client: ({ result: { connections } }) => ({ connections }),
      command: ({ result }) => commandOutput(result),
    },
    api: {
      served: servedLines,
      standing: ({ who, result: { standing = [] } }) =>
        standing.map((own) => ({ hop: own.hop, lines: standingLines(who, own) })),
      requests: ({ result: { requests, standing = [] } }) => [
        ...requests,
        ...standing.flatMap((own) => own.requests),
      ],
    },
  },
  servers: { 'kube-apiserver': { identifiesCallers: true } },
};

/** Whom the server took the callers for, and what it answered to what they came for: one line for each caller. */
function servedLines(reports: readonly Observed<'api'>[], conn?: number): Localized[] {
  const requests = reports.flatMap(({ result }) => result.requests);
  const who = reports[0]?.who ?? '';
  return byCaller(conn === undefined ? requests : requests.filter((one) => one.conn === conn))
    .flatMap((own) => asked(own) ?? [])
    .map((request) => inEach((language) => `${takenFor(who, request)[language]}: ${doneBy(request)}`));
}

/** The same of who comes over a wire all the time: all that he asked, as far as a line holds it. */
function standingLines(who: string, { hop, requests }: StandingRequests): Localized[] {
  return byCaller(requests).flatMap((own) => {
    const [first] = own;
    const done = [...new Set(own.map(doneBy))];
    const shown = done.slice(-mostDone);
    const before = done.length - shown.length;
    const rest: Localized = { en: `${before} more, `, ko: `그 밖에 ${before}건, ` };
    return first
      ? [
          inEach(
            (language) =>
              `${hop}: ${takenFor(who, first)[language]}: ${before > 0 ? rest[language] : ''}${shown.join(', ')}`,
          ),
        ]
      : [];
  });
}

/** Requests that are told of one caller in a step. */
const mostDone = 4;

function byCaller(requests: readonly ApiRequest[]): ApiRequest[][] {
  const callers = new Map<string, ApiRequest[]>();
  for (const request of requests)
    callers.set(request.user ?? '', [...(callers.get(request.user ?? '') ?? []), request]);
  return [...callers.values()];
}

const doneBy = ({ method, path, status }: ApiRequest): string =>
  `${safeText(`${method} ${path}`)} → ${status}`;

function takenFor(who: string, { user, impersonator, groups = [], unauthorized }: ApiRequest): Localized {
  const known: Localized =
    user === undefined
      ? {
          en: `knows nobody (${unauthorized?.words.en ?? ''})`,
          ko: `누구인지 알 수 없음(${unauthorized?.words.ko ?? ''})`,
        }
      : {
          en: `knows ${safeText(user)}${groups.length > 0 ? ` (${safeText(groups.join(', '))})` : ''}`,
          ko: `호출자: ${safeText(user)}${groups.length > 0 ? `(${safeText(groups.join(', '))})` : ''}`,
        };
  const acting: Localized =
    impersonator === undefined
      ? { en: '', ko: '' }
      : { en: `, acted by ${safeText(impersonator)}`, ko: `, 실제 호출자: ${safeText(impersonator)}` };
  return { en: `${who} ${known.en}${acting.en}`, ko: `${who}, ${known.ko}${acting.ko}` };
}

/** The last that writes, else the last that is about an object: before it, kubectl finds its way. */
function asked(requests: readonly ApiRequest[]): ApiRequest | undefined {
  return (
    requests.findLast(({ method }) => method !== 'GET') ??
    requests.findLast(({ path }) => /^\/apis?\/(?:[^/]+\/)?v\d\w*\/./.test(path)) ??
    requests.at(-1)
  );
}
