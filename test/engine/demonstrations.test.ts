import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import test from 'ava';
import type { Address } from '../../src/capture/event.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { compiled, perform, removeWorldFolder } from './support/demonstration.ts';

test.after.always(removeWorldFolder);

test('a hit on the wire is reported with wire, connection, direction, offset and encoding, and the offset is right', async (t) => {
  const { verdict, judge } = await perform(await compiled('plaintext'));
  const finding = verdict.findings.find(({ expectation }) => expectation === 'direct/visible/password/0');
  t.regex(
    finding?.says.en ?? '',
    /^password at 0x[0-9a-f]{4} on wire 0, connection \d+, client to server, as plain text$/,
  );
  const [ref] = finding?.evidence ?? [];
  if (!ref || 'event' in ref) throw new Error('no place in a stream');
  const bytes = judge.flows.connection(ref.conn)?.stream(ref.vantage, ref.from).read(ref.offset, ref.length);
  t.is(Buffer.from(bytes ?? []).toString(), 'tiger-lily');
});

test('a wire has a seat and all its clients in the topology, and participants have addresses', async (t) => {
  const { log } = await perform(await compiled('mtls'));
  const began = log.events[0];
  if (began?.type !== 'began') throw new Error('no began');
  const wire = began.topology.wires.find(({ hop }) => hop === 'A');
  t.is(wire?.protocol, 'mtls');
  t.is(wire?.seat?.ko, '카페');
  t.deepEqual(
    [wire?.from, ...(wire?.alsoFrom ?? [])],
    ['alice', 'nobody', 'mallory', 'alice-expired', 'alice-server-only', 'alice-revoked'],
  );
  t.true(
    began.topology.participants
      .filter(({ role }) => role !== 'client')
      .every(({ address }) => (address?.port ?? 0) > 0),
  );
});

test('a server that never answers costs one timeout: the run goes on, and the claim is not met', async (t) => {
  const scenario = await compiled('plaintext');
  scenario.file.stepTimeoutMs = 2000;
  const open = new Set<Socket>();
  const silent = createServer((socket) => open.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    silent.close();
  });
  const { statuses, verdict } = await perform(scenario, {
    // The client is directed to a server that accepts the connection and stays silent.
    started: ({ addresses }) =>
      (addresses as Map<string, Address>).set('shop', {
        host: '127.0.0.1',
        port: (silent.address() as AddressInfo).port,
      }),
  });
  t.not(statuses['direct/admitted'], 'met');
  t.is(
    statuses['through-a-proxy/admitted'],
    'met',
    JSON.stringify(
      verdict.findings.map(({ says }) => says.en),
      null,
      1,
    ),
  );
  t.is(verdict.status, 'failed');
});

test('a busy port is an error with a remedy, and nothing stays open', async (t) => {
  const busy = createServer();
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => busy.close());
  const scenario = await compiled('plaintext');
  scenario.file.proxies!['front']!.port = (busy.address() as AddressInfo).port;
  const error = await t.throwsAsync(perform(scenario), { instanceOf: UserError });
  t.truthy(error.facts.what.ko);
});

test('an aborted run stops between steps, and what did not run proves nothing', async (t) => {
  const controller = new AbortController();
  let steps = 0;
  const { statuses, verdict } = await perform(await compiled('plaintext'), {
    signal: controller.signal,
    beforeStep: async () => {
      if (++steps === 2) controller.abort();
    },
  });
  t.is(statuses['direct/visible/password/0'], 'met');
  t.is(statuses['through-a-proxy/visible/password/A'], 'unobserved');
  t.is(verdict.status, 'failed');
});

test('redirect: a browser that was closed has forgotten the old cookie, and sends the new one over TLS only', async (t) => {
  const { log } = await perform(await compiled('redirect'));
  const visits = log.events.flatMap((event) =>
    event.type === 'observed' && event.result.kind === 'visit' ? [event.result] : [],
  );
  const inClear = visits.map(({ requests }) =>
    requests.filter(({ url }) => url.startsWith('http:')).map(({ cookies }) => cookies),
  );
  t.deepEqual(inClear[1], [['session']], 'without Secure it goes along');
  t.deepEqual(inClear[2], [[], []], 'neither the old one nor the new one');
  t.true(visits[2]?.requests.some(({ cookies }) => cookies.includes('session')));
});

test('a bounded log costs no verdict: payload is dropped after it was folded', async (t) => {
  const { verdict, log } = await perform(await compiled('plaintext'), { maxPayload: 200 });
  t.true(log.droppedBytes > 0);
  t.is(verdict.status, 'passed');
});

