import test from 'ava';
import type { ExecutionContext } from 'ava';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../src/core/clock.ts';
import { AutoCheck } from '../../src/labs/checks/auto-check.ts';
import type { LabEvent } from '../../src/labs/hold/holding.ts';
import { labWorld } from '../../src/labs/world.ts';
import { testAtLength, withPeerAtLength } from '../helpers/at-length.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { start } from '../helpers/running.ts';
import { until } from '../helpers/until.ts';
import { attemptTests } from './support/attempts.ts';
import { Held } from './support/holding.ts';
import { labTests, Learner } from './support/learner.ts';
import { catchTheFakeSite } from './attempts/catch-the-fake-site.ts';

const name = 'catch-the-fake-site';
const ids = ['speak-tls', 'ask-who-vouches', 'ask-for-the-name', 'know-the-key'] as const;

/** @param done how many tasks are done, from the first */
const outcomes = (done: number, rest = 'given_away'): string[] =>
  ids.map((id, index) => (index < done ? `${id}: done` : `${id}: open ${rest}`));

const client = (learner: Learner, ...last: readonly string[]): void => {
  learner.edit('client.sh', /^ {2}"http:.*$/m, last.map((line) => `  ${line}`).join(' \\\n'));
};
/** A process that has ended may stay a zombie, as in a container without an init. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Looks for the real bank among all ports that the process that checks listens on, and goes there. */
const scanning = `import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:tls';

const own = new Set(
  readdirSync(\`/proc/\${process.argv[3]}/fd\`).flatMap((fd) => {
    try {
      return /^socket:\\[(\\d+)\\]$/.exec(readlinkSync(\`/proc/\${process.argv[3]}/fd/\${fd}\`))?.[1] ?? [];
    } catch {
      return [];
    }
  }),
);
const ports = readFileSync('/proc/net/tcp', 'utf8')
  .split('\\n')
  .map((line) => line.trim().split(/\\s+/))
  .filter((row) => row[3] === '0A' && own.has(row[9]))
  .map((row) => Number.parseInt(row[1].split(':')[1], 16));
const isBank = (port) =>
  new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port, servername: 'bank.localhost', ca: readFileSync('ca.crt') }, () => {
      socket.destroy();
      done(true);
    });
    socket.setTimeout(500, () => socket.destroy()).on('error', () => {}).on('close', () => done(false));
  });
for (const port of ports.filter((one) => one !== Number(process.argv[2])))
  if (await isBank(port)) {
    console.log(port);
    break;
  }
`;

/** Notes how many TCP sockets the caller listens on. */
const looksAtSockets = `import { appendFileSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
const fds = readdirSync(\`/proc/\${process.ppid}/fd\`);
const inodes = fds.flatMap((fd) => {
  try {
    return /^socket:\\[(\\d+)\\]$/.exec(readlinkSync(\`/proc/\${process.ppid}/fd/\${fd}\`))?.[1] ?? [];
  } catch {
    return [];
  }
});
const listeners = readFileSync('/proc/net/tcp', 'utf8')
  .split('\\n')
  .map((line) => line.trim().split(/\\s+/))
  .filter((row) => row[3] === '0A' && inodes.includes(row[9]));
appendFileSync('seen', \`\${listeners.length}\\n\`);
`;

const byName = ['--resolve "bank.localhost:$2:$1"', '"https://bank.localhost:$2/login"'];

labTests(name, {
  peers: ['curl', 'openssl'],
  async solve(learner) {
    await learner.follow('know-the-key', 2);
    client(learner, '--cacert ca.crt --pinnedpubkey bank.pub', ...byName);
  },
  unedited: outcomes(0),
  empty: outcomes(0, 'missing_file'),
  wrong: {
    'TLS with anybody': {
      play: (learner) => client(learner, '--insecure', '"https://$1:$2/login"'),
      outcome: outcomes(1),
    },
    'the CA, and the address that the resolver says': {
      play: (learner) => client(learner, '--cacert ca.crt', '"https://$1:$2/login"'),
      outcome: outcomes(2),
    },
    'the CA and the name': {
      play: (learner) => client(learner, '--cacert ca.crt', ...byName),
      outcome: outcomes(3),
    },
    'a CA of which there is no file': {
      play: (learner) => client(learner, '--cacert other.crt', ...byName),
      outcome: outcomes(0, 'no_login'),
    },
  },
});

withPeerAtLength(
  'openssl',
  `${name}: where the client does not end is said where the task leads there, and nowhere else`,
  async (t) => {
    const learner = await Learner.begin(t, name);
    // The certificate is another one, for the bank's key.
    learner.write(
      'client.sh',
      [
        'openssl s_client -connect "$1:$2" </dev/null 2>/dev/null | openssl x509 >shown.crt 2>/dev/null || exit 0',
        'cmp -s shown.crt bank.pem && exit 0',
        '[ "$(openssl x509 -in shown.crt -noout -pubkey)" = "$(openssl x509 -in bank.crt -noout -pubkey)" ] && sleep 20',
        'exit 0',
        '',
      ].join('\n'),
    );
    await learner.run('openssl x509 -in bank.crt -out bank.pem');
    const results = await learner.check();
    for (const { id, says } of results.slice(0, -1)) {
      t.is(says.en, 'client.sh did not end within 10 seconds, and was stopped', id);
      t.regex(says.ko, /^client\.sh가 10초 안에 끝나지 않아/, id);
    }
    t.is(results.at(-1)?.says.en, 'client.sh did not end within 10 seconds at bank-renewed, and was stopped');
  },
);

withPeerAtLength(
  'curl',
  `${name}: each hint's last lines are a step of the way, as they stand`,
  async (t) => {
    const learner = await Learner.begin(t, name);
    const typed = (task: string): string =>
      learner.lab.narration.en.tasks[task]?.hints.at(-1)?.split('\n\n')[1]?.trimEnd() ?? '';
    learner.edit(
      'client.sh',
      / {2}--data-urlencode[^]*/,
      `${typed('speak-tls').replaceAll(/^ {4}/gm, '')}\n`,
    );
    t.deepEqual(await learner.outcome(), outcomes(1));
    learner.edit('client.sh', '--insecure \\', typed('ask-who-vouches').trim());
    t.deepEqual(await learner.outcome(), outcomes(2));
    learner.edit('client.sh', / {2}--cacert[^]*/, `${typed('ask-for-the-name').replaceAll(/^ {4}/gm, '')}\n`);
    t.deepEqual(await learner.outcome(), outcomes(3));
    await learner.follow('know-the-key', 2);
    learner.edit('client.sh', '--cacert ca.crt \\', typed('know-the-key').trim());
    t.deepEqual(await learner.outcome(), outcomes(4));
  },
);

withPeer(
  'curl',
  `${name}: while it is up the program is tried by hand, and what a fake site learns is reported`,
  async (t) => {
    const learner = await Learner.begin(t, name);
    const held = await Held.start(t, learner);
    const { ways } = await held.until(
      (event): event is Extract<LabEvent, { kind: 'open' }> => event.kind === 'open',
    );
    t.deepEqual(
      ways.map(({ to }) => to),
      [
        'dns',
        'bank',
        'no-tls',
        'self-signed',
        'other-ca',
        'other-name',
        'address',
        'bank-renewed',
        'stolen-ca-key',
        'bank-then-self-signed',
      ],
    );
    t.regex(ways[0]?.dig ?? '', /^dig @127\.0\.0\.1 -p \d+ SRV _https\._tcp\.bank\.localhost$/);
    for (const { curl, openssl } of ways)
      t.deepEqual([curl, openssl], [undefined, undefined], 'no answer is printed');
    const visit = async (to: string): Promise<void> => {
      const { own = '' } = ways.find((way) => way.to === to) ?? {};
      await runProgram('sh', ['-c', own], { cwd: learner.folder });
    };
    const taken = (server: string) => (event: LabEvent) => event.kind === 'taken' && event.server === server;
    await visit('no-tls');
    t.like(await held.until(taken('no-tls')), { user: 'alice', password: 'tiger-lily' });
    client(learner, '--insecure', '"https://$1:$2/login"');
    await held.until((event) => event.kind === 'checked');
    const before = held.events.length;
    await visit('bank');
    t.like(
      await held.until(({ kind }) => kind === 'login', before),
      { login: { server: 'bank', accepted: true } },
      'the saved program closes no site',
    );
    await visit('other-ca');
    await held.until(taken('other-ca'), before);
  },
);

withPeer(
  'curl',
  `${name}: a saved program is checked by itself, and only what it changes is new`,
  async (t) => {
    const learner = await Learner.begin(t, name);
    const { lab, folder } = learner;
    const checks = new AutoCheck({
      lab,
      folder,
      world: await labWorld(lab, folder),
      clock: systemClock,
      random: (length) => randomBytes(length),
      version: '0',
      signal: new AbortController().signal,
    });
    client(learner, '--cacert ca.crt', ...byName);
    const { results = [] } = (await checks.changed(['client.sh'])) ?? {};
    t.deepEqual(
      results.map(({ id, status }) => `${id} ${status}`),
      ids.map((id, index) => `${id} ${index < 3 ? 'done' : 'open'}`),
    );
    t.deepEqual((await checks.changed(['client.sh']))?.results, []);
    t.is(await checks.changed(['notes.txt']), undefined);
  },
);

test(`${name}: a check that is interrupted ends the program with it`, async (t) => {
  const learner = await Learner.begin(t, name);
  learner.write('client.sh', 'echo $$ > pid; sleep 30 & echo $! >> pid; wait\n');
  const running = start(t, ['lab', 'check', '--folder', learner.folder]);
  const place = join(learner.folder, 'pid');
  while (!existsSync(place) || learner.read('pid').split('\n').length < 3) await pause(20);
  running.child.kill('SIGINT');
  t.deepEqual([...(await running.exit)], [130, null]);
  for (const pid of learner.read('pid').trim().split('\n').map(Number))
    t.true(await until(() => !isRunning(pid), 20_000), String(pid));
});

const onLinux = existsSync('/proc/net/tcp');

if (onLinux)
  withPeer('setsid', `${name}: what the program starts outside its group is ended with it`, async (t) => {
    const learner = await Learner.begin(t, name);
    learner.write(
      'client.sh',
      "echo $$ >> all; setsid sh -c 'echo $$ >> pid; sleep 30' </dev/null >/dev/null 2>&1 & while [ ! -s pid ]; do :; done; exit 0\n",
    );
    await learner.check();
    const pids = learner.read('pid').trim().split('\n').map(Number);
    t.true(pids.length > 0);
    // A process that was killed is there until its parent has heard of it.
    for (const pid of pids) t.true(await until(() => !isRunning(pid), 20_000), String(pid));
  });

// A process of its own checks: its sockets are those of the check.
const checkedApart = async (t: ExecutionContext, { folder }: Learner): Promise<string> => {
  return start(t, ['lab', 'check', '--all', '--json', '--folder', folder]).until(/\}\n$/);
};

