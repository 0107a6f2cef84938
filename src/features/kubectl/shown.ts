/**
 * Shows kubectl's output, and the client identities that an API server determined, as lines. Words of programs and servers
 * are shown unchanged but for control characters.
 */
import type { Shown } from '../../engine/shown.ts';
import type { Observed } from '../../engine/view.ts';
import { inEach, verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { ApiRequest } from '../../kube/apiserver/audit.ts';
import type { StandingRequests } from '../../peers/reports/api.ts';
import { builtWords } from './build-config.ts';
import { commandOutput } from '../../peers/reports/command-output.ts';

export const shown: Shown = {
  reports: {
    kubectl: {
      client: ({ result: { connections } }) => ({ connections }),
      command: ({ result }) => commandOutput(result),
    },
    kubeconfig: {
      outcome: ({ result }) => ({
        headline: { text: { en: 'A kubeconfig', ko: 'kubeconfig' }, tone: 'plain' },
        statements: [
          ...result.lines.map((line) => ({
            mark: ' ' as const,
            tone: 'plain' as const,
            text: verbatim(`$ kubectl ${safeText(line)}`),
          })),
          { mark: '✓', tone: 'plain', text: builtWords(result) },
        ],
      }),
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

/** The identity of each client, and the responses to its main requests: one line per client. */
function servedLines(reports: readonly Observed<'api'>[], conn?: number): Localized[] {
  const requests = reports.flatMap(({ result }) => result.requests);
  const who = reports[0]?.who ?? '';
  return byCaller(conn === undefined ? requests : requests.filter((one) => one.conn === conn))
    .flatMap((own) => asked(own) ?? [])
    .map((request) => inEach((language) => `${takenFor(who, request)[language]}: ${doneBy(request)}`));
}

/** The same for a permanent client: all its requests, as far as they fit on a line. */
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

/** Maximum requests shown per client and step. */
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
          en: `identifies no user (${unauthorized?.words.en ?? ''})`,
          ko: `누구인지 알 수 없음(${unauthorized?.words.ko ?? ''})`,
        }
      : {
          en: `identifies ${safeText(user)}${groups.length > 0 ? ` (${safeText(groups.join(', '))})` : ''}`,
          ko: `호출자: ${safeText(user)}${groups.length > 0 ? `(${safeText(groups.join(', '))})` : ''}`,
        };
  const acting: Localized =
    impersonator === undefined
      ? { en: '', ko: '' }
      : { en: `, impersonated by ${safeText(impersonator)}`, ko: `, 실제 호출자: ${safeText(impersonator)}` };
  return { en: `${who} ${known.en}${acting.en}`, ko: `${who}, ${known.ko}${acting.ko}` };
}

/** The last write, otherwise the last request for an object: earlier ones are kubectl's discovery. */
function asked(requests: readonly ApiRequest[]): ApiRequest | undefined {
  return (
    requests.findLast(({ method }) => method !== 'GET') ??
    requests.findLast(({ path }) => /^\/apis?\/(?:[^/]+\/)?v\d\w*\/./.test(path)) ??
    requests.at(-1)
  );
}
