/**
 * What the callers of an API server and the server itself report, and what certificates of a control plane say, as lines for
 * people. Pure: the reports come in. Words of programs and servers are shown as they are, made harmless.
 */
import { paperDates, paperWords } from '../analysis/certificate-sentence.ts';
import type { Observation, Side } from '../capture/event.ts';
import type { ApiRequest } from '../kube/apiserver/audit.ts';
import type { CommandReport } from '../peers/reports/command.ts';
import type { StandingRequests } from '../peers/reports/api.ts';
import type { CertificateSummary } from '../capture/vocabulary.ts';
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import { safeLines, safeText } from '../i18n/safe.ts';
import type { Proofs } from './refusals.ts';
import type { Words } from './types/values.ts';

type Told = CommandReport<'kubectl'> | CommandReport<'etcdctl'>;
type Served = Extract<Observation, { kind: 'api' }>;
type Stored = Extract<Observation, { kind: 'etcd' }>;
type Papers = Extract<Observation, { kind: 'papers' }>;
type Issued = Extract<Observation, { kind: 'certificate' }>;

export interface Typed {
  /** `$ kubectl get pods`, and who did it in its place. */
  readonly command: Localized;
  /** What was printed as a table: the head, then rows of its length. */
  readonly table?: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
  /** What else was printed. */
  readonly lines: readonly Words[];
}

const insteadWords: Readonly<Record<NonNullable<Told['instead']>, (tool: string) => Localized>> = {
  absent: (tool) => ({
    en: `wirelab in its place: ${tool} is not installed`,
    ko: `${tool}이 설치되어 있지 않아 wirelab이 대신 보냄`,
  }),
  headers: (tool) => ({
    en: `wirelab in its place: ${tool} sends no headers of one’s own`,
    ko: `${tool}로는 임의의 헤더를 보낼 수 없어 wirelab이 대신 보냄`,
  }),
  asks: (tool) => ({
    en: `wirelab in its place: ${tool} would ask for a user name`,
    ko: `${tool}은 사용자 이름을 물어보므로 wirelab이 대신 보냄`,
  }),
  gateway: () => ({
    en: 'asked by wirelab over the JSON gateway, as curl would',
    ko: 'curl처럼 wirelab이 JSON 게이트웨이로 보냄',
  }),
  unspoken: (tool) => ({
    en: `wirelab in its place: ${tool} speaks gRPC, and this etcd does not`,
    ko: `${tool}은 gRPC로 말하지만 이 etcd는 gRPC를 지원하지 않아 wirelab이 대신 보냄`,
  }),
};

/** Lines that are shown of what was printed; the rest is counted. */
const mostLines = 12;

export function typedOf({
  kind,
  program,
  instead = 'absent',
  headers = {},
  version,
  line,
  output,
  words,
}: Told): Typed {
  const command = inEach(
    (language) =>
      `$ ${kind} ${safeText(line)}${program === 'wirelab' ? `   (${insteadWords[instead](kind)[language]})` : version === undefined ? '' : `   (${version})`}`,
  );
  const printed = safeLines(output).filter(Boolean);
  const table = tableIn(printed);
  const added = Object.entries(headers).map(([name, value]) => safeText(`+ ${name}: ${value}`));
  const said = [...added, ...(table ? [] : printed), ...folded(safeLines(words).filter(Boolean))].map(
    (text) => shortened(text),
  );
  const more = said.length - mostLines;
  const rest: Localized = { en: `… ${more} more lines`, ko: `… 이하 ${more}줄` };
  return {
    command,
    ...(table ? { table } : {}),
    lines: more > 0 ? [...said.slice(0, mostLines), rest] : said,
  };
}

/**
 * kubectl tells its tries with the time and a process id before each (klog), etcdctl as a line of JSON: what is the same is
 * told once, and how often.
 */
function folded(lines: readonly string[]): string[] {
  const told = new Map<string, number>();
  for (const line of lines) {
    const text = /^[EWI]\d{4} [\d:.]+ +\d+ (.*)$/.exec(line)?.[1] ?? errorIn(line) ?? line;
    told.set(text, (told.get(text) ?? 0) + 1);
  }
  return Array.from(told, ([text, count]) => (count > 1 ? `${text} (${count}×)` : text));
}

