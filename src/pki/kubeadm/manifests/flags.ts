/**
 * Lists every setting of kubeadm's that names a certificate, a key or a kubeconfig, one row each: whose file it is, who
 * reads it and what for, and what breaks without it. Data, from the sources and messages of Kubernetes 1.32 and etcd
 * 3.5. `static-pods.ts` writes the flags, `check/manifests.ts` judges them, a scenario shows them.
 */
import { localized } from '../../../i18n/language.ts';
import type { Localized, Pair } from '../../../i18n/language.ts';
import type { StaticPodName } from './processes.ts';

export type FlagKind = 'ca' | 'certificate' | 'key' | 'public-key' | 'kubeconfig';

/** A static pod, or the kubelet, whose settings are in its config.yaml. */
export type FlagProcess = StaticPodName | 'kubelet';

export interface FileFlag {
  readonly process: FlagProcess;
  /** Without dashes; for the kubelet, a path in its configuration. */
  readonly flag: string;
  readonly kind: FlagKind;
  /** In the cluster's folder. */
  readonly file: string;
  /** The row of `certificates.ts`, the kubeconfig, or `sa`. */
  readonly row: string;
  /** The flag with the other half of the pair. */
  readonly half?: string;
  readonly purpose: Localized;
  readonly without: Localized;
  /** It can be left out: something else takes its place. */
  readonly optional?: true;
}

type Row = readonly [
  flag: string,
  kind: FlagKind,
  file: string,
  row: string,
  purpose: Pair,
  without: Pair,
  more?: { readonly half?: string; readonly optional?: true },
];

const ended = (why: Pair): Pair => [
  `it does not start: ${why[0]}`,
  `프로세스가 시작하지 못합니다. ${why[1]}`,
];
const inCluster = ended([
  'unable to load in-cluster configuration',
  'unable to load in-cluster configuration',
]);

