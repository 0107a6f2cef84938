/**
 * The lab about a recording that a stolen key opens: it is kept running as for a learner, its recordings are opened by wirelab
 * inspect and by tshark, and the settings decide what of a new recording opens.
 */
import type { ExecutionContext } from 'ava';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import test from 'ava';
import { partialOf } from '../../src/capture/file/pcapng-writer.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { stateOf } from '../../src/labs/state.ts';
import type { LabEvent } from '../../src/labs/hold/holding.ts';
import { testAtLength, withPeerAtLength } from '../helpers/at-length.ts';
import { withPeer } from '../helpers/peer.ts';
import { askWirelab } from '../helpers/wirelab.ts';
import { ecdheOnly, passwordIn, protect, recordNow, setCiphers } from './attempts/record-now.ts';
import { attemptTests } from './support/attempts.ts';
import { Held } from './support/holding.ts';
import { labTests, Learner } from './support/learner.ts';

const name = 'record-now';

const notUp = 'open-the-recording: open not_up';
const outcomes = (forward: string, refuse: string, ticket: string): readonly string[] => [
  notUp,
  `forward-secrecy: ${forward}`,
  `refuse-static-rsa: ${refuse}`,
  `ticket-key: ${ticket}`,
];
const all = (outcome: string): readonly string[] => outcomes(outcome, outcome, outcome);

testAtLength(
  `${name}: what was stolen opens a new recording at the beginning; each last hint does its own task`,
  async (t) => {
    const learner = await Learner.begin(t, name);
    t.deepEqual(await learner.outcome(), all('open opened'));
    setCiphers(learner, '');
    t.deepEqual(await learner.outcome(), outcomes('done', 'open admitted', 'open opened'));
    learner.edit('settings.yaml', 'certificate: front\n', `certificate: front\n    ${ecdheOnly}\n`);
    t.deepEqual(await learner.outcome(), outcomes('done', 'done', 'open opened'));
    learner.edit('settings.yaml', /^ {4}ticketKeys:.*\n/m, '');
    t.deepEqual(await learner.outcome(), outcomes('done', 'done', 'done'));
  },
);

test(`${name}: a finding says what opens what, and not which setting`, async (t) => {
  const learner = await Learner.begin(t, name);
  const [, forward, , ticket] = await learner.check();
  t.regex(
    forward?.says.en ?? '',
    /^the stolen key of front opens what was recorded with TLS 1\.2: .*alice-password/,
  );
  t.regex(ticket?.says.en ?? '', /^what was stolen from front \(private key and ticket keys\) opens/);
  protect(learner);
  const [, done] = await learner.check();
  t.regex(done?.says.en ?? '', /opens nothing of what was recorded with TLS 1\.2, TLS 1\.3/);
});

type Live = Extract<LabEvent, { kind: 'live' }>;

/** Listens to the wire until a login over each TLS version has passed since the last change. */
async function record(held: Held, learner: Learner): Promise<void> {
  const { url } = await held.until((event): event is Live => event.kind === 'live');
  const heard: Buffer[] = [];
  await new Promise<void>((done, fail) => {
    const asked = get(url, (response) => {
      response.on('error', fail).on('data', (bytes: Buffer) => {
        heard.push(bytes);
        // The second section has begun after the listener came.
        if (Buffer.concat(heard).toString('latin1').split('\n\r\r\n').length < 3) return;
        response.off('error', fail).on('error', () => {});
        asked.destroy();
        done();
      });
    }).on('error', fail);
  });
  writeFileSync(join(learner.folder, 'now.pcapng'), Buffer.concat(heard));
}

async function up(t: ExecutionContext): Promise<{ readonly learner: Learner; readonly held: Held }> {
  const learner = await Learner.begin(t, name);
  const { lab, folder } = learner;
  const { repeated } = lab.tasks;
  const tasks = repeated ? { ...lab.tasks, repeated: { ...repeated, everySeconds: 0.2 } } : lab.tasks;
  const held = await Held.start(t, { lab: { ...lab, tasks }, folder });
  await held.until(({ kind }) => kind === 'captured');
  await held.until(({ kind }) => kind === 'open');
  return { learner, held };
}

const byKey = ['--rsa-key', 'front.key'] as const;
const byTicket = ['--ticket-key', 'tickets.key'] as const;

test(`${name}: what a learner records now opens as the settings let it; the wire behind the proxy is not in it`, async (t) => {
  const { learner, held } = await up(t);
  const old = await passwordIn(learner, 'last-year.pcapng', '--rsa-key', 'stolen.key');
  t.regex(old, /^[a-z]+[&+%=][a-z]+\d\d$/);
  t.is(await passwordIn(learner, 'last-year.pcapng'), '', 'the recording has no keys in it');

  await record(held, learner);
  t.is(await passwordIn(learner, 'now.pcapng', ...byKey), old);
  t.is(await passwordIn(learner, 'now.pcapng'), '');
  t.notRegex(readFileSync(join(learner.folder, 'now.pcapng'), 'latin1'), /username=alice/);
  const { stdout } = await askWirelab(['inspect', 'now.pcapng'], { cwd: learner.folder });
  t.regex(stdout, /TLS_RSA_WITH_AES_128_GCM_SHA256[^]*TLS_AES_256_GCM_SHA384/);

  const changed = held.events.length;
  setCiphers(learner, ecdheOnly);
  await held.until(({ kind }) => kind === 'open', changed);
  await record(held, learner);
  t.is(await passwordIn(learner, 'now.pcapng', ...byKey), '');
  t.is(
    await passwordIn(learner, 'now.pcapng', ...byTicket),
    old,
    'the ticket key opens what ECDHE agreed on',
  );

  const again = held.events.length;
  learner.edit('settings.yaml', /^ {4}ticketKeys:.*\n/m, '');
  await held.until(({ kind }) => kind === 'open', again);
  await record(held, learner);
  t.is(await passwordIn(learner, 'now.pcapng', ...byTicket, ...byKey), '');
});

