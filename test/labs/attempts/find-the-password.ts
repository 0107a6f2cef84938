import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { get } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { askUp } from '../../../src/labs/hold/claim.ts';
import { seenIn } from '../../../src/labs/folder.ts';
import type { LabEvent } from '../../../src/labs/hold/holding.ts';
import { stateOf } from '../../../src/labs/state.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { forgeRecords } from '../support/attempts.ts';
import type { Attempts, HeldBench, Play, TaskAttempts } from '../support/attempts.ts';
import { Held } from '../support/holding.ts';
import { Learner } from '../support/learner.ts';

/** Fifty milliseconds apart. */
const mostTries = 100;

type User = 'alice' | 'bob';

interface PasswordBench extends HeldBench {
  /** The same lab, up in another folder. */
  readonly other: HeldBench;
}

const captureOf = { alice: 'monday.pcapng', bob: 'live.pcapng' } as const;
const another: Readonly<Record<User, User>> = { alice: 'bob', bob: 'alice' };

/** What changes in a folder makes the lab open its doors anew: for a moment nobody is behind them. */
async function answered(ask: () => ClientRequest): Promise<IncomingMessage> {
  for (let tries = 1; ; tries++) {
    try {
      const [response] = (await once(ask(), 'response')) as [IncomingMessage];
      return response;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED' || tries === mostTries) throw error;
      await pause(50);
    }
  }
}

/** Listens to the live wire until bob has logged in, and keeps what was heard as live.pcapng. */
export async function listen(learner: Learner, held: Held): Promise<void> {
  const { url } = await held.until(
    (event): event is Extract<LabEvent, { kind: 'live' }> => event.kind === 'live',
  );
  const heard: Buffer[] = [];
  const response = await answered(() => get(url));
  await new Promise<void>((done, fail) => {
    response.on('error', fail).on('data', (bytes: Buffer) => {
      heard.push(bytes);
      if (!/username=bob[^]*HTTP\/1\.1 302 Found/.test(Buffer.concat(heard).toString('latin1'))) return;
      response.off('error', fail).on('error', () => {});
      response.destroy();
      done();
    });
  });
  writeFileSync(join(learner.folder, captureOf.bob), Buffer.concat(heard));
}

async function up(learner: Learner): Promise<HeldBench> {
  const held = await Held.start(learner.t, learner);
  await listen(learner, held);
  await held.until((told) => told.kind === 'open');
  return { learner, held };
}

/** A user's form as it is on the wire: `username=alice&password=…`. */
function formOf({ learner }: HeldBench, user: User): string {
  return (
    new RegExp(`username=${user}[!-~]*`).exec(
      readFileSync(join(learner.folder, captureOf[user]), 'latin1'),
    )?.[0] ?? ''
  );
}

const encodedPassword = (form: string): string => /password=([^&]*)/.exec(form)?.[1] ?? '';
const passwordOf = (form: string): string => new URLSearchParams(form).get('password') ?? '';
const withPassword = (form: string, password: string): string =>
  new URLSearchParams(
    [...new URLSearchParams(form)].map(([name, value]): [string, string] => [
      name,
      name === 'password' ? password : value,
    ]),
  ).toString();

/** Sends a form to the bank, and waits until the lab has heard of it. */
async function send({ learner, held }: HeldBench, body: string): Promise<void> {
  const port = /https:\/\/bank\.localhost:(\d+)/.exec(await held.curlAs('alice'))?.[1];
  const from = held.events.length;
  const response = await answered(() => {
    const asked = request({
      host: '127.0.0.1',
      servername: 'bank.localhost',
      port,
      path: '/login',
      method: 'POST',
      ca: learner.read('bank-ca.crt'),
      agent: false,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
      },
    });
    asked.end(body);
    return asked;
  });
  response.resume();
  await held.until((told): told is Extract<LabEvent, { kind: 'login' }> => told.kind === 'login', from);
}

/** Puts a file of the lab's state back as it was. */
function spoiling(path: string, spoil: () => void): () => void {
  const before = readFileSync(path);
  spoil();
  return () => writeFileSync(path, before);
}

const placeOf = ({ learner }: HeldBench): string => join(stateOf(learner.folder), 'up.json');

const accepted = (user: User): string =>
  `{"at":"2026-01-01T00:00:00.000Z","server":"bank","user":"${user}","accepted":true}\n`;