if (onLinux)
  testAtLength(`${name}: the sockets of the process that checks are the same at every site`, async (t) => {
    const learner = await Learner.begin(t, name);
    learner.write('look.mjs', looksAtSockets);
    learner.write('client.sh', `exec '${process.execPath}' look.mjs\n`);
    await checkedApart(t, learner);
    const seen = learner.read('seen').trim().split('\n');
    t.true(seen.length >= 10);
    t.is(new Set(seen).size, 1, seen.join('\n'));
  });

if (onLinux)
  withPeerAtLength(
    'curl',
    `${name}: what is done at another port than the one that was given does not count`,
    async (t) => {
      const learner = await Learner.begin(t, name);
      learner.write('scan.mjs', scanning);
      learner.edit('client.sh', 'curl ', `port=$('${process.execPath}' scan.mjs "$2" $PPID); curl `);
      learner.edit('client.sh', '"http://$1:$2/login"', '--insecure "https://$1:$port/login"');
      const { tasks } = JSON.parse(await checkedApart(t, learner)) as {
        readonly tasks: readonly { readonly status: string; readonly says: { readonly en: string } }[];
      };
      for (const [index, { status, says }] of tasks.entries()) {
        t.is(status, 'open');
        // With the stolen key it comes upon another site that looks like the bank.
        if (index < 3) t.regex(says.en, /^client\.sh went to another port than the one that it was given/);
      }
    },
  );

