/** The picture of a cluster: its wires, and the programs at their ends. */
import { word } from './term.ts';
import type { Term } from './term.ts';

export const clusterTerms: readonly Term[] = [
  {
    id: 'cluster.lit',
    found: /[═=](?:(●)[═=]>|\*=>)/d,
    name: { en: '═══●═>', ko: '═══●═>' },
    meaning: {
      en: 'something has just passed over this wire',
      ko: '방금 이 구간으로 무엇인가가 지나갔습니다.',
    },
  },
  {
    id: 'cluster.spoke',
    found: /[─-](?:(•)[─-]>|\*->)/d,
    name: { en: '───•─>', ko: '───•─>' },
    meaning: {
      en: 'this wire has carried something before',
      ko: '이 구간으로 전에 무엇인가가 지나갔습니다.',
    },
  },
  {
    id: 'cluster.refused',
    found: /[═─=-](✗|x)[═─=-]>/d,
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
    found: /(?<=\s)(#\d+(?:,\d+)*)(?=\s|│|\||$)/d,
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
    found: /\s[A-Z](←|<-)(?=\s)/d,
    meaning: {
      en: 'the server sent by itself, on a connection that the client keeps open to be told of changes (watch)',
      ko: '클라이언트가 변경을 알려 달라고 열어 둔 연결(watch)로 서버가 먼저 보낸 것입니다.',
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
