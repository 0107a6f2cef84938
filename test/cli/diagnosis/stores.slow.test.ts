/**
 * A CA that this machine and curl trust, and a program does not, since it goes by a list of its own: the answer names that list,
 * and what it says to type mends it.
 */
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/clock.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { desk } from '../certs/support/files.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { runWirelab } from '../../helpers/wirelab.ts';

const world = issueWorld(
  {
    certificates: {
      company: { profile: 'root', subject: { CN: 'Company CA' } },
      old: { profile: 'root', subject: { CN: 'Old CA' } },
      shop: {
        profile: 'server',
        issuer: 'company',
        subject: { CN: 'localhost' },
        san: ['DNS:localhost', 'IP:127.0.0.1'],
      },
    },
  },
  { clock: systemClock },
);

async function site(t: ExecutionContext): Promise<number> {
  const server = createServer(
    { key: world.identity('shop').key, cert: world.chain('shop') },
    (_request, response) => response.end('hello\n'),
  );
  server.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

interface Row {
  readonly title: string;
  readonly peers: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly prepare?: readonly (readonly [string, ...string[]])[];
  /** `{}`: by `--to`. */
  readonly command: (port: number) => readonly [string, ...string[]];
  readonly isPlaced?: true;
  /** What of its own list the answer names. */
  readonly says: RegExp;
  readonly types: RegExp;
  /** This machine does not trust the CA either: for a program that goes by this machine's. */
  readonly isTrustedNowhere?: true;
  /** Typed behind the line of the answer: a password that keytool would ask for. */
  readonly answers?: string;
  /** The line makes the store as it should be, and the command is run again; else it is the command. */
  readonly isStep?: true;
  readonly cannotBeMended?: true;
}

const visitInJava = `import java.net.*;
public class Visit {
  public static void main(String[] words) throws Exception {
    System.out.println(((HttpURLConnection) new URL(words[0]).openConnection()).getResponseCode());
  }
}
`;
const keytool = [
  'keytool',
  '-importcert',
  '-noprompt',
  '-storepass',
  'changeit',
  '-storetype',
  'PKCS12',
] as const;

const rows: readonly Row[] = [
  {
    title: 'Java, by a store that it is told',
    peers: ['java', 'javac', 'keytool'],
    files: { 'Visit.java': visitInJava },
    prepare: [
      ['javac', 'Visit.java'],
      [...keytool, '-alias', 'old', '-file', 'old.crt', '-keystore', 'own.p12'],
    ],
    command: (port) => [
      'java',
      '-Djavax.net.ssl.trustStore=own.p12',
      '-Djavax.net.ssl.trustStorePassword=changeit',
      '-cp',
      '.',
      'Visit',
      `https://localhost:${port}/`,
    ],
    says: /the CAs of own\.p12 alone \(-Djavax\.net\.ssl\.trustStore\)/,
    types: /^keytool -importcert -keystore own\.p12 /,
    answers: ' -storepass changeit',
    isStep: true,
  },
  {
    title: 'Java, by the store that it brings along',
    peers: ['java', 'javac'],
    files: { 'Visit.java': visitInJava },
    prepare: [['javac', 'Visit.java']],
    command: (port) => ['java', '-cp', '.', 'Visit', `https://localhost:${port}/`],
    says: /its own store \(lib\/security\/cacerts/,
    types: /^keytool -importcert -cacerts /,
    // It would be mended for every program of this machine.
    cannotBeMended: true,
  },
  {
    title: 'Node',
    peers: [],
    command: () => [
      process.execPath,
      '-e',
      'require("node:https").get(process.argv[1], (answer) => answer.resume())',
      'https://{}/',
    ],
    isPlaced: true,
    says: /NODE_EXTRA_CA_CERTS .*--use-system-ca/,
    types: /^NODE_EXTRA_CA_CERTS=CA\.crt /,
  },
  {
    title: 'Python',
    peers: ['python3'],
    command: (port) => [
      'python3',
      '-c',
      'import ssl, sys, urllib.request; urllib.request.urlopen(sys.argv[1], context=ssl.create_default_context(cafile="old.crt"))',
      `https://localhost:${port}/`,
    ],
    says: /certifi .*SSL_CERT_FILE/,
    types: /^SSL_CERT_FILE=CA\.crt python3 /,
    // Its list is in its code.
    cannotBeMended: true,
  },
  {
    title: 'Python’s own context, where the machine does not trust the CA',
    peers: ['python3'],
    command: (port) => [
      'python3',
      '-c',
      'import sys, urllib.request; urllib.request.urlopen(sys.argv[1])',
      `https://localhost:${port}/`,
    ],
    says: /certifi .*SSL_CERT_FILE/,
    types: /^SSL_CERT_FILE=CA\.crt python3 /,
    isTrustedNowhere: true,
  },
  {
    title: 'Go, where the machine does not trust the CA',
    peers: ['go'],
    files: {
      'visit.go': `package main
import ("fmt"; "net/http"; "os")
func main() { _, err := http.Get(os.Args[1]); if err != nil { fmt.Fprintln(os.Stderr, err); os.Exit(1) } }
`,
    },
    prepare: [['go', 'build', '-o', 'visit', 'visit.go']],
    command: () => ['./visit', 'https://{}/'],
    isPlaced: true,
    says: /SSL_CERT_FILE .*RootCAs/,
    types: /^SSL_CERT_FILE=CA\.crt \.\/visit /,
    isTrustedNowhere: true,
  },
];

for (const row of rows)
  withPeer(row.peers, row.title, async (t) => {
    t.timeout(180_000);
    const port = await site(t);
    const { folder } = desk(t);
    for (const name of ['company', 'old'])
      writeFileSync(join(folder, `${name}.crt`), world.certificate(name));
    copyFileSync(join(folder, 'company.crt'), join(folder, 'CA.crt'));
    for (const [name, text] of Object.entries(row.files ?? {})) writeFileSync(join(folder, name), text);
    const run = async ([program, ...words]: readonly [string, ...string[]]) =>
      runProgram(program, words, { cwd: folder, timeout: 120_000 });
    for (const step of row.prepare ?? []) {
      const { exitCode, stderr } = await run(step);
      t.is(exitCode, 0, stderr);
    }
    const to = row.isPlaced ? ['--to', `localhost:${port}`] : [];
    const ask = async (command: readonly string[]) =>
      runWirelab(['why', '--json', ...to, '--', ...command], {
        cwd: folder,
        env: row.isTrustedNowhere ? {} : { SSL_CERT_FILE: 'company.crt' },
      });
    const command = row.command(port);
    const { exitCode, stdout, stderr } = await ask(command);
    t.is(exitCode, 1, stderr);
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as {
      cause: string;
      by: string;
      confidence: string;
      because: { en: string };
      remedy: { on: string; words: { en: string }; command: string };
    };
    t.like(last, { cause: 'unknown_ca', by: 'client' });
    if (!row.isTrustedNowhere) {
      t.is(last.confidence, 'proven', JSON.stringify(last));
      t.regex(last.because.en, /this machine does: .*\(curl\) accepts|goes by another list/);
    }
    t.is(last.remedy.on, 'client');
    t.regex(last.remedy.words.en, row.says);
    t.notRegex(last.remedy.words.en, /--cacert/);
    t.regex(last.remedy.command, row.types);
    if (row.cannotBeMended) return;
    const typed = await run(['sh', '-c', `${last.remedy.command}${row.answers ?? ''}`]);
    t.is(typed.exitCode, 0, `${last.remedy.command}: ${typed.stderr}`);
    if (!row.isStep) return;
    const again = await run(command);
    t.is(again.exitCode, 0, again.stderr);
  });
