/**
 * Every kind of client that there is a word for knocks at an mTLS proxy: who is admitted is what the table says
 * (`support/client-kinds.ts`), on both versions of TLS, with a session to resume and without; the target hears of nobody else.
 */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createSecureContext } from 'node:tls';
import type { SecureContext, TLSSocket } from 'node:tls';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { CaptureLog } from '../../src/capture/log.ts';
import type { Address } from '../../src/capture/event.ts';
import type { RefusalReason } from '../../src/capture/vocabulary.ts';
import { systemClock } from '../../src/core/clock.ts';
import { certificateFlaws } from '../../src/pki/ca/flaws.ts';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import { pemCertificates, toPem } from '../../src/pki/keystore/pem.ts';
import { startProxy } from '../../src/proxy/proxy.ts';
import type { ProxyOptions, RunningProxy } from '../../src/proxy/proxy.ts';
import { accept } from '../../src/wire/accept.ts';
import { shareOf } from '../helpers/at-length.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { anyPort } from '../features/support/shop.ts';
import {
  doorNames,
  doors,
  flaws,
  issuers,
  kinds,
  reasonOfFlaw,
  reasonsAgainst,
  reasonsOfOpenssl,
  recipe,
  rowOf,
  titleOf,
  trusted,
} from './support/client-kinds.ts';
import type { EntryPointName, IssuerName, Kind } from './support/client-kinds.ts';
import { eventsOf } from './support/proxies.ts';
import { opensslErrors } from '../pki/support/openssl-errors.ts';

const world = issueWorld(recipe, { clock: systemClock });
const lists = world.names.flatMap((name) => world.crl(name) ?? []);
const versions = ['TLSv1.2', 'TLSv1.3'] as const;
type Version = (typeof versions)[number];

/** Each flaw below the plain CA and its intermediate, each kind without one, and a share of the others. */
const callers = shareOf(kinds, 200, (kind) =>
  kind.flaws.length === 0 ||
  (kind.flaws.length === 1 && (kind.issuer === 'client-ca' || kind.issuer === 'middle'))
    ? titleOf(kind)
    : `${kind.issuer} ${kind.flaws.length}`,
);

interface Target {
  readonly address: Address;
  /** What each connection said. */
  readonly heard: string[];
}

/** Answers each thing that it is told with the same. */
async function openTarget(t: ExecutionContext): Promise<Target> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const at = heard.push('') - 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => (heard[at] += chunk.toString()));
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, heard };
}

interface OpenDoor {
  readonly proxy: RunningProxy;
  readonly log: CaptureLog;
  readonly target: Target;
}

async function openDoor(
  t: ExecutionContext,
  name: EntryPointName,
  more: Partial<ProxyOptions> = {},
): Promise<OpenDoor> {
  const { policy, readsLists } = doors[name];
  const log = new CaptureLog({ clock: systemClock });
  const target = await openTarget(t);
  const proxy = await startProxy({
    kind: 'mtls',
    pump: 'bytes',
    accept: {
      listen: anyPort,
      identity: world.identity('server'),
      policy,
      clientAuthorities: trusted.map((authority) => world.authority(authority)),
      ...(readsLists ? { clientRevocations: lists } : {}),
    },
    dial: { security: 'plain', to: target.address },
    wires: { incoming: 'A', outgoing: 'B' },
    log,
    clock: systemClock,
    ...more,
  });
  t.teardown(async () => proxy.close(0));
  return { proxy, log, target };
}

/** A client may present what its own library would call too weak. */
function contextOf(row: string | undefined, version: Version): SecureContext {
  const identity = row === undefined ? undefined : world.identity(row);
  return createSecureContext({
    minVersion: version,
    maxVersion: version,
    ciphers: 'DEFAULT@SECLEVEL=0',
    ca: [world.authority('server-ca')],
    ...(identity ? { cert: identity.certificate, key: identity.key } : {}),
  });
}

interface Visit {
  /** The client's own port, and how often it had come from there before: the log knows the connection by it. */
  readonly from: string;
  readonly answer: string;
  readonly isResumed: boolean;
  /** What this client could resume later. */
  readonly session: Buffer | undefined;
}

const usedPorts = new Map<string, number>();

/** A system gives a port out again soon: the second connection from one is another one. */
function numbered(used: Map<string, number>, ...ports: readonly (number | undefined)[]): string {
  const before = used.get(ports.join()) ?? 0;
  used.set(ports.join(), before + 1);
  return `${String(ports.at(-1))}.${before}`;
}

