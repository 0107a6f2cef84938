/** What a command's arguments and variables say, and how the same command is given what it lacks. */
import test from 'ava';
import { filesNamed, intentOf } from '../../../src/diagnosis/programs/intent.ts';
import { programOf } from '../../../src/diagnosis/programs/programs.ts';
import { inItsOptions, remedyFor } from '../../../src/diagnosis/programs/remedy.ts';

const intent = (line: string, variables: NodeJS.ProcessEnv = {}): unknown => {
  const words = line.split(' ');
  return intentOf(programOf(words[0] ?? ''), words, variables);
};

test('whom it trusts, and what it presents', (t) => {
  t.deepEqual(intent('curl --cacert a.crt -E me.crt --key me.key https://x/'), {
    authorities: 'a.crt',
    certificate: 'me.crt',
    key: 'me.key',
  });
  t.deepEqual(intent('curl -sSk https://x/'), { isInsecure: true });
  t.deepEqual(intent('curl https://x/', { CURL_CA_BUNDLE: 'b', SSL_CERT_FILE: 'c' }), { authorities: 'b' });
  t.deepEqual(intent('wget --ca-certificate=a --no-check-certificate https://x/'), {
    authorities: 'a',
    isInsecure: true,
  });
  t.deepEqual(intent('openssl s_client -CAfile a -servername n -alpn h2,http/1.1 -starttls smtp'), {
    authorities: 'a',
    serverName: 'n',
    serverNameBy: '-servername',
    alpn: ['h2', 'http/1.1'],
    starttls: 'smtp',
  });
  t.deepEqual(intent('git -c http.sslCAInfo=a -c http.sslVerify=false ls-remote https://x/'), {
    authorities: 'a',
    isInsecure: true,
  });
  t.deepEqual(
    intent('git -c http.sslCAInfo=a ls-remote https://x/', { GIT_SSL_CAINFO: 'b' }),
    { authorities: 'b' },
    'git reads its variable first',
  );
  t.deepEqual(intent('psql host=x&sslrootcert=r&sslcert=c&sslkey=k'), {
    authorities: 'r',
    certificate: 'c',
    key: 'k',
  });
  t.deepEqual(intent('kubectl --certificate-authority=a --insecure-skip-tls-verify=true get pods'), {
    authorities: 'a',
    isInsecure: true,
  });
  t.deepEqual(
    intent('node x.js', { NODE_EXTRA_CA_CERTS: 'e' }),
    { authorities: 'e', mayTrustOthers: true },
    'the code that it runs may have CAs of its own',
  );
  t.deepEqual(intent('git -c http.sslCAInfo=a -c http.sslCAInfo=b ls-remote https://x/'), {
    authorities: 'b',
  });
});

test('variables of which only the program knows which one counts say something where they agree', (t) => {
  t.deepEqual(intent('python3 x.py', { SSL_CERT_FILE: 'a', REQUESTS_CA_BUNDLE: 'a' }), {
    authorities: 'a',
    mayTrustOthers: true,
  });
  t.deepEqual(intent('python3 x.py', { SSL_CERT_FILE: 'a', REQUESTS_CA_BUNDLE: 'b' }), {});
});

test('the files that arguments, variables and settings name, and what names each', (t) => {
  const files = (
    line: string,
    variables: NodeJS.ProcessEnv = {},
    settings?: Parameters<typeof filesNamed>[3],
  ) => {
    const words = line.split(' ');
    return filesNamed(programOf(words[0] ?? ''), words, variables, settings).map(
      ({ kind, by, path }) => `${kind} ${by} ${path}`,
    );
  };
  t.deepEqual(files('curl --cacert a.crt -E me.crt:secret --key me.key https://x/'), [
    'authorities --cacert a.crt',
    'certificate -E me.crt',
    'key --key me.key',
  ]);
  t.deepEqual(files('curl https://x/', {}, { by: '.curlrc', certificate: 'me.crt:secret' }), [
    'certificate .curlrc me.crt',
  ]);
  t.deepEqual(files('curl --cert pkcs11:token=mine https://x/'), ['certificate --cert pkcs11:token=mine']);
  t.deepEqual(files('node x.js', { NODE_EXTRA_CA_CERTS: 'e' }), ['authorities NODE_EXTRA_CA_CERTS e']);
  t.deepEqual(files('python3 x.py', { SSL_CERT_FILE: 'a', REQUESTS_CA_BUNDLE: 'b' }), [
    'authorities REQUESTS_CA_BUNDLE b',
    'authorities SSL_CERT_FILE a',
  ]);
  t.deepEqual(files('git -c http.sslCAInfo=a ls-remote https://x/'), ['authorities http.sslCAInfo a']);
  t.deepEqual(files('psql host=x&sslrootcert=r'), ['authorities sslrootcert r']);
  t.deepEqual(files('java -Djavax.net.ssl.trustStore=t -Djavax.net.ssl.keyStore=k X'), [
    'authorities -Djavax.net.ssl.trustStore t',
    'certificate -Djavax.net.ssl.keyStore k',
  ]);
  t.deepEqual(files('kubectl get pods', {}, { by: 'config', authorities: 'ca' }), ['authorities config ca']);
  t.deepEqual(files('./mine --cacert a'), []);
});

