/** `kube tap` in front of an API server: calls pass and are shown, whoever has no certificate of its own is turned away. */
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectTls } from 'node:tls';
import test from 'ava';
import * as yaml from 'yaml';
import { readCaptureFile } from '../../../capture/support/read.ts';
import { start } from '../../../helpers/running.ts';
import { askWirelab } from '../../../helpers/wirelab.ts';
import { alice, answered, apiServer, configOf, credentialsIn, desk, tapped } from '../support/tapped.ts';

test('calls over HTTP/2 pass to the server with the user’s certificate; each is a line when its answer begins', async (t) => {
  const own = desk(t);
  const port = await apiServer(t);
  const kubeconfig = configOf(own, port);
  const before = readFileSync(kubeconfig);
  const tap = await tapped(t, own, '--kubeconfig', kubeconfig, '-w', own.path('calls.pcapng'));
  t.is(statSync(own.path('tap.kubeconfig')).mode & 0o777, 0o600);
  t.is(tap.config.context, 'alice@shop');
  const { session, said } = await answered(t, tap.config, '/api/v1/pods?watch=true');
  t.deepEqual(said, { user: 'alice', version: '2.0' });
  // The watch goes on.
  await tap.until(/^alice GET \/api\/v1\/pods\?watch=true 200$/m);
  session.destroy();
  tap.child.kill('SIGTERM');
  t.deepEqual([...(await tap.exit)], [143, null]);
  t.false(existsSync(own.path('tap.kubeconfig')), 'its keys do not outlive it');
  t.deepEqual(readFileSync(kubeconfig), before);
  t.true(readCaptureFile(readFileSync(own.path('calls.pcapng'))).packets.length > 0);
});