/** Says its word as soon as it believes itself connected, and leaves when it is answered or turned away. */
async function visit(
  to: Address,
  secureContext: SecureContext,
  word: string,
  session?: Buffer,
): Promise<Visit> {
  const socket: TLSSocket = connect({
    ...to,
    servername: 'shop.localhost',
    secureContext,
    ...(session ? { session } : {}),
  });
  let answer = '';
  let kept: Buffer | undefined;
  let from = '';
  let isResumed = false;
  socket.once('connect', () => (from = numbered(usedPorts, to.port, socket.localPort)));
  socket.on('session', (given: Buffer) => (kept = given));
  socket.once('secureConnect', () => {
    isResumed = socket.isSessionReused();
    socket.write(word);
  });
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString();
    if (answer.length === word.length) socket.end();
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
  return { from, answer, isResumed, session: kept };
}

interface Outcome {
  readonly refusals: RefusalReason[];
  secured: number;
  resumed: boolean;
}

/** What the log says became of each connection, by where it came from. */
function outcomesOf(log: CaptureLog): Map<string, Outcome> {
  const used = new Map<string, number>();
  const origins = new Map(
    eventsOf(log, 'opened', 'A').map(({ conn, from }) => [conn, numbered(used, from.port)]),
  );
  const outcomes = new Map<string, Outcome>();
  const outcomeOf = (conn: number): Outcome => {
    const origin = origins.get(conn) ?? '';
    const outcome = outcomes.get(origin) ?? { refusals: [], secured: 0, resumed: false };
    outcomes.set(origin, outcome);
    return outcome;
  };
  for (const { conn, reason } of eventsOf(log, 'refused', 'A')) outcomeOf(conn).refusals.push(reason);
  for (const { conn, resumed } of eventsOf(log, 'secured', 'A')) {
    outcomeOf(conn).secured++;
    if (resumed) outcomeOf(conn).resumed = true;
  }
  return outcomes;
}

const without = (kind: Kind): Kind => ({
  ...kind,
  flaws: [],
  issuer: kind.issuer && issuers[kind.issuer].profile === 'intermediate' ? 'middle' : 'client-ca',
});

test('the table: a reason for each flaw, and the reasons of some kinds as anybody would name them', (t) => {
  t.deepEqual([...flaws].sort(), Object.keys(certificateFlaws).sort());
  const rows: readonly (readonly [Partial<Kind>, readonly RefusalReason[]])[] = [
    [{}, []],
    [{ issuer: 'middle' }, []],
    [{ flaws: ['expired'] }, ['certificate_expired']],
    [{ flaws: ['expired', 'wrong-usage'] }, ['certificate_expired', 'wrong_usage']],
    [{ flaws: ['no-san'] }, []],
    [{ flaws: ['no-san'], door: 'cn' }, []],
    [{ flaws: ['no-san'], door: 'dns' }, ['name_not_admitted']],
    [{ flaws: ['wrong-name'], door: 'cn' }, ['name_not_admitted']],
    [{ flaws: ['wrong-name'], door: 'ou' }, []],
    [{ flaws: ['revoked'] }, ['certificate_revoked']],
    [{ flaws: ['revoked'], door: 'without lists' }, []],
    [{ issuer: 'stale-list-ca' }, ['crl_expired']],
    [{ issuer: 'stale-list-ca', door: 'without lists' }, []],
    [{ issuer: 'rogue-ca', door: 'cn' }, ['unknown_ca']],
    [{ issuer: 'rogue-ca', door: 'cn', names: 'bob' }, ['unknown_ca', 'name_not_admitted']],
    [{ issuer: 'expired-middle', door: 'without lists', flaws: ['expired'] }, ['certificate_expired']],
    [{ names: 'bob', door: 'ou' }, ['name_not_admitted']],
    [{ names: 'two units', door: 'ou' }, []],
    [{ own: 'client-ca' }, ['ca_as_leaf', 'wrong_usage']],
  ];
  const alice: Kind = { door: 'everyone', issuer: 'client-ca', flaws: [], names: 'alice' };
  for (const [more, reasons] of rows)
    t.deepEqual(reasonsAgainst({ ...alice, ...more }), [...reasons], titleOf({ ...alice, ...more }));
  t.deepEqual(reasonsAgainst({ door: 'everyone', flaws: [], names: 'alice' }), ['certificate_missing']);
  t.is(new Set(kinds.map(titleOf)).size, kinds.length, 'each kind once');
  for (const door of doorNames) {
    const verdicts = new Set(
      kinds.filter((kind) => kind.door === door).map((kind) => reasonsAgainst(kind).length === 0),
    );
    t.is(verdicts.size, 2, `${door} admits some and refuses some`);
  }
});