withPeer(
  ['curl', 'dig'],
  'fake-site: by hand the resolver leads to the last impostor, whose commands end as the clients’ own logins did',
  async (t) => {
    const { log } = await perform(await compiled('fake-site'), {
      async meanwhile(running) {
        const ways = await running.openForManualUse();
        const found = ways.find(({ dig }) => dig?.includes('_https'))?.dig ?? '';
        const printed = await runProgram('sh', ['-c', found]);
        const last =
          ways.find(({ to, client }) => to === 'stolen-ca-key' && client === 'pinning')?.curl ?? '';
        const port = /localhost:(\d+)/.exec(last)?.[1] ?? 'no port';
        t.regex(
          printed.stdout,
          new RegExp(`SRV\\s+0 0 ${port} shop\\.localhost\\.`),
          `${found}\n${printed.stdout}`,
        );
        const inClear = await runProgram('sh', [
          '-c',
          ways.find(({ dig }) => dig?.includes('_http.'))?.dig ?? '',
        ]);
        const plain =
          /localhost:(\d+)/.exec(ways.find(({ to }) => to === 'no-tls')?.curl ?? '')?.[1] ?? 'no port';
        t.regex(inClear.stdout, new RegExp(`SRV\\s+0 0 ${plain} shop`), inClear.stdout);
        const exits: Record<string, number | null> = {};
        for (const { to, client, curl } of ways)
          if (curl !== undefined) exits[`${client} ${to}`] = (await runProgram('sh', ['-c', curl])).exitCode;
        t.deepEqual(exits, {
          'careless shop': 0,
          'careful shop': 0,
          'pinning shop': 0,
          'plain no-tls': 0,
          'careless no-tls': 35,
          'careful no-tls': 35,
          'pinning no-tls': 35,
          'careless self-signed': 0,
          'careful self-signed': 60,
          'pinning self-signed': 60,
          'careless own-ca': 0,
          'careful own-ca': 60,
          'pinning own-ca': 60,
          'careless stolen-ca-key': 0,
          'careful stolen-ca-key': 0,
          'pinning stolen-ca-key': 90,
        });
      },
    });
    // Manual requests used tapped listeners.
    const done = log.events.findLast((event) => event.type === 'step')?.seq ?? 0;
    const visited = new Set(
      log.events
        .filter((event) => event.type === 'opened' && event.seq > done)
        .map((event) => (event.type === 'opened' ? event.hop : '')),
    );
    t.deepEqual([...visited].toSorted(), ['A', 'B', 'C', 'D', 'E', 'F']);
  },
);

withPeer(
  ['curl', 'openssl'],
  'inspecting-proxy: manual curl and openssl commands end as that client’s own login did at each entry point',
  async (t) => {
    await perform(await compiled('inspecting-proxy'), {
      async meanwhile(running) {
        const exits: Record<string, number | null> = {};
        const verified: Record<string, boolean> = {};
        for (const { to, client, curl = '', openssl = '' } of await running.openForManualUse()) {
          exits[`${client} ${to}`] = (await runProgram('sh', ['-c', curl])).exitCode;
          verified[`${client} ${to}`] = !(await runProgram('sh', ['-c', openssl])).stderr.includes(
            'certificate verify failed',
          );
        }
        // 60: no trusted issuer; 90: another key than the pinned one; 56: the alert certificate_required.
        t.deepEqual(exits, {
          'at-home shop': 0,
          'employee inspector': 0,
          'app shop': 0,
          'app inspector': 90,
          'guest inspector': 60,
          'member-at-home members': 0,
          'member members-inspector': 0,
          'inspector shop': 0,
          'members-inspector members': 56,
        });
        t.deepEqual(
          Object.keys(verified).filter((command) => !verified[command]),
          ['guest inspector'],
        );
      },
    });
  },
);