testAtLength(`${name}: where a program does not end, its other findings say so`, async (t) => {
  const learner = await Learner.begin(t, name);
  learner.write('client.sh', 'sleep 60\n');
  const results = await learner.check();
  for (const { says, findings } of results) {
    t.regex(says.en, /^client\.sh did not end within 10 seconds(?: at \S+)?, and was stopped$/);
    for (const finding of findings)
      t.regex(
        finding.says.en,
        /^client\.sh did not (?:end(?: at \S+)?, so it was led nowhere else|connect to )/,
      );
  }
});

test(`${name}: the program gets the address, the password, and little of the environment`, async (t) => {
  const learner = await Learner.begin(t, name);
  learner.write('client.sh', '{ echo "$# $1"; cat; echo; env; } > seen\n');
  await learner.check();
  const [args, password, ...environment] = learner.read('seen').trimEnd().split('\n');
  t.is(args, '2 127.0.0.1');
  t.regex(password ?? '', /^[a-z]+-[a-z]+\d\d$/);
  const names = environment.map((line) => line.split('=')[0] ?? '');
  t.deepEqual(
    names.filter(
      (one) =>
        ![
          'PATH',
          'HOME',
          'TMPDIR',
          'SystemRoot',
          'LC_ALL',
          'WIRELAB_OWN_PROGRAM',
          'PWD',
          'OLDPWD',
          'SHLVL',
          '_',
          // Node itself gives it to every child where coverage is measured.
          'NODE_V8_COVERAGE',
        ].includes(one),
    ),
    [],
  );
});

attemptTests(catchTheFakeSite);
