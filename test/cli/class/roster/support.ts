/** A class in a folder of its own, with its door open, and learners without a lab. */
import type { ExecutionContext } from 'ava';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boardJson } from '../../../../src/cli/class/board.ts';
import type { HandedIn } from '../../../../src/cli/class/handed-in.ts';
import { ClassFolder } from '../../../../src/cli/class/roster/class-folder.ts';
import { Entries } from '../../../../src/cli/class/roster/entries.ts';
import { serveEntries } from '../../../../src/cli/class/roster/entry-server.ts';
import type { EntryServer } from '../../../../src/cli/class/roster/entry-server.ts';
import { readInvitation } from '../../../../src/cli/class/roster/invitation.ts';
import type { Invitation } from '../../../../src/cli/class/roster/invitation.ts';
import { TurnedAwayLog } from '../../../../src/cli/class/roster/turned-away.ts';
import { CaptureLog } from '../../../../src/capture/log.ts';
import type { Topology } from '../../../../src/capture/event.ts';
import { start } from '../../../helpers/running.ts';
import type { Running } from '../../../helpers/running.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import type { Clock } from '../../../../src/core/clock.ts';

export function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-class-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const day = 86_400_000;

/** A clock that is so many days behind. */
export const daysAgo = (days: number): Clock => ({ ...systemClock, now: () => Date.now() - days * day });

/** Invites to a class in a folder, and reads the invitations. */
export async function invited(
  folder: string,
  learners: readonly string[],
  {
    port = 8450,
    days = 30,
    again = false,
    clock = systemClock,
  }: {
    readonly port?: number;
    readonly days?: number;
    readonly again?: boolean;
    readonly clock?: Clock;
  } = {},
): Promise<readonly Invitation[]> {
  const place = ClassFolder.begin(join(folder, 'class'), clock);
  const asked = learners.map((learner) => ({ learner, file: join(folder, `${learner}.pem`) }));
  await place.invite(asked, { server: { host: '127.0.0.1', port }, days, again });
  return asked.map(({ file }) => readInvitation(file));
}

export const topology: Topology = {
  participants: [
    { name: 'lab', role: 'client' },
    { name: 'class', role: 'server' },
  ],
  wires: [{ hop: 'class', from: 'lab', to: 'class', protocol: 'mtls' }],
};

export interface OpenedClass {
  readonly place: ClassFolder;
  readonly entries: Entries;
  readonly server: EntryServer;
  readonly turnedAway: TurnedAwayLog;
  /** With the address of the open door. */
  readonly at: (invitation: Invitation) => Invitation;
  /** Reads who was invited again, as `class serve` does by itself. */
  readonly renew: () => void;
}

/** The door of the class in this folder. @param options.port the same one as before */
export async function opened(
  t: ExecutionContext,
  folder: string,
  { port = 0, clock = systemClock }: { readonly port?: number; readonly clock?: Clock } = {},
): Promise<OpenedClass> {
  const place = ClassFolder.open(join(folder, 'class'), systemClock);
  const entries = new Entries(place.path('board.jsonl'), systemClock);
  const log = new CaptureLog({ clock: systemClock, endless: true });
  const turnedAway = await TurnedAwayLog.start(log, topology, Date.now, () => {});
  let roster = place.roster();
  const credentials = () => place.credentials(place.serverIdentity(['127.0.0.1', 'localhost']));
  const run = log.openRun();
  const server = await serveEntries({
    listen: { host: '127.0.0.1', port },
    credentials: credentials(),
    clock,
    tap: { log: run, hop: 'class' },
    learnerOf: (peer) => roster.learnerOf(peer),
    onEntry: async (entry) => entries.put(entry),
    linesOf: (learner) => boardJson(entries.rows.filter((row) => row.learner === learner)),
    onStranger: (accepted) => accepted.refuse?.('name_not_admitted'),
  });
  t.teardown(() => server.close());
  run.append({ type: 'began', version: 'test', wallClock: new Date().toISOString(), topology });
  return {
    place,
    entries,
    server,
    turnedAway,
    at: (invitation) => ({ ...invitation, server: server.address }),
    renew() {
      roster = place.roster();
      server.renew(credentials());
    },
  };
}

export interface ServedClass {
  readonly running: Running;
  readonly url: string;
  readonly at: (invitation: Invitation) => Invitation;
}

/** `class serve` as a process of its own. */
export async function servingClass(t: ExecutionContext, folder: string): Promise<ServedClass> {
  const running = start(t, [
    'class',
    'serve',
    '127.0.0.1:0',
    '--folder',
    join(folder, 'class'),
    '--no-open',
    '--lang',
    'en',
  ]);
  const printed = await running.until(/http:\S+\n/);
  const [, port = ''] = /report to 127\.0\.0\.1:(\d+)/.exec(printed) ?? [];
  const [url = ''] = /http:\S+/.exec(printed) ?? [];
  return {
    running,
    url,
    at: (invitation) => ({ ...invitation, server: { host: '127.0.0.1', port: Number(port) } }),
  };
}

export const anEntry = (more: Partial<HandedIn> = {}): HandedIn => ({
  learner: 'anna',
  lab: 'mutual-tls',
  task: { id: 'keep-mallory-out', number: 2 },
  done: 1,
  of: 2,
  hints: 1,
  at: '2026-03-01T12:34:56.000Z',
  finding: { en: 'mallory was admitted', ko: 'mallory가 들어왔습니다' },
  ...more,
});

export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** One request with a certificate, or without; rejects where TLS fails. */
export async function call(
  {
    server,
    identity,
    authority,
  }: Pick<Invitation, 'server' | 'authority'> & { readonly identity?: Invitation['identity'] },
  {
    method = 'POST',
    path = '/entry',
    body = '',
    headers = {},
    maxVersion,
  }: {
    readonly method?: string;
    readonly path?: string;
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly maxVersion?: 'TLSv1.2';
  } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request({
      ...server,
      method,
      path,
      headers,
      agent: false,
      ca: authority,
      ...(maxVersion ? { maxVersion } : {}),
      ...(identity ? { cert: identity.certificate, key: identity.key } : {}),
    });
    sent.on('response', (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
