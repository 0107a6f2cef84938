/** A scripted client and a scripted server against each other, and each against a peer that says something else. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Observation } from '../../../src/capture/event.ts';
import type { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { RunningServer } from '../../../src/engine/run-context.ts';
import type { ScriptLine } from '../../../src/features/scripted/lines.ts';
import type { ScriptMismatch } from '../../../src/features/scripted/mismatch.ts';
import { startScriptedServer } from '../../../src/features/scripted/server.ts';
import type { Values } from '../../../src/features/scripted/text.ts';
import type { AcceptOptions } from '../../../src/wire/endpoint.ts';
import { alice, anyPort, newLog, world } from '../support/shop.ts';

const secrets = new Map([['token', 'sesame-street']]);
const values: Values = { ...alice, secrets };

interface Started {
  readonly server: RunningServer;
  readonly log: CaptureLog;
  readonly port: number;
  readonly mismatches: readonly ScriptMismatch[];
}

async function started(
  t: ExecutionContext,
  lines: readonly ScriptLine[],
  more: Partial<AcceptOptions> = {},
  timeout = 5000,
): Promise<Started> {
  const log = newLog();
  const mismatches: ScriptMismatch[] = [];
  const server = await startScriptedServer({
    name: 'shop',
    onMismatch: (mismatch) => mismatches.push(mismatch),
    accept: { security: 'plain', listen: anyPort, clock: systemClock, tap: { log, hop: 'A' }, ...more },
    lines,
    accounts: [{ ...values, user: 'bob', password: 'other-word' }, values],
    secrets,
    timeout,
  });
  t.teardown(async () => server.close(100));
  return { server, log, mismatches, port: server.address.port };
}

/** What a peer that says these bytes receives, until the server closes. */
async function said(port: number, bytes: string): Promise<{ readonly text: string; readonly code?: string }> {
  return new Promise((resolve) => {
    let text = '';
    let code: string | undefined;
    const socket: Socket = connect({ port, host: '127.0.0.1' }, () => socket.write(bytes));
    socket.on('data', (part) => (text += part.toString()));
    socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code));
    socket.on('close', () => resolve({ text, ...(code === undefined ? {} : { code }) }));
  });
}

const served = ({ server }: Started): Extract<Observation, { kind: 'served' }> =>
  server.report() as Extract<Observation, { kind: 'served' }>;

const login: readonly ScriptLine[] = [
  { send: 'HELLO' },
  {
    choose: [
      { expect: '/^AUTH {user} {password}$/', lines: [{ send: '+OK {user}' }, { login: 'admitted' }] },
      { expect: '/^AUTH {user} /', lines: [{ send: '-ERR' }, { login: 'denied' }, { close: true }] },
    ],
  },
  { expect: '/^TOKEN$/' },
  { send: '{secret:token}' },
];

test('the right password of any account is admitted, another is denied, and both are reported with the user', async (t) => {
  const one = await started(t, login);
  t.is(
    (await said(one.port, 'AUTH alice tiger-lily\r\nTOKEN\r\n')).text,
    'HELLO\r\n+OK alice\r\nsesame-street\r\n',
  );
  t.deepEqual(served(one).logins, [{ user: 'alice', accepted: true }]);
  t.is((await said(one.port, 'AUTH bob tiger-lily\r\n')).text, 'HELLO\r\n-ERR\r\n');
  t.like(served(one), { connections: 1, requests: 1, logins: [{ user: 'bob', accepted: false }] });
});

test('bytes one at a time, and lines that end in LF alone, are the same lines', async (t) => {
  const one = await started(t, login);
  const text = await new Promise<string>((resolve) => {
    let heard = '';
    const socket = connect({ port: one.port, host: '127.0.0.1', noDelay: true });
    for (const char of 'AUTH alice tiger-lily\nTOKEN\n') socket.write(char);
    socket.on('data', (part) => (heard += part.toString()));
    socket.on('close', () => resolve(heard));
  });
  t.is(text, 'HELLO\r\n+OK alice\r\nsesame-street\r\n');
});