for (const version of versions) {
  test(`${version}: whoever the table refuses is refused for its reason, whoever it admits is admitted, and the target hears of nobody else`, async (t) => {
    const open = new Map<EntryPointName, OpenDoor>();
    for (const name of doorNames) open.set(name, await openDoor(t, name));
    const contexts = new Map<string | undefined, SecureContext>();
    const context = (kind: Kind): SecureContext => {
      const row = rowOf(kind);
      const made = contexts.get(row) ?? contextOf(row, version);
      contexts.set(row, made);
      return made;
    };
    const welcome = new Map<EntryPointName, string[]>(doorNames.map((name) => [name, []]));
    /** A session that a client of that door, whom it admits, was given. */
    const sessions = new Map<EntryPointName, Buffer>();
    for (const name of doorNames) {
      const sound = kinds.find((kind) => kind.door === name && reasonsAgainst(kind).length === 0)!;
      const { proxy } = open.get(name)!;
      const { session, answer } = await visit(proxy.address, context(sound), 'sound');
      t.is(answer, 'sound');
      t.truthy(session, 'there is something to resume');
      sessions.set(name, session!);
      welcome.get(name)!.push('sound');
    }

    const visits: {
      readonly kind: Kind;
      readonly how: string;
      readonly word: string;
      readonly visited: Visit;
    }[] = [];
    const waiting = [...callers.entries()];
    const knock = async (): Promise<void> => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const [at, kind] = next;
        const { proxy } = open.get(kind.door)!;
        const full = await visit(proxy.address, context(kind), `${at} full`);
        visits.push({ kind, how: 'in full', word: `${at} full`, visited: full });
        const again = await visit(
          proxy.address,
          context(kind),
          `${at} again`,
          full.session ?? sessions.get(kind.door),
        );
        visits.push({ kind, how: 'with a session', word: `${at} again`, visited: again });
      }
    };
    await Promise.all(Array.from({ length: 16 }, knock));
    for (const { log } of open.values())
      t.true(
        await log.until(
          () => eventsOf(log, 'closed', 'A').length === eventsOf(log, 'opened', 'A').length,
          10_000,
        ),
      );

    const wrong: string[] = [];
    const seen = new Map<string, 'admitted' | 'refused'>();
    const outcomes = new Map(doorNames.map((name) => [name, outcomesOf(open.get(name)!.log)]));
    for (const { kind, how, word, visited } of visits) {
      const reasons = reasonsAgainst(kind);
      const { refusals, secured, resumed } = outcomes.get(kind.door)!.get(visited.from) ?? {
        refusals: [],
        secured: 0,
        resumed: false,
      };
      const isAdmitted = secured === 1 && refusals.length === 0;
      const isRefused = secured === 0 && refusals.length === 1;
      const isAsWritten =
        reasons.length === 0
          ? isAdmitted && visited.answer === word
          : isRefused && reasons.includes(refusals[0]!) && visited.answer === '';
      if (!isAsWritten)
        wrong.push(
          `${titleOf(kind)}, ${how}: ${reasons.join(' or ') || 'admitted'}; but secured ${secured}, refused ${refusals.join()}, answered ${JSON.stringify(visited.answer)}`,
        );
      if (resumed || visited.isResumed) wrong.push(`${titleOf(kind)}, ${how}: resumed`);
      if (reasons.length === 0) welcome.get(kind.door)!.push(word);
      seen.set(titleOf(kind), isAdmitted ? 'admitted' : 'refused');
    }
    t.deepEqual(wrong, []);
    for (const [name, { target, log }] of open) {
      t.deepEqual(
        [...target.heard].sort(),
        [...welcome.get(name)!].sort(),
        `what the target behind ${name} heard`,
      );
      t.is(eventsOf(log, 'opened', 'B').length, welcome.get(name)!.length, 'it was dialed for nobody else');
    }
    t.true(kinds.length >= 200);
    t.is(seen.size, callers.length);
    const admitted = [...seen.values()].filter((outcome) => outcome === 'admitted').length;
    t.log(
      `${callers.length} kinds of client, each in full and with a session to resume: ${admitted} admitted, ${callers.length - admitted} refused`,
    );

    // Each flaw and each faulty issuer was seen refused, and the same client without it admitted at the same door.
    const isProven = (kind: Kind): boolean =>
      seen.get(titleOf(kind)) === 'refused' && seen.get(titleOf(without(kind))) === 'admitted';
    for (const flaw of flaws)
      t.true(
        kinds.some((kind) => kind.flaws.length === 1 && kind.flaws[0] === flaw && isProven(kind)),
        flaw,
      );
    for (const issuer of Object.keys(issuers) as IssuerName[]) {
      if ('reason' in issuers[issuer])
        t.true(
          kinds.some((kind) => kind.issuer === issuer && kind.flaws.length === 0 && isProven(kind)),
          issuer,
        );
    }
  });

  test(`${version}: these clients do resume where a listener lets them`, async (t) => {
    const listener = await accept(
      { security: 'tls', listen: anyPort, clock: systemClock, identity: world.identity('server') },
      ({ stream }) => stream.pipe(stream),
    );
    t.teardown(async () => listener.close());
    const secureContext = contextOf(undefined, version);
    const first = await visit(listener.address, secureContext, 'first');
    t.like(await visit(listener.address, secureContext, 'second', first.session), {
      answer: 'second',
      isResumed: true,
    });
  });
}

