/**
 * Real programs fail in every way that the table knows, and are diagnosed: with their words, and from the bytes alone. Without
 * words the cause is the same or not known; it is never another one.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { parseCommand } from '../../../src/cli/command.ts';
import type { Environment } from '../../../src/cli/command.ts';
import { diagnoseCommand } from '../../../src/cli/diagnosis/of-command.ts';
import type { CommandDiagnosis } from '../../../src/cli/diagnosis/of-command.ts';
import { why } from '../../../src/cli/diagnosis/why.ts';
import type { Finding } from '../../../src/diagnosis/diagnosis.ts';
import { hear } from '../../../src/diagnosis/programs/hear.ts';
import { programOf } from '../../../src/diagnosis/programs/programs.ts';
import { measureOf } from '../../../src/diagnosis/programs/measured.ts';
import { isOfVersion } from '../../../src/diagnosis/programs/saying.ts';
import type { Library } from '../../../src/diagnosis/programs/saying.ts';
import { atMost } from '../../helpers/in-turn.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { failures, oldAuthority, postgresFailures, world } from './support/failures.ts';
import type { Failure } from './support/failures.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-programs-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
test.before(async () => {
  await loadReadings();
  for (const name of ['ca', 'other']) writeFileSync(join(folder, `${name}.crt`), world.certificate(name));
  writeFileSync(join(folder, 'old.crt'), oldAuthority);
});

class Nowhere extends Writable {
  readonly isTTY = false;
  override _write(_chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    done();
  }
}

const inTurn = atMost(3);

async function diagnosed(
  command: readonly string[],
  variables: NodeJS.ProcessEnv,
  options: readonly string[],
): Promise<CommandDiagnosis> {
  const { PATH, HOME } = process.env;
  const sink = new Nowhere();
  const log = new CaptureLog({ clock: systemClock });
  log.append({
    type: 'began',
    version: '',
    wallClock: new Date(systemClock.now()).toISOString(),
    topology: { participants: [], wires: [] },
  });
  return diagnoseCommand(command, {
    parsed: parseCommand('why', why.options, [...options, '--', ...command]),
    environment: {
      variables: { PATH, HOME, LANG: 'C.UTF-8', ...variables },
      language: 'en',
      stdin: sink,
      stdout: sink,
      stderr: sink,
    } as unknown as Environment,
    log,
    signal: new AbortController().signal,
    onAttempt: () => {},
    input: 'none',
  });
}

interface Case {
  readonly command: readonly string[];
  readonly variables?: NodeJS.ProcessEnv;
  /** Its target is told by `{}`. */
  readonly placed?: true;
}

interface Tested {
  readonly name: string;
  readonly peers: readonly string[];
  readonly case: (ca: string, port: number) => Case;
  /** What comes out otherwise than for the rest: another cause, or that nothing fails. */
  readonly but?: Readonly<Record<string, string>>;
  /** Done once before. */
  readonly prepare?: (t: ExecutionContext) => Promise<void>;
  readonly rows?: readonly Failure[];
  /** Of its libraries, and how each is found out. */
  readonly versions: readonly (readonly [Library, readonly [string, ...string[]], RegExp])[];
}

const url = (port: number): string => `https://localhost:${port}/`;
const curlVersions: Tested['versions'] = [
  ['curl', ['curl', '--version'], /^curl ([\d.]+)/],
  ['openssl', ['curl', '--version'], /OpenSSL\/([\d.]+)/],
];
const gnutls = ['gnutls', ['gnutls-cli', '--version'], /gnutls-cli ([\d.]+)/] as const;

/** GnuTLS agrees on TLS 1.1 where a server wants it. */
const takesOldVersions = { 'an old version only': 'none' };

const goSource = `package main
import ("crypto/tls"; "crypto/x509"; "fmt"; "net/http"; "os")
func main() {
  pem, _ := os.ReadFile(os.Args[2])
  pool := x509.NewCertPool()
  pool.AppendCertsFromPEM(pem)
  client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
  answer, err := client.Get(os.Args[1])
  if err != nil { fmt.Fprintln(os.Stderr, err); os.Exit(1) }
  fmt.Println(answer.Status)
}
`;
const javaSource = `import java.net.*;
public class Visit {
  public static void main(String[] words) throws Exception {
    System.out.println(((HttpURLConnection) new URL(words[0]).openConnection()).getResponseCode());
  }
}
`;

