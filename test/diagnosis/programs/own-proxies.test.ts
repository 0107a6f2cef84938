/** The proxy that a command's arguments name: the words without it, and as variables would have it. */
import test from 'ava';
import {
  proxyByOption,
  proxyOfCurl,
  proxyOfGit,
  proxyOfJava,
  proxyOfWget,
} from '../../../src/diagnosis/programs/own-proxies.ts';
import type { OwnProxy } from '../../../src/diagnosis/programs/program.ts';

const both = (url: string): Record<string, string> => ({ https_proxy: url, http_proxy: url });
const target = 'https://shop.example/';

const curl: readonly (readonly [string, readonly string[], Partial<OwnProxy> | undefined])[] = [
  ['none', ['-sS', target], undefined],
  [
    'a short option, with the port that only curl has',
    ['-x', 'proxy', target],
    { words: ['curl', target], option: '-x', variables: both('http://proxy:1080') },
  ],
  [
    'joined, at the end of others',
    ['-sSxhttp://proxy:3128', target],
    { words: ['curl', '-sS', target], variables: both('http://proxy:3128') },
  ],
  [
    'with a space behind others, and a tunnel',
    ['-spx', 'proxy:3128', target],
    { words: ['curl', '-s', target], variables: both('http://proxy:3128') },
  ],
  [
    'over TLS, with its own CA, and a login',
    [
      '--proxy=https://proxy',
      '-U',
      'me:a:b',
      '--proxy-cacert',
      'p.crt',
      '--proxy-cert',
      'c.crt',
      '--proxy-key',
      'c.key',
      target,
    ],
    {
      words: ['curl', target],
      option: '--proxy',
      variables: both('https://me:a%3Ab@proxy/'),
      authorities: 'p.crt',
      certificate: 'c.crt',
      key: 'c.key',
    },
  ],
  [
    'SOCKS, and one before another',
    ['--socks5-hostname', 'a:1080', target],
    { words: ['curl', target], variables: both('socks5h://a:1080') },
  ],
  [
    'one before another',
    ['--preproxy', 'socks5://a', '--proxy-insecure', '-x', 'b:8080', target],
    {
      words: ['curl', target],
      variables: both('http://b:8080'),
      via: 'socks5://a:1080',
      isInsecure: true,
    },
  ],
  ['none, against the variables', ['-x', '', target], { words: ['curl', target], variables: both('') }],
  [
    'an exception',
    ['--noproxy', '*', target],
    { words: ['curl', target], option: '--noproxy', variables: { no_proxy: '*', NO_PROXY: '*' } },
  ],
  ['a value that looks like it', ['-H', '-x', '-d', '-Ua', target], undefined],
  ['a value in the cluster that looks like it', ['-ox', target], undefined],
];
for (const [title, words, expected] of curl)
  test(`curl: ${title}`, (t) => {
    const read = proxyOfCurl(['curl', ...words]);
    if (expected) t.like(read, expected);
    else t.is(read, undefined);
  });

test('wget: its settings on the command line', (t) => {
  t.is(proxyOfWget(['wget', '-e', 'robots=off', target]), undefined);
  t.like(proxyOfWget(['wget', '-e', 'https_proxy=proxy:3128', '-e', 'use_proxy = yes', target]), {
    words: ['wget', target],
    option: '-e https_proxy=',
    variables: { https_proxy: 'http://proxy:3128' },
  });
  t.like(
    proxyOfWget([
      'wget',
      '--execute=https_proxy=http://proxy:1',
      '--proxy-user=me',
      '--proxy-password=x',
      target,
    ]),
    { words: ['wget', target], variables: { https_proxy: 'http://me:x@proxy:1/' } },
  );
  for (const word of ['--no-proxy', '--proxy=off', '-euse_proxy=off'])
    t.like(proxyOfWget(['wget', word, target]), { words: ['wget', target], variables: both('') });
});

test('git: settings of its command line', (t) => {
  t.is(proxyOfGit(['git', '-c', 'http.sslCAInfo=a', 'ls-remote', target]), undefined);
  t.like(
    proxyOfGit([
      'git',
      '-c',
      'http.proxy=https://proxy',
      '-c',
      'user.name=me',
      '-c',
      'http.proxySSLCAInfo=p.crt',
      'ls-remote',
      target,
    ]),
    {
      words: ['git', '-c', 'user.name=me', 'ls-remote', target],
      variables: both('https://proxy'),
      authorities: 'p.crt',
    },
  );
});

test('openssl s_client, pip, Java', (t) => {
  t.like(
    proxyByOption('-proxy', { user: '-proxy_user', password: '-proxy_pass' })([
      'openssl',
      's_client',
      '-proxy',
      'proxy:3128',
      '-connect',
      'a:443',
    ]),
    { words: ['openssl', 's_client', '-connect', 'a:443'], variables: both('http://proxy:3128') },
  );
  t.like(proxyByOption('--proxy')(['pip', 'install', '--proxy=proxy:1', 'x']), {
    words: ['pip', 'install', 'x'],
    option: '--proxy',
  });
  t.is(proxyOfJava(['java', '-Dhttp.nonProxyHosts=*', 'Visit']), undefined);
  t.like(proxyOfJava(['java', '-Dhttps.proxyHost=proxy', '-Dhttps.proxyPort=3128', 'Visit', '-Dx=y']), {
    words: ['java', 'Visit', '-Dx=y'],
    option: '-Dhttps.proxyHost',
    variables: {
      https_proxy: 'http://proxy:3128',
      http_proxy: '',
      no_proxy: 'localhost,127.0.0.0/8,[::1]',
      NO_PROXY: 'localhost,127.0.0.0/8,[::1]',
    },
  });
  t.like(proxyOfJava(['java', '-DsocksProxyHost=s', '-Dhttp.nonProxyHosts=', 'Visit']), {
    option: '-DsocksProxyHost',
    variables: { https_proxy: 'socks5://s:1080', http_proxy: 'socks5://s:1080', no_proxy: '', NO_PROXY: '' },
  });
});
