/** Bundles for tests: a real run, a tiny one, what was captured or recorded, and what becomes of one whose lines are edited. */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { bundleFile } from '../../../../src/ui/bundle/write.ts';
import type { CaptureBundle, RunBundle } from '../../../../src/ui/bundle/limits.ts';
import { checkedBundle, isRun } from '../../../../src/cli/run/replay/checked.ts';
import type { OpenedRun } from '../../../../src/cli/run/replay/checked.ts';
import { recordingBundle } from '../../../../src/cli/run/replay/recording.ts';
import { RunRecorder } from '../../../../src/cli/run/replay/recorder.ts';
import { CaptureLog } from '../../../../src/capture/log.ts';
import type { CaptureDraft } from '../../../../src/capture/event.ts';
import { flowConnection } from '../../../../src/capture/stream-number.ts';
import { compiled, perform, worldOf } from '../../../engine/support/demonstration.ts';
import { loadReadings } from '../../../../src/analysis/conversation/conversation.ts';

/** A real run of a scenario. */
export async function recorded(name: string): Promise<RunRecorder> {
  await loadReadings();
  const scenario = await compiled(name);
  const world = await worldOf(scenario);
  let recorder: RunRecorder | undefined;
  const { verdict } = await perform(scenario, {
    async listening({ plan, log, judge }) {
      recorder = new RunRecorder({ compiled: scenario, plan, short: false, supplied: {} }, judge, world);
      log.subscribe(recorder.fold);
      return Promise.resolve();
    },
  });
  if (!recorder) throw new Error('nothing ran');
  recorder.finish(verdict);
  return recorder;
}

export function bundleOf(recorder: RunRecorder, withSecrets = false): RunBundle {
  const bundle = recorder.bundle({ version: '0.1.0', made: new Date(0), withSecrets });
  if (!bundle) throw new Error('no bundle');
  return bundle;
}

/** The run in that file. */
export async function checkedRun(file: Uint8Array): Promise<OpenedRun> {
  const opened = await checkedBundle(file, 'x.wirelab');
  if (!isRun(opened)) throw new Error('this is no run');
  return opened;
}

/** With few events and short texts: every byte of it can be tried. */
export function tiny(bundle: RunBundle): Uint8Array {
  const events = bundle.events.filter(({ type }) => type === 'began').map((event) => ({ ...event, seq: 0 }));
  const { compiled: scenario } = bundle.scenario;
  const short = { title: 't', intro: 'i', doesNotProve: 'd', steps: {} };
  return bundleFile({
    ...bundle,
    scenario: {
      ...bundle.scenario,
      compiled: { ...scenario, narration: { en: short, ko: short } },
    },
    events,
    findings: [],
    hits: [],
    redactions: [],
    count: { places: {}, texts: 0, keylog: 0 },
    verdict: { ...bundle.verdict, status: 'failed', findings: [] },
  });
}

const login =
  'POST /login HTTP/1.1\r\nHost: a\r\nCookie: session=abcdef123456\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 29\r\n\r\nuser=alice&password=tiger-lily';

/** A capture or what a proxy recorded: a login, a refused client, and of a capture a datagram. */
export async function recordingOf(
  of: CaptureBundle['of'],
  { withSecrets = false, isTiny = false } = {},
): Promise<CaptureBundle> {
  let time = 0;
  const log = new CaptureLog({ clock: { now: () => 0, microseconds: () => (time += 10) } });
  const [placed, to] = [{ conn: 0, hop: 'A' } as const, { host: '10.0.0.2', port: 80 }];
  const from = { host: '10.0.0.1', port: 5000 };
  const bytes = (text: string, side: 'client' | 'server', conn = 0): CaptureDraft => ({
    type: 'bytes',
    ...placed,
    conn,
    vantage: 'wire',
    from: side,
    bytes: Buffer.from(text),
  });
  const datagrams = flowConnection('udp', 0);
  const drafts: readonly CaptureDraft[] = [
    {
      type: 'began',
      version: '0.1.0',
      wallClock: new Date(0).toISOString(),
      topology: {
        participants: [
          { name: 'client', role: 'client' },
          { name: 'server', role: 'server' },
        ],
        wires: [{ hop: 'A', from: 'client', to: 'server', protocol: 'http' }],
      },
    },
    ...(isTiny
      ? []
      : ([
          ...(of === 'proxy' ? [{ type: 'note', text: { en: 'listening', ko: '대기 중' } } as const] : []),
          { type: 'opened', ...placed, transport: 'tcp', from, to },
          bytes(login.slice(0, 100), 'client'),
          bytes(login.slice(100), 'client'),
          bytes(
            'HTTP/1.1 200 OK\r\nSet-Cookie: session=abcdef123456\r\nContent-Length: 2\r\n\r\nok',
            'server',
          ),
          { type: 'closed', ...placed, by: 'client', how: 'end' },
          { type: 'opened', ...placed, conn: 1, transport: 'tcp', from, to },
          { type: 'keylog', conn: 1, line: `CLIENT_RANDOM ${'0'.repeat(64)} ${'1'.repeat(96)}` },
          { type: 'refused', ...placed, conn: 1, by: 'server', reason: 'certificate_missing', detail: {} },
          { type: 'closed', ...placed, conn: 1, by: 'server', how: 'reset' },
          ...(of === 'capture'
            ? ([
                { type: 'opened', ...placed, conn: datagrams, transport: 'udp', from, to },
                bytes('password=hello', 'client', datagrams),
              ] as const)
            : []),
        ] as const)),
  ];
  for (const draft of drafts) log.append(draft);
  return recordingBundle(
    {
      of,
      title: { en: 'a.pcap', ko: 'a.pcap' },
      ...(of === 'capture' ? { packets: 12 } : {}),
      problems: [{ what: 'file.cut', offset: 7, found: 'x', text: { en: 'cut', ko: '끊김' } }],
      events: log.events,
      reproduce: () => 'curl http://a/',
    },
    { version: '0.1.0', made: new Date(0), withSecrets },
  );
}

/** What a test changes in a line is no type's business. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each kind of line has other fields
export type Lines = Record<string, any>[];

/** The lines of a bundle, the header first. */
export const linesOf = (file: Uint8Array): Lines =>
  gunzipSync(file)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Lines[number]);

/** A file with these lines. @param isHonest the header counts and digests what follows */
export function fileOf([header = {}, ...rest]: Lines, isHonest = true): Uint8Array {
  const content = Buffer.from(rest.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const kindOf = ({ kind }: Lines[number]): string =>
    ['scenario', 'source', 'certificate', 'findings', 'hit', 'redacted', 'verdict'].includes(String(kind))
      ? String(kind)
      : 'event';
  const lines = Object.fromEntries(
    Object.keys((header['lines'] ?? {}) as object).map((kind) => [
      kind,
      rest.filter((line) => kindOf(line) === kind).length,
    ]),
  );
  const honest = {
    ...header,
    lines,
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  };
  return gzipSync(Buffer.concat([Buffer.from(`${JSON.stringify(isHonest ? honest : header)}\n`), content]));
}

/** The bundle with edited lines. */
export function edited(file: Uint8Array, edit: (lines: Lines) => Lines | void, isHonest = true): Uint8Array {
  const lines = linesOf(file);
  return fileOf(edit(lines) ?? lines, isHonest);
}