async function succeeds(t: ExecutionContext, program: string, words: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runProgram(program, words, { cwd: folder, timeout: 120_000 });
  t.is(exitCode, 0, stderr);
}

const tested: readonly Tested[] = [
  {
    name: 'curl',
    peers: ['curl'],
    case: (ca, port) => ({ command: ['curl', '-sS', '--cacert', ca, url(port)] }),
    versions: curlVersions,
  },
  {
    name: 'openssl s_client',
    peers: ['openssl'],
    case: (ca, port) => ({
      command: [
        'openssl',
        's_client',
        '-connect',
        `localhost:${port}`,
        '-verify_return_error',
        '-verify_hostname',
        'localhost',
        '-CAfile',
        ca,
      ],
    }),
    versions: [['openssl', ['openssl', 'version'], /OpenSSL ([\d.]+)/]],
  },
  {
    name: 'gnutls-cli',
    peers: ['gnutls-cli'],
    case: (ca) => ({ command: ['gnutls-cli', '--x509cafile', ca, '-p', '{port}', '{host}'], placed: true }),
    but: takesOldVersions,
    versions: [gnutls],
  },
  {
    name: 'wget',
    peers: ['wget'],
    case: (ca, port) => ({ command: ['wget', '-nv', '-t', '1', `--ca-certificate=${ca}`, '-O-', url(port)] }),
    but: takesOldVersions,
    versions: [['wget', ['wget', '--version'], /Wget ([\d.]+)/]],
  },
  {
    name: 'git',
    peers: ['git'],
    case: (ca, port) => ({ command: ['git', '-c', `http.sslCAInfo=${ca}`, 'ls-remote', url(port)] }),
    // The answer is none of git's: the command fails for that.
    but: { 'an old version only': 'failed_elsewhere' },
    versions: [],
  },
  {
    name: 'node',
    peers: [],
    case: (ca) => ({
      command: [
        process.execPath,
        '-e',
        'require("node:https").get(process.argv[1], (answer) => answer.resume())',
        'https://{}/',
      ],
      variables: { NODE_EXTRA_CA_CERTS: ca },
      placed: true,
    }),
    versions: [
      ['node', [process.execPath, '--version'], /v([\d.]+)/],
      ['openssl', [process.execPath, '-p', 'process.versions.openssl'], /([\d.]+)/],
    ],
  },
  {
    name: 'python (urllib)',
    peers: ['python3'],
    case: (ca, port) => ({
      command: [
        'python3',
        '-c',
        'import sys, urllib.request; urllib.request.urlopen(sys.argv[1])',
        url(port),
      ],
      variables: { SSL_CERT_FILE: ca },
    }),
    versions: [
      ['python', ['python3', '--version'], /Python ([\d.]+)/],
      ['openssl', ['python3', '-c', 'import ssl; print(ssl.OPENSSL_VERSION)'], /OpenSSL ([\d.]+)/],
    ],
  },
  {
    name: 'go',
    peers: ['go'],
    prepare: async (t) => {
      writeFileSync(join(folder, 'visit.go'), goSource);
      await succeeds(t, 'go', ['build', '-o', 'visit', 'visit.go']);
    },
    case: (ca) => ({ command: [join(folder, 'visit'), 'https://{}/', ca], placed: true }),
    versions: [['go', ['go', 'version'], /go([\d.]+)/]],
  },
  {
    name: 'java',
    peers: ['java', 'javac', 'keytool'],
    prepare: async (t) => {
      writeFileSync(join(folder, 'Visit.java'), javaSource);
      await succeeds(t, 'javac', ['Visit.java']);
      for (const name of ['ca', 'other', 'old'])
        await succeeds(t, 'keytool', [
          '-importcert',
          '-noprompt',
          '-alias',
          name,
          '-file',
          `${name}.crt`,
          '-keystore',
          `${name}.crt.p12`,
          '-storetype',
          'PKCS12',
          '-storepass',
          'changeit',
        ]);
    },
    case: (ca, port) => ({
      command: [
        'java',
        `-Djavax.net.ssl.trustStore=${ca}.p12`,
        '-Djavax.net.ssl.trustStorePassword=changeit',
        '-cp',
        folder,
        'Visit',
        url(port),
      ],
    }),
    versions: [['java', ['java', '--version'], /^\S+ ([\d.]+)/]],
  },
  {
    name: 'kubectl',
    peers: ['kubectl'],
    case: (ca) => ({
      command: [
        'kubectl',
        '--server=https://{}',
        `--certificate-authority=${ca}`,
        '--token=x',
        'version',
        '--request-timeout=5s',
      ],
      variables: { KUBECONFIG: '/dev/null' },
      placed: true,
    }),
    versions: [],
  },
  {
    name: 'psql',
    peers: ['psql'],
    case: (ca) => ({
      command: ['psql', 'host={host} port={port} user=x dbname=x sslmode=verify-full gssencmode=disable'],
      variables: { PGSSLROOTCERT: ca },
      placed: true,
    }),
    rows: postgresFailures,
    versions: [['postgres', ['psql', '--version'], /PostgreSQL\) ([\d.]+)/]],
  },
];

