/**
 * Claims a folder for one running lab, and lets a check query it: a second lab in the same folder would write other passwords
 * into the captures of the first and take its ports.
 *
 * 1. A running lab listens on the loopback interface. Whether it runs is tested by connecting: neither a killed process (even
 *    a zombie) nor another one with its process id responds.
 * 2. Both sides prove that they know the token in the lab's state (`state.ts`): the port of a lab that has ended may belong to
 *    another program by now.
 * 3. The proofs are bound to the folder's id: a lab in another folder cannot respond for this one, wherever its token has been
 *    copied to.
 * 4. A lab that does not respond (stopped with Ctrl-Z) keeps its folder by its lock (`core/file-lock.ts`).
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { lockHolder, tryLock } from '../../core/file-lock.ts';
import type { Holder } from '../../core/file-lock.ts';
import { UserError } from '../../i18n/user-error.ts';
import { readText } from '../../i18n/read-file.ts';
import { patience } from '../../wire/tcp/patience.ts';
import type { SeenLogin } from '../folder.ts';
import type { HeldState } from './held-client.ts';
import type { ClientState } from './rotation-clients.ts';
import { idOf, stateOf } from '../state.ts';

const claimName = 'up.json';
const lockName = 'up.lock';
const host = '127.0.0.1';
/** How long to wait for a response, in milliseconds in which this process could receive: the lab may be busy. */
const answerMs = 5000;
/** The most bytes of a request, and of a response. */
const largest = { question: 1024, answer: 4 * 1024 * 1024 };

/** What a running lab reports. */
export interface UpAnswer {
  /** The ports of its servers, by participant. */
  readonly ports: Dictionary<number>;
  /** The logins at its servers, in their order. */
  readonly seen: readonly SeenLogin[];
  /** SHA-256, hex, of the certificates that its cluster has issued. */
  readonly issued: readonly string[];
  /** How many calls of webhooks for a check have failed open, and for which webhook the last one. */
  readonly failedOpen?: { readonly count: number; readonly webhook: string };
  /** The client that it keeps connected. */
  readonly held?: HeldState;
  /** The clients that use its API server all the time. */
  readonly clients?: readonly ClientState[];
}

/** Where it listens for requests. */
interface Place {
  readonly pid: number;
  readonly port: number;
  /** Hex. */
  readonly token: string;
}

export type Up = { readonly pid: number } & ({ readonly answer: UpAnswer } | { readonly answer?: never });

/** The lab that runs in this folder, with its response; without one if it does not respond. */
export async function askUp(folder: string): Promise<Up | undefined> {
  const place = placeAt(join(stateOf(folder), claimName));
  if (!place) return undefined;
  const { pid, port, token } = place;
  const id = idOf(folder) ?? '';
  const challenge = randomBytes(16).toString('hex');
  const line = await exchange(
    port,
    `${JSON.stringify({ challenge, proof: proofOf(token, `ask ${id} ${challenge}`) })}\n`,
  );
  if (line === 'refused') return undefined;
  if (line === 'silent') return holderIn(folder);
  try {
    const { answer, proof } = JSON.parse(line) as { readonly answer: string; readonly proof: string };
    if (!isSame(proof, proofOf(token, `${id} ${challenge} ${answer}`))) return undefined;
    return { pid, answer: JSON.parse(answer) as UpAnswer };
  } catch {
    // Another program has the port.
    return undefined;
  }
}

/** @throws UserError if a lab runs there. */
export async function demandFree(folder: string): Promise<void> {
  const up = (await askUp(folder)) ?? (await holderIn(folder));
  if (up) throw isUp(folder, up.pid);
}

function isUp(folder: string, pid: number): UserError {
  return new UserError({
    what: { en: 'the lab is already running in this folder', ko: '이 폴더의 실습이 이미 실행 중입니다' },
    where: folder,
    received: `process ${pid}`,
    remedy: {
      en: `Continue in the terminal where it runs, or end it there with Ctrl-C. If that terminal is gone: kill ${pid}`,
      ko: `실행 중인 터미널에서 계속하거나 그곳에서 Ctrl-C로 끝내세요. 그 터미널이 없다면: kill ${pid}`,
    },
  });
}