const rows: Readonly<Record<FlagProcess, readonly Row[]>> = {
  'kube-apiserver': [
    [
      'client-ca-file',
      'ca',
      'pki/ca.crt',
      'ca',
      [
        'verifies the client certificates of users and components',
        '사용자와 컴포넌트의 클라이언트 인증서를 검증합니다',
      ],
      [
        'no client certificate is accepted: 401; tokens still are',
        '어떤 클라이언트 인증서도 받아들이지 않습니다(401). 토큰은 받아들입니다',
      ],
    ],
    [
      'etcd-cafile',
      'ca',
      'pki/etcd/ca.crt',
      'etcd-ca',
      ['verifies the certificate of etcd', 'etcd의 인증서를 검증합니다'],
      [
        'it trusts only the system’s CAs, refuses etcd, and ends',
        '시스템의 CA만 신뢰하므로 etcd를 거부하고 종료됩니다',
      ],
    ],
    [
      'etcd-certfile',
      'certificate',
      'pki/apiserver-etcd-client.crt',
      'apiserver-etcd-client',
      ['shown to etcd', 'etcd에 제시합니다'],
      ended([
        'KeyFile and CertFile must both be present; without both, etcd refuses it',
        'KeyFile and CertFile must both be present. 둘 다 없으면 etcd가 거부합니다',
      ]),
      { half: 'etcd-keyfile' },
    ],
    [
      'etcd-keyfile',
      'key',
      'pki/apiserver-etcd-client.key',
      'apiserver-etcd-client',
      ['proves that the certificate for etcd is its own', 'etcd용 인증서가 자기 것임을 증명합니다'],
      ended([
        'KeyFile and CertFile must both be present; without both, etcd refuses it',
        'KeyFile and CertFile must both be present. 둘 다 없으면 etcd가 거부합니다',
      ]),
      { half: 'etcd-certfile' },
    ],
    [
      'kubelet-client-certificate',
      'certificate',
      'pki/apiserver-kubelet-client.crt',
      'apiserver-kubelet-client',
      ['shown to kubelets', 'kubelet에 제시합니다'],
      [
        'kubelets answer logs and exec with 401; everything else goes on',
        'kubelet이 logs와 exec에 401로 응답합니다. 나머지는 그대로 동작합니다',
      ],
      { half: 'kubelet-client-key' },
    ],
    [
      'kubelet-client-key',
      'key',
      'pki/apiserver-kubelet-client.key',
      'apiserver-kubelet-client',
      ['proves that the certificate for kubelets is its own', 'kubelet용 인증서가 자기 것임을 증명합니다'],
      [
        'as without the certificate: kubelets answer with 401',
        '인증서가 없을 때와 같습니다. kubelet이 401로 응답합니다',
      ],
      { half: 'kubelet-client-certificate' },
    ],
    [
      'proxy-client-cert-file',
      'certificate',
      'pki/front-proxy-client.crt',
      'front-proxy-client',
      ['shown to extension API servers (metrics)', '확장 API 서버(metrics 등)에 제시합니다'],
      [
        'extension API servers do not believe the user’s name in the headers',
        '확장 API 서버가 헤더에 적힌 사용자 이름을 믿지 않습니다',
      ],
      { half: 'proxy-client-key-file' },
    ],
    [
      'proxy-client-key-file',
      'key',
      'pki/front-proxy-client.key',
      'front-proxy-client',
      [
        'proves that the certificate for extension API servers is its own',
        '확장 API 서버용 인증서가 자기 것임을 증명합니다',
      ],
      ['as without the certificate', '인증서가 없을 때와 같습니다'],
      { half: 'proxy-client-cert-file' },
    ],
    [
      'requestheader-client-ca-file',
      'ca',
      'pki/front-proxy-ca.crt',
      'front-proxy-ca',
      [
        'verifies who may pass on a user’s name in X-Remote-User',
        'X-Remote-User로 사용자 이름을 전할 수 있는 상대를 검증합니다',
      ],
      [
        'names in headers are ignored; extension API servers miss the CA in kube-system',
        '헤더의 이름을 무시합니다. 확장 API 서버는 kube-system에서 이 CA를 찾지 못합니다',
      ],
    ],
    [
      'service-account-key-file',
      'public-key',
      'pki/sa.pub',
      'sa',
      ['verifies the tokens of service accounts', '서비스 어카운트의 토큰을 검증합니다'],
      [
        'it verifies with apiserver.key instead, and refuses every token: 401',
        '대신 apiserver.key로 검증하므로 모든 토큰을 거부합니다(401)',
      ],
    ],
    [
      'service-account-signing-key-file',
      'key',
      'pki/sa.key',
      'sa',
      ['signs the tokens that Pods ask for', '파드가 요청하는 토큰에 서명합니다'],
      ended([
        'the flag is required together with --service-account-issuer',
        '--service-account-issuer와 함께 반드시 있어야 합니다',
      ]),
    ],
    [
      'tls-cert-file',
      'certificate',
      'pki/apiserver.crt',
      'apiserver',
      ['shown to everybody who connects', '접속하는 모든 상대에게 제시합니다'],
      ended([
        'missing filename for serving cert; without both, it signs one itself that nobody trusts',
        'missing filename for serving cert. 둘 다 없으면 자체 서명 인증서를 만드는데, 아무도 신뢰하지 않습니다',
      ]),
      { half: 'tls-private-key-file' },
    ],
    [
      'tls-private-key-file',
      'key',
      'pki/apiserver.key',
      'apiserver',
      ['proves that the server certificate is its own', '서버 인증서가 자기 것임을 증명합니다'],
      ended([
        'missing filename for serving cert; without both, it signs one itself that nobody trusts',
        'missing filename for serving cert. 둘 다 없으면 자체 서명 인증서를 만드는데, 아무도 신뢰하지 않습니다',
      ]),
      { half: 'tls-cert-file' },
    ],
  ],
  'kube-controller-manager': [
    [
      'authentication-kubeconfig',
      'kubeconfig',
      'controller-manager.conf',
      'controller-manager.conf',
      [
        'asks the API server who calls its own port (10257)',
        '자기 포트(10257)를 호출한 상대가 누구인지 API 서버에 묻습니다',
      ],
      ['tokens are not accepted at its port', '자기 포트에서 토큰을 받아들이지 않습니다'],
      { optional: true },
    ],
    [
      'authorization-kubeconfig',
      'kubeconfig',
      'controller-manager.conf',
      'controller-manager.conf',
      [
        'asks the API server what a caller of its port may do',
        '자기 포트를 호출한 상대의 권한을 API 서버에 묻습니다',
      ],
      ['only /healthz and its like are answered', '/healthz 같은 것에만 응답합니다'],
      { optional: true },
    ],
    [
      'client-ca-file',
      'ca',
      'pki/ca.crt',
      'ca',
      [
        'verifies the client certificates of callers of its port',
        '자기 포트를 호출한 상대의 클라이언트 인증서를 검증합니다',
      ],
      [
        'it takes the CA from a ConfigMap in kube-system instead',
        '대신 kube-system의 컨피그맵에서 CA를 가져옵니다',
      ],
      { optional: true },
    ],
    [
      'cluster-signing-cert-file',
      'ca',
      'pki/ca.crt',
      'ca',
      ['the issuer of certificates that it signs', '서명하는 인증서의 발급자입니다'],
      [
        'approved requests are never signed: Approved, and not Issued',
        '승인된 요청에 서명하지 않습니다. Approved일 뿐 Issued가 되지 않습니다',
      ],
      { half: 'cluster-signing-key-file' },
    ],
    [
      'cluster-signing-key-file',
      'key',
      'pki/ca.key',
      'ca',
      ['signs approved requests', '승인된 요청에 서명합니다'],
      [
        'approved requests are never signed: Approved, and not Issued',
        '승인된 요청에 서명하지 않습니다. Approved일 뿐 Issued가 되지 않습니다',
      ],
      { half: 'cluster-signing-cert-file' },
    ],
    [
      'kubeconfig',
      'kubeconfig',
      'controller-manager.conf',
      'controller-manager.conf',
      ['its own certificate, shown to the API server', '자기 인증서를 API 서버에 제시합니다'],
      inCluster,
    ],
    [
      'requestheader-client-ca-file',
      'ca',
      'pki/front-proxy-ca.crt',
      'front-proxy-ca',
      [
        'verifies who may pass on a user’s name to its port',
        '자기 포트에 사용자 이름을 전할 수 있는 상대를 검증합니다',
      ],
      [
        'it takes the CA from a ConfigMap in kube-system instead',
        '대신 kube-system의 컨피그맵에서 CA를 가져옵니다',
      ],
      { optional: true },
    ],
    [
      'root-ca-file',
      'ca',
      'pki/ca.crt',
      'ca',
      [
        'published to every namespace (kube-root-ca.crt): Pods verify the API server with it',
        '모든 네임스페이스에 배포됩니다(kube-root-ca.crt). 파드는 이것으로 API 서버를 검증합니다',
      ],
      ['it publishes the CA in its kubeconfig instead', '대신 자기 kubeconfig에 든 CA를 배포합니다'],
      { optional: true },
    ],
    [
      'service-account-private-key-file',
      'key',
      'pki/sa.key',
      'sa',
      ['signs the tokens in Secrets', '시크릿에 든 토큰에 서명합니다'],
      [
        'Secrets of the type service-account-token stay empty',
        'service-account-token 타입의 시크릿이 비어 있게 됩니다',
      ],
    ],
  ],
  'kube-scheduler': [
    [
      'authentication-kubeconfig',
      'kubeconfig',
      'scheduler.conf',
      'scheduler.conf',
      [
        'asks the API server who calls its own port (10259)',
        '자기 포트(10259)를 호출한 상대가 누구인지 API 서버에 묻습니다',
      ],
      ['tokens are not accepted at its port', '자기 포트에서 토큰을 받아들이지 않습니다'],
      { optional: true },
    ],
    [
      'authorization-kubeconfig',
      'kubeconfig',
      'scheduler.conf',
      'scheduler.conf',
      [
        'asks the API server what a caller of its port may do',
        '자기 포트를 호출한 상대의 권한을 API 서버에 묻습니다',
      ],
      ['only /healthz and its like are answered', '/healthz 같은 것에만 응답합니다'],
      { optional: true },
    ],
    [
      'kubeconfig',
      'kubeconfig',
      'scheduler.conf',
      'scheduler.conf',
      ['its own certificate, shown to the API server', '자기 인증서를 API 서버에 제시합니다'],
      inCluster,
    ],
  ],
  etcd: [
    [
      'cert-file',
      'certificate',
      'pki/etcd/server.crt',
      'etcd-server',
      ['shown to the API server and to etcdctl', 'API 서버와 etcdctl에 제시합니다'],
      ended(['TLS key/cert must be provided', 'TLS key/cert must be provided']),
      { half: 'key-file' },
    ],
    [
      'key-file',
      'key',
      'pki/etcd/server.key',
      'etcd-server',
      ['proves that the server certificate is its own', '서버 인증서가 자기 것임을 증명합니다'],
      ended(['KeyFile and CertFile must both be present', 'KeyFile and CertFile must both be present']),
      { half: 'cert-file' },
    ],
    [
      'peer-cert-file',
      'certificate',
      'pki/etcd/peer.crt',
      'etcd-peer',
      [
        'shown to other members, as server and as client',
        '다른 멤버에게 서버로서도 클라이언트로서도 제시합니다',
      ],
      ended(['TLS key/cert must be provided', 'TLS key/cert must be provided']),
      { half: 'peer-key-file' },
    ],
    [
      'peer-key-file',
      'key',
      'pki/etcd/peer.key',
      'etcd-peer',
      ['proves that the peer certificate is its own', '피어 인증서가 자기 것임을 증명합니다'],
      ended(['KeyFile and CertFile must both be present', 'KeyFile and CertFile must both be present']),
      { half: 'peer-cert-file' },
    ],
    [
      'peer-trusted-ca-file',
      'ca',
      'pki/etcd/ca.crt',
      'etcd-ca',
      ['verifies other members', '다른 멤버를 검증합니다'],
      [
        'every other member is refused; a single one does not notice',
        '다른 멤버를 모두 거부합니다. 멤버가 하나뿐이면 드러나지 않습니다',
      ],
    ],
    [
      'trusted-ca-file',
      'ca',
      'pki/etcd/ca.crt',
      'etcd-ca',
      ['verifies clients: the API server, etcdctl', '클라이언트(API 서버, etcdctl)를 검증합니다'],
      [
        'it trusts only the system’s CAs: every client is refused',
        '시스템의 CA만 신뢰하므로 모든 클라이언트를 거부합니다',
      ],
    ],
  ],
  kubelet: [
    [
      'authentication.x509.clientCAFile',
      'ca',
      'pki/ca.crt',
      'ca',
      [
        'verifies who calls its port (10250): the API server',
        '자기 포트(10250)를 호출하는 API 서버를 검증합니다',
      ],
      [
        'it refuses the API server: 401 for logs and exec',
        'API 서버를 거부합니다. logs, exec 요청이 401이 됩니다',
      ],
    ],
  ],
};

export const fileFlags: readonly FileFlag[] = Object.entries(rows).flatMap(([process, ofProcess]) =>
  ofProcess.map(
    ([flag, kind, file, row, purpose, without, more = {}]): FileFlag => ({
      process: process as FlagProcess,
      flag,
      kind,
      file,
      row,
      ...more,
      purpose: localized(purpose),
      without: localized(without),
    }),
  ),
);

export const flagsOf = (process: FlagProcess): readonly FileFlag[] =>
  fileFlags.filter((row) => row.process === process);
