/**
 * Real mail servers (exim for SMTP, dovecot for IMAP and POP3) and curl, through proxies that pass everything on, end TLS on request,
 * or require a client certificate: the login is readable before TLS and sealed behind it, and a client without a certificate is
 * refused by the card.
 */
import type { ExecutionContext } from 'ava';
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadWireReading, verdictOf, Speakers } from '../../src/presentation/refusals.ts';
import { Flows } from '../../src/capture/flows.ts';
import type { CaptureLog } from '../../src/capture/log.ts';
import { newLog, world } from '../features/support/shop.ts';
import { freePort } from '../helpers/free-port.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { runWirelab } from '../helpers/wirelab.ts';
import { fileIn, folderOf, heard, serving } from './support/programs.ts';
import { eventsOf, openProxy } from './support/proxies.ts';

interface Files {
  readonly folder: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

function filesIn(folder: string): Files {
  return {
    folder,
    ca: fileIn(folder, 'ca.crt', world().authority('server-ca')),
    certificate: fileIn(folder, 'shop.crt', world().identity('shop').certificate),
    key: fileIn(folder, 'shop.key', world().identity('shop').key, 0o600),
    clientCertificate: fileIn(folder, 'alice.crt', world().identity('alice').certificate),
    clientKey: fileIn(folder, 'alice.key', world().identity('alice').key, 0o600),
  };
}

/** A folder that belongs to whom the server runs as. */
function folderIn(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  const { uid, gid } = statSync(folder);
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
  chmodSync(path, 0o755);
  return path;
}

const names = { user: process.getuid?.() === 0 ? 'nobody' : '', group: 'nogroup' } as const;

async function startExim(t: ExecutionContext, { folder, certificate, key }: Files): Promise<number> {
  const port = await freePort();
  const owner = names.user === '' ? '' : `exim_user = ${names.user}\nexim_group = ${names.group}\n`;
  const configuration = fileIn(
    folder,
    'exim.conf',
    `${owner}spool_directory = ${folderIn(folder, 'spool')}
log_file_path = ${folder}/%slog
primary_hostname = localhost
daemon_smtp_ports = ${port}
local_interfaces = 127.0.0.1
tls_advertise_hosts = *
tls_certificate = ${certificate}
tls_privatekey = ${key}
acl_smtp_rcpt = admit
acl_smtp_data = admit
keep_environment =
begin acl
admit:
  accept
begin routers
nowhere:
  driver = redirect
  data = :blackhole:
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and {{eq{$auth2}{alice}}{eq{$auth3}{tiger-lily}}}}
  server_set_id = $auth2
`,
  );
  // Its configuration must belong to root where it is started by root.
  if (process.getuid?.() === 0) chownSync(configuration, 0, 0);
  await serving(t, 'exim4', ['-bdf', '-C', configuration], port);
  return port;
}

async function startDovecot(
  t: ExecutionContext,
  { folder, certificate, key }: Files,
): Promise<{ readonly imap: number; readonly pop3: number }> {
  const [imap, pop3] = [await freePort(), await freePort()];
  const users = fileIn(folder, 'users', 'alice:{PLAIN}tiger-lily\n');
  const configuration = fileIn(
    folder,
    'dovecot.conf',
    `dovecot_config_version = 2.4.1
dovecot_storage_version = 2.4.1
base_dir = ${join(folder, 'run')}
log_path = ${join(folder, 'log')}
protocols = imap pop3
listen = 127.0.0.1
ssl = yes
ssl_server_cert_file = ${certificate}
ssl_server_key_file = ${key}
auth_allow_cleartext = yes
auth_mechanisms = plain
default_login_user = nobody
default_internal_user = nobody
default_internal_group = nogroup
mail_driver = maildir
mail_path = ${folderIn(folder, 'mail')}/%{user}
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
passdb passwd-file {
  passwd_file_path = ${users}
}
userdb static {
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${imap}
  }
  inet_listener imaps {
    port = 0
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = ${pop3}
  }
  inet_listener pop3s {
    port = 0
  }
}
service anvil {
  chroot =
}
service auth {
  user = root
}
`,
  );
  await serving(t, 'dovecot', ['-F', '-c', configuration], imap);
  return { imap, pop3 };
}

const secretsIn = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('  '));