/**
 * Claims the folder for a lab.
 * @param answer called for each request.
 * @returns a function that releases the claim.
 * @throws UserError if a lab already runs there.
 */
export async function claimFolder(folder: string, answer: () => UpAnswer): Promise<() => void> {
  const token = randomBytes(32).toString('hex');
  const id = idOf(folder) ?? '';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const wait = patience.wait(answerMs, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      wait.stop();
      sockets.delete(socket);
    });
    let question = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      question += text;
      if (question.length > largest.question) socket.destroy();
      else if (question.includes('\n')) reply(socket, question, { token, id }, answer);
    });
  });
  server.listen(0, host).unref();
  await once(server, 'listening');
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  let release = close;
  try {
    const lock = await tryLock(join(stateOf(folder), lockName));
    if (typeof lock !== 'function') throw isUp(folder, lock.pid);
    release = () => {
      close();
      if (placeAt(path)?.token === token) rmSync(path, { force: true });
      lock();
    };
    const path = join(stateOf(folder), claimName);
    const written = `${path}.new`;
    const place: Place = { pid: process.pid, port: (server.address() as AddressInfo).port, token };
    writeFileSync(written, `${JSON.stringify(place)}\n`, { mode: 0o600 });
    renameSync(written, path);
  } catch (error) {
    // In a read-only folder there is nothing that two labs could overwrite.
    if (error instanceof UserError) {
      close();
      throw error;
    }
  }
  return release;
}

function reply(
  socket: Socket,
  question: string,
  { token, id }: { readonly token: string; readonly id: string },
  answer: () => UpAnswer,
): void {
  try {
    const { challenge, proof } = JSON.parse(question) as {
      readonly challenge: string;
      readonly proof: string;
    };
    if (typeof challenge === 'string' && isSame(proof, proofOf(token, `ask ${id} ${challenge}`))) {
      const said = JSON.stringify(answer());
      socket.end(
        `${JSON.stringify({ answer: said, proof: proofOf(token, `${id} ${challenge} ${said}`) })}\n`,
      );
      return;
    }
  } catch {
    // Not one of our requests.
  }
  socket.destroy();
}

function proofOf(token: string, text: string): string {
  return createHmac('sha256', Buffer.from(token, 'hex')).update(text).digest('hex');
}

function isSame(one: unknown, other: string): boolean {
  return (
    typeof one === 'string' &&
    one.length === other.length &&
    timingSafeEqual(Buffer.from(one), Buffer.from(other))
  );
}

function placeAt(path: string): Place | undefined {
  try {
    const { pid, port, token } = JSON.parse(readText(path, 4096)) as Place;
    const isOne =
      Number.isSafeInteger(pid) &&
      pid > 0 &&
      Number.isSafeInteger(port) &&
      port > 0 &&
      port < 65_536 &&
      /^[0-9a-f]{64}$/.test(token);
    return isOne ? { pid, port, token } : undefined;
  } catch {
    return undefined;
  }
}

/** The response line; `refused` if nothing listens, `silent` without a response. */
async function exchange(port: number, question: string): Promise<string> {
  return new Promise((settle) => {
    let line = '';
    const socket = connect({ host, port });
    const end = (said: string): void => {
      wait.stop();
      socket.destroy();
      settle(said);
    };
    // While this process is busy, the response may be unread.
    const wait = patience.wait(answerMs, () => end('silent'));
    socket.setEncoding('utf8').on('data', (text: string) => {
      line += text;
      if (line.includes('\n') || line.length > largest.answer) end(line);
    });
    socket
      .on('connect', () => socket.write(question))
      .on('error', () => end('refused'))
      .on('close', () => end(line === '' ? 'refused' : line));
  });
}

async function holderIn(folder: string): Promise<Holder | undefined> {
  return lockHolder(join(stateOf(folder), lockName)).catch(() => undefined);
}