test('of an unknown program nothing is assumed', (t) => {
  t.deepEqual(intent('./mine --cacert a', { SSL_CERT_FILE: 'a' }), {});
});

const remedy = (
  cause: 'unknown_ca' | 'certificate_missing' | 'name_mismatch',
  by: string,
  line: string,
  { said = '', variables = {} }: { readonly said?: string; readonly variables?: NodeJS.ProcessEnv } = {},
): string | undefined => {
  const words = line.split(' ');
  return remedyFor(cause, by, {
    program: programOf(words[0] ?? ''),
    words,
    said,
    variables,
  });
};

test('the exact line that trusts another CA', (t) => {
  const trusting = (line: string, more: Parameters<typeof remedy>[3] = {}): string | undefined =>
    remedy('unknown_ca', 'client', line, more);
  t.is(trusting('curl -sS https://x/'), 'curl --cacert CA.crt -sS https://x/');
  t.is(
    trusting('curl --cacert old.crt https://x/'),
    'curl --cacert CA.crt https://x/',
    'the last one would count',
  );
  t.is(trusting('wget --ca-certificate=old https://x/'), 'wget --ca-certificate=CA.crt https://x/');
  t.is(trusting('openssl s_client -connect x:1'), 'openssl s_client -CAfile CA.crt -connect x:1');
  t.is(trusting('git ls-remote https://x/'), 'git -c http.sslCAInfo=CA.crt ls-remote https://x/');
  t.is(
    trusting('git ls-remote https://x/', { variables: { GIT_SSL_CAINFO: 'a' } }),
    'GIT_SSL_CAINFO=CA.crt git ls-remote https://x/',
  );
  t.is(trusting('node x.js'), 'NODE_EXTRA_CA_CERTS=CA.crt node x.js');
  t.is(trusting('python3 x.py'), 'SSL_CERT_FILE=CA.crt python3 x.py');
  t.is(
    trusting('python3 x.py', { said: 'requests.exceptions.SSLError' }),
    'REQUESTS_CA_BUNDLE=CA.crt python3 x.py',
  );
  t.is(
    trusting('git -c http.sslCAInfo=old ls-remote https://x/'),
    'git -c http.sslCAInfo=CA.crt ls-remote https://x/',
    'the last one would count',
  );
  t.is(trusting('psql host=x'), 'PGSSLROOTCERT=CA.crt psql host=x');
  t.is(
    trusting('psql postgresql://x/db?sslrootcert=old&sslmode=verify-full'),
    "psql 'postgresql://x/db?sslrootcert=CA.crt&sslmode=verify-full'",
    'the parameter counts more than the variable',
  );
  t.is(trusting('mosquitto_pub -h x --cafile old -t a'), 'mosquitto_pub -h x --cafile CA.crt -t a');
  t.is(trusting('redis-cli --tls PING'), 'redis-cli --cacert CA.crt --tls PING');
  t.is(trusting('etcdctl --cacert=old get a'), 'etcdctl --cacert=CA.crt get a');
  t.is(trusting('mariadb --ssl-ca=old -h x'), 'mariadb --ssl-ca=CA.crt -h x');
  t.is(trusting('ldapsearch -x'), 'LDAPTLS_CACERT=CA.crt ldapsearch -x');
  t.regex(trusting('java -jar x.jar') ?? '', /^keytool -importcert -cacerts .*-file CA\.crt$/);
  t.is(
    trusting('java -Djavax.net.ssl.trustStore=own.p12 -jar x.jar'),
    'keytool -importcert -keystore own.p12 -noprompt -alias wirelab-ca -file CA.crt',
  );
  t.regex(
    trusting('java -jar x.jar', {
      variables: { JAVA_TOOL_OPTIONS: "-Xmx1g -Djavax.net.ssl.trustStore=a'b.p12" },
    }) ?? '',
    /-keystore 'a'\\''b\.p12' /,
  );
  t.regex(trusting('./mine x') ?? '', /update-ca-certificates$/);
  t.is(
    remedyFor('unknown_ca', 'client', {
      program: undefined,
      words: ['./mine', 'ca/old.crt', '--ca=ca/old.crt'],
      said: '',
      variables: {},
      authorities: 'ca/old.crt',
    }),
    './mine CA.crt --ca=CA.crt',
    'the file with CAs that it was given',
  );
});