/** What the card of the only refusal says of the place of the alert. */
async function alertPlaceIn(log: CaptureLog): Promise<unknown> {
  await loadWireReading();
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  const refused = flows.connections.find(({ refused: [first] }) => first !== undefined);
  const topology = { participants: [], wires: [] };
  return refused && verdictOf(refused, { flows, topology, speakers: new Speakers() })?.story?.alertPlace;
}

interface Mail {
  readonly protocol: 'smtp' | 'imap' | 'pop3';
  readonly port: number;
}

async function throughEachMode(t: ExecutionContext, files: Files, { protocol, port }: Mail): Promise<void> {
  const message = fileIn(files.folder, 'message', 'Subject: hello\r\n\r\nhello\r\n');
  const to = { host: '127.0.0.1', port };
  const visit = async (at: number, ...more: readonly string[]): Promise<number | null> => {
    const words = [
      '-sS',
      '--max-time',
      '20',
      '--cacert',
      files.ca,
      '-u',
      'alice:tiger-lily',
      '--login-options',
      'AUTH=PLAIN',
      ...(protocol === 'smtp' ? ['--mail-from', 'a@x', '--mail-rcpt', 'b@x', '-T', message] : []),
      ...more,
      `${protocol}://127.0.0.1:${at}/`,
    ];
    return (await runProgram('curl', words)).exitCode;
  };

  for (const kind of ['plaintext', 'passthrough'] as const) {
    const log = newLog();
    const proxy = await openProxy(t, { log, kind, to, more: { pump: 'bytes' } });
    t.is(await visit(proxy.address.port), 0, `${protocol} through ${kind}`);
    const readable = secretsIn(await heard(log, 'A', 'wire'));
    t.deepEqual(readable, ['  sasl_plain (readable) alice: tiger-lily'], `${protocol} through ${kind}`);
    t.is(await visit(proxy.address.port, '--ssl-reqd'), 0, `${protocol} through ${kind}, STARTTLS`);
    t.deepEqual(secretsIn(await heard(log, 'A', 'wire')), readable, 'behind STARTTLS the login is sealed');
  }

  const log = newLog();
  const proxy = await openProxy(t, {
    log,
    kind: 'mtls',
    to,
    second: 'tls',
    more: { pump: 'bytes', starttls: { client: protocol, target: protocol } },
  });
  const presents = ['--cert', files.clientCertificate, '--key', files.clientKey];
  t.is(await visit(proxy.address.port, '--ssl-reqd', ...presents), 0, `${protocol} with a certificate`);
  t.deepEqual(secretsIn(await heard(log, 'A', 'plaintext')), ['  sasl_plain (readable) alice: tiger-lily']);
  for (const hop of ['A', 'B']) t.deepEqual(secretsIn(await heard(log, hop, 'wire')), [], `sealed on ${hop}`);
  t.not(await visit(proxy.address.port, '--ssl-reqd'), 0, `${protocol} without a certificate`);
  t.like(await alertPlaceIn(log), { readable: false, length: 24 }, 'behind what was said in clear');
  t.not(await visit(proxy.address.port), 0, `${protocol} without TLS`);
  t.deepEqual(
    eventsOf(log, 'refused').map(({ reason }) => reason),
    // Of IMAP and POP3 the client is told which logins there are before TLS: none, and it leaves.
    protocol === 'smtp' ? ['certificate_missing', 'starttls_required'] : ['certificate_missing'],
  );

  const { exitCode, stdout } = await runWirelab([
    'certs',
    'verify',
    `127.0.0.1:${port}`,
    '--starttls',
    protocol,
    '--cacert',
    files.ca,
  ]);
  t.is(exitCode, 0, stdout);
}

withPeer(['exim4', 'curl'], 'exim and curl: SMTP in clear, behind STARTTLS, under mutual TLS', async (t) => {
  const files = filesIn(folderOf(t));
  await throughEachMode(t, files, { protocol: 'smtp', port: await startExim(t, files) });
});

withPeer(
  ['dovecot', 'curl'],
  'dovecot and curl: IMAP and POP3 in clear, behind STARTTLS, under mutual TLS',
  async (t) => {
    const files = filesIn(folderOf(t));
    const { imap, pop3 } = await startDovecot(t, files);
    await throughEachMode(t, files, { protocol: 'imap', port: imap });
    await throughEachMode(t, files, { protocol: 'pop3', port: pop3 });
  },
);
