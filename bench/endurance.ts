/**
 * `make endurance`: the shipped command under full load for half an hour (MINUTES=30), in plaintext, TLS and mutual TLS at the
 * same time. Every byte is compared by its digest, every connection and every refusal must be reported, and memory is
 * plotted. Writes its table into bench/README.md and bench/plots/endurance.svg when it ran that long, else prints only;
 * ends with 1 where a byte, a report or a process was lost, or memory has a trend.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { markdownTable, median } from './figures.ts';
import { buildGenerator, runLoad, startLoadServer } from './generator.ts';
import type { LoadMode, LoadOptions } from './generator.ts';
import { writeIdentities } from './identities.ts';
import { plotSvg } from './plot.ts';
import { residentMegabytes } from './processes.ts';
import { start } from './relay/contestant.ts';
import type { Configuration, Running } from './relay/contestant.ts';
import { contestants, throughPipe } from './relay/contestants.ts';
import { resultsIn } from './report.ts';

const asWritten = 30;
const minutes = Number(process.env['MINUTES'] ?? asWritten);
const milliseconds = minutes * 60_000;
const megabyte = 1_000_000;
/** Milliseconds between two looks at the memory. */
const often = 5000;
/** Milliseconds within which the last report must have come, and any answer: all compete for the processors. */
const patience = 30_000;
/** The last third may hold so much more than the middle one, in megabytes: what collections leave to chance. */
const chance = 60;

interface Work {
  readonly mode: LoadMode;
  readonly load: LoadOptions;
}

const connections: Work = { mode: 'connect', load: { count: 1000, atOnce: 16 } };
const bulk: readonly Work[] = [
  { mode: 'up', load: { bytes: 200 * megabyte, count: 4 } },
  { mode: 'down', load: { bytes: 200 * megabyte } },
];
const works: Readonly<Partial<Record<Configuration, readonly Work[]>>> = {
  tcp: [connections, ...bulk],
  tls: [connections, ...bulk],
  mtls: [connections, { mode: 'refused', load: { count: 100, atOnce: 8 } }, ...bulk],
};

interface Account {
  readonly configuration: string;
  readonly running: Running;
  made: number;
  refused: number;
  bytes: number;
  problem?: string;
  readonly memory: (readonly [minute: number, megabytes: number])[];
}

const problem = buildGenerator();
if (problem !== undefined) throw new Error(problem);
const contestant = contestants.find(({ name }) => name === throughPipe);
if (!contestant) throw new Error(`no contestant is called ${throughPipe}`);
const folder = mkdtempSync(join(tmpdir(), 'wirelab-endurance-'));
writeIdentities(folder);
const file = (name: string): string => join(folder, name);
const server = await startLoadServer();
const accounts: Account[] = [];
const from = performance.now();

async function loaded(account: Account, configuration: Configuration): Promise<void> {
  const identity = configuration === 'mtls' ? { cert: file('client.crt'), key: file('client.key') } : {};
  const ca = configuration === 'tcp' ? {} : { ca: file('server-ca.crt') };
  while (performance.now() - from < milliseconds)
    for (const { mode, load } of works[configuration] ?? []) {
      const figures = await runLoad(mode, account.running.port, {
        ...load,
        patience,
        ...ca,
        ...(mode === 'refused' ? {} : identity),
      });
      if (figures.lost > 0) throw new Error(`${figures.lost} connections were lost`);
      account.made += load.count ?? 1;
      if (mode === 'refused') account.refused += load.count ?? 1;
      account.bytes += figures.bytes;
    }
}

/** Waits for the last report, and for one too many. */
async function settled({ running, made }: Account): Promise<void> {
  const over = performance.now() + patience;
  while ((await running.reported()).ended < made && performance.now() < over) await pause(50);
  await pause(200);
}