test('a server without HTTP/2, and connections that become others: WebSocket and the like pass', async (t) => {
  const own = desk(t);
  const tap = await tapped(t, own, '--kubeconfig', configOf(own, await apiServer(t, 'http/1.1')));
  const socket = connectTls({
    port: tap.port,
    host: '127.0.0.1',
    ...credentialsIn(tap.config),
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  t.is(socket.alpnProtocol, 'http/1.1');
  socket.write(
    'GET /api/v1/namespaces/a/pods/web/exec?command=sh HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  let got = '';
  const echoed = new Promise<void>((resolve) => {
    socket.setEncoding('utf8').on('data', (text: string) => {
      got += text;
      if (got.includes('\r\n\r\n') && !got.includes('hello')) socket.write('hello');
      if (got.endsWith('hello')) resolve();
    });
  });
  await echoed;
  t.regex(
    await tap.until(/ 101$/m),
    /^alice GET \/api\/v1\/namespaces\/a\/pods\/web\/exec\?command=sh 101$/m,
  );
});

test('whoever lacks the certificate of that configuration is refused, and the card says so', async (t) => {
  const own = desk(t);
  const tap = await tapped(t, own, '--kubeconfig', configOf(own, await apiServer(t)));
  const status = await new Promise<string>((resolve) => {
    request({ port: tap.port, host: '127.0.0.1', ca: tap.config.authority, path: '/' })
      .on('response', ({ statusCode }) => resolve(String(statusCode)))
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
      .end();
  });
  t.regex(status, /ALERT|ECONNRESET|EPIPE/);
  t.regex(await tap.until(/certificate/i), /no certificate/i);
});

test('a token is kubectl’s: it passes through, and stands in no line', async (t) => {
  const own = desk(t);
  const tap = await tapped(
    t,
    own,
    '--kubeconfig',
    configOf(own, await apiServer(t), { token: 'swordfish-of-alice' }),
  );
  t.is(tap.config.entries.user['token'], 'swordfish-of-alice');
  const { said } = await answered(t, tap.config, '/api', { authorization: 'Bearer swordfish-of-alice' });
  t.is(said.user, 'Bearer swordfish-of-alice');
  const lines = await tap.until(/GET \/api 200/);
  t.notRegex(lines, /swordfish/);
});

test('a plugin’s certificate is shown to the server', async (t) => {
  const own = desk(t);
  const port = await apiServer(t);
  const status = { clientCertificateData: alice.certificate, clientKeyData: alice.key };
  writeFileSync(own.path('given'), JSON.stringify({ kind: 'ExecCredential', status }), { mode: 0o600 });
  const config = yaml.parse(readFileSync(configOf(own, port, { token: 'x' }), 'utf8')) as {
    users: { user: object }[];
  };
  config.users[0] = {
    ...config.users[0],
    user: {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: 'cat',
        args: [own.path('given')],
        interactiveMode: 'Never',
      },
    },
  };
  writeFileSync(own.path('config'), yaml.stringify(config));
  const tap = await tapped(t, own, '--kubeconfig', own.path('config'));
  const { said } = await answered(t, tap.config, '/api');
  t.is(said.user, 'alice');
});

test('what cannot work is said before anything listens or is written', async (t) => {
  const own = desk(t);
  const port = await apiServer(t);
  const fails = async (words: RegExp, ...more: string[]): Promise<void> => {
    const { exitCode, stderr } = await askWirelab(['kube', 'tap', '--no-tui', ...more], {
      env: { KUBECONFIG: undefined, HOME: own.path('nobody') },
    });
    t.is(exitCode, 2, stderr);
    t.regex(stderr.replaceAll(/\s+/g, ' '), words);
    t.false(existsSync(own.path('tap.kubeconfig')));
  };
  const out = ['--out', own.path('tap.kubeconfig')];
  await fails(/nobody\/\.kube\/config/, ...out);
  await fails(
    /the kubeconfig names a context/,
    '--kubeconfig',
    configOf(own, port),
    '--context',
    'x',
    ...out,
  );
  await fails(/not a loopback address/, '--listen', '0.0.0.0:0', ...out);
  await fails(/options only/, 'pods', ...out);
  // Nobody listens there, and a server of another CA.
  await fails(/cannot be used/, '--kubeconfig', configOf(own, 1), ...out);
  await fails(/cannot be used: unknown CA/i, '--kubeconfig', configOf(own, port, alice, 'rogue-ca'), ...out);
  const both = ['-w', own.path('tap.kubeconfig')];
  await fails(/--write and the configuration for kubectl are the same file/, ...both, ...out);
  // Its own place is looked at before the server is.
  const nowhere = own.path('nowhere/tap.kubeconfig');
  await fails(/cannot be written[^]*ENOENT/, '--kubeconfig', configOf(own, 1), '--out', nowhere);
  writeFileSync(own.path('mine'), 'precious');
  await fails(/another file of this name/, '--kubeconfig', configOf(own, port), '--out', own.path('mine'));
  t.is(readFileSync(own.path('mine'), 'utf8'), 'precious');
});

test('in front of kube up: the caller’s name, what is allowed and what is not', async (t) => {
  const own = desk(t);
  const cluster = start(t, ['kube', 'up', '--no-tui', '--out', own.path('cluster'), '--port', '0']);
  const said = await cluster.until(/API server of \S+ (https:\S+)[^]*In another terminal/);
  const [, server = ''] = /(https:\/\/127\.0\.0\.1:\d+)/.exec(said) ?? [];
  const config = readFileSync(own.path('cluster/admin.conf'), 'utf8').replace(
    /server: .*/,
    `server: ${server}`,
  );
  writeFileSync(own.path('config'), config, { mode: 0o600 });
  const tap = await tapped(t, own, '--kubeconfig', own.path('config'));
  const statusOf = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
    new Promise((resolve, reject) => {
      request({ port: tap.port, host: '127.0.0.1', ...credentialsIn(tap.config), path, headers })
        .on('response', (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        })
        .on('error', reject)
        .end();
    });
  t.is(await statusOf('/api/v1/namespaces'), 200);
  t.is(await statusOf('/api/v1/secrets', { 'Impersonate-User': 'bob' }), 403);
  const lines = await tap.until(/ 403 /);
  t.regex(lines, /^kubernetes-admin GET \/api\/v1\/namespaces 200$/m);
  t.regex(lines, /^kubernetes-admin as bob GET \/api\/v1\/secrets 403 .*User "bob" cannot list/m);
});