test(`${name}: settings that cannot be used end nothing: what passes goes on with the next ones`, async (t) => {
  const { learner, held } = await up(t);
  const from = held.events.length;
  learner.edit('settings.yaml', 'kind: tls', 'kind: tsl');
  await held.until(({ kind }) => kind === 'shut', from);
  const then = held.events.length;
  learner.edit('settings.yaml', 'kind: tsl', 'kind: tls');
  await held.until(({ kind }) => kind === 'open', then);
  await record(held, learner);
  t.not(await passwordIn(learner, 'now.pcapng', ...byKey), '');
});

testAtLength(`${name}: a restart records last year again, whatever the settings are by then`, async (t) => {
  const { learner, held } = await up(t);
  const before = await passwordIn(learner, 'last-year.pcapng', '--rsa-key', 'stolen.key');
  await held.end();
  for (const change of [
    (): void => protect(learner),
    (): void => learner.edit('settings.yaml', 'kind: tls', 'kind: tsl'),
  ]) {
    change();
    const again = await Held.start(t, learner);
    await again.until(({ kind }) => kind === 'captured');
    const after = await passwordIn(learner, 'last-year.pcapng', '--rsa-key', 'stolen.key');
    t.not(after, '');
    t.not(after, before);
    await again.end();
  }
});

testAtLength(`${name}: recordings that a killed process left unfinished are made anew`, async (t) => {
  const learner = await Learner.begin(t, name);
  for (const file of [
    join(learner.folder, 'last-year.pcapng'),
    join(stateOf(learner.folder), 'wire-A.pcapng'),
  ])
    writeFileSync(partialOf(file), 'half');
  const held = await Held.start(t, learner);
  await held.until(({ kind }) => kind === 'captured');
  await record(held, learner);
  t.not(await passwordIn(learner, 'now.pcapng', ...byKey), '');
});

test(`${name}: where nothing can be recorded any more, the lab ends with a mistake`, async (t) => {
  const learner = await Learner.begin(t, name);
  symlinkSync('elsewhere', join(stateOf(learner.folder), 'wire-A.pcapng'));
  const held = await Held.start(t, learner);
  const error = await t.throwsAsync(held.ended, { instanceOf: UserError });
  t.regex(error?.facts.where ?? '', /wire-A\.pcapng$/);
});

withPeer('tshark', `${name}: tshark opens last year's recording with the stolen key, too`, async (t) => {
  const { learner } = await up(t);
  const read = async (...options: readonly string[]): Promise<string> =>
    learner.run(
      `tshark -r last-year.pcapng ${options.join(' ')} -T fields -e urlencoded-form.value -Y http.request.method==POST 2>/dev/null`,
    );
  t.is((await read()).trim(), '');
  const password = await passwordIn(learner, 'last-year.pcapng', '--rsa-key', 'stolen.key');
  t.true((await read(`-o 'uat:rsa_keys:"stolen.key",""'`)).includes(password));
});

withPeerAtLength(
  ['curl', 'openssl'],
  `${name}: the printed commands offer what their clients do: the old till is refused, the others are not`,
  async (t) => {
    const { learner, held } = await up(t);
    const commandOf = async (client: string, from: number, program: 'curl' | 'openssl'): Promise<string> => {
      const { ways } = await held.until(
        (event): event is Extract<LabEvent, { kind: 'open' }> =>
          event.kind === 'open' && event.ways.some((way) => way.client === client),
        from,
      );
      return ways.find((way) => way.client === client)?.[program] ?? 'false';
    };
    const said = async (client: string, from: number): Promise<string> =>
      learner.run(
        `(${await commandOf(client, from, 'openssl')}; ${await commandOf(client, from, 'curl')}) 2>&1 || true`,
      );
    t.regex(await said('old-till', 0), /Ciphersuite: AES128-GCM-SHA256[^]*302 Found/);
    const changed = held.events.length;
    setCiphers(learner, ecdheOnly);
    await held.until(({ kind }) => kind === 'open', changed);
    t.regex(await said('old-till', changed), /handshake failure[^]*curl: \(35\)/);
    t.regex(await said('till', changed), /Ciphersuite: ECDHE-RSA-AES128-GCM-SHA256[^]*302 Found/);
  },
);

labTests(name, {
  peers: ['openssl'],
  solve: async (learner) => {
    protect(learner);
    const held = await Held.start(learner.t, learner);
    await held.until(({ kind }) => kind === 'captured');
    const password = await passwordIn(learner, 'last-year.pcapng', '--rsa-key', 'stolen.key');
    const command = await held.curlAs('alice');
    const from = held.events.length;
    await learner.run(command.replace('THE PASSWORD', () => password));
    await held.until(({ kind }) => kind === 'login', from);
  },
  unedited: all('open opened'),
  empty: all('open missing_file'),
  wrong: {
    'the old suite, and no ticket key': {
      play: (learner) => learner.edit('settings.yaml', /^ {4}ticketKeys:.*\n/m, ''),
      outcome: all('open opened'),
    },
    'a key that is not the certificate’s': {
      async play(learner) {
        protect(learner);
        await learner.run('openssl genrsa -out front.key 2048');
      },
      outcome: all('open key_mismatch'),
    },
    'a group that OpenSSL does not know': {
      play(learner) {
        protect(learner, `${ecdheOnly}\n    groups: nonsense`);
      },
      outcome: all('open bad_settings'),
    },
  },
});

attemptTests(recordNow);
