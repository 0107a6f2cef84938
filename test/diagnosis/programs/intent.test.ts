/** What a command's arguments and variables say, and how the same command is given what it lacks. */
import test from 'ava';
import { intentOf } from '../../../src/diagnosis/programs/intent.ts';
import { programOf } from '../../../src/diagnosis/programs/programs.ts';
import { remedyFor } from '../../../src/diagnosis/programs/remedy.ts';
import { shellWord } from '../../../src/cli/io/shell-word.ts';

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
  t.deepEqual(intent('node x.js', { NODE_EXTRA_CA_CERTS: 'e' }), { authorities: 'e' });
});

test('variables of which only the program knows which one counts say something where they agree', (t) => {
  t.deepEqual(intent('python3 x.py', { SSL_CERT_FILE: 'a', REQUESTS_CA_BUNDLE: 'a' }), { authorities: 'a' });
  t.deepEqual(intent('python3 x.py', { SSL_CERT_FILE: 'a', REQUESTS_CA_BUNDLE: 'b' }), {});
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
    quote: shellWord,
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
  t.is(trusting('psql host=x'), 'PGSSLROOTCERT=CA.crt psql host=x');
  t.regex(trusting('java -jar x.jar') ?? '', /^keytool -importcert -cacerts .*-file CA\.crt$/);
  t.regex(trusting('./mine x') ?? '', /update-ca-certificates$/);
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
  t.is(remedy('certificate_missing', 'server', 'node x.js'), undefined, 'its code has to');
  t.is(remedy('name_mismatch', 'client', 'curl https://x/'), undefined);
  t.is(
    remedy('unknown_ca', 'server', 'curl https://x/'),
    undefined,
    'that CA is not for the client to trust',
  );
});
