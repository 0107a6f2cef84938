/** The words of statistics: durations at every scale, labels that fit into their column, secrets by the names of their kinds. */
import test from 'ava';
import type { StatisticsValue } from '../../../src/analysis/summary/statistics.ts';
import { languages } from '../../../src/i18n/language.ts';
import { cellWidth } from '../../../src/i18n/width.ts';
import { secondsText, summaryRows } from '../../../src/presentation/report/statistics.ts';
import { labelCells } from '../../../src/ui/text/card.ts';

for (const [microseconds, text] of [
  [350, '350 µs'],
  [12_340, '12.3 ms'],
  [4_567_000, '4.567 s'],
  [3_599_999_000, '3599.999 s'],
  [3_600_000_000, '1 h 00 min'],
  [7_500_000_000, '2 h 05 min'],
  [86_399_999_000, '1 d 0 h'],
  [51_806_148_585_000, '599 d 14 h'],
] as const)
  test(`a time of ${microseconds} µs is ${text}`, (t) => {
    t.is(secondsText(microseconds), text);
  });

const value: StatisticsValue = {
  connections: 3,
  open: 1,
  failed: 1,
  span: [0, 10],
  bytes: { toServer: 1, toClient: 2 },
  requests: 2,
  protocols: [],
  versions: [{ name: 'TLS 1.3', count: 1, streams: ['2'], bytes: 3 }],
  suites: [],
  alerts: [],
  names: [],
  causes: [{ name: 'unknown_ca', count: 1, streams: ['2'], bytes: 3 }],
  readable: [{ name: 'http', count: 2, streams: ['0', '1'], bytes: 3 }],
  guessable: [],
  secrets: [
    { name: 'form_field', count: 2, streams: ['0'], bytes: 3 },
    { name: 'basic', count: 1, streams: ['1'], bytes: 3 },
  ],
  statuses: [],
  sizes: undefined,
  durations: undefined,
  latencies: undefined,
};

test('labels are not cut in any language', (t) => {
  for (const { label } of summaryRows(value, { began: 0, packets: 9 }))
    for (const language of languages) t.true(cellWidth(label[language]) <= labelCells, label[language]);
});

test('secrets are named as a person calls them, not as the JSON output does', (t) => {
  const readable = summaryRows(value, { began: 0 }).find(({ label }) => label.en === 'readable');
  t.is(readable?.text.en, '2 http: #0 #1; secrets in them: form field (2), Basic authorization (1)');
  t.is(readable?.text.ko, '2 http: #0 #1; 그 안의 비밀 정보: 폼 필드(2개), Basic 인증(1개)');
});
