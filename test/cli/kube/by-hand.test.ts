/** A control plane that no kubeadm and no wirelab made is judged as fairly. A process of its own: other tests keep theirs busy. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { desk } from './support/desk.ts';

withPeer(
  'openssl',
  'check: a control plane that was made by hand with openssl is sound: RSA and two curves, keys as PKCS #8, no key usage',
  async (t) => {
    const { pki, path } = desk(t);
    await pki('--out', 'like');
    mkdirSync(path('lab/pki/etcd'), { recursive: true });
    const script = [
      'set -e; umask 022; cd lab/pki',
      'ca() { kind=$1; shift; openssl req -x509 -newkey $kind -nodes -keyout "$1.key" -out "$1.crt" -subj "/CN=$2" -days 3650 -addext keyUsage=critical,keyCertSign,digitalSignature; }',
      'leaf() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$2.key" -out "$2.csr" -subj "$3"; printf "extendedKeyUsage=%s\\n%s" "$4" "${5:+subjectAltName=$5}" > "$2.ext"; openssl x509 -req -in "$2.csr" -CA "$1.crt" -CAkey "$1.key" -CAcreateserial -days 365 -extfile "$2.ext" -out "$2.crt"; rm "$2.csr" "$2.ext"; }',
      'ca rsa:2048 ca kubernetes; ca "ec -pkeyopt ec_paramgen_curve:prime256v1" front-proxy-ca front-proxy-ca; ca "ec -pkeyopt ec_paramgen_curve:secp384r1" etcd/ca etcd-ca',
      'leaf ca apiserver /CN=kube-apiserver serverAuth DNS:control-plane,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,IP:10.96.0.1,IP:127.0.0.1',
      'leaf ca apiserver-kubelet-client /O=kubeadm:cluster-admins/CN=kube-apiserver-kubelet-client clientAuth',
      'leaf front-proxy-ca front-proxy-client /CN=front-proxy-client clientAuth',
      'for name in server peer; do leaf etcd/ca etcd/$name /CN=kube-etcd serverAuth,clientAuth DNS:control-plane,DNS:localhost,IP:127.0.0.1; done',
      'leaf etcd/ca etcd/healthcheck-client /CN=kube-etcd-healthcheck-client clientAuth; leaf etcd/ca apiserver-etcd-client /CN=kube-apiserver-etcd-client clientAuth',
      'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out sa.key; openssl pkey -in sa.key -pubout -out sa.pub',
      'leaf ca ../../admin /O=kubeadm:cluster-admins/CN=kubernetes-admin clientAuth',
    ].join('\n');
    const made = await runProgram('sh', ['-c', script], { cwd: path(), timeout: 85_000 });
    t.is(made.exitCode, 0, made.stderr);
    const data = (file: string): string => readFileSync(path(file)).toString('base64');
    const admin = readFileSync(path('like/admin.conf'), 'utf8')
      .replace(/certificate-authority-data: .*/, `certificate-authority-data: ${data('lab/pki/ca.crt')}`)
      .replace(/client-certificate-data: .*/, `client-certificate-data: ${data('admin.crt')}`)
      .replace(/client-key-data: .*/, `client-key-data: ${data('admin.key')}`);
    writeFileSync(path('config'), admin, { mode: 0o600 });
    const { exitCode, stdout } = await pki('check', 'lab/pki', 'config');
    t.is(exitCode, 0, stdout);
    t.notRegex(stdout, /[✗!] /);
  },
);