for (const version of versions) {
  test(`${version}: who is told by HTTP why it is refused gets that page and nothing of the target`, async (t) => {
    const { proxy, log, target } = await openDoor(t, 'everyone', { pump: 'http', reject: 'http' });
    const told = callers.filter(
      (kind) => kind.door === 'everyone' && kind.flaws.length <= 1 && reasonsAgainst(kind).length > 0,
    );
    const answers = await Promise.all(
      told.map(async (kind) => {
        const socket = connect({
          ...proxy.address,
          servername: 'shop.localhost',
          secureContext: contextOf(rowOf(kind), version),
        });
        let answer = '';
        socket.on('error', () => {}).on('data', (chunk: Buffer) => (answer += chunk.toString()));
        socket.once('secureConnect', () =>
          socket.write(
            'GET /secret HTTP/1.1\r\nHost: shop\r\n\r\nGET /secret HTTP/1.1\r\nHost: shop\r\n\r\n',
          ),
        );
        await new Promise((resolve) => socket.once('close', resolve));
        return { kind, answer };
      }),
    );
    for (const { kind, answer } of answers) {
      const [, reason = ''] = /^HTTP\/1\.1 403 Forbidden\r\n[^]*"reason":"(\w+)"[^]*$/.exec(answer) ?? [];
      // A broken signature may end the handshake before there is anything to put a page on.
      const isSilent = answer === '' && reasonsAgainst(kind).includes('bad_signature');
      t.true(isSilent || (reasonsAgainst(kind) as string[]).includes(reason), `${titleOf(kind)}: ${answer}`);
      t.true(answer.split('HTTP/1.1 ').length <= 2, 'one answer');
    }
    t.true(answers.filter(({ answer }) => answer !== '').length > 20);
    t.deepEqual(target.heard, []);
    t.deepEqual(eventsOf(log, 'opened', 'B'), []);
  });
}

test('a session from one door opens no other', async (t) => {
  const [from, to] = [await openDoor(t, 'everyone'), await openDoor(t, 'one of two')];
  for (const version of versions) {
    const alice = contextOf(rowOf({ door: 'cn', issuer: 'client-ca', flaws: [], names: 'alice' }), version);
    const { session, answer } = await visit(from.proxy.address, alice, 'welcome');
    t.is(answer, 'welcome');
    const {
      from: origin,
      isResumed,
      answer: none,
    } = await visit(to.proxy.address, alice, 'welcome?', session);
    t.deepEqual([none, isResumed], ['', false]);
    t.true(
      await to.log.until(
        () => eventsOf(to.log, 'closed', 'A').length === eventsOf(to.log, 'opened', 'A').length,
        5000,
      ),
    );
    t.deepEqual(outcomesOf(to.log).get(origin)?.refusals, ['name_not_admitted']);
  }
  t.deepEqual(to.target.heard, []);
});

