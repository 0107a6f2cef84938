/**
 * Proxies between two peers that say whatever an input says, over real connections: one target for each side of the HTTP
 * pump, and one for each kind of proxy. An input is a script of pieces (`chunks.ts`), written one after the other.
 *
 * 1. No peer's bytes end the process: an uncaught exception or an unhandled rejection fails the input at hand.
 * 2. When both peers have gone, nothing of their connections stays open in the proxy.
 * 3. What a client of the HTTP pump is sent begins with a head that every reader takes for one.
 * 4. Nobody waits by the clock: a turn of the loop carries a piece from one end of a connection to the other.
 */
import { once as onceEmitted } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { proxyKindNames, proxyKinds } from '../../src/proxy/kinds.ts';
import type { ProxyKindName } from '../../src/proxy/kinds.ts';
import type { PumpName } from '../../src/proxy/pumps.ts';
import { startProxy } from '../../src/proxy/proxy.ts';
import type { RunningProxy } from '../../src/proxy/proxy.ts';
import { listening, world } from '../features/support/shop.ts';
import { secondHop } from '../proxy/support/proxies.ts';
import { packPieces, unpackPieces } from './chunks.ts';
import { conversationsOfOthers, httpConversations, once, piecesOf, recordings } from './seeds.ts';

type Pieces = Parameters<typeof packPieces>[0];

interface Stage {
  readonly proxy: RunningProxy;
  readonly log: CaptureLog;
  /** Where its target listens. */
  readonly port: number;
  /** Told of each connection that the proxy makes. */
  onTarget: (socket: Socket) => void;
}

/** Turns in which a piece crosses both hops, with a connection to the target made on the way. */
const turnsOfPiece = 14;
/** Turns after which whatever is still open stays open. */
const patience = 20_000;

const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await turn();
}

interface Setting {
  readonly kind: ProxyKindName;
  readonly pump?: PumpName;
  readonly second?: 'plain' | 'tls';
}

const stages = new Map<string, Promise<Stage>>();

/** A proxy that stays until `closeStages`, or for as long as this thread does. */
async function stageOf({ kind, pump, second = 'plain' }: Setting): Promise<Stage> {
  const name = `${kind} ${pump ?? ''} ${second}`;
  const made = stages.get(name) ?? openStage({ kind, ...(pump ? { pump } : {}), second });
  stages.set(name, made);
  return made;
}

/** Ends them all, so that a process can end that has started any. */
export async function closeStages(): Promise<void> {
  const open = [...stages.values()];
  stages.clear();
  for (const stage of open) await (await stage).proxy.close(0);
}

async function openStage({ kind, pump, second = 'plain' }: Setting): Promise<Stage> {
  const log = new CaptureLog({ clock: systemClock, maxPayload: 1024 * 1024 });
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    stage.onTarget(socket);
  });
  server.listen(0, '127.0.0.1');
  await onceEmitted(server, 'listening');
  server.unref();
  const to = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const proxy = await startProxy({
    kind,
    ...(pump ? { pump } : {}),
    accept: listening(proxyKinds[kind].accepts),
    dial: secondHop(second, to),
    wires: { incoming: 'A', outgoing: 'B' },
    log,
    clock: systemClock,
    timeouts: { handshake: 60_000, connect: 60_000, request: 60_000, response: 60_000, idle: 60_000 },
  });
  const stage: Stage = { proxy, log, port: to.port, onTarget: () => {} };
  return stage;
}

/** What a client does with its connection beside writing: who is spoken to, and in which clothes. */
interface Manner {
  readonly setting: Setting;
  /** The client wraps what it writes into TLS; otherwise its pieces go to the wire as they are. */
  readonly isSealed?: boolean;
  /** What a client's piece is written as. */
  readonly clientSays?: (bytes: Uint8Array) => Uint8Array;
  /** What a target's piece is written as. */
  readonly targetSays?: (bytes: Uint8Array) => Uint8Array;
  /** The target answers each request that is whole. */
  readonly answers?: boolean;
}

export interface Spoken {
  /** What came to the client, above its TLS where it speaks any. */
  readonly heard: Buffer;
  /** What came to the target, over all connections. */
  readonly arrived: Buffer;
  readonly features: string[];
}

const faults: unknown[] = [];
const note = (fault: unknown): void => void faults.push(fault);

/** One script at a time: what is thrown belongs to it. */
let before: Promise<unknown> = Promise.resolve();

