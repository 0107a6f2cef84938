import test from 'ava';
import * as fc from 'fast-check';
import { josa, lastSound } from '../../src/i18n/josa.ts';
import type { LastSound, Particle } from '../../src/i18n/josa.ts';

const words: Readonly<Record<LastSound, readonly string[]>> = {
  vowel: [
    ...['서버', '클라이언트', '프록시', '인증서', '키', '도청자', '프록시(proxy)'],
    ...[
      'alice',
      'mallory',
      'proxy',
      'kube-proxy',
      'etcd',
      'customer',
      'stranger',
      'visitor',
      'dave',
      'front',
    ],
    ...[
      'client',
      'server',
      'localhost',
      'shop.localhost',
      'node',
      'bank',
      'blog',
      'root',
      'pharmacy',
      'leaf',
    ],
    ...['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'kubeconfig', 'Kubernetes', 'nginx'],
    ...['CA', 'API', 'RBAC', 'TLS', 'mTLS', 'HTTP', 'HTTPS', 'DNS', 'TCP', 'IP', 'ID', 'UID', 'SNI', 'OCSP'],
    ...['RSA', 'ECDSA', 'AES', 'EKU', 'SSH', 'URI', 'PKI', 'Rogue CA', 'Workshop Client CA', 'OK', 'MB'],
    ...[
      'POST',
      'DELETE',
      'PATCH',
      'HEAD',
      'CONNECT',
      'PostgreSQL 12',
      'MD5',
      'X25519',
      'x509',
      'h2',
      'node-4',
    ],
    ...['ca.crt', 'apiserver.key', 'admin.conf', 'scenario.pcapng', 'notes.md', 'ClientHello', 'Certificate'],
    ...[
      'CertificateVerify',
      'Finished',
      'EncryptedExtensions',
      'unknown_ca',
      'bad_certificate',
      'close_notify',
    ],
    ...['handshake_failure', 'decrypt_error', 'system:masters', 'Firefox'],
    ...[
      'script',
      'network',
      'link',
      'port',
      'test',
      'help',
      'sync',
      'street',
      'cloud',
      'log',
      'config',
      'pod',
    ],
    ...['café', 'value', 'the', 'me', 'check', 'GitHub', 'TLS 1.2', '127.0.0.5', '"alice"', '‘서버’', '100%'],
    ...['SSLv3', 'POP3', 'IPv6', 'L4', 'USER', 'REQUESTOR'],
    ...['A', 'B', 'S', '', '…', 'O=Workshop, CN=alice', 'CN=alice (O=Workshop)', '12', '14', '19'],
  ],
  consonant: [
    ...[
      '이름',
      '요청',
      '구간',
      '값',
      '암호문',
      '노드(node)의 이름',
      '"비밀번호들만"',
      '인증 기관(CA)',
      '인증 기관 (CA)',
      '닭',
    ],
    ...[
      'shop',
      'workshop',
      'wirelab',
      'bob',
      'kubelet',
      'secret',
      'ticket',
      'NewSessionTicket',
      'socket',
      'web',
    ],
    ...['admin', 'name', 'server.name', 'line', 'none', 'time', 'machine', 'kube-system', 'ServerHelloDone'],
    ...[
      'wget',
      'backup',
      'configmap',
      'stack',
      'block',
      'clinic',
      'public',
      'app',
      'job',
      'ping',
      'ring',
      'quit',
    ],
    ...[
      'CN',
      'SAN',
      'ALPN',
      'PEM',
      'JSON',
      'FIN',
      'SYN',
      'GCM',
      'GET',
      'PUT',
      'QUIC',
      'HMAC',
      'CNAME',
      'type',
    ],
    ...[
      'M',
      'N',
      'SHA256',
      'P-256',
      'TLS 1.3',
      '10',
      '443',
      '8080',
      '127.0.0.1:20443',
      '20',
      '3',
      '6',
      '100',
    ],
    ...['SHA-1', 'SSLv1', 'DNSSEC', 'SIGHUP', 'IMAP', 'system:node:NAME', '-pubout', 'exec', 'spec'],
    ...['token', 'ca.pem', 'webhook', 'cgroup', 'timeout', 'no_certificate_extension', 'protocol_version'],
  ],
  ㄹ: [
    ...[
      '파일',
      '구간들',
      '서울',
      '메일',
      'URL',
      'CSR',
      'CRL',
      'SSL',
      'OpenSSL',
      'openssl',
      'kubectl',
      'curl',
    ],
    ...[
      'carol',
      'tunnel',
      'role',
      'file',
      'console',
      'title',
      'example',
      'null',
      'YAML',
      'HTML',
      'SQL',
      'DER',
    ],
    ...[
      'L',
      'R',
      '1',
      '7',
      '8',
      '11',
      'TLS 1.1',
      '127.0.0.1',
      'node-1',
      'ca.der',
      'alice.csr',
      'events.jsonl',
    ],
    ...['no_application_protocol', 'https://shop.localhost/profile', 'kube-apiserver.crl'],
  ],
};

for (const sound of ['vowel', 'consonant', 'ㄹ'] as const) {
  test(`words that end in: ${sound}`, (t) => {
    t.deepEqual(
      words[sound].filter((word) => lastSound(word) !== sound),
      [],
    );
  });
}

const forms: readonly (readonly [Particle, vowel: string, consonant: string, rieul: string])[] = [
  ['은/는', 'alice는', 'shop은', 'URL은'],
  ['이/가', 'alice가', 'shop이', 'URL이'],
  ['을/를', 'alice를', 'shop을', 'URL을'],
  ['과/와', 'alice와', 'shop과', 'URL과'],
  ['으로/로', 'alice로', 'shop으로', 'URL로'],
  ['이라/라', 'alice라', 'shop이라', 'URL이라'],
  ['이라고/라고', 'alice라고', 'shop이라고', 'URL이라고'],
  ['이라는/라는', 'alice라는', 'shop이라는', 'URL이라는'],
  ['이나/나', 'alice나', 'shop이나', 'URL이나'],
  ['이며/며', 'alice며', 'shop이며', 'URL이며'],
  ['이고/고', 'alice고', 'shop이고', 'URL이고'],
  ['이지만/지만', 'alice지만', 'shop이지만', 'URL이지만'],
  ['이면/면', 'alice면', 'shop이면', 'URL이면'],
  ['이어서/여서', 'alice여서', 'shop이어서', 'URL이어서'],
];

for (const [particle, vowel, consonant, rieul] of forms) {
  test(`the particle ${particle}`, (t) => {
    t.is(josa('alice', particle), vowel);
    t.is(josa('shop', particle), consonant);
    t.is(josa('URL', particle), rieul);
  });
}

test('a remark in brackets is not read, and stays', (t) => {
  t.is(josa('CN=shop(일련번호 1f)', '은/는'), 'CN=shop(일련번호 1f)은');
  t.is(josa('(alice)', '은/는'), '(alice)는', 'where all is in brackets, it is read');
  t.is(josa('[::1]:8443', '으로/로'), '[::1]:8443으로');
  t.is(josa('서버'.normalize('NFD'), '이/가'), `${'서버'.normalize('NFD')}가`);
});

test('every text gets one of the two forms after itself', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      t.true([`${text}은`, `${text}는`].includes(josa(text, '은/는')));
    }),
  );
});
