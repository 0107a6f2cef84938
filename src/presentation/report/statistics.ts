/** Words the statistics of many connections: the few lines that head a report, and tables of all that was counted. */
import { isoTime } from '../../core/iso-time.ts';
import { outcomeWords } from '../../analysis/outcome/outcome-words.ts';
import { causeName } from '../../analysis/outcome/refusal.ts';
import type { Outcome } from '../../analysis/outcome/outcome-facts.ts';
import { causeIn, loginRefused } from '../../analysis/summary/connection-summary.ts';
import type { ConnectionSummary } from '../../analysis/summary/connection-summary.ts';
import type { Counted, Spread, StatisticsValue } from '../../analysis/summary/statistics.ts';
import { inEach, verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { credentialName, isCredentialKind } from '../../protocols/shared/credential.ts';
import type { CapturedFile } from '../../capture/event.ts';
import { fileRows } from '../conversation/sightings.ts';
import type { SummaryRow, Table } from '../types/values.ts';

export const loginRefusedWords: Localized = { en: 'login refused', ko: '로그인 거부됨' };

/** What a cause of the vocabulary is, or a kind of end without one. */
function wordsOfCause(name: string): Localized {
  const kinds: Readonly<Partial<Record<string, Localized>>> = {
    ...outcomeWords,
    [loginRefused]: loginRefusedWords,
  };
  return causeName(name) ?? kinds[name] ?? verbatim(name);
}

/** Without what a guess needs. */
const wordsOfProof = (kind: string): Localized => {
  const { en, ko } = wordsOfSecret(kind);
  return { en: en.replace(/: .*$/, ''), ko: ko.replace(/: .*$/, '') };
};

const wordsOfSecret = (kind: string): Localized =>
  isCredentialKind(kind) ? credentialName(kind) : verbatim(kind);

/** How a connection ended, in a few words: the name of the cause, a refused login, else the kind of end. */
export function endOfSummary(summary: Pick<ConnectionSummary, 'outcome' | 'logins'>): Localized | undefined {
  const { outcome } = summary;
  return causeIn(summary) === loginRefused ? wordsOfCause(loginRefused) : outcome && endOfConnection(outcome);
}

/** The same, whatever was said over it. */
export function endOfConnection({ kind, cause }: Pick<Outcome, 'kind' | 'cause'>): Localized {
  return cause === undefined || kind === 'nothing_said' ? outcomeWords[kind] : wordsOfCause(cause);
}

const counted = (count: number, what: string): string => `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;

/** How many causes and protocols the heading names. */
const mostNamed = 8;

/**
 * What a capture comes to.
 * @param facts.began the wall clock at time 0, in milliseconds since the epoch; `packets` of the file, where there is one
 */
export function summaryRows(
  value: StatisticsValue,
  {
    began,
    packets,
    files = [],
  }: {
    readonly began: number;
    readonly packets?: number;
    /** Several that were read together. */
    readonly files?: readonly CapturedFile[];
  },
): readonly SummaryRow[] {
  const { connections, failed, open, span, causes, readable, secrets, guessable, versions, bytes, requests } =
    value;
  const rows: SummaryRow[] = [
    {
      label: verbatim(''),
      text: {
        en: [
          counted(connections, 'connection'),
          failed > 0 ? `${grouped(failed)} failed` : 'none failed',
          ...(open > 0 ? [`${grouped(open)} not closed`] : []),
          ...(packets === undefined ? [] : [counted(packets, 'packet')]),
        ].join(', '),
        ko: [
          `연결 ${grouped(connections)}개`,
          failed > 0 ? `실패 ${grouped(failed)}개` : '실패 없음',
          ...(open > 0 ? [`닫히지 않음 ${grouped(open)}개`] : []),
          ...(packets === undefined ? [] : [`패킷 ${grouped(packets)}개`]),
        ].join(', '),
      },
    },
  ];
  rows.push(...fileRows(files));
  if (connections === 0) return rows;
  for (const [index, cause] of causes.slice(0, mostNamed).entries())
    rows.push({
      label: index === 0 ? { en: 'failed', ko: '실패' } : verbatim(''),
      text: inEach(
        (language) =>
          `${grouped(cause.count)} ${cause.name} (${wordsOfCause(cause.name)[language]}): ${streamsOf(cause)}`,
      ),
    });
  rows.push({
    label: { en: 'readable', ko: '평문' },
    text:
      readable.length === 0
        ? { en: 'nothing', ko: '없음' }
        : inEach((language) =>
            [
              ...readable
                .slice(0, mostNamed)
                .map((one) => `${grouped(one.count)} ${one.name}: ${streamsOf(one)}`),
              ...(secrets.length === 0
                ? []
                : [
                    language === 'en'
                      ? `secrets in them: ${secrets.map(({ name, count }) => `${wordsOfSecret(name).en} (${grouped(count)})`).join(', ')}`
                      : `그 안의 비밀 정보: ${secrets.map(({ name, count }) => `${wordsOfSecret(name).ko}(${grouped(count)}개)`).join(', ')}`,
                  ]),
            ].join('; '),
          ),
  });
  if (guessable.length > 0)
    rows.push({
      label: { en: 'guessable', ko: '추측 가능' },
      text: inEach((language) =>
        guessable
          .slice(0, mostNamed)
          .map((one) => `${grouped(one.count)} ${wordsOfProof(one.name)[language]}: ${streamsOf(one)}`)
          .join('; '),
      ),
    });
  if (versions.length > 0)
    rows.push({
      label: verbatim('TLS'),
      text: verbatim(
        versions.map((one) => `${grouped(one.count)} ${one.name}: ${streamsOf(one)}`).join('; '),
      ),
    });
  rows.push({
    label: { en: 'bytes', ko: '바이트' },
    text: inEach((language) =>
      [
        `→ ${grouped(bytes.toServer)} B`,
        `← ${grouped(bytes.toClient)} B`,
        ...(requests === 0
          ? []
          : [language === 'en' ? counted(requests, 'request') : `요청 ${grouped(requests)}개`]),
      ].join('  '),
    ),
  });
  if (span)
    rows.push({
      label: { en: 'time', ko: '시각' },
      text: verbatim(
        `${wallClockText(began + span[0] / 1000)} … ${wallClockText(began + span[1] / 1000)} UTC (${secondsText(span[1] - span[0])})`,
      ),
    });
  return rows;
}

/** `2024-05-06 07:08:09.123`: in UTC, so that it is the same on every machine. */
export function wallClockText(milliseconds: number): string {
  return isoTime(milliseconds).replace('T', ' ').replace('Z', '');
}

/** Microseconds as a person reads them: `350 µs`, `12.3 ms`, `4.567 s`, `2 h 05 min`, `599 d 14 h`. */
export function secondsText(microseconds: number): string {
  if (microseconds < 1000) return `${Math.round(microseconds)} µs`;
  if (microseconds < 1e6) return `${(microseconds / 1000).toFixed(microseconds < 1e5 ? 1 : 0)} ms`;
  const seconds = microseconds / 1e6;
  if (seconds < 3600) return `${seconds.toFixed(3)} s`;
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours < 24
    ? `${hours} h ${String(minutes % 60).padStart(2, '0')} min`
    : `${grouped(Math.floor(hours / 24))} d ${hours % 24} h`;
}

/** How long the response took to come. */
export const latencyText = (microseconds: number): Localized => ({
  en: `after ${secondsText(microseconds)}`,
  ko: `${secondsText(microseconds)} 뒤`,
});

function streamsOf({ count, streams }: Counted): string {
  return `${streams.map((stream) => `#${stream}`).join(' ')}${count > streams.length ? ' …' : ''}`;
}

const headOf = (what: Localized): readonly Localized[] => [
  what,
  { en: 'connections', ko: '연결' },
  { en: 'bytes', ko: '바이트' },
  { en: 'streams', ko: '번호' },
];

const legend: Localized = {
  en: 'A connection is counted in every row that it matches. Streams are numbered from 0, as tcp.stream is.',
  ko: '연결 하나가 여러 줄에 해당하면 각 줄에서 셉니다. 번호는 tcp.stream처럼 0부터 시작합니다.',
};

/** Rows that a table shows. */
const mostRows = 50;

function countTable(title: Localized, what: Localized, counts: readonly Counted[]): Table[] {
  if (counts.length === 0) return [];
  return [
    {
      title,
      head: headOf(what),
      rows: counts
        .slice(0, mostRows)
        .map((one) =>
          [one.name, grouped(one.count), grouped(one.bytes), streamsOf(one)].map((text) => verbatim(text)),
        ),
      legend:
        counts.length > mostRows
          ? {
              en: `${grouped(counts.length - mostRows)} more rows are not shown; --json has them`,
              ko: `나머지 ${grouped(counts.length - mostRows)}줄은 --json에 있습니다`,
            }
          : legend,
    },
  ];
}

/** All that was counted. */
export function statisticsTables(value: StatisticsValue): readonly Table[] {
  const spreads = [
    [{ en: 'size of a connection', ko: '연결의 크기' }, value.sizes, (n: number) => `${grouped(n)} B`],
    [{ en: 'duration of a connection', ko: '연결이 열려 있던 시간' }, value.durations, secondsText],
    [{ en: 'latency of a response', ko: '응답까지 걸린 시간' }, value.latencies, secondsText],
  ] as const;
  const rows = spreads.flatMap(([name, spread, text]) => (spread ? [spreadRow(name, spread, text)] : []));
  return [
    ...countTable({ en: 'Protocols', ko: '프로토콜' }, { en: 'protocol', ko: '프로토콜' }, value.protocols),
    ...countTable({ en: 'TLS versions', ko: 'TLS 버전' }, { en: 'version', ko: '버전' }, value.versions),
    ...countTable({ en: 'Cipher suites', ko: '암호 스위트' }, { en: 'suite', ko: '스위트' }, value.suites),
    ...countTable(
      { en: 'Names (SNI, Host)', ko: '이름(SNI, Host)' },
      { en: 'name', ko: '이름' },
      value.names,
    ),
    ...countTable({ en: 'Failures', ko: '실패' }, { en: 'cause', ko: '원인' }, value.causes),
    ...countTable({ en: 'Alerts', ko: '알림' }, { en: 'alert', ko: '알림' }, value.alerts),
    ...countTable({ en: 'HTTP status', ko: 'HTTP 상태' }, { en: 'status', ko: '상태' }, value.statuses),
    ...countTable(
      { en: 'Readable on the wire', ko: '평문(구간에서 읽을 수 있음)' },
      { en: 'protocol', ko: '프로토콜' },
      value.readable,
    ),
    ...(rows.length === 0
      ? []
      : [
          {
            title: { en: 'Sizes and times', ko: '크기와 시간' },
            head: [
              verbatim(''),
              { en: 'values', ko: '개수' },
              { en: 'min', ko: '최소' },
              { en: 'median', ko: '중앙값' },
              { en: '90th percentile', ko: '90백분위수' },
              { en: 'max', ko: '최대' },
            ],
            rows,
            legend: {
              en: 'The median and the 90th percentile are accurate to 5 %.',
              ko: '중앙값과 90백분위수의 오차는 5% 이내입니다.',
            },
          },
        ]),
  ];
}

function spreadRow(
  name: Localized,
  { count, least, median, ninetieth, most }: Spread,
  text: (value: number) => string,
): readonly Localized[] {
  return [
    name,
    ...[grouped(count), text(least), text(median), text(ninetieth), text(most)].map((one) => verbatim(one)),
  ];
}