const isOver = { now: false };
async function watched(): Promise<void> {
  while (!isOver.now) {
    for (const { running, memory } of accounts)
      memory.push([(performance.now() - from) / 60_000, residentMegabytes(running.pid, 'VmRSS')]);
    await pause(often);
  }
}

try {
  for (const configuration of Object.keys(works) as Configuration[]) {
    const running = await start(contestant, { configuration, target: server.port, pki: folder, folder });
    if (typeof running === 'string') throw new Error(`${contestant.name}: ${running}`);
    accounts.push({ configuration, running, made: 0, refused: 0, bytes: 0, memory: [] });
  }
  const watching = watched();
  await Promise.all(
    accounts.map(async (account) => {
      try {
        await loaded(account, account.configuration as Configuration);
      } catch (error) {
        account.problem = error instanceof Error ? error.message : String(error);
      }
    }),
  );
  isOver.now = true;
  await watching;
  for (const account of accounts) await settled(account);
  await conclude();
} finally {
  isOver.now = true;
  for (const { running } of accounts) await running.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** What is wrong with a run; nothing where all is well. */
function complaintOf(account: Account, ended: number, refused: number): string | undefined {
  if (account.problem !== undefined) return account.problem;
  if (ended !== account.made) return `${account.made} connections, ${ended} reported`;
  if (refused !== account.refused) return `${account.refused} refused, ${refused} reported`;
  const [, middle = 0, last = 0] = thirds(account);
  return last > middle + chance
    ? `memory grows: ${middle.toFixed(0)}, then ${last.toFixed(0)} MB`
    : undefined;
}

/** Median megabytes of each third of the run. */
function thirds({ memory }: Account): readonly number[] {
  const third = Math.ceil(memory.length / 3);
  return [0, 1, 2].map((at) =>
    median(memory.slice(at * third, (at + 1) * third).map(([, megabytes]) => megabytes)),
  );
}

async function conclude(): Promise<void> {
  const rows: string[][] = [];
  for (const account of accounts) {
    const { running, configuration, made, refused, bytes, memory } = account;
    const reported = await running.reported();
    const complaint = complaintOf(account, reported.ended, reported.refused);
    if (complaint !== undefined) process.exitCode = 1;
    rows.push([
      configuration,
      String(made),
      String(reported.ended),
      String(refused),
      String(reported.refused),
      (bytes / 1e9).toFixed(1),
      thirds(account)
        .map((megabytes) => megabytes.toFixed(0))
        .join(', '),
      Math.max(...memory.map(([, megabytes]) => megabytes)).toFixed(0),
      complaint === undefined ? 'all well' : `**${complaint}**`,
    ]);
  }
  const lines = [
    `${minutes} minutes of \`${contestant?.name.replace(', to a pipe', '')}\` in plaintext (tcp), TLS and mutual TLS side by side, as much as the machine could do, on ${new Date().toISOString().slice(0, 10)}.`,
    'Every transfer was compared by SHA-256.',
    '',
    ...markdownTable([
      [
        'relay',
        'connections made',
        'reported',
        'refusals made',
        'reported',
        'GB in bulk',
        'MB resident, median of each third',
        'MB at most',
        '',
      ],
      ...rows,
    ]),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (minutes < asWritten) return;
  mkdirSync('bench/plots', { recursive: true });
  const title = `Memory under full load for ${minutes} minutes`;
  const plot = plotSvg({
    name: 'endurance',
    title,
    x: { label: 'minutes', isLogarithmic: false },
    y: { label: 'MB resident', isLogarithmic: false },
    lines: accounts.map(({ configuration, memory }) => ({
      label: configuration,
      points: memory.filter((_, at) => at % 6 === 0),
    })),
  });
  writeFileSync('bench/plots/endurance.svg', plot);
  const page = readFileSync('bench/README.md', 'utf8');
  writeFileSync(
    'bench/README.md',
    resultsIn(page, [...lines, '', `![${title}](plots/endurance.svg)`], 'endurance'),
  );
}
