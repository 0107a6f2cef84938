/** Reads and validates the cluster options of `wirelab kube pki` before anything is created. */
import { defined } from '../../core/defined.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { addressBytes } from '../../protocols/x509/oids.ts';
import { hostOf, kubeadmKeyKinds } from '../../pki/kubeadm/certificates.ts';
import { addressInNetwork } from '../../pki/kubeadm/networks.ts';
import type { Cluster } from '../../pki/kubeadm/certificates.ts';
import { hostNameOf } from '../certs/operands.ts';
import type { OptionTable, Parsed } from '../command.ts';

export const clusterOptions: OptionTable = {
  node: {
    value: 'NAME',
    heading: { en: 'Cluster', ko: '클러스터 설정' },
    help: { en: 'the node’s name (default: control-plane)', ko: '노드 이름(기본값: control-plane)' },
  },
  ip: {
    value: 'IP',
    many: true,
    help: {
      en: 'the node’s addresses; the first is its API server’s (default: 127.0.0.1)',
      ko: '노드의 주소. 첫 번째가 API 서버의 주소(기본값: 127.0.0.1)',
    },
  },
  server: {
    value: 'URL',
    help: {
      en: 'the API server’s URL for kubectl and kubelets (default: the one in the folder’s kubeconfigs, else https://IP:6443)',
      ko: 'kubectl과 kubelet이 API 서버에 접속할 URL(기본값: 폴더에 있는 kubeconfig의 값, 없으면 https://IP:6443)',
    },
  },
  san: {
    value: 'NAME',
    many: true,
    help: {
      en: 'additional names and addresses for the API server’s certificate',
      ko: 'API 서버 인증서에 넣을 이름이나 주소',
    },
  },
  'service-cidr': {
    value: 'CIDR',
    help: {
      en: 'the network of services (default: 10.96.0.0/12)',
      ko: '서비스 네트워크(기본값: 10.96.0.0/12)',
    },
  },
  'dns-domain': {
    value: 'NAME',
    help: {
      en: 'the domain of the cluster (default: cluster.local)',
      ko: '클러스터 도메인(기본값: cluster.local)',
    },
  },
};

export const keyKindOption = {
  value: kubeadmKeyKinds.join('|'),
  choices: kubeadmKeyKinds,
  help: {
    en: 'the key type (default: P-256; kubeadm’s default is RSA-2048)',
    ko: '키 종류(기본값: P-256. kubeadm의 기본값은 RSA-2048)',
  },
} as const;

/** The cluster's settings. @throws UserError for a value that no certificate can contain. */
export function clusterAsked(parsed: Parsed): Partial<Cluster> {
  const given = parsed.all('ip').map((address) =>
    checked('--ip', address, addressBytes(address) !== undefined, {
      en: 'an IPv4 or IPv6 address',
      ko: 'IPv4 또는 IPv6 주소',
    }),
  );
  const [address, ...more] = given;
  const server = parsed.text('server');
  const network = parsed.text('service-cidr');
  const serviceAddress = network === undefined ? undefined : addressInNetwork(network, 1);
  const names = parsed.all('san').map((name) => hostNameOf(name, '--san'));
  return defined({
    node: dnsName(parsed, 'node'),
    dnsDomain: dnsName(parsed, 'dns-domain'),
    addresses: address === undefined ? undefined : ([address, ...more] as const),
    controlPlaneEndpoint:
      server && checked('--server', server, hostOf(server) !== undefined, verbatim('https://HOST:6443')),
    serviceAddress:
      network &&
      checked(
        '--service-cidr',
        serviceAddress ?? network,
        serviceAddress !== undefined,
        verbatim('10.96.0.0/12, fd00:10:96::/112'),
      ),
    serviceSubnet: network,
    certSANs: names.length === 0 ? undefined : names,
  });
}

/** RFC 1123, in lower case, as Kubernetes requires for node names. */
function dnsName(parsed: Parsed, option: string): string | undefined {
  const name = parsed.text(option);
  const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
  const isName =
    name !== undefined && name.length <= 253 && new RegExp(String.raw`^${label}(?:\.${label})*$`).test(name);
  return name === undefined
    ? undefined
    : checked(`--${option}`, name, isName, {
        en: 'lower-case letters, digits, dashes and dots: node-1.example',
        ko: '소문자, 숫자, 하이픈, 점: node-1.example',
      });
}

function checked(where: string, received: string, fits: boolean, expected: Localized): string {
  if (fits) return received;
  throw new UserError({
    what: { en: `invalid value for ${where}`, ko: `${where} 옵션에 쓸 수 없는 값입니다` },
    where,
    expected,
    received,
  });
}
