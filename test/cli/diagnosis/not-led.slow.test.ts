/** Real programs whose connections pass wirelab by: it says so, how each is led, and exits 3; never that it is well. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { desk } from '../certs/support/files.ts';
import { nowhere } from '../../helpers/nowhere.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { runWirelab } from '../../helpers/wirelab.ts';

interface Row {
  readonly title: string;
  readonly peers: readonly string[];
  readonly command: (port: number) => readonly [string, ...string[]];
  readonly files?: Readonly<Record<string, string>>;
  /** Done before, in its folder. */
  readonly prepare?: readonly [string, ...string[]];
  /** The line to type, and what is said of it. */
  readonly line: (port: number) => string;
  readonly says: RegExp;
}

const rows: readonly Row[] = [
  {
    title: 'curl to a Unix socket',
    peers: ['curl'],
    command: () => ['curl', '-sS', '--unix-socket', './none.sock', 'http://localhost/'],
    line: () => './wirelab why -- curl https://HOST/',
    says: /Unix socket/,
  },
  {
    title: 'psql to a Unix socket',
    peers: ['psql'],
    command: () => ['psql', 'host=/nowhere user=x dbname=x'],
    line: () =>
      "./wirelab why --to HOST:5432 -- psql 'host=HOST hostaddr={host} port={port} user=USER dbname=DATABASE sslmode=verify-full'",
    says: /Unix socket/,
  },
  {
    title: 'psql by its options',
    peers: ['psql'],
    command: (port) => ['psql', '-h', 'localhost', '-p', String(port), '-U', 'x', 'shop'],
    line: (port) =>
      `./wirelab why --to localhost:${port} -- psql -d 'host=localhost hostaddr={host} port={port} dbname=shop' -U x`,
    says: /went past wirelab/,
  },
  {
    title: 'psql with a name that there is none of',
    peers: ['psql'],
    command: () => ['psql', 'host=shop.invalid user=x dbname=x'],
    line: () =>
      "./wirelab why --to shop.invalid:5432 -- psql 'host=shop.invalid user=x dbname=x hostaddr={host} port={port}'",
    says: /found no address/,
  },
  {
    title: 'gnutls-cli',
    peers: ['gnutls-cli'],
    command: (port) => ['gnutls-cli', '-p', String(port), 'localhost'],
    line: (port) =>
      `./wirelab why --to localhost:${port} -- gnutls-cli -p {port} --sni-hostname=localhost --verify-hostname=localhost {host}`,
    says: /went past wirelab/,
  },
  {
    title: 'kubectl to this machine itself',
    peers: ['kubectl'],
    command: (port) => [
      'kubectl',
      '--kubeconfig=/dev/null',
      `--server=https://localhost:${port}`,
      '--token=x',
      'version',
      '--request-timeout=5s',
    ],
    line: (port) =>
      `./wirelab why --to localhost:${port} -- kubectl --kubeconfig=/dev/null --server=https://{} --token=x version --request-timeout=5s`,
    says: /went past wirelab/,
  },
  {
    title: 'a socket of Python’s own',
    peers: ['python3'],
    command: (port) => [
      'python3',
      '-c',
      'import socket, sys; host, port = sys.argv[1].split(":"); socket.create_connection((host, int(port)))',
      `localhost:${port}`,
    ],
    line: (port) =>
      `./wirelab why --to localhost:${port} -- python3 -c 'import socket, sys; host, port = sys.argv[1].split(":"); socket.create_connection((host, int(port)))' {}`,
    says: /went past wirelab/,
  },
  {
    title: 'a socket of Java’s own',
    peers: ['java', 'javac'],
    files: {
      'Visit.java': `public class Visit {
  public static void main(String[] words) throws Exception {
    String[] to = words[0].split(":");
    java.net.Socket socket = new java.net.Socket();
    socket.connect(new java.net.InetSocketAddress(java.net.InetAddress.getByName(to[0]), Integer.parseInt(to[1])));
  }
}
`,
    },
    prepare: ['javac', 'Visit.java'],
    command: (port) => ['java', '-cp', '.', 'Visit', `localhost:${port}`],
    line: (port) => `./wirelab why --to localhost:${port} -- java -cp . Visit {}`,
    says: /went past wirelab/,
  },
  {
    title: 'Go to this machine itself',
    peers: ['go'],
    files: {
      'visit.go': `package main
import ("fmt"; "net/http"; "os")
func main() { _, err := http.Get(os.Args[1]); fmt.Fprintln(os.Stderr, err); os.Exit(1) }
`,
    },
    prepare: ['go', 'build', '-o', 'visit', 'visit.go'],
    command: (port) => ['./visit', `https://localhost:${port}/`],
    line: (port) => `./wirelab why --to localhost:${port} -- ./visit https://{}/`,
    says: /went past wirelab/,
  },
  {
    title: 'git over SSH',
    peers: ['git'],
    command: () => ['git', '-c', 'core.sshCommand=false', 'ls-remote', 'ssh://localhost/shop'],
    line: () => './wirelab why -- git -c http.proxy= ls-remote https://HOST/REPOSITORY',
    says: /over SSH/,
  },
  {
    title: 'datagrams',
    peers: ['python3'],
    command: (port) => [
      'python3',
      '-c',
      'import socket, sys; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", int(sys.argv[1]))); sys.exit("QUIC: no answer")',
      String(port),
    ],
    line: () => './wirelab why --to HOST:PORT -- python3 PROGRAM.py {}',
    says: /QUIC/,
  },
];

for (const { title, peers, command, files = {}, prepare, line, says } of rows)
  withPeer(peers, title, async (t) => {
    t.timeout(120_000);
    const { folder } = desk(t);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    if (prepare) {
      const [program, ...words] = prepare;
      const { exitCode, stderr } = await runProgram(program, words, { cwd: folder, timeout: 100_000 });
      t.is(exitCode, 0, stderr);
    }
    const { exitCode, stdout, stderr } = await runWirelab(['why', '--json', '--', ...command(nowhere.port)], {
      cwd: folder,
    });
    t.is(exitCode, 3, stderr);
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as {
      cause: string;
      because: { en: string };
      remedy: { command: string };
    };
    t.is(last.cause, 'unknown');
    t.regex(last.because.en, /no connection through wirelab/);
    t.regex(last.because.en, says);
    t.is(last.remedy.command, line(nowhere.port));
  });
