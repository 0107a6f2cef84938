import { once } from 'node:events';
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { seenIn, startFiles } from '../../../src/labs/folder.ts';
import type { LabEvent } from '../../../src/labs/hold/holding.ts';
import { labWorld } from '../../../src/labs/world.ts';
import { runProgram } from '../../helpers/peer.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { forgeRecords } from '../support/attempts.ts';
import type { Attempts, HeldBench, TaskAttempts } from '../support/attempts.ts';
import { Held } from '../support/holding.ts';
import { Learner } from '../support/learner.ts';

export const startCiphers = 'ciphers: AES128-GCM-SHA256';
export const ecdheOnly = 'ciphers: ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384';
const ticketLine = /^ {4}ticketKeys:.*\n/m;

export function setCiphers(learner: Learner, line: string): void {
  learner.edit('settings.yaml', startCiphers, line);
}

/** Static RSA with nobody, and no ticket key on the disk. */
export function protect(learner: Learner, line = ecdheOnly): void {
  setCiphers(learner, line);
  learner.edit('settings.yaml', ticketLine, '');
}

/** ECDHE alone, with this ticket key. */
function setTicketKey(learner: Learner, key: string): void {
  setCiphers(learner, ecdheOnly);
  learner.edit('settings.yaml', ticketLine, `    ticketKeys: '${key}'\n`);
}

/** A proxy of the learner's own before the one with TLS, or behind it. */
function twoProxies(learner: Learner, front: string, inner: string): void {
  learner.write('settings.yaml', `proxies:\n  front: { ${front} }\n  inner: { ${inner} }\n`);
}

interface RecordingBench extends HeldBench {
  /** The same lab, running in another folder. */
  readonly other: HeldBench;
}

const isCaptured = (event: LabEvent): boolean => event.kind === 'captured';
const isOpen = (event: LabEvent): boolean => event.kind === 'open';

async function up(learner: Learner): Promise<HeldBench> {
  const held = await Held.start(learner.t, learner);
  await held.until(isCaptured);
  await held.until(isOpen);
  return { learner, held };
}

/** The password as `wirelab inspect` shows it in a capture; empty where it shows none. */
export async function passwordIn(
  { folder }: Pick<Learner, 'folder'>,
  capture: string,
  ...keys: readonly string[]
): Promise<string> {
  const { stdout } = await askWirelab(['inspect', capture, ...keys, '--lang', 'en'], { cwd: folder });
  return /^ +password: (\S+) \(/m.exec(stdout)?.[1] ?? '';
}

const stolen = async (learner: Learner): Promise<string> =>
  passwordIn(learner, 'last-year.pcapng', '--rsa-key', 'stolen.key');

/** Sends a login through the proxy, and waits until the lab has seen it. */
async function logIn({ learner, held }: HeldBench, password: string, user = 'alice'): Promise<void> {
  const port = /https:\/\/shop\.localhost:(\d+)/.exec(await held.curlAs('alice'))?.[1];
  const body = new URLSearchParams({ username: user, password, rrn: '900101-1234567' }).toString();
  const from = held.events.length;
  const asked = request({
    host: '127.0.0.1',
    servername: 'shop.localhost',
    port,
    path: '/login',
    method: 'POST',
    ca: learner.read('ca.crt'),
    agent: false,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length },
  });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
  response.resume();
  await held.until(({ kind }) => kind === 'login', from);
}

const accepted = `{"at":"2026-01-01T00:00:00.000Z","server":"shop","user":"alice","accepted":true}\n`;
const noLogin = /^no_login \| there was no login at shop as alice/;

const openTheRecording: TaskAttempts<RecordingBench> = {
  wrong: {
    'records that say that it is done': { play: ({ learner }) => forgeRecords(learner), says: noLogin },
    'a record where the lab keeps its own': {
      play: ({ learner }) => writeFileSync(seenIn(learner.folder), accepted),
      says: noLogin,
    },
    'the password that the lab’s own file has': {
      play: async (bench) => logIn(bench, 'drawn-at-start-1'),
      says: /^wrong_login /,
    },
    'the command as it was printed': {
      play: async (bench) => logIn(bench, 'THE PASSWORD'),
      says: /^wrong_login .*still said THE PASSWORD/,
    },
    'the password of a till': {
      play: async (bench) => logIn(bench, 'harbour-seal-7'),
      says: /^wrong_login .*another user/,
    },
    'the login of a till, which is right': {
      play: async (bench) => logIn(bench, 'harbour-seal-7', 'till'),
      says: new RegExp(`${noLogin.source} \\(tried: till\\)`),
    },
    'the recording searched as it is': {
      async play(bench) {
        const { learner } = bench;
        const { exitCode } = await runProgram('grep', ['-a', '-q', 'password=', 'last-year.pcapng'], {
          cwd: learner.folder,
        });
        learner.t.is(exitCode, 1, 'it is sealed');
        learner.t.is(await passwordIn(learner, 'last-year.pcapng'), '');
      },
      says: noLogin,
    },
    'what the recording of another folder says': {
      play: async (bench) => logIn(bench, await stolen(bench.other.learner)),
      says: /^wrong_login .*changes each time/,
    },
    'a login at the shop of another folder': {
      play: async ({ other }) => logIn(other, await stolen(other.learner)),
      says: noLogin,
    },
    'what the lab of another folder has seen, copied': {
      async play({ learner, other }) {
        await logIn(other, await stolen(other.learner));
        copyFileSync(seenIn(other.learner.folder), seenIn(learner.folder));
      },
      says: noLogin,
    },
  },
  right: {
    'what wirelab inspect shows with the stolen key': async (bench) =>
      logIn(bench, await stolen(bench.learner)),
    'what wirelab inspect shows with the key of the proxy, which is the same': async (bench) =>
      logIn(bench, await passwordIn(bench.learner, 'last-year.pcapng', '--rsa-key', 'front.key')),
    'at the second try': async (bench) => {
      await logIn(bench, 'tiger-lily');
      await logIn(bench, await stolen(bench.learner));
    },
  },
};

