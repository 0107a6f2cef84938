/** The programs that are known, a row each; a program without a row is judged by its words alone, whatever library they are of. */
import { shellWord } from '../../i18n/shell-word.ts';
import { addressOfCurl } from './own-addresses.ts';
import { proxyByOption, proxyOfCurl, proxyOfGit, proxyOfJava, proxyOfWget } from './own-proxies.ts';
import { placeInGnutls, placeInPostgres } from './placing.ts';
import { settingsOfKubectl } from './kubeconfig.ts';
import { settingsOfCurl, settingsOfGit, settingsOfPostgres, settingsOfWget } from './own-files.ts';
import type { Given, NamedFile, Program, Words } from './program.ts';

const trustFile = 'CA.crt';
const certificateFile = 'client.crt';
const keyFile = 'client.key';

/** A property that is set in Java's arguments or in its variable: `javax.net.ssl.trustStore`. */
function propertyOfJava(words: Words, variables: NodeJS.ProcessEnv, name: string): string | undefined {
  const pattern = new RegExp(`(?:^|\\s)-Djavax\\.net\\.ssl\\.${name}=(\\S+)`, 'g');
  // As the virtual machine puts them together; of several the last counts.
  return [
    variables['JAVA_TOOL_OPTIONS'] ?? '',
    variables['JDK_JAVA_OPTIONS'] ?? '',
    ...words.slice(1),
    variables['_JAVA_OPTIONS'] ?? '',
  ]
    .flatMap((word) => [...word.matchAll(pattern)].map(([, path]) => path))
    .findLast((path) => path !== undefined && path !== 'NONE');
}

const storesOfJava = (words: Words, variables: NodeJS.ProcessEnv): readonly NamedFile[] =>
  (['trustStore', 'keyStore'] as const).flatMap((name) => {
    const path = propertyOfJava(words, variables, name);
    return path === undefined
      ? []
      : [
          {
            path,
            kind: name === 'trustStore' ? ('authorities' as const) : ('certificate' as const),
            by: `-Djavax.net.ssl.${name}`,
            isVariable: false,
            store: { password: propertyOfJava(words, variables, `${name}Password`) },
          },
        ];
  });

/** It goes by OpenSSL's list of CAs, in the place of its own. */
const usesOpenssl = (words: Words, variables: NodeJS.ProcessEnv): boolean =>
  [...words, ...(variables['NODE_OPTIONS'] ?? '').split(/\s+/)].includes('--use-openssl-ca');

const storeOfNode = (words: Words, variables: NodeJS.ProcessEnv): readonly NamedFile[] => {
  const path = variables['SSL_CERT_FILE'];
  return path && usesOpenssl(words, variables)
    ? [{ path, kind: 'authorities', by: 'SSL_CERT_FILE', isVariable: true }]
    : [];
};

const storeOfGo = (): { readonly en: string; readonly ko: string } => ({
  en: 'Go uses this machine’s CAs, or those of the file in SSL_CERT_FILE in their place, unless the program has a pool of its own (RootCAs)',
  ko: 'Go는 이 컴퓨터의 CA를 쓰거나 SSL_CERT_FILE의 파일을 대신 씁니다. 프로그램이 자체 목록(RootCAs)을 쓸 수도 있습니다.',
});

const inPlace = (words: string): { readonly en: string; readonly ko: string } => ({
  en: `it uses no proxy: let {} stand in the place of its target (${words})`,
  ko: `프록시를 쓰지 않으므로 대상 자리에 {} 기호를 쓰세요(${words})`,
});

/** `http.sslCAInfo=…`, also for one address: `http.https://HOST/.sslCAInfo=…`. */
const ofGit = (name: string): RegExp => new RegExp(`^http\\.(?:.*\\.)?${name}=(.+)$`, 'i');

/** In a connection string of libpq, or the query of its URL. */
const ofPostgres = (name: string): RegExp => new RegExp(`(?:^|[\\s?&])${name}=([^\\s&']+)`);

/** Its settings include those of -c, as they hold for the address that is called. */
const ofGitOrder = ['variables', 'settings', 'words'] as const;

const option = (...options: string[]): Given => ({ options });

const has = (words: Words, word: string): boolean => words.includes(word);

