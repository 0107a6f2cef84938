/** Several targets, each with certificates of its own: to clients, by the name that they request, and to the target. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { proxy } from '../../../src/cli/proxy.ts';
import { withFiles } from '../../../src/cli/proxy/config.ts';
import { startService } from '../../../src/cli/proxy/perform.ts';
import { readSettings } from '../../../src/cli/proxy/settings.ts';
import { parseCommand } from '../../../src/cli/command.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { present } from '../../helpers/capture.ts';

const server = (name: string, issuer = 'server-ca') =>
  ({ profile: 'server', issuer, subject: { CN: name }, san: [`DNS:${name}`] }) as const;
const client = (name: string) =>
  ({ profile: 'client', issuer: 'client-ca', subject: { CN: name }, san: [`DNS:${name}`] }) as const;

const world = issueWorld(
  {
    certificates: {
      'server-ca': { profile: 'root', subject: { CN: 'Server CA' } },
      'other-ca': { profile: 'root', subject: { CN: 'Other CA' } },
      'client-ca': { profile: 'root', subject: { CN: 'Client CA' } },
      usual: server('usual.example'),
      shop: server('shop.example'),
      'next-shop': server('shop.example'),
      bank: server('bank.example'),
      behind: server('behind.example'),
      elsewhere: server('behind.example', 'other-ca'),
      proxy: client('proxy'),
      banker: client('banker'),
      'next-banker': client('next-banker'),
      alice: client('alice'),
    },
  },
  { clock: systemClock },
);

function desk(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-own-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const give = (file: string, name: string): void => {
    write(`${file}.crt`, world.chain(name));
    write(`${file}.key`, world.identity(name).key);
  };
  for (const name of ['server-ca', 'other-ca', 'client-ca']) write(`${name}.crt`, world.authority(name));
  for (const name of ['usual', 'shop', 'bank', 'proxy', 'banker']) give(name, name);
  return { write, give };
}

/** A target that requires a client certificate and answers with its name. */
async function target(t: ExecutionContext, identity: string): Promise<number> {
  const { certificate, key } = world.identity(identity);
  const listener = createServer(
    { cert: certificate, key, ca: world.authority('client-ca'), requestCert: true, rejectUnauthorized: true },
    (socket) =>
      socket.on('error', () => {}).end(`${identity} ${String(socket.getPeerCertificate().subject.CN)}`),
  );
  listener.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.teardown(() => listener.close());
  return (listener.address() as AddressInfo).port;
}

/** The name in the certificate that is presented for this name, and what the target answers. */
async function ask(port: number, servername: string, withCertificate = true): Promise<string> {
  const { certificate, key } = world.identity('alice');
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername,
    rejectUnauthorized: false,
    ...(withCertificate ? { cert: certificate, key } : {}),
  });
  let said = '';
  socket.setEncoding('utf8').on('data', (text: string) => (said += text));
  socket.on('error', (error: NodeJS.ErrnoException) => (said ||= error.code ?? ''));
  let shown = '';
  socket.once('secureConnect', () => (shown = socket.getPeerX509Certificate()?.serialNumber ?? ''));
  await new Promise((resolve) => socket.once('close', resolve));
  const name = [...nameBySerial].find(([serial]) => serial === shown)?.[1] ?? '?';
  return `${name}: ${said}`;
}

const { X509Certificate } = await import('node:crypto');
const nameBySerial = new Map(
  ['usual', 'shop', 'next-shop', 'bank'].map((name) => [
    new X509Certificate(world.identity(name).certificate).serialNumber,
    name,
  ]),
);

const rows = (one: number, other: number): string => `targets:
  - server-name: shop.example
    target: 127.0.0.1:${one}
    cert: shop.crt
    key: shop.key
  - server-name: ["*.bank.example", bank.example]
    target: 127.0.0.1:${other}
    cert: bank.crt
    key: bank.key
    target-cert: banker.crt
    target-key: banker.key
    target-cacert: other-ca.crt
`;