const openedBy = (what: string): RegExp => new RegExp(`^opened \\| ${what} .*opens what was recorded`);

/** What is wrong in each of the tasks about the settings. */
const wrongEverywhere: TaskAttempts<RecordingBench>['wrong'] = {
  'plaintext to the customers': {
    play: ({ learner }) => learner.edit('settings.yaml', 'kind: tls', 'kind: plaintext'),
    says: /^readable /,
  },
  'another name, for which customers are to ask': {
    play: ({ learner }) => learner.edit('settings.yaml', 'target: shop', 'host: localhost\n    target: shop'),
    says: /^bad_settings .*clients ask for shop\.localhost at front/,
  },
  'only TLS 1.3': {
    play({ learner }) {
      protect(learner, "tls: ['1.3']");
    },
    says: /^refused no_common_version /,
  },
  'a certificate of the learner’s own, for a key of an elliptic curve': {
    async play({ learner }) {
      await learner.run(
        'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout front.key -out front.crt -days 30 -subj /CN=shop.localhost -addext subjectAltName=DNS:shop.localhost',
      );
      protect(learner, 'ciphers: ECDHE-ECDSA-AES128-GCM-SHA256');
    },
    says: /^refused (?:self_signed|no_common_cipher) /,
  },
  'suites that are none': {
    play({ learner }) {
      protect(learner, 'ciphers: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256');
    },
    says: /^bad_settings .*TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 \| settings\.yaml:\d+:\d+: proxies\.front\.ciphers \| ECDHE-RSA-AES128-GCM-SHA256 \|/,
  },
  'one misspelt suite in a list': {
    play: ({ learner }) => protect(learner, `${ecdheOnly}:ECDHE-RSA-AES128-GMC-SHA256`),
    says: /^bad_settings .*settings\.yaml:\d+:\d+: .*ECDHE-RSA-AES128-GMC-SHA256.*Did you mean ECDHE-RSA-AES128-GCM-SHA256/,
  },
  'a file where the name of a certificate is wanted': {
    play({ learner }) {
      protect(learner);
      learner.edit('settings.yaml', 'certificate: front\n', 'certificate: front.crt\n');
    },
    says: /^bad_settings .*give the name without \.crt: front \| settings\.yaml:/,
  },
  'the customers on another wire': {
    play({ learner }) {
      protect(learner);
      learner.edit('settings.yaml', '{ incoming: A, outgoing: B }', '{ incoming: B, outgoing: A }');
    },
    says: /^readable /,
  },
  'the settings of a proxy behind, and the old one in front': {
    play({ learner }) {
      twoProxies(
        learner,
        'kind: tls, target: inner, certificate: front, wires: { incoming: A, outgoing: C }, ciphers: AES128-GCM-SHA256, towardsTarget: { security: tls, trust: [ca] }',
        'kind: tls, target: shop, certificate: front, wires: { incoming: D, outgoing: B }, ciphers: ECDHE-RSA-AES128-GCM-SHA256',
      );
    },
    says: openedBy('.*front'),
  },
};