test('the exact line that presents a certificate', (t) => {
  t.is(
    remedy('certificate_missing', 'server', 'curl https://x/?a=b;c'),
    "curl --cert client.crt --key client.key 'https://x/?a=b;c'",
  );
  t.is(
    remedy('certificate_missing', 'server', 'psql host=x'),
    'PGSSLCERT=client.crt PGSSLKEY=client.key psql host=x',
  );
  t.is(
    remedy('certificate_missing', 'server', 'java -Djavax.net.ssl.keyStore=own.p12 X'),
    'java -Djavax.net.ssl.keyStore=client.p12 X',
  );
  t.is(remedy('certificate_missing', 'server', 'node x.js'), undefined, 'its code has to');
  t.is(remedy('name_mismatch', 'client', 'curl https://x/'), undefined);
  t.is(
    remedy('unknown_ca', 'server', 'curl https://x/'),
    undefined,
    'that CA is not for the client to trust',
  );
});

test('of several places the one that the program reads first', (t) => {
  const git = programOf('git');
  const settings = { by: 'git config', authorities: 's' };
  const of = (variables: NodeJS.ProcessEnv): unknown =>
    intentOf(git, ['git', '-c', 'http.sslCAInfo=a', 'ls-remote'], variables, settings).authorities;
  t.is(of({ GIT_SSL_CAINFO: 'v' }), 'v');
  t.is(of({}), 's', 'its settings include -c, as they hold for the address');
  const curl = programOf('curl');
  const rc = { by: '.curlrc', authorities: 's' };
  t.is(intentOf(curl, ['curl', 'https://x/'], { CURL_CA_BUNDLE: 'v' }, rc).authorities, 's');
  t.is(intentOf(curl, ['curl', '--cacert', 'a', 'https://x/'], {}, rc).authorities, 'a');
  t.deepEqual(intent('curl --cacert a --cacert b https://x/'), { authorities: 'b' });
  t.like(intent('openssl s_client -servername a -verify_hostname b'), { serverName: 'b', verifies: 'b' });
});

test('no option stands twice in the line to type', (t) => {
  const line = (words: string, cause: 'unknown_ca' | 'certificate_missing', by: string): string | undefined =>
    remedyFor(cause, by, { program: programOf('curl'), words: words.split(' '), said: '', variables: {} });
  t.is(
    line('curl -E me.crt --key me.key https://x/', 'certificate_missing', 'server'),
    'curl -E client.crt --key client.key https://x/',
  );
  t.is(
    line('curl -Eme.crt https://x/', 'certificate_missing', 'server'),
    'curl --key client.key -Eclient.crt https://x/',
  );
  t.is(
    line('curl --cacert a --cacert b https://x/', 'unknown_ca', 'client'),
    'curl --cacert a --cacert CA.crt https://x/',
  );
});

test('general words are in the options of the program', (t) => {
  const words = {
    en: 'present one (--cert and --key); name its CA with --cacert',
    ko: '--cert, --key, --cacert',
  };
  const said = (name: string): string => inItsOptions(words, programOf(name)).en;
  t.is(said('wget'), 'present one (--certificate and --private-key); name its CA with --ca-certificate');
  t.is(said('ldapsearch'), 'present one (LDAPTLS_CERT and LDAPTLS_KEY); name its CA with LDAPTLS_CACERT');
  t.is(said('curl'), words.en);
  t.is(said('python3'), words.en);
});