function errorIn(line: string): string | undefined {
  try {
    const { error } = JSON.parse(line) as { readonly error?: unknown };
    return typeof error === 'string' ? safeText(error) : undefined;
  } catch {
    return undefined;
  }
}

/** A certificate in base64, say. */
const longest = 900;
const shortened = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}…` : text);

/** kubectl sets columns apart by three blanks; a table has a head of capitals. */
function tableIn(lines: readonly string[]): Typed['table'] {
  const [head = ''] = lines;
  if (
    lines.length < 2 ||
    lines.length > mostLines + 1 ||
    !/^[A-Z][A-Z -]*(?: {2,}[A-Z][A-Z -]*)+$/.test(head)
  )
    return undefined;
  const [heads = [], ...rows] = lines.map((line) => line.split(/ {2,}/));
  return rows.every((row) => row.length === heads.length) ? { head: heads, rows } : undefined;
}

/** Whom the server took the callers for, and what it answered to what they came for: one line for each caller. */
export function servedLines(who: string, { requests }: Pick<Served, 'requests'>): Localized[] {
  return byCaller(requests)
    .flatMap((own) => asked(own) ?? [])
    .map((request) => inEach((language) => `${takenFor(who, request)[language]}: ${doneBy(request)}`));
}

/** The same of who comes over a wire all the time: all that he asked, as far as a line holds it. */
export function standingLines(who: string, { hop, requests }: StandingRequests): Localized[] {
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

/** Whom an etcd let in and whom not: a line for each caller, and one for each reason. */
export function storedLines(
  who: string,
  { requests, rejected }: Pick<Stored, 'requests' | 'rejected'>,
): Localized[] {
  const callers = [...new Set(requests.map(({ caller }) => caller))].map((caller): Localized => {
    const last = requests.findLast((request) => request.caller === caller);
    const what = last ? `${last.path} → ${last.status}` : '';
    const known: Localized =
      caller === undefined
        ? { en: 'knows nobody, and answers', ko: '상대를 확인하지 않고 응답' }
        : { en: `lets in ${safeText(caller)}`, ko: `들여보낸 상대: ${safeText(caller)}` };
    return { en: `${who} ${known.en}: ${what}`, ko: `${who}, ${known.ko}: ${what}` };
  });
  const reasons = [...new Map(rejected.map(({ reason, words }) => [reason, safeText(words)])).values()].map(
    (words): Localized => ({
      en: `${who} turned a client away; in its log: ${words}`,
      ko: `${who}, 연결 거부(서버 로그: ${words})`,
    }),
  );
  return [...callers, ...reasons];
}

/** Whose certificate each side of a connection shows, and who signed it. */
export function proofLines({ client, server }: Proofs, ends: Readonly<Record<Side, Localized>>): Localized[] {
  const line = (who: Localized, { subject, issuer }: CertificateSummary): Localized => {
    const [of, by] = [safeText(subject), safeText(issuer)];
    return { en: `${who.en} shows ${of}, signed by ${by}`, ko: `${who.ko}의 인증서: ${of}(서명: ${by})` };
  };
  const none: Localized = {
    en: `${ends.client.en} shows no certificate`,
    ko: `${ends.client.ko}: 인증서를 제시하지 않음`,
  };
  return [
    ...(client ? [line(ends.client, client)] : server ? [none] : []),
    ...(server ? [line(ends.server, server)] : []),
  ];
}

export function paperLines({ papers, about }: Papers): Localized[] {
  return papers.map((paper) => (about === 'dates' ? paperDates : paperWords)(paper));
}

export function issuedLine(who: string, { subject, issuer, notAfter }: Issued): Localized {
  const [of, by] = [safeText(subject), safeText(issuer)];
  return {
    en: `${who} has a certificate for ${of}, signed by ${by}, good until ${notAfter}`,
    ko: `${who}: ${of} 인증서를 얻음(서명: ${by}, 만료: ${notAfter})`,
  };
}
