/**
 * `inspect --json` on a capture of TLS against tshark, which is only asked which packets are TLS, in turn; whether both count the same;
 * and what memory a file of two gigabytes takes. Captures are made here, in a temporary folder, and go again.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markdownTable, median, medianRatio } from './figures.ts';
import { recordTls, repeatCapture } from './tls-capture.ts';

const rounds = 7;
const megabyte = 1_000_000;
const captureBytes = 100 * megabyte;
const largeTimes = 20;
const leastRatio = 8;
/** In MB, of a file that is twenty times as large. */
const mostGrowth = 100;

interface Run {
  readonly seconds: number;
  /** Peak resident memory in MB. */
  readonly megabytes: number;
  readonly output: string;
}

/** Writes how much memory a program had at most behind what it says on standard error. */
function run(folder: string, program: string, parameters: readonly string[]): Run {
  const figures = join(folder, 'figures');
  const measure = isInstalled('/usr/bin/time') ? ['/usr/bin/time', '-f', '%M', '-o', figures] : [];
  const [first = '', ...rest] = [...measure, program, ...parameters];
  const started = process.hrtime.bigint();
  const { status, stdout } = spawnSync(first, rest, {
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    env: { ...process.env, SSLKEYLOGFILE: '' },
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')} ended with ${status}`);
  const megabytes =
    measure.length > 0
      ? Number(spawnSync('tail', ['-n', '1', figures], { encoding: 'utf8' }).stdout) / 1024
      : Number.NaN;
  return { seconds, megabytes, output: stdout };
}

const isInstalled = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;

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
function countsOfTshark(folder: string, path: string): Counts {
  const { output } = run(folder, 'tshark', [
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
  ]);
  let [records, handshakes] = [0, 0];
  for (const row of output.split('\n')) {
    const [clear = '', opaque = '', messages = ''] = row.split('\t');
    records += [...clear.split(','), ...opaque.split(',')].filter((type) => type === '23').length;
    handshakes += messages.split(',').filter(Boolean).length;
  }
  return { records, handshakes };
}

export async function benchInspect(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'));
  try {
    const path = join(folder, 'tls.pcapng');
    const connections = await recordTls(path, captureBytes);
    const large = join(folder, 'large.pcapng');
    const { bavail, bsize } = statfsSync(folder);
    const hasRoom = bavail * bsize > 1.5 * largeTimes * captureBytes;
    return [
      '## Reading a capture',
      '',
      `${connections} connections of Node's own TLS, 1.2 and 1.3, with and without client certificates, bulk and small exchanges, ${(statSync(path).size / megabyte).toFixed(0)} MB; no keys. ` +
        `tshark is asked with \`-q -Y tls\`, which prints nothing; it looks at far more in each packet, and prints nothing of it. Whole processes, started by the launcher; ${rounds} interleaved rounds.`,
      '',
      ...speedOf(folder, path),
      ...(hasRoom
        ? memoryOf(folder, path, large)
        : ['', 'Memory of a large file: no room for it on this disk.']),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function speedOf(folder: string, path: string): string[] {
  const ours = ['inspect', path, '--json'];
  const first = run(folder, './wirelab', ours);
  const small = join(folder, 'small.pcap');
  // A file in which nothing is: what a start alone costs.
  writeFileSync(small, Buffer.from('d4c3b2a1020004000000000000000000ffff000065000000', 'hex'));
  const hasTshark = isInstalled('tshark');
  const runs: Record<'wirelab' | 'empty' | 'tshark', Run[]> = { wirelab: [], empty: [], tshark: [] };
  for (let round = 0; round < rounds; round++) {
    if (hasTshark) runs.tshark.push(run(folder, 'tshark', ['-q', '-Y', 'tls', '-r', path]));
    runs.wirelab.push(run(folder, './wirelab', ours));
    runs.empty.push(run(folder, './wirelab', ['inspect', small, '--json']));
  }
  const seconds = (name: keyof typeof runs): number[] => runs[name].map((one) => one.seconds);
  const memory = (name: keyof typeof runs): string =>
    median(runs[name].map(({ megabytes }) => megabytes)).toFixed(0);
  const row = (name: keyof typeof runs, title: string, told: string): string[] => [
    title,
    (1000 * median(seconds(name))).toFixed(0),
    memory(name),
    told,
  ];
  const ratio = medianRatio(seconds('tshark'), seconds('wirelab'));
  // What is read a second once it runs: what a larger file costs.
  const behind = median(
    seconds('tshark').map(
      (value, round) => value / ((seconds('wirelab')[round] ?? 0) - (seconds('empty')[round] ?? 0)),
    ),
  );
  const lines = markdownTable([
    ['program', 'wall ms, median', 'peak resident MB', 'times faster than tshark'],
    row(
      'wirelab',
      '`./wirelab inspect FILE --json`',
      hasTshark
        ? `${ratio.toFixed(1)}; bar at least ${leastRatio}: ${ratio >= leastRatio ? 'reached' : 'not reached'}`
        : 'tshark is not installed',
    ),
    row(
      'empty',
      'the same, of a file with no packet',
      hasTshark ? `without its start: ${behind.toFixed(1)}` : '',
    ),
    ...(hasTshark ? [row('tshark', '`tshark -q -Y tls -r FILE`', '')] : []),
  ]);
  if (!hasTshark) return lines;
  const [own, theirs] = [countsOf(first.output), countsOfTshark(folder, path)];
  const said = (what: string, a: number, b: number): string =>
    `- ${what}: ${a}, tshark ${b}: ${a === b ? 'the same' : 'NOT the same'}`;
  return [
    ...lines,
    '',
    said('records of application data', own.records, theirs.records),
    said('handshake messages that can be read', own.handshakes, theirs.handshakes),
  ];
}

function memoryOf(folder: string, path: string, large: string): string[] {
  repeatCapture(path, largeTimes, large);
  const hasTshark = isInstalled('tshark');
  const size = (file: string): string => `${(statSync(file).size / megabyte).toFixed(0)} MB`;
  const once = run(folder, './wirelab', ['inspect', path, '--json']);
  const often = run(folder, './wirelab', ['inspect', large, '--json']);
  const tshark = hasTshark ? run(folder, 'tshark', ['-q', '-Y', 'tls', '-r', large]) : undefined;
  const [one, all] = [countsOf(once.output), countsOf(often.output)];
  const isWhole = all.records === largeTimes * one.records && all.handshakes === largeTimes * one.handshakes;
  const isFlat = often.megabytes - once.megabytes <= mostGrowth;
  rmSync(large);
  return [
    '',
    `The same ${largeTimes} times behind each other, with other addresses each time:`,
    '',
    ...markdownTable([
      ['file', 'program', 'wall s', 'peak resident MB', ''],
      [size(path), 'wirelab', once.seconds.toFixed(1), once.megabytes.toFixed(0), ''],
      [
        `${largeTimes} times that`,
        'wirelab',
        often.seconds.toFixed(1),
        often.megabytes.toFixed(0),
        `at most ${mostGrowth} MB more: ${isFlat ? 'reached' : 'not reached'}; ${largeTimes} times the records and messages: ${isWhole ? 'yes' : 'NO'}`,
      ],
      ...(tshark
        ? [
            [
              '',
              'tshark',
              tshark.seconds.toFixed(1),
              tshark.megabytes.toFixed(0),
              `wirelab is ${(tshark.seconds / often.seconds).toFixed(1)} times faster`,
            ],
          ]
        : []),
    ]),
  ];
}