/** Runs the script. @throws what the proxy threw, or that something of it stays open */
async function speak(input: Uint8Array, manner: Manner): Promise<Spoken> {
  const spoken = before.then(async () => speakAlone(input, manner));
  before = spoken.catch(() => {});
  return spoken;
}

async function speakAlone(input: Uint8Array, manner: Manner): Promise<Spoken> {
  process.setUncaughtExceptionCaptureCallback(note);
  process.on('unhandledRejection', note);
  try {
    return await speakWatched(input, manner);
  } finally {
    process.setUncaughtExceptionCaptureCallback(null);
    process.off('unhandledRejection', note);
    const [fault] = faults.splice(0);
    const error =
      fault === undefined || fault instanceof Error
        ? fault
        : new Error('something that is no error was thrown', { cause: fault });
    // oxlint-disable-next-line no-unsafe-finally -- what the proxy threw is the finding, whatever came of it
    if (error) throw error;
  }
}

async function speakWatched(
  input: Uint8Array,
  { setting, isSealed = false, clientSays = same, targetSays = same, answers = false }: Manner,
): Promise<Spoken> {
  const stage = await stageOf(setting);
  const { proxy, log } = stage;
  const arrived: Buffer[] = [];
  const targets: Socket[] = [];
  stage.onTarget = (socket) => {
    targets.push(socket);
    let asked = '';
    socket.on('data', (bytes: Buffer) => {
      arrived.push(bytes);
      if (!answers) return;
      asked += bytes.toString('latin1');
      const heads = asked.split('\r\n\r\n');
      asked = heads.pop() ?? '';
      for (const _head of heads)
        if (socket.writable) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  };
  const first = log.events.length;
  const raw = connect({ ...proxy.address, allowHalfOpen: true, noDelay: true });
  raw.on('error', () => {});
  const client = isSealed
    ? connectTls({
        socket: raw,
        ca: world().authority('server-ca'),
        servername: 'shop.localhost',
        ...tlsIdentity(setting),
      })
    : raw;
  const heard: Buffer[] = [];
  client.on('error', () => {}).on('data', (bytes: Buffer) => heard.push(bytes));
  for (
    let left = 400;
    left > 0 &&
    !(isSealed
      ? client.listenerCount('secureConnect') === 0 && 'authorized' in client && client.authorized
      : !raw.connecting);
    left--
  )
    await turn();
  const pieces = unpackPieces(input).slice(0, 12);
  for (const { from, bytes } of pieces) {
    const to = from === 'client' ? client : targets.at(-1);
    if (to?.writable) to.write(from === 'client' ? clientSays(bytes) : targetSays(bytes));
    await turns(turnsOfPiece);
  }
  // The last byte says how the peers leave.
  const farewell = input.at(-1) ?? 0;
  for (const [index, socket] of [client, ...targets].entries()) {
    if ((farewell >> index) & 1) socket.end();
  }
  await turns(turnsOfPiece);
  for (const socket of [raw, ...targets])
    if (farewell & 64) socket.resetAndDestroy();
    else socket.destroy();
  const isOver = (): boolean => {
    for (const socket of targets) if (!socket.destroyed) socket.destroy();
    return proxy.open === 0;
  };
  let left = patience;
  for (; left > 0 && !isOver(); left--) await turn();
  // What is reported a turn after the last connection has closed.
  await turns(4);
  if (left === 0)
    throw new Error(`${proxy.open} connections of the proxy stay open after both peers have gone`);
  const seen = log.events.slice(first);
  const features = seen.flatMap((event) => {
    if (event.type === 'closed') return [`${event.hop} closed ${event.by} ${event.how}`];
    if (event.type === 'refused')
      return [`${event.hop} refused ${event.by} ${event.reason} ${event.detail.code ?? ''}`];
    return event.type === 'secured' ? [`${event.hop} secured ${event.version}`] : [];
  });
  log.release(seen.map(({ seq }) => seq));
  return { heard: Buffer.concat(heard), arrived: Buffer.concat(arrived), features };
}

const same = (bytes: Uint8Array): Uint8Array => bytes;

function tlsIdentity({ kind }: Setting): { cert?: string; key?: string } {
  if (kind !== 'mtls') return {};
  const { certificate, key } = world().identity('alice');
  return { cert: certificate, key };
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** What a well-behaved client asks: a piece of it chooses one. */
const questions: readonly Buffer[] = [
  'GET / HTTP/1.1\r\nHost: shop\r\n\r\n',
  'HEAD / HTTP/1.1\r\nHost: shop\r\n\r\n',
  'POST /form HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\n\r\nhello',
  'POST /form HTTP/1.1\r\nHost: shop\r\nContent-Length: 50\r\n\r\nhello',
  'POST /form HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
  'GET /chat HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n',
  'GET / HTTP/1.0\r\n\r\n',
  'GET /1 HTTP/1.1\r\nHost: shop\r\n\r\nGET /2 HTTP/1.1\r\nHost: shop\r\n\r\nGET /3 HTTP/1.1\r\nHost: shop\r\n\r\n',
].map(latin1);
const question = (bytes: Uint8Array): Uint8Array => questions[(bytes[0] ?? 0) % questions.length]!;

const asks = (...which: readonly number[]): Pieces[number][] =>
  which.map((index) => ({ from: 'client', bytes: Uint8Array.of(index) }));
const says = (...parts: readonly string[]): Pieces[number][] =>
  parts.map((part) => ({ from: 'server', bytes: latin1(part) }));

/** Answers as they should be, and as they should not. */
const answersOfTargets: readonly (readonly string[])[] = [
  ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'],
  [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n',
    '5\r\nhello\r\n',
    '0\r\nX-Sum: 1\r\n\r\n',
  ],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok!\r\n'],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX Y: z\r\n\r\n'],
  ['HTTP/1.1 000 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['HTTP/1.1 200 O\u0001K\r\nContent-Length: 2\r\n\r\nok'],
  ['HTTP/1.1 200 \u00ff\u0080\r\nX-Name: \u00e9\r\nContent-Length: 2\r\n\r\nok'],
  [
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  ],
  [
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-A: b\r\n\r\n\u0081\u0001A',
    'more',
  ],
  ['HTTP/1.1 101 Switching Protocols\r\n\r\nmore'],
  ['HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello'],
  ['HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nwhatever'],
  ['HTTP/1.0 200 OK\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\n\r\nuntil the end'],
  [
    'HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nConnection: close\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nbusy',
  ],
  ['\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
];

const answerSeeds = once(() =>
  [
    ...answersOfTargets.flatMap((parts) => [0, 1, 3, 5].map((index) => [...asks(index), ...says(...parts)])),
    ...answersOfTargets.map((parts) => [
      ...asks(7),
      ...says(...parts),
      ...says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    ]),
    ...answersOfTargets.map((parts) => [
      ...asks(0),
      ...says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
      ...says(...parts),
      ...asks(2),
      ...says(...parts),
    ]),
  ].map(packPieces),
);

const requestSeeds = once(() =>
  [
    ...questions.map((bytes): Pieces => [{ from: 'client', bytes }]),
    ...httpConversations.map((pieces) => pieces.filter(({ from }) => from === 'client')),
    ...questions.map(
      (bytes): Pieces => [
        { from: 'client', bytes },
        { from: 'client', bytes: questions[0]! },
        { from: 'server', bytes: latin1('HTTP/1.1 200 OK\r\n\r\n') },
      ],
    ),
    ...[
      'GET / HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\nConnection: close, X-A\r\nX-A: b\r\n\r\n',
      'OPTIONS * HTTP/1.1\r\nHost: shop\r\n\r\n',
      'DELETE //a/../b?c#d HTTP/1.1\r\nHost: shop\r\n\r\n',
      'GET http://shop/ HTTP/1.1\r\nHost: shop\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok',
      'POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok!\r\n',
      'CONNECT shop:80 HTTP/1.1\r\nHost: shop:80\r\n\r\n',
      'GET /\u00e9 HTTP/1.1\r\nHost: shop\r\nX-Name: \u00ff\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: shop\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
    ].map((text): Pieces => [{ from: 'client', bytes: latin1(text) }]),
  ].map(packPieces),
);

/** Conversations of every kind, and of TLS, which a proxy may find on either of its sides. */
const anySeeds = once(async () => [
  ...[...httpConversations, ...conversationsOfOthers].map(packPieces),
  ...(await recordings()).slice(0, 4).map((recording) => packPieces(piecesOf(recording))),
]);

const tunnel = 'CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n';

/** A tunnel leads to the stage's own port, whatever port an input names. */
async function askForTunnel(): Promise<(bytes: Uint8Array) => Uint8Array> {
  const authority = `127.0.0.1:${(await stageOf({ kind: 'connect' })).port}`;
  return (bytes) => latin1(Buffer.from(bytes).toString('latin1').replaceAll('127.0.0.1:1 ', `${authority} `));
}

/** A head, as RFC 9112 has it: what a client may be sent first. */
const head =
  /^HTTP\/1\.1 [1-9]\d\d [\t\x20-\x7e\x80-\xff]*\r\n(?:[!#$%&'*+.^_`|~\w-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*\r\n/;

function checkHead({ heard }: Spoken): void {
  const text = heard.toString('latin1');
  if (text !== '' && !head.test(text) && text.includes('\r\n\r\n'))
    throw new Error(`a client was sent ${JSON.stringify(text.slice(0, 200))}`);
}

const reached = ({ features, heard }: Spoken): { features: string[]; held: unknown } => ({
  features: [
    ...features,
    `heard ${/^HTTP\/1\.1 \d+/.exec(heard.toString('latin1', 0, 16))?.[0] ?? Math.min(2, heard.length)}`,
  ],
  held: undefined,
});

interface ProxyTarget {
  readonly name: string;
  readonly seeds: () => Promise<readonly Uint8Array[]>;
  readonly read: (input: Uint8Array) => Promise<{ features: string[]; held: unknown }>;
}

/** The first byte of an input decides in which clothes the client comes, and whether the second hop is TLS. */
function ofKind(
  name: string,
  settings: readonly Manner[],
  seeds: () => Promise<readonly Uint8Array[]>,
): ProxyTarget {
  return {
    name,
    seeds: async () =>
      (await seeds()).flatMap((packed) =>
        settings.map((_manner, index) => Buffer.concat([Uint8Array.of(index), packed])),
      ),
    read: async (input) => {
      const manner = settings[(input[0] ?? 0) % settings.length]!;
      const spoken = await speak(input.subarray(1), manner);
      if (manner.setting.pump === 'http' || manner.setting.pump === 'strip') checkHead(spoken);
      return reached(spoken);
    },
  };
}

const withSecondHops = (manner: Manner): Manner[] => [
  manner,
  { ...manner, setting: { ...manner.setting, second: 'tls' } },
];

/** Of a kind that ends TLS: its clients come with TLS or without. */
const endingTls = (kind: 'tls' | 'mtls'): ProxyTarget =>
  ofKind(
    `proxy-${kind}`,
    [
      ...withSecondHops({ setting: { kind, pump: 'bytes' } }),
      { setting: { kind, pump: 'bytes' }, isSealed: true },
      { setting: { kind, pump: 'http' }, isSealed: true, clientSays: question },
    ],
    anySeeds,
  );

/** A kind of the table that has no row here does not compile. */
const byKind: Readonly<Record<ProxyKindName, readonly ProxyTarget[]>> = {
  plaintext: [
    ofKind(
      'proxy-plaintext',
      [
        { setting: { kind: 'plaintext', pump: 'bytes' } },
        ...withSecondHops({ setting: { kind: 'plaintext', pump: 'http' } }),
        { setting: { kind: 'plaintext', pump: 'bytes', second: 'tls' } },
      ],
      anySeeds,
    ),
    ofKind(
      'proxy-strip',
      withSecondHops({ setting: { kind: 'plaintext', pump: 'strip' }, clientSays: question }),
      async () => answerSeeds().filter((_seed, index) => index % 4 === 0),
    ),
  ],
  tls: [endingTls('tls')],
  mtls: [endingTls('mtls')],
  passthrough: [ofKind('proxy-passthrough', [{ setting: { kind: 'passthrough' } }], anySeeds)],
  connect: [
    {
      name: 'proxy-connect',
      seeds: async () =>
        (await anySeeds()).map((packed) =>
          Buffer.concat([packPieces([{ from: 'client', bytes: latin1(tunnel) }]), packed]),
        ),
      read: async (input) =>
        reached(await speak(input, { setting: { kind: 'connect' }, clientSays: await askForTunnel() })),
    },
  ],
};

export const proxyTargets: readonly ProxyTarget[] = [
  {
    name: 'proxy-http-answers',
    seeds: async () => answerSeeds(),
    read: async (input) => {
      const spoken = await speak(input, {
        setting: { kind: 'plaintext', pump: 'http' },
        clientSays: question,
      });
      checkHead(spoken);
      return reached(spoken);
    },
  },
  {
    name: 'proxy-http-requests',
    seeds: async () => requestSeeds(),
    read: async (input) => {
      const spoken = await speak(input, { setting: { kind: 'plaintext', pump: 'http' }, answers: true });
      checkHead(spoken);
      return reached(spoken);
    },
  },
  ...proxyKindNames.flatMap((kind) => byKind[kind]),
];