withPeer(
  ['curl', 'openssl'],
  'the printed curl and openssl commands reach each entry point of all three',
  async (t) => {
    for (const name of ['plaintext', 'tls', 'mtls']) {
      let hops: string[] = [];
      const { log } = await perform(await compiled(name), {
        async meanwhile(running) {
          const commands = await running.openForManualUse();
          hops = commands.map(({ hop }) => hop);
          t.true(commands.length >= 2);
          for (const { hop, to, client, curl = '', openssl } of commands) {
            const isRefused =
              !['customer', 'alice', 'front', 'front-to-back', 'stranger'].includes(client) ||
              (to === 'stranger' && client !== 'stranger');
            const login = await runProgram('sh', ['-c', curl]);
            const label = `${name} ${hop} ${client} -> ${to}: ${curl}\n${login.stdout}${login.stderr}`;
            if (isRefused) t.not(login.exitCode, 0, label);
            else t.regex(login.stdout, /^HTTP\/1\.1 302/, label);
            if (!openssl) continue;
            const shaken = await runProgram('sh', ['-c', openssl]);
            const output = `${openssl}\n${shaken.stdout}${shaken.stderr}`;
            if (isRefused) t.regex(shaken.stderr, /alert|certificate verify failed/, output);
            else t.regex(shaken.stdout, /^HTTP\/1\.1 200/m, output);
          }
        },
      });
      const stepsEnd = log.events.findLastIndex(({ type }) => type === 'step');
      const visited = new Set(
        log.events.slice(stepsEnd).flatMap((event) => (event.type === 'opened' ? [event.hop] : [])),
      );
      t.deepEqual(
        hops.filter((hop) => !visited.has(hop)),
        [],
        'a manual connection on every wire is captured',
      );
    }
  },
);

withPeer(
  ['curl', 'openssl'],
  'redirect: the printed commands show the redirect, HSTS, and what the relay made of both',
  async (t) => {
    await perform(await compiled('redirect'), {
      async meanwhile(running) {
        const commands = await running.openForManualUse();
        const said = async (hop: string, client: string): Promise<string> => {
          const command = commands.find((one) => one.hop === hop && one.client === client);
          if (command?.curl === undefined) throw new Error(`no way over ${hop} for ${client}`);
          const { exitCode, stdout, stderr } = await runProgram('sh', ['-c', command.curl]);
          t.is(exitCode, 0, `${command.curl}\n${stderr}`);
          return stdout;
        };
        t.regex(await said('A', 'alice'), /^HTTP\/1\.1 301[^]*Location: https:\/\/shop\.localhost\/\r/);
        t.regex(
          await said('D', 'dave'),
          /^HTTP\/1\.1 200[^]*Strict-Transport-Security: max-age=31536000; includeSubDomains\r/,
        );
        const stripped = await said('P', 'carol');
        t.regex(stripped, /^HTTP\/1\.1 200[^]*href="http:\/\/shop\.localhost\/login"/);
        t.notRegex(stripped, /strict-transport|https:/i);
        for (const { openssl } of commands) {
          if (!openssl) continue;
          const shaken = await runProgram('sh', ['-c', openssl]);
          t.regex(shaken.stdout, /^HTTP\/1\.1 200/m, openssl);
        }
      },
    });
  },
);

withPeer(
  ['curl', 'openssl'],
  'k8s-etcd: the printed commands read the Secret at each entry point, or end as that client’s own attempt did',
  async (t) => {
    await perform(await compiled('k8s-etcd'), {
      async meanwhile(running) {
        const read: Record<string, string> = {};
        const alerts: Record<string, string> = {};
        for (const { to, client, curl, openssl } of await running.openForManualUse()) {
          if (curl === undefined) continue;
          const { stdout, stderr, exitCode } = await runProgram('sh', ['-c', curl]);
          const value = /"value":"([^"]*)"/.exec(stdout)?.[1];
          // The value of the key password, of the length that stands before it.
          const data =
            value === undefined
              ? undefined
              : /password\x12\x15(.{21})/.exec(Buffer.from(value, 'base64').toString('latin1'))?.[1];
          read[`${client} ${to}`] =
            data === undefined
              ? /"code":\s*14/.test(stdout)
                ? 'code 14'
                : exitCode === 0
                  ? stdout
                  : 'refused'
              : data;
          if (openssl !== undefined)
            alerts[`${client} ${to}`] =
              /SSL alert number (\d+)/.exec((await runProgram('sh', ['-c', openssl])).stderr)?.[1] ?? 'none';
          t.false(stderr.includes('certificate problem'), `${curl}\n${stderr}`);
        }
        const password = 'correct-horse-battery';
        t.deepEqual(read, {
          'stranger etcd-open': password,
          'healthcheck etcd': password,
          'stranger etcd': 'refused',
          'admin etcd': 'refused',
          'last-year etcd': 'refused',
          'server-only etcd': 'refused',
          'bob etcd-one-ca': password,
          'healthcheck etcd-server-only': 'code 14',
        });
        t.deepEqual(alerts, {
          'healthcheck etcd': 'none',
          'stranger etcd': '116',
          'admin etcd': '48',
          'last-year etcd': '45',
          'server-only etcd': '42',
          'bob etcd-one-ca': 'none',
          'healthcheck etcd-server-only': 'none',
        });
      },
    });
  },
);
