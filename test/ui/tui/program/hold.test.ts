/**
 * `--hold` on the screen: everything stays up after the verdict, and whoever comes is shown: a curl that was copied from
 * the screen, garbage, somebody who says nothing, fifty at once. Leaving closes all of it.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { runProgram, withPeer } from '../../../helpers/peer.ts';
import { performed } from '../support/performed.ts';
import type { Performed } from '../support/performed.ts';
import { launcher, sharedTmux } from '../support/tmux.ts';

process.setMaxListeners(40);

const tmux = sharedTmux();
test.after.always(async () => tmux.close());

interface Held extends Performed {
  readonly ports: readonly number[];
  readonly stops: () => number;
}

async function hold(t: ExecutionContext, scenario: 'plaintext' | 'tls'): Promise<Held> {
  const screen = await performed(t, { scenario, words: ['--hold'], columns: 120, rows: 40 });
  const session = (): NonNullable<Performed['loop']['model']['sessions'][string]> | undefined =>
    screen.loop.model.sessions[scenario];
  const isAtTheEnd = (): boolean =>
    session()?.scene.verdict !== undefined &&
    screen.loop.model.places[scenario]?.stop ===
      session()?.scene.stops.findLastIndex(({ kind }) => kind === 'verdict');
  for (let keys = 0; !isAtTheEnd(); keys++) {
    await screen.press(' ');
    await screen.until(() => screen.loop.model.goal === undefined && session() !== undefined);
    if (keys > 60) t.fail('it has no end');
  }
  await screen.until(/PASSED[^]*cd \S+[^]*> sh customer /);
  const ports = [
    ...new Set(
      (session()?.scene.ways ?? [])
        .flatMap(({ curl = '' }) => /localhost:(\d+)/.exec(curl)?.[1] ?? [])
        .map(Number),
    ),
  ];
  t.true(ports.length >= 2);
  return { ...screen, ports, stops: () => session()?.scene.stops.length ?? 0 };
}

async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

async function leaveAndCheck(t: ExecutionContext, held: Held): Promise<void> {
  const began = performance.now();
  t.is(await held.leave(), 0);
  // Visitors that hang on are broken off.
  t.true(performance.now() - began < 5000);
  t.deepEqual(
    await Promise.all(held.ports.map(isListening)),
    held.ports.map(() => false),
  );
}

for (const scenario of ['plaintext', 'tls'] as const) {
  withPeer(
    'curl',
    `${scenario}: a curl that was copied from the screen logs in and is shown as a visitor`,
    async (t) => {
      const held = await hold(t, scenario);
      // What is typed from the back of the room does the same.
      const typed = /cd \S+[^]*?> (?<short>sh customer) /.exec(held.emulator.screen().join('\n'));
      t.truthy(typed);
      await held.press('c');
      await held.until(/curl/);
      await held.emulator.settled();
      const command = held.emulator.clipboard ?? '';
      t.regex(command, /^curl [^\n]+$/);
      const stops = held.stops();
      const { exitCode, stdout, stderr } = await runProgram('sh', ['-c', command]);
      t.is(exitCode, 0, stderr);
      t.regex(stdout, /302 Found/);
      await held.until(() => held.stops() > stops);
      await held.press('.');
      t.regex(
        await held.until(
          (text) =>
            /visitor, connection \d+/.test(text) &&
            (scenario === 'tls' ? /SEALED/ : /POST \/login/).test(text),
        ),
        scenario === 'tls' ? /ApplicationData[^]*sealed/ : /tiger-lily/,
      );
      await leaveAndCheck(t, held);
    },
  );
}

test('garbage, silence and fifty at once are shown, and break nothing', async (t) => {
  const held = await hold(t, 'tls');
  const open: Socket[] = [];
  const dial = async (port: number): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    open.push(socket);
    await once(socket, 'connect');
    return socket;
  };
  t.teardown(() => open.forEach((socket) => socket.destroy()));
  const garbage = Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * 7919) % 256));
  for (const port of held.ports) {
    const stops = held.stops();
    const socket = await dial(port);
    socket.write(garbage);
    await held.until(() => held.stops() > stops);
    await held.press('.');
    await held.until(/visitor, connection/);
    socket.destroy();
    // Behind an open connection to a proxy, another to its target would count as what the proxy passes on.
    await held.until(
      () =>
        held.loop.model.sessions['tls']?.scene.sources.flows.connections.every(
          ({ closed }) => closed !== undefined,
        ) ?? false,
    );
  }
  const before = held.stops();
  await dial(held.ports[0] ?? 0);
  await held.until(() => held.stops() > before);
  await held.press('.');
  await held.until(/visitor, connection/);
  const stops = held.stops();
  const [port = 0] = held.ports;
  const fifty = await Promise.all(Array.from({ length: 50 }, async () => dial(port)));
  for (const [at, socket] of fifty.entries())
    socket.write(at % 2 === 0 ? 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' : '\x16\x03\x01\x00\x05');
  await held.until(() => held.stops() >= stops + 50);
  await held.press('.xb2 ');
  await held.until(() => true);
  await leaveAndCheck(t, held);
});

test('a visitor who comes while the window changes and another mode is looked at is waiting there afterwards', async (t) => {
  const held = await hold(t, 'plaintext');
  await held.press('2');
  await held.until(/SEALED/);
  const stops = held.stops();
  const [port = 0] = held.ports;
  const socket = connect(port, '127.0.0.1', () =>
    socket.end('GET /hello-there HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
  ).on('error', () => {});
  socket.resume();
  for (let at = 0; at < 20; at++) held.emulator.resize(60 + at, 20 + at);
  await held.until(() => held.stops() > stops);
  await held.press('1.');
  await held.until(/hello-there/);
  await leaveAndCheck(t, held);
});

test('a port that was held is free after leaving', async (t) => {
  const held = await hold(t, 'plaintext');
  await leaveAndCheck(t, held);
  const server = createServer();
  const [port = 0] = held.ports;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  t.pass();
});

withPeer(
  ['tmux', 'curl'],
  'in a real terminal: a printed command, a login, a visitor on the screen, and the process ends with q',
  async (t) => {
    const pane = await tmux.open(t, { columns: 200, rows: 50 });
    await pane.type(`${launcher} run plaintext --hold; echo exit=$?\r`);
    await pane.until(/step 1\/6/);
    for (const what of [/step 2\/6/, /step 3\/6/, /step 4\/6/, /step 5\/6/, /PASSED[^]*sh customer /]) {
      await pane.type(' ');
      await pane.until(what);
    }
    const text = (await pane.screen()).join('\n');
    const [, scripts = ''] = /cd (\S+)/.exec(text) ?? [];
    const port = /localhost:(\d+)/.exec(readFileSync(join(scripts, 'customer'), 'utf8'))?.[1] ?? '';
    const { exitCode, stderr } = await runProgram('sh', ['-c', `cd ${scripts}; sh customer`]);
    t.is(exitCode, 0, stderr);
    await pane.type('.');
    await pane.until(/visitor, connection \d+[^]*POST \/login/);
    const stuck = connect(Number(port), '127.0.0.1').on('error', () => {});
    await once(stuck, 'connect');
    await pane.type('q');
    await pane.until(/exit=0\nready>$/m);
    t.false(await isListening(Number(port)));
    t.false(existsSync(scripts));
    stuck.destroy();
  },
);