test('a peer that says something else is sent away, without a login', async (t) => {
  const one = await started(t, login);
  t.is((await said(one.port, 'GET / HTTP/1.1\r\n\r\n')).text, 'HELLO\r\n');
  t.deepEqual(served(one).logins, []);
});

test('a line without an end is not read for ever', async (t) => {
  const one = await started(t, login, {}, 60_000);
  t.is((await said(one.port, 'A'.repeat(100_000))).text, 'HELLO\r\n');
});

test('a peer that says nothing is sent away in time', async (t) => {
  const one = await started(t, login, {}, 100);
  t.is((await said(one.port, '')).text, 'HELLO\r\n');
});

test('wait is bounded by the script’s time', async (t) => {
  const one = await started(t, [{ send: 'A' }, { wait: 10_000 }, { send: 'B' }], {}, 100);
  t.is((await said(one.port, '')).text, 'A\r\n');
});

test('reset breaks the connection off', async (t) => {
  const one = await started(t, [{ expect: '/^X$/' }, { reset: true }]);
  t.is((await said(one.port, 'X\r\n')).code, 'ECONNRESET');
});

const upgrading: readonly ScriptLine[] = [
  {
    choose: [
      {
        expect: '/^STARTTLS$/',
        lines: [{ send: 'GO' }, { starttls: true }, { expect: '/^AUTH {user} {password}$/' }],
      },
      { expect: '/^AUTH {user} {password}$/' },
    ],
  },
  { send: '+OK' },
  { login: 'admitted' },
];

test('bytes in clear behind STARTTLS are refused (CVE-2011-0411)', async (t) => {
  const one = await started(t, upgrading, { identity: world().identity('shop') });
  t.is((await said(one.port, 'STARTTLS\r\nAUTH alice tiger-lily\r\n')).text, 'GO\r\n');
  t.deepEqual(served(one).logins, []);
});

test('a client that does not ask for TLS goes on in clear where the script lets it', async (t) => {
  const one = await started(t, upgrading, { identity: world().identity('shop') });
  t.is((await said(one.port, 'AUTH alice tiger-lily\r\n')).text, '+OK\r\n');
  t.deepEqual(served(one).logins, [{ user: 'alice', accepted: true }]);
});

test('a line that a script does not expect is said, with its place in the script', async (t) => {
  const { port, mismatches } = await started(t, [
    { send: 'HELLO' },
    {
      choose: [
        { expect: '/^LOGIN$/', lines: [{ send: 'WHO' }, { expect: '/^alice$/i' }] },
        { expect: '/^QUIT$/' },
      ],
    },
  ]);
  await said(port, 'LOGIN\r\nmallory\r\n');
  await said(port, 'HELP\u001b[2J\r\n');
  await said(port, 'LOGIN\r\nAlice\r\n');
  t.deepEqual(mismatches, [
    { at: 'servers.shop.script[1].choose[0].lines[1].expect', expected: ['/^alice$/i'], received: 'mallory' },
    { at: 'servers.shop.script[1].choose', expected: ['/^LOGIN$/', '/^QUIT$/'], received: 'HELP\u001b[2J' },
  ]);
});

test('what is said of such a line names secrets, and shows its beginning', async (t) => {
  const { port, mismatches } = await started(t, [{ expect: '/^QUIT$/' }]);
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  for (const line of [
    `AUTH ${alice.password} ${alice.rrn} sesame-street`,
    `AUTH PLAIN ${encoded(`\0alice\0${alice.password}`)}`,
    `AUTH PLAIN ${encoded('nothing of it')}`,
    'a '.repeat(100),
  ])
    await said(port, `${line}\r\n`);
  t.deepEqual(
    mismatches.map(({ received }) => received),
    [
      'AUTH {password} {rrn} {secret:token}',
      'AUTH PLAIN {base64:…}',
      `AUTH PLAIN ${encoded('nothing of it')}`,
      `${'a '.repeat(40)}…`,
    ],
  );
});