function attemptsFor(user: User): TaskAttempts<PasswordBench> {
  const noLogin = new RegExp(`^no_login \\| there was no login at bank as ${user}`);
  const wrongPassword =
    (of: (bench: PasswordBench) => string): Play<PasswordBench> =>
    async (bench) =>
      send(bench, withPassword(formOf(bench, user), of(bench)));
  return {
    wrong: {
      'records that say that it is done': {
        play({ learner }) {
          forgeRecords(learner);
          mkdirSync(join(learner.folder, '.wirelab', 'kept'), { recursive: true });
          writeFileSync(join(learner.folder, '.wirelab', 'kept', 'seen.jsonl'), accepted(user));
        },
        says: noLogin,
      },
      'a record where the lab keeps its own': {
        play: ({ learner }) => writeFileSync(seenIn(learner.folder), accepted(user)),
        says: noLogin,
      },
      'the command as it was printed': {
        play: wrongPassword(() => 'THE PASSWORD'),
        says: /^wrong_login .*still said THE PASSWORD/,
      },
      'the password as it is written on the wire': {
        play: wrongPassword((bench) => encodedPassword(formOf(bench, user))),
        says: /^wrong_login .*percent-encoded twice/,
      },
      'the password of somebody else': {
        play: wrongPassword((bench) => passwordOf(formOf(bench, another[user]))),
        says: /^wrong_login .*another user/,
      },
      'a guess': { play: wrongPassword(() => 'tiger-lily'), says: /^wrong_login .*changes each time/ },
      'a login that is right, of somebody else': {
        play: async (bench) => send(bench, formOf(bench, another[user])),
        says: new RegExp(`${noLogin.source} \\(tried: ${another[user]}\\)`),
      },
      'a login at the bank of another folder': {
        play: async ({ other }) => send(other, formOf(other, user)),
        says: noLogin,
      },
      'the token of the lab of another folder, where somebody has logged in': {
        async play(bench) {
          await send(bench.other, formOf(bench.other, user));
          return spoiling(placeOf(bench), () => copyFileSync(placeOf(bench.other), placeOf(bench)));
        },
        says: /^not_up .*The lab is not running\. .*wirelab lab find-the-password --folder /,
      },
      'what the lab of another folder has seen, copied': {
        async play({ learner, other }) {
          await send(other, formOf(other, user));
          copyFileSync(seenIn(other.learner.folder), seenIn(learner.folder));
        },
        says: noLogin,
      },
      'an answer of the learner’s own program in the lab’s place': {
        async play(bench) {
          const answer = JSON.stringify({
            ports: {},
            seen: [JSON.parse(accepted(user)) as unknown],
            issued: [],
          });
          const impostor = createServer(
            (socket) =>
              void socket.on('error', () => {}).end(`${JSON.stringify({ answer, proof: '0'.repeat(64) })}\n`),
          ).listen(0, '127.0.0.1');
          await once(impostor, 'listening');
          const place = JSON.parse(readFileSync(placeOf(bench), 'utf8')) as object;
          const putBack = spoiling(placeOf(bench), () =>
            writeFileSync(
              placeOf(bench),
              JSON.stringify({ ...place, port: (impostor.address() as AddressInfo).port }),
            ),
          );
          return () => {
            putBack();
            impostor.close();
          };
        },
        says: /^not_up .*wirelab lab find-the-password --folder /,
      },
      'a login from before a reset, and one of somebody else since': {
        async play(bench) {
          await send(bench, formOf(bench, user));
          forget(bench);
          await send(bench, formOf(bench, another[user]));
        },
        says: noLogin,
      },
      'a folder whose id is a named pipe': {
        play: async ({ learner }) => learner.run('rm .wirelab/id && mkfifo .wirelab/id'),
        says: /^not_up /,
      },
    },
    right: {
      'the form as it stands, by a program of the learner’s own': async (bench) =>
        send(bench, formOf(bench, user)),
      'what wirelab inspect shows, by openssl s_client at the bank’s own port': async (bench) => {
        const { learner } = bench;
        const { stdout } = await askWirelab(['inspect', captureOf[user]], { cwd: learner.folder });
        learner.t.regex(stdout, /READABLE {2}password: /);
        const form = formOf(bench, user);
        const port = (await askUp(learner.folder))?.answer?.ports['bank'] ?? 0;
        const head = `POST /login HTTP/1.1\r\nHost: bank.localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\nConnection: close\r\n\r\n`;
        await learner.run(
          `openssl s_client -quiet -connect 127.0.0.1:${port} -servername bank.localhost -CAfile bank-ca.crt -verify_return_error -ign_eof 2>/dev/null`,
          head + form,
        );
      },
      'at the second try': async (bench) => {
        await send(bench, withPassword(formOf(bench, user), 'tiger-lily'));
        await send(bench, formOf(bench, user));
      },
    },
  };
}

/** Like a reset, except for the captures: they would be made again. */
function forget({ learner, other }: PasswordBench): void {
  for (const { folder } of [learner, other.learner]) rmSync(seenIn(folder), { force: true });
}

export const findThePassword: Attempts<PasswordBench> = {
  lab: 'find-the-password',
  peers: ['openssl'],
  async begin(learner) {
    const [bench, other] = await Promise.all([
      up(learner),
      Learner.begin(learner.t, 'find-the-password').then(up),
    ]);
    return { ...bench, other };
  },
  async again(bench) {
    forget(bench);
  },
  tasks: { 'read-monday': attemptsFor('alice'), 'read-live': attemptsFor('bob') },
};
