/**
 * Whole proofs (`wirelab prove`) against servers of this process: one that refuses, one that admits everybody, one that never answers;
 * and whole diagnoses (`wirelab why`) of refused certificates and of a server that stays silent.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { systemClock } from '../../src/core/clock.ts';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import { observe } from '../commands.ts';
import { markdownTable, median } from '../figures.ts';
import { asked } from '../section.ts';
import type { Section } from '../section.ts';

const rounds = 3;
/** Seconds. */
const limit = 60;

const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'Bench CA' } },
      server: { profile: 'server', issuer: 'ca', subject: { CN: 'localhost' }, san: ['DNS:localhost'] },
    },
  },
  { clock: systemClock },
);
const strict = {
  key: world.identity('server').key,
  cert: world.certificate('server'),
  ca: world.certificate('ca'),
  requestCert: true,
  rejectUnauthorized: true,
};
const lax = { ...strict, rejectUnauthorized: false };

/** With the exit code of each: the bench fails where a proof comes out otherwise. */
const subjects: readonly {
  readonly name: string;
  readonly code: number;
  readonly server: () => Server;
}[] = [
  {
    name: 'refuses by TLS',
    code: 0,
    server: () => createServer(strict, (_request, answer) => answer.end('ok')),
  },
  {
    name: 'admits everybody',
    code: 1,
    server: () => createServer(lax, (_request, answer) => answer.end('ok')),
  },
  {
    name: 'answers only the valid client, and leaves the others waiting',
    code: 3,
    server: () =>
      createTlsServer(lax, (socket) => {
        socket.on('error', () => {});
        socket.once('data', () => {
          if (socket.authorized) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        });
      }),
  },
];

/** The calls that are diagnosed, each with the seconds that it may take. */
const failures: readonly {
  readonly name: string;
  readonly atMost: number;
  readonly words: (port: number) => readonly string[];
  readonly server: () => Server;
}[] = [
  {
    name: "the server's CA is not trusted",
    atMost: 2,
    words: (port) => [`127.0.0.1:${port}`],
    server: () => createServer(lax, (_request, answer) => answer.end('ok')),
  },
  {
    name: 'a client certificate is missing',
    atMost: 2,
    words: (port) => [`localhost:${port}`],
    server: () => createServer(strict, (_request, answer) => answer.end('ok')),
  },
  {
    name: "a Node program does not trust the server's CA (`why -- node`)",
    atMost: 2,
    words: (port) => [
      '--to',
      `127.0.0.1:${port}`,
      '--',
      process.execPath,
      '-e',
      "require('node:https').get('https://{}').on('error', (error) => { throw error; })",
    ],
    server: () => createServer(lax, (_request, answer) => answer.end('ok')),
  },
  {
    name: 'the server takes the connection, and stays silent',
    atMost: 10,
    words: (port) => [`127.0.0.1:${port}`],
    server: () => createTcpServer((socket) => void socket.on('error', () => {}).resume()),
  },
];

async function timeFailures(): Promise<{ readonly rows: string[][]; readonly data: unknown[] }> {
  const rows: string[][] = [];
  const data: unknown[] = [];
  for (const { name, atMost, words, server } of failures) {
    const running = server().listen(0, '127.0.0.1');
    running.on('tlsClientError', () => {});
    await once(running, 'listening');
    const { port } = running.address() as AddressInfo;
    const seconds: number[] = [];
    for (let round = 0; round < rounds; round++)
      seconds.push((await observe(['./wirelab', 'why', ...words(port)], { codes: [1] })).seconds);
    running.close();
    const own = median(seconds);
    rows.push([name, own.toFixed(1), asked({ atMost }, own)]);
    data.push({ name, seconds });
  }
  return { rows, data };
}

export async function benchProve(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'));
  const [certificate, key] = [join(folder, 'ca.crt'), join(folder, 'ca.key')];
  writeFileSync(certificate, world.certificate('ca'));
  writeFileSync(key, world.identity('ca').key, { mode: 0o600 });
  try {
    const rows: string[][] = [];
    const data: unknown[] = [];
    for (const { name, code, server } of subjects) {
      const running = server().listen(0, '127.0.0.1');
      running.on('tlsClientError', () => {});
      await once(running, 'listening');
      const { port } = running.address() as AddressInfo;
      const words = [
        './wirelab',
        'prove',
        `127.0.0.1:${port}`,
        '--client-ca',
        certificate,
        '--client-ca-key',
        key,
      ];
      const seconds: number[] = [];
      for (let round = 0; round < rounds; round++)
        seconds.push((await observe(words, { codes: [code] })).seconds);
      running.close();
      const own = median(seconds);
      rows.push([name, own.toFixed(1), asked({ atMost: limit }, own)]);
      data.push({ name, seconds });
    }
    const diagnoses = await timeFailures();
    return {
      lines: [
        '## Until it is proven',
        '',
        `\`./wirelab prove\` on loopback, whole processes, ${rounds} rounds; the server is one of Node.`,
        '',
        ...markdownTable([['the server', 'seconds: median', 'asked of wirelab'], ...rows]),
        '',
        '## Until a cause is found',
        '',
        `\`./wirelab why\` on loopback, whole processes, ${rounds} rounds; the server is one of Node.`,
        '',
        ...markdownTable([['the failure', 'seconds: median', 'asked of wirelab'], ...diagnoses.rows]),
      ],
      data: [...data, ...diagnoses.data],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
