/**
 * A show that a hundred viewers follow over TLS, each with a connection of its own, and one more that never reads: how far
 * behind the presenter's screen they are, how long the presenter's steps take meanwhile, and what it costs. The command that a
 * user starts, in a pseudo-terminal (`script`); the viewers are of this process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { markdownTable, median } from '../figures.ts';
import { cpuSeconds, residentMegabytes } from '../processes.ts';
import { asked } from '../section.ts';
import type { Section } from '../section.ts';

const show = 'mtls';
const crowd = 100;
const seconds = 60;
/** Between two keys of the presenter. */
const every = 2000;
/** A frame is over when nothing was written for so long. */
const quiet = 300;
const limits = { lag: 1000, step: 150, megabytes: 150 } as const;

interface Trust {
  readonly ca: Buffer;
}

interface Viewer {
  /** When its newest message was whole. */
  last: number;
  bytes: number;
  hasEnded: boolean;
}

async function answered(url: string, trust: Trust): Promise<IncomingMessage> {
  const [response] = (await once(get(url, { ...trust, agent: false }), 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${url}: ${response.statusCode}`);
  return response;
}

async function textOf(url: string, trust: Trust): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of await answered(url, trust)) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

/** Loads the page, follows, and looks at the bytes once, as a browser does. */
async function viewerOf(url: string, trust: Trust): Promise<Viewer> {
  const page = await textOf(url, trust);
  const [, revision = ''] = /"revision":(\d+)/.exec(page) ?? [];
  const viewer: Viewer = { last: 0, bytes: Buffer.byteLength(page), hasEnded: false };
  const events = await answered(`${url}events?after=${revision}`, trust);
  events.on('data', (part: Buffer) => {
    viewer.bytes += part.length;
    if (!part.subarray(-2).equals(Buffer.from('\n\n')) || part.equals(Buffer.from(':\n\n'))) return;
    viewer.last = performance.now();
  });
  events.on('error', () => {}).on('close', () => (viewer.hasEnded = true));
  return viewer;
}

/** Asks for events and reads nothing of them. */
async function deafTo(url: string, { ca }: Trust): Promise<{ readonly end: () => void }> {
  const { hostname, port, host, pathname } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), ca });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  socket.write(`GET ${pathname}events HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  socket.pause();
  return { end: () => socket.destroy() };
}

interface AudienceFigures {
  readonly steps: readonly number[];
  readonly lags: readonly number[];
  readonly megabytes: number;
  readonly cpu: number;
  readonly delivered: number;
  readonly lost: number;
}

interface Audience {
  readonly all: readonly Viewer[];
  readonly deaf: { readonly end: () => void } | undefined;
}

const nobody: Audience = { all: [], deaf: undefined };

/** Viewers come one after the other, and look at the bytes all at once. */
async function gather(
  viewers: number,
  {
    press,
    url,
    folder,
  }: { readonly press: () => void; readonly url: () => Promise<string>; readonly folder: string },
): Promise<Audience> {
  press();
  const address = await url();
  press();
  const trust = { ca: readFileSync(join(folder, 'workshop', 'workshop-server-ca.crt')) };
  const all: Viewer[] = [];
  for (let count = 0; count < viewers; count++) all.push(await viewerOf(address, trust));
  const deaf = await deafTo(address, trust);
  await Promise.all(all.map(async () => textOf(`${address}bytes`, trust)));
  return { all, deaf };
}

/** @param viewers undefined for a run that is not shared */
async function watchedBy(viewers: number | undefined): Promise<AudienceFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-audience-'));
  const child = spawn(
    'script',
    [
      '-qfec',
      `stty cols 80 rows 24; exec ./wirelab run ${show} --no-motion --share --share-tls`,
      '/dev/null',
    ],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TERM: 'xterm-256color', WIRELAB_CERTS: folder, XDG_STATE_HOME: folder },
    },
  );
  try {
    let last = performance.now();
    let output = '';
    let isLooking = true;
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      last = performance.now();
      if (isLooking) output += part;
    });
    const settled = async (): Promise<void> => {
      while (performance.now() - last < quiet) await pause(10);
    };
    const url = async (): Promise<string> => {
      const address = /https:\/\/[\d.:]+\/[\w-]{22}\//;
      while (!address.test(output)) await pause(50);
      return address.exec(output)?.[0] ?? '';
    };
    while (!output.includes('space')) await pause(50);
    await settled();
    const { all, deaf } =
      viewers === undefined
        ? nobody
        : await gather(viewers, { press: () => child.stdin.write('o'), url, folder });
    isLooking = false;
    await settled();
    const before = cpuSeconds(child.pid ?? 0);
    const steps: number[] = [];
    const lags: number[] = [];
    for (const from = performance.now(); performance.now() - from < seconds * 1000; ) {
      const pressed = performance.now();
      last = pressed;
      child.stdin.write(' ');
      await pause(every - 100);
      // A frame that was drawn long after the key is that of a pause in the step itself.
      const shown = last;
      if (shown > pressed) steps.push(shown - pressed);
      for (const viewer of all) if (viewer.last > pressed) lags.push(Math.max(0, viewer.last - shown));
      await pause(100);
    }
    const cpu = cpuSeconds(child.pid ?? 0) - before;
    const megabytes = residentMegabytes(child.pid ?? 0);
    deaf?.end();
    return {
      steps,
      lags,
      megabytes,
      cpu: cpu / seconds,
      delivered: all.reduce((sum, { bytes }) => sum + bytes, 0) / 1024 / 1024,
      lost: all.filter(({ hasEnded }) => hasEnded).length,
    };
  } finally {
    const hasEnded = once(child, 'close');
    child.stdin.write('Q');
    await Promise.race([hasEnded, pause(5000)]);
    child.kill();
    await hasEnded;
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function benchAudience(): Promise<Section> {
  const figures = { alone: await watchedBy(undefined), crowd: await watchedBy(crowd) };
  const row = (name: string, { steps, lags, megabytes, cpu, delivered }: AudienceFigures): string[] => [
    name,
    `${median(steps).toFixed(0)}, ${Math.max(...steps).toFixed(0)}`,
    lags.length === 0 ? '' : `${median(lags).toFixed(0)}, ${Math.max(...lags).toFixed(0)}`,
    megabytes.toFixed(0),
    cpu.toFixed(3),
    delivered === 0 ? '' : delivered.toFixed(0),
  ];
  const { steps, lags, megabytes, lost } = figures.crowd;
  return {
    lines: [
      '## A run that is shared',
      '',
      ...markdownTable([
        [
          'viewers',
          'step: median, longest, ms',
          'behind: median, most, ms',
          'MB',
          'CPU-s a second',
          'MB to viewers',
        ],
        row('not shared', figures.alone),
        row(`${crowd} over TLS`, figures.crowd),
      ]),
      '',
      `\`run ${show} --share --share-tls\`, a step every ${every / 1000} s for ${seconds} s. A step is from its key to the last byte of the presenter's frame; behind is from there until a viewer has the whole of the last change. One more viewer never reads.`,
      '',
      `- a viewer behind, in ms, ${asked({ atMost: limits.lag }, Math.max(...lags))}`,
      `- a step of the presenter, median in ms, ${asked({ atMost: limits.step }, median(steps))}`,
      `- memory, in MB, ${asked({ atMost: limits.megabytes }, megabytes)}`,
    ],
    data: figures,
    failures: lost > 0 ? [`${lost} of ${crowd} viewers were dropped`] : [],
  };
}