for (const mode of ['tls', 'mtls'] as const)
  test(`${mode}: a certificate for each name, to clients and to targets, and new ones without a restart`, async (t) => {
    const { write, give } = desk(t);
    const [one, other] = [await target(t, 'behind'), await target(t, 'elsewhere')];
    const usual = `mode: ${mode}
listen: 127.0.0.1:0
${mode === 'mtls' ? 'cacert: client-ca.crt\nallow-all: true\n' : ''}target: 127.0.0.1:${one}
cert: usual.crt
key: usual.key
target-tls: mtls
target-cert: proxy.crt
target-key: proxy.key
target-cacert: server-ca.crt
override-server-name: behind.example
`;
    const text = (usual + rows(one, other)).replaceAll(
      /^( {4})target: .*$/gm,
      '$&\n$1override-server-name: behind.example',
    );
    const parsed = parseCommand('proxy', proxy.options, ['--config', write('proxy.yaml', text)]);
    const settings = readSettings(await withFiles(parsed, proxy.options));
    const log = new CaptureLog({ clock: systemClock });
    const service = await startService({ settings, log: log.openRun(), version: '0' });
    t.teardown(async () => service.close());
    const notes = (): string[] =>
      log.events.flatMap((event) => (event.type === 'note' ? [event.text.en] : []));
    const { port } = service.address;
    t.is(await ask(port, 'shop.example'), 'shop: behind proxy');
    t.is(await ask(port, 'BANK.example'), 'bank: elsewhere banker');
    t.is(await ask(port, 'a.bank.example'), 'bank: elsewhere banker');
    t.is(await ask(port, 'a.b.bank.example'), 'usual: behind proxy');
    t.is(await ask(port, 'other.example'), 'usual: behind proxy');
    if (mode === 'mtls') t.regex(await ask(port, 'shop.example', false), /: ERR_SSL_.*CERTIFICATE_REQUIRED$/);
    // The pattern is not in the certificate.
    t.deepEqual(
      notes().filter((note) => note.includes('does not contain')),
      [
        'the certificate that is presented for *.bank.example does not contain this name (DNS:bank.example): clients that verify it will refuse it',
      ],
    );
    give('shop', 'next-shop');
    give('banker', 'next-banker');
    await service.reload();
    t.is(await ask(port, 'shop.example'), 'next-shop: behind proxy');
    t.is(await ask(port, 'bank.example'), 'bank: elsewhere next-banker');
    // A file that cannot be used leaves what there was, for all names.
    give('bank', 'next-shop');
    write('shop.crt', 'nothing');
    await service.reload();
    t.is(await ask(port, 'bank.example'), 'bank: elsewhere next-banker');
    const failed = present(notes().at(-1));
    t.regex(
      failed,
      /cannot be used.*proxy\.yaml:\d+:5: targets\[0\]: cert, key: no certificate in this file/,
    );
  });

test('a name of a target that the usual certificate does not have is said at the start', async (t) => {
  const { write } = desk(t);
  const one = await target(t, 'behind');
  const parsed = parseCommand('proxy', proxy.options, [
    '--config',
    write(
      'proxy.yaml',
      `mode: tls\nlisten: 127.0.0.1:0\ncert: usual.crt\nkey: usual.key\ntargets:\n  - server-name: [usual.example, shop.example]\n    target: 127.0.0.1:${one}\n`,
    ),
  ]);
  const log = new CaptureLog({ clock: systemClock });
  const settings = readSettings(await withFiles(parsed, proxy.options));
  const service = await startService({ settings, log: log.openRun(), version: '0' });
  await service.close();
  const notes = log.events.flatMap((event) => (event.type === 'note' ? [event.text.en] : []));
  t.deepEqual(
    notes.filter((note) => note.includes('does not contain')).map((note) => /for (\S+)/.exec(note)?.[1]),
    ['shop.example'],
  );
});