/** As general as an alert: why is left open. */
const open: ReadonlySet<string> = new Set([
  'certificate_not_accepted',
  'closed_during_handshake',
  'ends_every_connection',
  'failed_elsewhere',
  'sealed_alert',
  'negotiation_failed',
  'none',
]);

const causeOf = (finding: Finding | undefined): string => finding?.cause ?? 'none';

for (const { name, peers, prepare, rows = failures, but = {}, versions, case: caseOf } of tested) {
  let prepared: Promise<void> | undefined;
  const known = new Map<Library, Promise<string | undefined>>();
  const versionOf = async (library: Library): Promise<string | undefined> => {
    const row = versions.find(([one]) => one === library);
    if (!row) return undefined;
    const [, [program, ...words], pattern] = row;
    const asked =
      known.get(library) ??
      runProgram(program, words, { cwd: folder }).then(
        ({ stdout, stderr }) => pattern.exec(`${stdout}${stderr}`)?.[1],
      );
    known.set(library, asked);
    return asked;
  };
  for (const failure of rows)
    withPeer(peers, `${name}: ${failure.name}`, async (t) => {
      t.timeout(180_000);
      if (prepare) await (prepared ??= prepare(t));
      const port = await failure.start(t);
      const { command, variables = {}, placed } = caseOf(join(folder, `${failure.trusts}.crt`), port);
      const options = placed ? ['--to', `localhost:${port}`] : [];
      const result = await inTurn(async () => diagnosed(command, variables, options));
      const expected = but[failure.name] ?? failure.cause;
      t.is(causeOf(result.finding), expected, JSON.stringify([result.ran, result.finding?.evidence]));
      // Each row by which it is heard is of the version that is installed.
      const heard = hear({ stdout: '', stderr: result.ran.said ?? '' }, programOf(command[0] ?? ''));
      const version = heard && (await versionOf(heard.saying.library));
      if (heard && version !== undefined) t.true(isOfVersion(heard.saying, version), result.ran.said);
      const bare = causeOf((await result.withoutWords()).finding);
      t.true(bare === expected || open.has(bare), `from the bytes alone: ${bare}`);
      if (result.finding?.confidence === 'unknown') t.true(open.has(expected));
    });
  for (const [library] of versions)
    withPeer(peers, `${name}: the words of its version of ${library} were measured`, async (t) => {
      t.timeout(60_000);
      const version = await versionOf(library);
      t.not(version, undefined);
      const measure = measureOf(library, version ?? '');
      // Elsewhere it may be any: there it is only said.
      if (process.env['WIRELAB_PEERS_REQUIRED']) t.is(measure, 'measured', `${library} ${version}`);
      else t.log(`${library} ${version}: ${measure}`);
    });
}