test('TLSv1.2: who is admitted stays who it is: a renegotiation to another certificate ends the connection', async (t) => {
  const { proxy, log, target } = await openDoor(t, 'cn');
  const mallory = world.identity(rowOf({ door: 'cn', issuer: 'rogue-ca', flaws: [], names: 'alice' }) ?? '');
  const alice = rowOf({ door: 'cn', issuer: 'client-ca', flaws: [], names: 'alice' });
  for (const turns of ['into another', 'into the same'] as const) {
    const socket = connect({
      ...proxy.address,
      servername: 'shop.localhost',
      secureContext: contextOf(alice, 'TLSv1.2'),
    });
    socket.on('error', () => {});
    socket.write('before');
    await once(socket, 'data');
    if (turns === 'into another') {
      // Where Node has no way to change a certificate, both turns are the same.
      const { setKeyCert } = socket as { setKeyCert?: (context: SecureContext) => void };
      setKeyCert?.call(socket, createSecureContext({ cert: mallory.certificate, key: mallory.key }));
    }
    socket.renegotiate({ rejectUnauthorized: false }, () => socket.write('after'));
    socket.on('data', (chunk: Buffer) => chunk.toString().includes('after') && socket.destroy());
    await new Promise((resolve) => socket.once('close', resolve));
  }
  t.deepEqual(target.heard, ['before', 'before']);
  t.true(await log.until(() => eventsOf(log, 'closed').length === 4, 5000));
  t.is(eventsOf(log, 'secured', 'A').length, 2);
});

withPeer(
  'openssl',
  'openssl verify says of every certificate what the table says: sound, or refused for one of its reasons',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'wirelab-kinds-'));
    t.teardown(async () => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'roots.pem'), trusted.map((name) => world.authority(name)).join(''));
    await writeFile(join(folder, 'lists.pem'), lists.join(''));
    const looked = new Map(
      kinds
        .filter((kind) => doors[kind.door].readsLists)
        .flatMap((kind) => {
          const row = rowOf(kind);
          return row === undefined ? [] : [[row, kind] as const];
        }),
    );
    // One call for all certificates that are presented with the same others.
    const groups = new Map<string, string[]>();
    for (const row of looked.keys()) {
      const others = pemCertificates(world.chain(row))
        .slice(1)
        .map((der) => toPem('CERTIFICATE', der))
        .join('');
      groups.set(others, [...(groups.get(others) ?? []), row]);
      await writeFile(join(folder, row), world.certificate(row));
    }
    let agreed = 0;
    for (const [others, rows] of groups) {
      await writeFile(join(folder, 'others.pem'), others);
      const untrusted = others === '' ? [] : ['-untrusted', 'others.pem'];
      const { stdout, stderr } = await runProgram(
        'openssl',
        [
          'verify',
          '-x509_strict',
          '-auth_level',
          '2',
          '-no-CApath',
          '-no-CAstore',
          '-purpose',
          'sslclient',
          '-CAfile',
          'roots.pem',
          ...untrusted,
          '-crl_check_all',
          '-CRLfile',
          'lists.pem',
          ...rows,
        ],
        { cwd: folder },
      );
      const sound = new Set([...stdout.matchAll(/^(.+): OK$/gm)].map(([, row]) => row));
      const refused = new Map(
        [...stderr.matchAll(/error (\d+) at \d+ depth[^]*?^error (.+): verification failed$/gm)].map(
          ([, code, row]) => [row, Number(code)],
        ),
      );
      for (const row of rows) {
        const kind = looked.get(row)!;
        const reasons = reasonsOfOpenssl(kind);
        const code = refused.get(row);
        const agrees =
          reasons.length === 0
            ? sound.has(row) && code === undefined
            : reasons.some((reason) => opensslErrors[reason]?.includes(code ?? 0));
        t.true(
          agrees,
          `${titleOf(kind)}: ${reasons.join(' or ') || 'sound'}; openssl: ${code ?? (sound.has(row) ? 'OK' : stderr)}`,
        );
        agreed++;
      }
    }
    t.log(`${agreed} certificates in ${groups.size} calls`);
    t.true(agreed >= 200);
    for (const reason of Object.values(reasonOfFlaw))
      if (reason && reason !== 'ca_as_leaf') t.truthy(opensslErrors[reason], reason);
  },
);
