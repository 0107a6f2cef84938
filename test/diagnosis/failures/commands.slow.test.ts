/** Commands that fail at what another client does not mind. */
import type { ExecutionContext } from 'ava';
import { asWirelab } from '../../helpers/wirelab.ts';
import { withPeer } from '../../helpers/peer.ts';
import { file } from './certificates.ts';
import { openssl } from './programs.ts';
import { Started } from './setting.ts';
import { hanging } from './own-servers.ts';

/** curl hangs up with the tickets of the server unread, and OpenSSL's server answers that with decode_error. */
async function curlWantsStatus(t: ExecutionContext, name: string, cause: string): Promise<void> {
  const started = new Started();
  t.teardown(async () => started.end());
  const port = await openssl(name)(started);
  const { stdout } = await asWirelab([
    'why',
    '--json',
    '--',
    'curl',
    '-sS',
    '--cert-status',
    '--cacert',
    file('new-root.crt'),
    `https://localhost:${port}/`,
  ]);
  const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { cause: string; by: string };
  t.deepEqual([last.cause, last.by], [cause, 'client']);
}

for (const name of ['server-stapled', 'server-unstapled'])
  withPeer(['curl', 'openssl'], `curl demands an OCSP response, and none comes (${name})`, async (t) =>
    curlWantsStatus(t, name, 'status_missing'),
  );

interface Answer {
  readonly cause: string;
  readonly by: string;
  readonly confidence: string;
  readonly because?: { readonly en: string };
  readonly remedy?: { readonly command?: string };
}

async function why(...words: readonly string[]): Promise<Answer> {
  const { stdout } = await asWirelab(['why', '--json', ...words]);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Answer;
}

const presented = ['--cert', file('client.crt'), '--key', file('client.key')];

/** Each with its own failure, and what is to be found in the answer; the healthy counterpart lacks what is in the last column. */
const own: readonly (readonly [
  needs: readonly string[],
  title: string,
  cause: string,
  named: RegExp,
  words: (port: number) => readonly string[],
  sound: (port: number) => readonly string[],
])[] = [
  [
    ['curl', 'openssl'],
    'a cipher suite that curl does not know',
    'unusable_option',
    /--ciphers FOO/,
    (port) => [
      '--',
      'curl',
      '-sS',
      '--cacert',
      file('ca.crt'),
      '--ciphers',
      'FOO',
      `https://localhost:${port}/`,
    ],
    (port) => ['--', 'curl', '-sS', '--cacert', file('ca.crt'), `https://localhost:${port}/`],
  ],
  [
    ['curl', 'openssl'],
    'a key that is not the certificate’s',
    'unusable_file',
    /not that of the client's certificate/,
    (port) => [
      '--',
      'curl',
      '-sS',
      '--cacert',
      file('ca.crt'),
      '--cert',
      file('client.crt'),
      '--key',
      file('client-long.key'),
      `https://localhost:${port}/`,
    ],
    (port) => ['--', 'curl', '-sS', '--cacert', file('ca.crt'), ...presented, `https://localhost:${port}/`],
  ],
  [
    ['gnutls-cli', 'openssl'],
    'a priority that GnuTLS does not know',
    'unusable_option',
    /--priority NORMAL:-VERS-FOO/,
    (port) => [
      '--to',
      `localhost:${port}`,
      '--',
      'gnutls-cli',
      '-p',
      '{port}',
      '--priority',
      'NORMAL:-VERS-FOO',
      '{host}',
    ],
    (port) => [
      '--to',
      `localhost:${port}`,
      '--',
      'gnutls-cli',
      '-p',
      '{port}',
      `--x509cafile=${file('ca.crt')}`,
      '--priority',
      'NORMAL',
      '{host}',
    ],
  ],
  [
    ['openssl'],
    'a cipher suite that s_client does not know',
    'unusable_option',
    /-cipher ECHDE-RSA/,
    (port) => ['--', 'openssl', 's_client', '-connect', `localhost:${port}`, '-cipher', 'ECHDE-RSA'],
    (port) => [
      '--',
      'openssl',
      's_client',
      '-connect',
      `localhost:${port}`,
      '-CAfile',
      file('ca.crt'),
      '-cipher',
      'DEFAULT',
    ],
  ],
];

for (const [needs, title, cause, named, words, sound] of own)
  withPeer([...needs], `it fails before it connects: ${title}`, async (t) => {
    const started = new Started();
    t.teardown(async () => started.end());
    const port = await openssl('server')(started);
    const answer = await why(...words(port));
    t.like(answer, { cause, by: 'client', confidence: 'proven' });
    t.regex(answer.because?.en ?? '', named);
    t.regex(answer.because?.en ?? '', /failed before it said anything to a server/);
    // What waits for its input is ended, and nothing is found in it.
    const { cause: healthy } = await why('--time-limit', '3', ...sound(port));
    t.true(healthy === 'none' || (healthy === 'unknown' && !needs.includes('curl')), healthy);
  });

withPeer(['curl'], 'a client with a time limit of its own, and an application that hangs', async (t) => {
  const started = new Started();
  t.teardown(async () => started.end());
  const port = await hanging(started);
  const answer = await why(
    '--',
    'curl',
    '-sS',
    '-m',
    '3',
    '--cacert',
    file('ca.crt'),
    `https://localhost:${port}/`,
  );
  t.like(answer, { cause: 'application_silent', by: 'server', confidence: 'likely' });
  t.regex(answer.because?.en ?? '', /gave up/);
});
