/**
 * `inspect --json` of a capture of TLS against tshark: with `-T ek`, which prints what it dissects as wirelab does, and with
 * `-q`, which prints nothing; whether both count the same; time and memory from 1 MB to 2 GB. Captures are made here, in a
 * temporary folder, and go again.
 */
import { mkdtempSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { observe } from '../commands.ts';
import type { Observation } from '../commands.ts';
import { markdownTable, median, medianRatio, spread } from '../figures.ts';
import type { Plot } from '../plot.ts';
import { isInstalled } from '../processes.ts';
import { asked } from '../section.ts';
import type { Section } from '../section.ts';
import { kindsOfCapture, recordTls, repeatCapture } from './mixed-capture.ts';

const megabyte = 1_000_000;
const captureBytes = 60 * megabyte;
/** How often the capture stands in the file of two gigabytes. */
const largeTimes = 30;
const limits = { ek: 8, quiet: 0.7, largeMegabytes: 250 } as const;

const ours = (path: string): readonly string[] => ['./wirelab', 'inspect', path, '--json'];
const tshark = {
  ek: (path: string): readonly string[] => ['tshark', '-T', 'ek', '-Y', 'tls', '-r', path],
  quiet: (path: string): readonly string[] => ['tshark', '-q', '-Y', 'tls', '-r', path],
} as const;

interface Counts {
  readonly records: number;
  readonly handshakes: number;
}

/** Of a JSON output: records of application data, and handshake messages that can be read. */
function countsOf(output: string): Counts {
  let [records, handshakes] = [0, 0];
  for (const line of output.split('\n')) {
    if (line === '') continue;
    const told = JSON.parse(line) as {
      kind: string;
      encrypted?: boolean;
      applicationDataRecords?: { toServer: number; toClient: number };
    };
    if (told.applicationDataRecords)
      records += told.applicationDataRecords.toServer + told.applicationDataRecords.toClient;
    if (told.kind === 'handshake' && told.encrypted === false) handshakes++;
  }
  return { records, handshakes };
}

/** The outer type of a record of TLS 1.3 has a field of its own there. */
async function countsOfTshark(path: string, output: string): Promise<Counts> {
  const words = [
    'tshark',
    '-r',
    path,
    '-Y',
    'tls',
    '-T',
    'fields',
    '-e',
    'tls.record.content_type',
    '-e',
    'tls.record.opaque_type',
    '-e',
    'tls.handshake.type',
  ];
  await observe(words, { output });
  let [records, handshakes] = [0, 0];
  for (const row of readFileSync(output, 'utf8').split('\n')) {
    const [clear = '', opaque = '', messages = ''] = row.split('\t');
    records += [...clear.split(','), ...opaque.split(',')].filter((type) => type === '23').length;
    handshakes += messages.split(',').filter(Boolean).length;
  }
  return { records, handshakes };
}

export async function benchInspect(rounds: number): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'));
  try {
    const path = join(folder, 'tls.pcapng');
    const connections = await recordTls(path, captureBytes);
    const speed = await speedOf(folder, path, rounds);
    const growth = await growthOf(folder, path);
    return {
      lines: [
        '## Reading a capture',
        '',
        `${connections} connections, ${kindsOfCapture} kinds of handshakes (versions, suites, groups, ALPN, resumption, keys, chains, client certificates), ${(statSync(path).size / megabyte).toFixed(0)} MB; no keys. Whole processes, started by the launcher; output to /dev/null; ${rounds} interleaved rounds.`,
        '',
        ...speed.lines,
        '',
        ...growth.lines,
      ],
      data: { connections, speed: speed.data, growth: growth.data },
      plots: growth.plots,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function speedOf(
  folder: string,
  path: string,
  rounds: number,
): Promise<{ readonly lines: string[]; readonly data: unknown }> {
  const hasTshark = isInstalled('tshark');
  const programs = {
    ours: ours(path),
    ...(hasTshark ? { ek: tshark.ek(path), quiet: tshark.quiet(path) } : {}),
  };
  const runs: Record<string, Observation[]> = { ours: [], ek: [], quiet: [] };

  for (let round = 0; round < rounds; round++)
    // It takes as long as all others together, and its bound is far from its spread.
    for (const [name, words] of Object.entries(programs))
      if (name !== 'ek' || round < 2) runs[name]?.push(await observe(words));
  const seconds = (name: string): number[] => runs[name]?.map((one) => one.seconds) ?? [];
  const row = (name: string, words: string, limit?: number): string[] => {
    const ratio = medianRatio(seconds(name), seconds('ours'));
    return [
      words,
      `${(1000 * median(seconds(name))).toFixed(0)} ±${spread(seconds(name)).toFixed(0)}%`,
      median(runs[name]?.map(({ megabytes }) => megabytes) ?? []).toFixed(0),
      limit === undefined ? '' : ratio.toFixed(2),
      limit === undefined ? '' : asked({ atLeast: limit }, ratio),
    ];
  };
  const table = markdownTable([
    [
      'program',
      'wall ms: median, spread',
      'peak resident MB',
      'times as long as wirelab',
      'asked of wirelab',
    ],
    row('ours', '`./wirelab inspect FILE --json`'),
    ...(hasTshark
      ? [
          row('ek', '`tshark -T ek -Y tls -r FILE`', limits.ek),
          row('quiet', '`tshark -q -Y tls -r FILE`', limits.quiet),
        ]
      : []),
  ]);
  if (!hasTshark) return { lines: [...table, '', 'Not there: tshark.'], data: runs };
  const output = join(folder, 'output');
  await observe(ours(path), { output });
  const own = countsOf(readFileSync(output, 'utf8'));
  const theirs = await countsOfTshark(path, output);
  const said = (what: string, a: number, b: number): string =>
    `- ${what}: ${a}, tshark ${b}: ${a === b ? 'the same' : '**NOT the same**'}`;
  return {
    lines: [
      ...table,
      '',
      said('records of application data', own.records, theirs.records),
      said('handshake messages that can be read', own.handshakes, theirs.handshakes),
    ],
    data: { runs, own, theirs },
  };
}

interface Size {
  readonly megabytes: number;
  readonly ours: Observation;
  readonly tshark?: Observation;
}

/** From 1 MB to 2 GB, as far as the disk has room. */
async function growthOf(
  folder: string,
  path: string,
): Promise<{ readonly lines: string[]; readonly data: readonly Size[]; readonly plots: readonly Plot[] }> {
  const small = join(folder, 'small.pcapng');
  const large = join(folder, 'large.pcapng');
  await recordTls(small, megabyte, 1);
  const { bavail, bsize } = statfsSync(folder);
  const sizes: Size[] = [];
  for (const [file, times] of [
    [small, 1],
    [small, 10],
    [path, 1],
    [path, 5],
    [path, largeTimes],
  ] as const) {
    if (bavail * bsize < 1.5 * statSync(file).size * times) continue;
    repeatCapture(file, times, large);
    sizes.push({
      megabytes: statSync(large).size / megabyte,
      ours: await observe(ours(large)),
      ...(isInstalled('tshark') ? { tshark: await observe(tshark.quiet(large)) } : {}),
    });
    rmSync(large);
  }
  const most = sizes.at(-1);
  const plot = (name: string, title: string, label: string, of: (one: Observation) => number): Plot => ({
    name,
    title,
    x: { label: 'MB of capture', isLogarithmic: true },
    y: { label, isLogarithmic: true },
    lines: [
      {
        label: 'wirelab inspect --json',
        points: sizes.map((size): [number, number] => [size.megabytes, of(size.ours)]),
      },
      {
        label: 'tshark -q -Y tls',
        points: sizes.flatMap((size): [number, number][] =>
          size.tshark ? [[size.megabytes, of(size.tshark)]] : [],
        ),
      },
    ],
  });
  return {
    lines:
      most && most.megabytes > 1900
        ? [
            `${(most.megabytes / 1000).toFixed(1)} GB: ${most.ours.seconds.toFixed(1)} s, ${most.ours.megabytes.toFixed(0)} MB resident; ${asked({ atMost: limits.largeMegabytes }, most.ours.megabytes)}${most.tshark ? ` (tshark: ${most.tshark.seconds.toFixed(1)} s, ${most.tshark.megabytes.toFixed(0)} MB)` : ''}.`,
          ]
        : ['2 GB: no room for it on this disk.'],
    data: sizes,
    plots: [
      plot('capture-seconds', 'Reading a capture: wall time', 'seconds', ({ seconds }) => seconds),
      plot('capture-memory', 'Reading a capture: memory', 'MB resident', ({ megabytes }) => megabytes),
    ],
  };
}