const forwardSecrecy: TaskAttempts<RecordingBench> = {
  wrong: {
    'records that say that all is done': {
      play: ({ learner }) => forgeRecords(learner),
      says: openedBy('the stolen key of front'),
    },
    ...wrongEverywhere,
    'the stolen key deleted': {
      play: ({ learner }) => learner.remove('stolen.key', 'last-year.pcapng', 'tickets.key'),
      says: openedBy('the stolen key of front'),
    },
    'a longer static RSA': {
      play: ({ learner }) => setCiphers(learner, 'ciphers: AES256-SHA256'),
      says: openedBy('the stolen key of front'),
    },
    'static RSA first, and ECDHE behind it': {
      play: ({ learner }) => setCiphers(learner, `${startCiphers}:ECDHE-RSA-AES128-GCM-SHA256`),
      says: openedBy('the stolen key of front'),
    },
    'the ticket key taken away alone': {
      play: ({ learner }) => learner.edit('settings.yaml', ticketLine, ''),
      says: openedBy('the stolen key of front'),
    },
    'passed through to a proxy behind, which has the key': {
      play({ learner }) {
        twoProxies(
          learner,
          'kind: passthrough, target: inner, wires: { incoming: A, outgoing: C }',
          'kind: tls, target: shop, certificate: front, wires: { incoming: D, outgoing: B }, ciphers: AES128-GCM-SHA256',
        );
      },
      says: /^not_met .*front has no private key/,
    },
  },
  right: {
    'Node’s own list': ({ learner }) => setCiphers(learner, ''),
    'ECDHE alone': ({ learner }) => setCiphers(learner, ecdheOnly),
    'a curve of one’s choice, settings in flow style': ({ learner }) =>
      learner.write(
        'settings.yaml',
        "proxies: {front: {kind: tls, target: shop, certificate: front, groups: 'P-256', ciphers: 'HIGH:!kRSA', wires: {outgoing: B, incoming: A}}}\n",
      ),
  },
};

const refuseStaticRsa: TaskAttempts<RecordingBench> = {
  wrong: {
    'records that say that all is done': {
      play: ({ learner }) => forgeRecords(learner),
      says: openedBy('the stolen key of front'),
    },
    ...wrongEverywhere,
    'Node’s own list': { play: ({ learner }) => setCiphers(learner, ''), says: /^admitted / },
    'ECDHE first, and static RSA behind it': {
      play: ({ learner }) => setCiphers(learner, `${ecdheOnly}:AES128-GCM-SHA256`),
      says: /^admitted /,
    },
    'static RSA of one key size struck out': {
      play: ({ learner }) => setCiphers(learner, 'ciphers: HIGH:!AES256:!CHACHA20'),
      says: /^admitted /,
    },
    'no suite that a till has': {
      play: ({ learner }) => setCiphers(learner, 'ciphers: ECDHE-RSA-CHACHA20-POLY1305'),
      says: /^refused no_common_cipher /,
    },
  },
  right: {
    'two suites by name': ({ learner }) => setCiphers(learner, ecdheOnly),
    'static RSA struck out': ({ learner }) => setCiphers(learner, 'ciphers: HIGH:!kRSA'),
    'all of it at once': ({ learner }) => protect(learner, 'ciphers: ECDHE+AESGCM'),
  },
};

const everything = openedBy('what was stolen from front');

const ticketKey: TaskAttempts<RecordingBench> = {
  wrong: {
    'records that say that all is done': { play: ({ learner }) => forgeRecords(learner), says: everything },
    ...wrongEverywhere,
    'the file deleted, and the line left': {
      play({ learner }) {
        setCiphers(learner, ecdheOnly);
        learner.remove('tickets.key', 'stolen.key');
      },
      says: everything,
    },
    'another ticket key': {
      play({ learner }) {
        setTicketKey(learner, '0f'.repeat(48));
      },
      says: everything,
    },
    'the same ticket key in capitals': {
      play({ learner }) {
        setTicketKey(
          learner,
          (/'([0-9a-f]{96})'/.exec(learner.read('settings.yaml'))?.[1] ?? '').toUpperCase(),
        );
      },
      says: everything,
    },
    'half a ticket key': {
      play({ learner }) {
        setTicketKey(learner, '0f'.repeat(24));
      },
      says: /^bad_settings .*settings\.yaml/,
    },
    'no ticket key, and static RSA': {
      play: ({ learner }) => learner.edit('settings.yaml', ticketLine, ''),
      says: openedBy('the stolen key of front'),
    },
    'no ticket key, and the old till let in': {
      play({ learner }) {
        protect(learner, '');
      },
      says: /^admitted /,
    },
  },
  right: {
    'the line taken away': ({ learner }) => protect(learner),
    'the line made a comment, and the file left': ({ learner }) => {
      setCiphers(learner, 'ciphers: HIGH:!kRSA');
      learner.edit('settings.yaml', '    ticketKeys:', '#   ticketKeys:');
    },
  },
};

export const recordNow: Attempts<RecordingBench> = {
  lab: 'record-now',
  peers: ['openssl'],
  async begin(learner) {
    const [bench, other] = await Promise.all([up(learner), Learner.begin(learner.t, 'record-now').then(up)]);
    return { ...bench, other };
  },
  async again({ learner, other }) {
    for (const { folder } of [learner, other.learner]) rmSync(seenIn(folder), { force: true });
    const { lab, folder } = learner;
    // What is as it was is not written: the running lab would start again.
    for (const [name, text] of startFiles(lab, await labWorld(lab, folder)))
      if (!existsSync(join(folder, name)) || learner.read(name) !== text) learner.write(name, text);
  },
  tasks: {
    'open-the-recording': openTheRecording,
    'forward-secrecy': forwardSecrecy,
    'refuse-static-rsa': refuseStaticRsa,
    'ticket-key': ticketKey,
  },
};