export const programs: readonly Program[] = [
  {
    name: 'curl',
    files: /^curl$/,
    libraries: ['curl', 'openssl', 'gnutls'],
    led: 'variables',
    pointing: {
      words: {
        en: 'without a proxy in a .curlrc (curl -q), and over TCP: neither --http3 nor --unix-socket',
        ko: '.curlrc의 프록시 설정 없이(curl -q) TCP로 연결하세요(--http3나 --unix-socket 없이)',
      },
      command: 'curl https://HOST/',
    },
    trusts: 'system',
    addressOf: addressOfCurl,
    proxyOf: proxyOfCurl,
    settings: settingsOfCurl,
    resolvesUnless: ['--resolve', '--connect-to', '--dns-servers', '--doh-url'],
    authorities: {
      options: ['--cacert'],
      variables: ['CURL_CA_BUNDLE', 'SSL_CERT_FILE'],
      order: ['words', 'settings', 'variables'],
    },
    folder: { options: ['--capath'], variables: ['SSL_CERT_DIR'] },
    certificate: option('--cert', '-E'),
    key: option('--key'),
    policy: option('--ciphers'),
    insecure: option('--insecure', '-k'),
    trust: () => ({ options: { '--cacert': trustFile } }),
    trustProxy: { options: { '--proxy-cacert': trustFile } },
    present: () => ({ options: { '--cert': certificateFile, '--key': keyFile } }),
    refusing: [51, 60, 91],
  },
  {
    name: 'openssl',
    files: /^openssl(?:-?[\d.]+)?$/,
    libraries: ['openssl'],
    speaksOnStdout: true,
    goesOn: true,
    led: 'own',
    adapted: (words, keylogFile, proxy) =>
      words[1] === 's_client'
        ? [
            ...words.slice(0, 2),
            ...(proxy === undefined || has(words, '-proxy') ? [] : ['-proxy', proxy]),
            ...(has(words, '-keylogfile') ? [] : ['-keylogfile', keylogFile]),
            ...words.slice(2),
          ]
        : words,
    pointing: {
      words: {
        en: 'openssl s_client is led by its option -proxy, which wirelab adds',
        ko: 'openssl s_client에는 wirelab이 -proxy 옵션을 더합니다',
      },
      command: 'openssl s_client -connect HOST:PORT -servername HOST',
    },
    proxyOf: proxyByOption('-proxy', { user: '-proxy_user', password: '-proxy_pass' }),
    resolvesUnless: [],
    trusts: 'system',
    authorities: { options: ['-CAfile'], variables: ['SSL_CERT_FILE'] },
    folder: { options: ['-CApath'], variables: ['SSL_CERT_DIR'] },
    certificate: option('-cert'),
    key: option('-key'),
    serverName: option('-servername'),
    verifiedName: option('-verify_hostname', '-verify_ip'),
    policy: option('-cipher'),
    alpn: option('-alpn'),
    starttls: option('-starttls'),
    trust: () => ({ behind: 's_client', options: { '-CAfile': trustFile } }),
    present: () => ({ behind: 's_client', options: { '-cert': certificateFile, '-key': keyFile } }),
  },
  {
    name: 'gnutls-cli',
    files: /^gnutls-cli$/,
    libraries: ['gnutls'],
    speaksOnStdout: true,
    led: 'place',
    pointing: {
      words: inPlace('-p {port} … {host}'),
      command: '--to HOST:PORT -- gnutls-cli -p {port} --sni-hostname=HOST --verify-hostname=HOST {host}',
    },
    place: placeInGnutls,
    resolvesUnless: [],
    trusts: 'system',
    authorities: option('--x509cafile'),
    certificate: option('--x509certfile'),
    key: option('--x509keyfile'),
    serverName: option('--sni-hostname'),
    verifiedName: option('--verify-hostname'),
    policy: option('--priority'),
    alpn: option('--alpn'),
    insecure: option('--insecure'),
    trust: () => ({ options: { '--x509cafile': trustFile } }),
    present: () => ({ options: { '--x509certfile': certificateFile, '--x509keyfile': keyFile } }),
  },
  {
    name: 'wget',
    files: /^wget2?$/,
    libraries: ['wget', 'gnutls', 'openssl'],
    led: 'variables',
    pointing: {
      words: {
        en: 'without a proxy in .wgetrc',
        ko: '.wgetrc의 프록시 설정 없이 실행하세요',
      },
      command: 'wget https://HOST/',
    },
    proxyOf: proxyOfWget,
    settings: settingsOfWget,
    resolvesUnless: ['--dns-servers'],
    trusts: 'system',
    authorities: option('--ca-certificate'),
    certificate: option('--certificate'),
    key: option('--private-key'),
    insecure: option('--no-check-certificate'),
    policy: option('--ciphers'),
    trust: () => ({ options: { '--ca-certificate=': trustFile } }),
    present: () => ({ options: { '--certificate=': certificateFile, '--private-key=': keyFile } }),
    refusing: [5],
  },
  {
    name: 'git',
    files: /^git(?:-remote-https?)?$/,
    libraries: ['curl', 'gnutls', 'openssl'],
    led: 'variables',
    pointing: {
      words: {
        en: 'with an https:// address, and without http.proxy of its own (git config --unset http.proxy)',
        ko: 'https:// 주소를 쓰고 http.proxy 설정을 지우세요(git config --unset http.proxy)',
      },
      command: 'git -c http.proxy= ls-remote https://HOST/REPOSITORY',
    },
    proxyOf: proxyOfGit,
    settings: settingsOfGit,
    resolvesUnless: [],
    trusts: 'system',
    authorities: {
      order: ofGitOrder,
      variables: ['GIT_SSL_CAINFO'],
      patterns: [ofGit('sslCAInfo')],
    },
    certificate: {
      order: ofGitOrder,
      variables: ['GIT_SSL_CERT'],
      patterns: [ofGit('sslCert')],
    },
    key: {
      order: ofGitOrder,
      variables: ['GIT_SSL_KEY'],
      patterns: [ofGit('sslKey')],
    },
    insecure: {
      variables: ['GIT_SSL_NO_VERIFY'],
      patterns: [/^(http\.(?:.*\.)?sslVerify=(?:false|0|no))$/i],
    },
    trust: (_words, _said, variables) =>
      variables['GIT_SSL_CAINFO']
        ? { variables: { GIT_SSL_CAINFO: trustFile } }
        : {
            patterns: [[ofGit('sslCAInfo'), trustFile]],
            words: ['-c', `http.sslCAInfo=${trustFile}`],
          },
    trustProxy: { words: ['-c', `http.proxySSLCAInfo=${trustFile}`] },
    present: (_words, variables) =>
      variables['GIT_SSL_CERT'] || variables['GIT_SSL_KEY']
        ? { variables: { GIT_SSL_CERT: certificateFile, GIT_SSL_KEY: keyFile } }
        : {
            patterns: [
              [ofGit('sslCert'), certificateFile],
              [ofGit('sslKey'), keyFile],
            ],
            words: ['-c', `http.sslCert=${certificateFile}`, '-c', `http.sslKey=${keyFile}`],
          },
  },
  {
    name: 'psql',
    files: /^(?:psql|pg_[a-z]+|createdb|dropdb|vacuumdb)$/,
    libraries: ['postgres', 'openssl'],
    led: 'place',
    pointing: {
      words: inPlace('hostaddr={host} port={port}'),
      command:
        "--to HOST:5432 -- psql 'host=HOST hostaddr={host} port={port} user=USER dbname=DATABASE sslmode=verify-full'",
    },
    place: placeInPostgres,
    settings: settingsOfPostgres,
    resolvesUnless: [],
    trusts: 'own',
    authorities: { variables: ['PGSSLROOTCERT'], patterns: [ofPostgres('sslrootcert')] },
    certificate: { variables: ['PGSSLCERT'], patterns: [ofPostgres('sslcert')] },
    key: { variables: ['PGSSLKEY'], patterns: [ofPostgres('sslkey')] },
    // What a connection string says counts more than a variable.
    trust: () => ({
      patterns: [[ofPostgres('sslrootcert'), trustFile]],
      variables: { PGSSLROOTCERT: trustFile },
    }),
    present: () => ({
      patterns: [
        [ofPostgres('sslcert'), certificateFile],
        [ofPostgres('sslkey'), keyFile],
      ],
      variables: { PGSSLCERT: certificateFile, PGSSLKEY: keyFile },
    }),
  },
  {
    name: 'kubectl',
    files: /^(?:kubectl|oc|helm)$/,
    libraries: ['go'],
    led: 'variables',
    pointing: {
      words: inPlace('--server'),
      command: '--to HOST:6443 -- kubectl --server https://{} --tls-server-name HOST version',
    },
    resolvesUnless: [],
    trusts: 'own',
    settings: settingsOfKubectl,
    authorities: option('--certificate-authority', '--kube-ca-file'),
    certificate: option('--client-certificate'),
    key: option('--client-key'),
    serverName: option('--tls-server-name', '--kube-tls-server-name'),
    insecure: option('--insecure-skip-tls-verify', '--kube-insecure-skip-tls-verify'),
    trust: () => ({ options: { '--certificate-authority=': trustFile } }),
    present: () => ({ options: { '--client-certificate=': certificateFile, '--client-key=': keyFile } }),
  },
  {
    name: 'node',
    files: /^(?:node(?:js)?|npm|npx|yarn|pnpm|corepack|tsx|ts-node)(?:-?\d+)?$/,
    libraries: ['node', 'openssl'],
    led: 'variables',
    pointing: {
      words: {
        en: 'Node reads the variables of proxies from version 22.21 and 24.5 on; before, and for sockets of its own (tls.connect), let {} stand in the place of its target',
        ko: 'Node는 22.21과 24.5부터 프록시 환경 변수를 읽습니다. 그 이전 버전이거나 tls.connect를 직접 쓰면 대상 자리에 {} 기호를 쓰세요',
      },
      command: '--to HOST:PORT -- node PROGRAM.js https://{}/',
    },
    trusts: 'own',
    runsCode: true,
    authorities: { variables: ['NODE_EXTRA_CA_CERTS'] },
    stores: storeOfNode,
    storeWords: (words, variables) =>
      usesOpenssl(words, variables)
        ? {
            en: 'with --use-openssl-ca Node goes by OpenSSL’s list of CAs, or by the file of SSL_CERT_FILE in its place',
            ko: '--use-openssl-ca를 쓰면 Node는 OpenSSL의 CA 목록이나 SSL_CERT_FILE의 파일을 따릅니다.',
          }
        : {
            en: 'Node brings its own list of CAs along: NODE_EXTRA_CA_CERTS adds the CAs of a file to it, and --use-system-ca those of this machine (from Node 22.15 and 23.8 on); a program that names CAs in its code (ca:) goes by these alone',
            ko: 'Node에는 자체 CA 목록이 들어 있습니다. NODE_EXTRA_CA_CERTS로 파일의 CA를 더하거나, --use-system-ca로 이 컴퓨터의 CA를 더하세요(Node 22.15, 23.8부터). 코드에서 CA를 지정한(ca:) 프로그램은 그것만 따릅니다.',
          },
    trust: (words, _said, variables) => ({
      variables: { [usesOpenssl(words, variables) ? 'SSL_CERT_FILE' : 'NODE_EXTRA_CA_CERTS']: trustFile },
    }),
  },
  {
    name: 'python',
    files: /^(?:python[\d.]*|pip[\d.]*|pipx|uv|poetry|http|https)$/,
    libraries: ['python', 'openssl'],
    // pip tells there why it skips an index.
    speaksOnStdout: /^Could not fetch URL https:.* - skipping$/,
    led: 'variables',
    pointing: {
      words: {
        en: 'urllib and requests are led by the variables; for sockets of its own (ssl.wrap_socket, http.client) let {} stand in the place of its target',
        ko: 'urllib과 requests는 환경 변수를 따릅니다. 소켓을 직접 쓰면(ssl, http.client) 대상 자리에 {} 기호를 쓰세요',
      },
      command: '--to HOST:PORT -- python3 PROGRAM.py {}',
    },
    trusts: 'own',
    proxyOf: proxyByOption('--proxy'),
    runsCode: true,
    authorities: { variables: ['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE'], isAnyOf: true },
    folder: { variables: ['SSL_CERT_DIR'] },
    storeWords: () => ({
      en: 'Python has two lists of CAs: requests, pip and httpx use that of certifi (python3 -m certifi), or the file of REQUESTS_CA_BUNDLE in its place; ssl and urllib use OpenSSL’s, or the file of SSL_CERT_FILE. A program that names a file in its code (cafile, verify) goes by that one, and by no variable',
      ko: 'Python에는 CA 목록이 둘 있습니다. requests, pip, httpx는 certifi의 목록(python3 -m certifi)이나 REQUESTS_CA_BUNDLE의 파일을, ssl과 urllib은 OpenSSL의 목록이나 SSL_CERT_FILE의 파일을 씁니다. 코드에서 파일을 지정한(cafile, verify) 프로그램은 변수가 아니라 그 파일을 따릅니다.',
    }),
    trust: (_words, said) => ({
      variables: {
        [/requests\.|urllib3|\bHTTPSConnectionPool\(/.test(said) ? 'REQUESTS_CA_BUNDLE' : 'SSL_CERT_FILE']:
          trustFile,
      },
    }),
  },
  {
    name: 'java',
    files: /^(?:java|mvnw?|gradlew?|sbt|jshell)$/,
    libraries: ['java'],
    led: 'variables',
    pointing: {
      words: {
        en: 'Java is led by JAVA_TOOL_OPTIONS, which wirelab sets, where the program uses HttpsURLConnection or HttpClient; otherwise let {} stand in the place of its target',
        ko: 'HttpsURLConnection이나 HttpClient를 쓰는 Java 프로그램은 wirelab이 정하는 JAVA_TOOL_OPTIONS를 따릅니다. 아니면 대상 자리에 {} 기호를 쓰세요',
      },
      command: '--to HOST:PORT -- java -jar PROGRAM.jar https://{}/',
    },
    trusts: 'own',
    proxyOf: proxyOfJava,
    stores: storesOfJava,
    runsCode: true,
    storeWords: (words, variables) => {
      const named = propertyOfJava(words, variables, 'trustStore');
      return named === undefined
        ? {
            en: 'Java trusts the CAs of its own store (lib/security/cacerts in its home; another one by -Djavax.net.ssl.trustStore): import the CA there, and start the program again',
            ko: 'Java는 자체 저장소(홈의 lib/security/cacerts, -Djavax.net.ssl.trustStore로 변경 가능)의 CA만 신뢰합니다. CA를 그 저장소에 넣고 프로그램을 다시 시작하세요.',
          }
        : {
            en: `Java was told to trust the CAs of ${named} alone (-Djavax.net.ssl.trustStore): import the CA there, and start the program again`,
            ko: `Java에 ${named} 저장소의 CA만 신뢰하도록 지정되어 있습니다(-Djavax.net.ssl.trustStore). CA를 그 저장소에 넣고 프로그램을 다시 시작하세요.`,
          };
    },
    trust: (words, _said, variables) => {
      const store = propertyOfJava(words, variables, 'trustStore');
      // Without its password keytool asks for it.
      const where = store === undefined ? '-cacerts -storepass changeit' : `-keystore ${shellWord(store)}`;
      return { instead: `keytool -importcert ${where} -noprompt -alias wirelab-ca -file ${trustFile}` };
    },
    present: () => ({
      patterns: [
        [/^-Djavax\.net\.ssl\.keyStore=(.+)$/, 'client.p12'],
        [/^-Djavax\.net\.ssl\.keyStorePassword=(.+)$/, 'PASSWORD'],
      ],
      words: ['-Djavax.net.ssl.keyStore=client.p12', '-Djavax.net.ssl.keyStorePassword=PASSWORD'],
    }),
  },
  {
    name: 'mosquitto_pub',
    files: /^mosquitto_(?:pub|sub|rr)$/,
    libraries: ['mosquitto', 'openssl'],
    led: 'place',
    pointing: {
      words: inPlace('-h {host} -p {port}'),
      command: '--to HOST:8883 -- mosquitto_pub -h {host} -p {port} --cafile CA.crt -t TOPIC -m MESSAGE',
    },
    resolvesUnless: ['--proxy'],
    trusts: 'own',
    authorities: option('--cafile'),
    folder: option('--capath'),
    certificate: option('--cert'),
    key: option('--key'),
    insecure: option('--insecure'),
    policy: option('--ciphers'),
    trust: () => ({ options: { '--cafile': trustFile } }),
    present: () => ({ options: { '--cert': certificateFile, '--key': keyFile } }),
  },
  {
    name: 'redis-cli',
    files: /^(?:redis|valkey)-(?:cli|benchmark)$/,
    libraries: ['openssl'],
    led: 'place',
    pointing: {
      words: inPlace('-h {host} -p {port}'),
      command: '--to HOST:6379 -- redis-cli -h {host} -p {port} --tls --sni HOST PING',
    },
    resolvesUnless: [],
    trusts: 'system',
    authorities: option('--cacert'),
    folder: option('--cacertdir'),
    certificate: option('--cert'),
    key: option('--key'),
    serverName: option('--sni'),
    insecure: option('--insecure'),
    policy: option('--tls-ciphers'),
    trust: () => ({ options: { '--cacert': trustFile } }),
    present: () => ({ options: { '--cert': certificateFile, '--key': keyFile } }),
  },
  {
    name: 'etcdctl',
    files: /^etcdctl$/,
    libraries: ['go'],
    led: 'place',
    pointing: {
      words: inPlace('--endpoints'),
      command: '--to HOST:2379 -- etcdctl --endpoints https://{} endpoint health',
    },
    resolvesUnless: [],
    trusts: 'system',
    authorities: { options: ['--cacert'], variables: ['ETCDCTL_CACERT', 'SSL_CERT_FILE'] },
    certificate: { options: ['--cert'], variables: ['ETCDCTL_CERT'] },
    key: { options: ['--key'], variables: ['ETCDCTL_KEY'] },
    insecure: option('--insecure-skip-tls-verify'),
    trust: () => ({ options: { '--cacert': trustFile } }),
    present: () => ({ options: { '--cert': certificateFile, '--key': keyFile } }),
  },
  {
    name: 'ldapsearch',
    files: /^ldap(?:search|whoami|modify|add|delete|passwd|compare)$/,
    libraries: ['ldap', 'gnutls', 'openssl'],
    led: 'place',
    pointing: {
      words: inPlace('-H ldaps://{}'),
      command: "--to HOST:636 -- ldapsearch -x -H ldaps://{} -b '' -s base",
    },
    resolvesUnless: [],
    trusts: 'own',
    authorities: { variables: ['LDAPTLS_CACERT'] },
    certificate: { variables: ['LDAPTLS_CERT'] },
    key: { variables: ['LDAPTLS_KEY'] },
    trust: () => ({ variables: { LDAPTLS_CACERT: trustFile } }),
    present: () => ({ variables: { LDAPTLS_CERT: certificateFile, LDAPTLS_KEY: keyFile } }),
  },
  {
    name: 'mariadb',
    files: /^(?:mariadb|mysql)(?:-?(?:dump|admin|check|import|show))?$/,
    libraries: ['mysql', 'openssl', 'gnutls'],
    led: 'place',
    pointing: {
      words: inPlace('-h {host} -P {port} --protocol tcp'),
      command: '--to HOST:3306 -- mariadb -h {host} -P {port} --protocol tcp',
    },
    resolvesUnless: [],
    trusts: 'system',
    authorities: option('--ssl-ca'),
    certificate: option('--ssl-cert'),
    key: option('--ssl-key'),
    policy: option('--ssl-cipher'),
    trust: () => ({ options: { '--ssl-ca=': trustFile } }),
    present: () => ({ options: { '--ssl-cert=': certificateFile, '--ssl-key=': keyFile } }),
  },
  {
    name: 'go',
    files: /^go$/,
    libraries: ['go'],
    led: 'variables',
    pointing: {
      words: {
        en: "Go's net/http is led by the variables, except to this machine itself; there, and for sockets of its own, let {} stand in the place of its target",
        ko: 'Go의 net/http는 환경 변수를 따르지만 이 컴퓨터 자신으로 갈 때는 따르지 않습니다. 그때나 소켓을 직접 쓸 때는 대상 자리에 {} 기호를 쓰세요',
      },
      command: '--to HOST:PORT -- go run . https://{}/',
    },
    trusts: 'system',
    runsCode: true,
    authorities: { variables: ['SSL_CERT_FILE'] },
    storeWords: storeOfGo,
    trust: () => ({ variables: { SSL_CERT_FILE: trustFile } }),
  },
];

/** By the path of a program; undefined where it has no row. */
export function programOf(path: string): Program | undefined {
  const file = (path.split('/').at(-1) ?? '').replace(/\.(?:exe|cmd|bat|sh)$/i, '');
  return programs.find(({ files }) => files.test(file));
}

const wrappers = /^(?:env|timeout|nice|nohup|stdbuf|time|sudo|doas|setsid|chrt|ionice)$/;

/** Where the command begins that another one starts (`timeout 5 curl`); 0 where none does. */
export function wrappedAt(words: Words): number {
  if (!wrappers.test(words[0]?.split('/').at(-1) ?? '')) return 0;
  return Math.max(
    0,
    words.findIndex((word, at) => at > 0 && !/^(?:-.*|[A-Za-z_]\w*=.*|[\d.]+[smhd]?)$/.test(word)),
  );
}

/** The same, where that is a program that is known. */
export function beginningOf(words: Words): number {
  const index = wrappedAt(words);
  return index > 0 && programOf(words[index] ?? '') ? index : 0;
}

export const pointingOfOthers = {
  words: {
    en: 'for a program that reads no proxy settings, let {} stand in the place of its target',
    ko: '프록시 설정을 읽지 않는 프로그램이면 대상 자리에 {} 기호를 쓰세요',
  },
  command: '--to HOST:PORT -- PROGRAM {}',
} as const;
