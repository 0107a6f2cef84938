/** The picture of a cluster: its wires, and the programs at their ends. */
import { word } from './term.ts';
import type { Term } from './term.ts';

export const clusterTerms: readonly Term[] = [
  {
    id: 'cluster.lit',
    found: /[═=? ](?:(●)[═=]>|\*=>)|\] (●) /d,
    name: { en: '═══●═>', ko: '═══●═>' },
    meaning: {
      en: 'something has just passed over this wire',
      ko: '방금 이 구간으로 무엇인가가 지나갔습니다.',
    },
  },
  {
    id: 'cluster.spoke',
    found: /[─? -](?:(•)[─-]>|\*->)|\] (•) /d,
    name: { en: '───•─>', ko: '───•─>' },
    meaning: {
      en: 'this wire has carried something before',
      ko: '이 구간으로 전에 무엇인가가 지나갔습니다.',
    },
  },
  {
    id: 'cluster.refused',
    found: /[═─=? -](✗|x)[═─=-]>|\] (✗|x) /d,
    meaning: {
      en: 'the last connection over this wire was refused',
      ko: '이 구간의 마지막 연결이 거부되었습니다.',
    },
  },
  {
    id: 'cluster.unused',
    found: /\[[A-Z]\][·.]{3,}>/d,
    name: { en: '·········>', ko: '·········>' },
    meaning: {
      en: 'nobody has called over this wire yet',
      ko: '아직 아무도 이 구간으로 호출하지 않았습니다.',
    },
  },
  {
    id: 'cluster.places',
    found: /(?<!^[> ][* ] *)(?<=\s)(#\d+(?:,\d+)*)(?=\s|│|\||$)/d,
    meaning: {
      en: 'the places of this wire in the order below: #2,5 was second and fifth to carry something',
      ko: '아래 순서에서 이 구간의 자리입니다. #2,5는 두 번째와 다섯 번째로 쓰였다는 뜻입니다.',
    },
  },
  {
    id: 'cluster.conn',
    found: /(?<=\d )conn\b|(?<=\d )refused\b|연결 \d+개/d,
    name: { en: '2 conn, 639 B', ko: '연결 2개, 639 B' },
    meaning: {
      en: 'connections so far, and the bytes in both directions',
      ko: '지금까지의 연결 수와 양방향의 바이트 수입니다.',
    },
  },
  {
    id: 'cluster.unasked',
    found: /\s\(?[A-Z](←|<-)(?=[\s)])|\((←|<-):/d,
    meaning: {
      en: 'the server sent by itself, on a connection that the client keeps open to be told of changes (watch)',
      ko: '클라이언트가 변경을 알려 달라고 열어 둔 연결(watch)로 서버가 먼저 보낸 것입니다.',
    },
  },
  {
    id: 'cluster.order',
    found: /(?<!\S)(?:order|순서)[^:]{0,12}:(?= (?:\(?[A-Z](?:←|<-)?|…))/d,
    name: { en: 'order: A → B', ko: '순서: A → B' },
    meaning: {
      en: 'the wires in the order in which they carried something during this step',
      ko: '이 단계에서 무엇인가가 지나간 구간을 순서대로 적은 것입니다.',
    },
  },
  {
    id: 'cluster.times',
    // A curve may begin a line too.
    found: /(?:\)|^) *(×\d+|x(?!25519|448)\d+)(?=\s|→|-|$)|\((\d+[×x])\)/d,
    meaning: {
      en: 'what stands before it happened so many times in a row',
      ko: '앞에 적힌 것이 이만큼 되풀이되었습니다.',
    },
  },
  {
    id: 'cluster.arrow',
    found:
      /(?:^|[A-Z)←]|×\d+) *(→) \(?(?:[A-Z](?![\w가-힣])|…)|(?:\[[A-Z]\]|(?:wire|구간) [A-Z]:).* (→|->) /d,
    meaning: {
      en: 'in an order: then; in a list of wires: from the client to the server',
      ko: '순서에서는 그다음이라는 뜻이고, 구간 목록에서는 클라이언트에서 서버로라는 뜻입니다.',
    },
  },
  {
    id: 'cluster.half',
    found: /(?<!\w)mTLS\?/d,
    meaning: {
      en: 'both sides show a certificate, but the client does not verify the server’s: only the client is proven',
      ko: '양쪽이 인증서를 제시하지만 클라이언트가 서버의 인증서를 확인하지 않습니다. 증명된 것은 클라이언트뿐입니다.',
    },
  },
  {
    id: 'cluster.mtls',
    found: /(?<![\w.-])mTLS(?![\w?-])/d,
    meaning: {
      en: 'mutual TLS: encrypted, and both sides show a certificate. TLS alone: only the server shows one',
      ko: '상호 TLS입니다. 암호화되며 양쪽이 인증서를 제시합니다. TLS라고만 있으면 서버만 제시합니다.',
    },
  },
  {
    id: 'cluster.faces',
    found: /[┌+] ?(?:(server {1,3}client)|(서버 {1,3}클라이언트)) ?[┐+]/d,
    meaning: {
      en: 'the two faces of the one in the middle: at the left it is the server, at the right it calls others as a client',
      ko: '가운데에 있는 것의 두 얼굴입니다. 왼쪽에서는 서버이고, 오른쪽에서는 클라이언트로서 다른 곳을 호출합니다.',
    },
  },
  {
    id: 'cluster.api',
    found: /(?<![\w.-])API(?![\w-])/d,
    meaning: {
      en: 'application programming interface: requests that programs send; the API server of a cluster answers them',
      ko: 'application programming interface: 프로그램이 다른 프로그램에 요청하는 방식입니다. 클러스터에서는 API 서버가 응답합니다.',
    },
  },
  {
    id: 'cluster.rbac',
    found: word('RBAC'),
    meaning: {
      en: 'role-based access control: roles say what is allowed, bindings say to whom',
      ko: 'role-based access control: 롤이 무엇을 할 수 있는지, 바인딩이 누구에게 주는지를 정합니다.',
    },
  },
  {
    id: 'cluster.binding',
    found: word('(?:Cluster)?RoleBindings?', '(?:클러스터)?롤바인딩'),
    meaning: {
      en: 'gives a role to users or groups, in a namespace or (Cluster…) in the whole cluster',
      ko: '롤을 사용자나 그룹에 줍니다. 네임스페이스 안에서, 클러스터롤바인딩은 클러스터 전체에서 줍니다.',
    },
  },
  {
    id: 'cluster.role',
    found: word('ClusterRoles?'),
    meaning: {
      en: 'a list of what may be done with which objects, for the whole cluster',
      ko: '어떤 객체에 무엇을 할 수 있는지 적은, 클러스터 전체의 목록입니다.',
    },
  },
  {
    id: 'cluster.service-account',
    found: word('ServiceAccounts?', '서비스 어카운트'),
    meaning: {
      en: 'the name under which a program in the cluster acts; it proves it with a token',
      ko: '클러스터 안의 프로그램이 쓰는 이름입니다. 토큰으로 증명합니다.',
    },
  },
  {
    id: 'cluster.jwt',
    found: word('JWTs?'),
    meaning: {
      en: 'JSON web token: a name and a time limit, signed; whoever holds it is taken for that name',
      ko: 'JSON web token: 이름과 기한에 서명한 것입니다. 가진 쪽이 그 이름으로 통합니다.',
    },
  },
  {
    id: 'cluster.access-review',
    found: word('SubjectAccessReviews?'),
    meaning: {
      en: 'a question to the API server: may this user do that?',
      ko: '이 사용자가 이것을 해도 되는지 API 서버에 묻는 요청입니다.',
    },
  },
  {
    id: 'cluster.config-map',
    found: word('ConfigMaps?', '컨피그맵'),
    meaning: { en: 'settings, kept as an object of the cluster', ko: '클러스터에 객체로 저장된 설정입니다.' },
  },
  {
    id: 'cluster.admission-plugin',
    found: word('NodeRestriction|CertificateSubjectRestriction|CertificateApproval'),
    meaning: {
      en: 'a check inside the API server, after RBAC, before a change is stored',
      ko: 'RBAC 다음, 변경을 저장하기 전에 API 서버가 하는 검사입니다.',
    },
  },
  {
    id: 'cluster.signer-name',
    found: word('SIGNERNAME|signerName'),
    meaning: {
      en: 'which signer is asked for the certificate: the name stands for a CA and its rules',
      ko: '인증서를 요청받는 서명자의 이름입니다. CA와 그 규칙을 뜻합니다.',
    },
  },
  {
    id: 'cluster.requestor',
    found: word('REQUESTOR'),
    meaning: {
      en: 'who sent the request, by the name that the API server knows',
      ko: '요청을 보낸 쪽으로, API 서버가 확인한 이름입니다.',
    },
  },
  {
    id: 'cluster.requested-duration',
    found: word('REQUESTEDDURATION'),
    meaning: {
      en: 'for how long the certificate is wanted; the signer may shorten it',
      ko: '원하는 유효 기간입니다. 서명자가 줄일 수 있습니다.',
    },
  },
  {
    id: 'cluster.condition',
    found: word('CONDITION'),
    meaning: {
      en: 'how far the request is: Pending, Approved, Issued, Denied, Failed',
      ko: '요청의 상태입니다. Pending(대기), Approved(승인), Issued(발급), Denied(거절), Failed(실패)가 있습니다.',
    },
  },
  {
    id: 'cluster.columns',
    found: /(?<![\w-])(?:NAME|ATTRIBUTE|CLUSTER-IP)(?: +[A-Z][A-Z()-]*)+/d,
    name: { en: 'NAME … AGE', ko: 'NAME … AGE' },
    meaning: {
      en: 'the heads of kubectl’s own table; AGE: how long ago the object was made',
      ko: 'kubectl이 출력한 표의 머리글입니다. AGE는 만들어진 뒤로 지난 시간입니다.',
    },
  },
  {
    id: 'cluster.apiserver',
    found: word('kube-apiserver'),
    meaning: {
      en: 'the middle of a Kubernetes cluster: everyone talks to it, and it alone to the database, etcd',
      ko: '쿠버네티스 클러스터의 중심입니다. 모두가 이것과 통신하고, 데이터베이스(etcd)와는 이것만 통신합니다.',
    },
  },
  {
    id: 'cluster.etcd',
    found: word('etcd'),
    meaning: {
      en: 'the database of the cluster: all objects and secrets are in it',
      ko: '클러스터의 데이터베이스입니다. 모든 객체와 비밀이 들어 있습니다.',
    },
  },
  {
    id: 'cluster.kubelet',
    found: word('kubelet'),
    meaning: {
      en: 'the program on each node that starts the containers; the API server calls it for logs',
      ko: '노드마다 있으면서 컨테이너를 실행하는 프로그램입니다. 로그를 볼 때는 API 서버가 이것을 호출합니다.',
    },
  },
  {
    id: 'cluster.kubectl',
    found: word('kubectl'),
    meaning: {
      en: 'the command line with which people use a cluster',
      ko: '사람이 클러스터를 다루는 명령줄 도구입니다.',
    },
  },
  {
    id: 'cluster.controller-manager',
    found: word('kube-controller-manager'),
    meaning: {
      en: 'compares what is with what should be, and asks the API server for the difference',
      ko: '현재 상태를 원하는 상태와 비교해 모자란 것을 API 서버에 요청합니다.',
    },
  },
  {
    id: 'cluster.scheduler',
    found: word('kube-scheduler'),
    meaning: {
      en: 'chooses the node for each new pod',
      ko: '새 파드(pod)를 어느 노드에서 실행할지 고릅니다.',
    },
  },
  {
    id: 'cluster.kube-proxy',
    found: word('kube-proxy'),
    meaning: {
      en: 'sets up on each node how a service’s address leads to its pods',
      ko: '노드마다 서비스 주소가 파드로 이어지도록 설정합니다.',
    },
  },
];
