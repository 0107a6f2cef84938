/** Checks what a certificate says: its dates, usages and subject, and its form. */
import { clusterOf, kubeadmKubeconfigs, kubeadmLeaves } from '../certificates.ts';
import type { KubeconfigRow, LeafRow } from '../certificates.ts';
import { anothersWords, keyOfCa, renewRemedy, unrevocableWords } from './texts.ts';
import { verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { josa } from '../../../i18n/josa.ts';
import { isoTime } from '../../../protocols/x509/certificate.ts';
import type { Certificate } from '../../../protocols/x509/certificate.ts';
import { visible } from '../../x509/name-lint.ts';
import { validityState } from '../../x509/validity.ts';
import { isIssuedBy } from '../../x509/verify.ts';
import { certificateFaults } from '../faults.ts';
import { commonNameOf, rowOf } from './context.ts';
import type { CheckContext } from './context.ts';
import { words } from './finding.ts';

const soon = 30 * 86_400_000;

export function checkFaults(
  check: CheckContext,
  path: string,
  certificate: Certificate,
  isAnchor: boolean,
): void {
  for (const { problem, ...words } of certificateFaults(certificate, isAnchor))
    check.add(path, problem, words);
}

export function checkDates(
  check: CheckContext,
  path: string,
  certificate: Certificate,
  authority: Certificate | undefined,
  row?: string,
): void {
  const state = validityState(certificate, check.now);
  const isCa = row !== undefined && rowOf(row) !== undefined;
  const remedy = isCa
    ? {
        en: 'A CA is not renewed: create a new one, and distribute it to everything that trusts the old one.',
        ko: 'CA는 갱신하지 않습니다. 새 CA를 만들어 옛 CA를 신뢰하던 모든 곳에 배포해야 합니다.',
      }
    : renewRemedy(row);
  const end = isoTime(certificate.notAfter);
  if (state === 'expired' || state === 'never')
    return check.add(path, 'expired', words([`it expired at ${end}`, `${end}에 만료되었습니다`], remedy));
  if (state === 'not_yet_valid') {
    return check.add(
      path,
      'not_yet_valid',
      words(
        [
          `it is not valid before ${isoTime(certificate.notBefore)}`,
          `${isoTime(certificate.notBefore)}부터 유효합니다`,
        ],
        [
          'Check the clocks of this machine and of the one that signed it.',
          '이 컴퓨터와 서명한 컴퓨터의 시계를 확인하세요.',
        ],
      ),
    );
  }
  if (certificate.notAfter - check.now < soon)
    check.add(path, 'ending_soon', words([`it expires soon: at ${end}`, `곧 만료됩니다: ${end}`], remedy));
  else if (
    authority &&
    validityState(authority, check.now) === 'valid' &&
    certificate.notAfter > authority.notAfter &&
    isIssuedBy(certificate, authority)
  ) {
    check.add(
      path,
      'outlives_authority',
      words(
        [
          `it is valid until ${end}, but its CA expires earlier, at ${isoTime(authority.notAfter)}: from then on it is useless`,
          `인증서는 ${end}까지지만 CA가 먼저(${isoTime(authority.notAfter)}) 만료됩니다. 그때부터는 쓸 수 없습니다`,
        ],
        ['Plan to replace the CA before that day.', '그 전에 CA 교체를 준비하세요.'],
      ),
    );
  }
}

/** A key that is also a CA's: whoever holds it can issue certificates in the CA's name. */
export function checkOwnKey(check: CheckContext, path: string, { publicKey }: Certificate): void {
  const name = check.authorityWithKey(publicKey.der);
  if (name !== undefined && !check.isFaulty(path)) check.add(path, 'ca_as_leaf', keyOfCa(name));
}

export function checkUsages(
  check: CheckContext,
  path: string,
  certificate: Certificate,
  usages: readonly string[],
): void {
  const { extendedKeyUsage, keyUsage } = certificate;
  if (certificate.basicConstraints?.isCa) {
    return check.add(
      path,
      'ca_as_leaf',
      words(
        [
          'it is a CA certificate (CA:TRUE): the holder of its key can issue certificates in its name',
          'CA 인증서입니다(CA:TRUE). 이 키를 가진 사람은 다른 인증서까지 발급할 수 있습니다',
        ],
        [
          'Reissue it with basicConstraints = critical, CA:FALSE.',
          'basicConstraints = critical, CA:FALSE로 다시 발급하세요.',
        ],
        { expected: verbatim('CA:FALSE') },
      ),
    );
  }
  // Without an extended key usage all usages are allowed, in Go and in OpenSSL.
  const absent = extendedKeyUsage
    ? usages.filter(
        (usage) => !extendedKeyUsage.includes(usage) && !extendedKeyUsage.includes('anyExtendedKeyUsage'),
      )
    : [];
  const noSignature = keyUsage !== undefined && !keyUsage.includes('digitalSignature');
  if (absent.length === 0 && !noSignature) return;
  const [first] = absent;
  check.add(
    path,
    'wrong_usage',
    words(
      first === undefined
        ? [
            'its keyUsage lacks digitalSignature: it cannot be used in a handshake',
            'keyUsage에 digitalSignature가 없어 핸드셰이크에서 자신을 증명할 수 없습니다',
          ]
        : (usageWords[first] ?? usageWords['clientAuth']!),
      [
        `Reissue it with extendedKeyUsage = ${usages.join(', ')}.`,
        `extendedKeyUsage = ${josa(usages.join(', '), '으로/로')} 다시 발급하세요.`,
      ],
      {
        expected: verbatim([...(noSignature ? ['digitalSignature'] : []), ...usages].join(', ')),
        received: [...(noSignature ? keyUsage : []), ...(extendedKeyUsage ?? [])].join(', '),
      },
    ),
  );
}

export function checkIdentity(
  check: CheckContext,
  path: string,
  certificate: Certificate,
  identity: Identity | undefined,
): void {
  if (!identity) return;
  const { attributes, text } = certificate.subject;
  const name = commonNameOf(certificate) ?? '';
  const groups = attributes.filter(({ type }) => type === 'O').map(({ value }) => value);
  const node =
    check.cluster && identity.name.endsWith(':') ? `${identity.name}${check.cluster.node}` : undefined;
  const nameFits =
    node === undefined
      ? identity.name.endsWith(':')
        ? name.startsWith(identity.name) && nodeName.test(name.slice(identity.name.length))
        : identity.name === ''
          ? name !== ''
          : name === identity.name
      : name === node;
  const groupFits = identity.groups === undefined || identity.groups.some((group) => groups.includes(group));
  if (nameFits && groupFits) return;
  const wanted = [
    ...(identity.groups ? [`O=${identity.groups[0]}`] : []),
    ...(identity.name === ''
      ? ['CN=USER']
      : [`CN=${node ?? (identity.name.endsWith(':') ? `${identity.name}NODE` : identity.name)}`]),
  ].join(', ');
  check.add(
    path,
    'wrong_identity',
    words(
      identity.why,
      [
        `Reissue it for this subject: O is the group, CN the user.`,
        '이 주체로 다시 발급하세요. O는 그룹, CN은 사용자 이름입니다.',
      ],
      { expected: verbatim(wanted), received: visible(text) },
    ),
  );
}

/** Kubernetes names a node in small letters (a DNS subdomain, RFC 1123); its user is compared to the letter. */
const nodeName = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;

export interface Identity {
  /** Ends with a colon if a node's name follows; empty for any. */
  readonly name: string;
  /** One of these; the first is what kubeadm writes today. */
  readonly groups?: readonly string[];
  readonly why: Localized;
}

/** A client without a name: the API server answers 401. */
export const anyUser: Identity = {
  name: '',
  why: {
    en: 'its certificate has no common name, so it names no user',
    ko: '인증서에 일반 이름(CN)이 없어 사용자를 나타내지 못합니다',
  },
};

/** Users and groups that roles are bound to. */
export const identities: Readonly<Record<string, Identity>> = {
  'apiserver-kubelet-client': {
    name: '',
    groups: ['kubeadm:cluster-admins', 'system:masters'],
    why: {
      en: 'the kubelet allows only this group to read logs and run commands',
      ko: 'kubelet은 이 그룹만 로그 조회와 명령 실행을 허용합니다',
    },
  },
  'front-proxy-client': {
    name: 'front-proxy-client',
    why: {
      en: 'extension API servers accept the headers of this name only (--requestheader-allowed-names)',
      ko: '확장 API 서버는 이 이름이 보낸 헤더만 믿습니다(--requestheader-allowed-names)',
    },
  },
  'admin.conf': {
    name: '',
    groups: ['kubeadm:cluster-admins', 'system:masters'],
    why: { en: 'its user is not in an administrator group', ko: '관리자 그룹에 속하지 않은 사용자입니다' },
  },
  'super-admin.conf': {
    name: '',
    groups: ['system:masters'],
    why: { en: 'its user is not in system:masters', ko: 'system:masters 그룹에 속하지 않은 사용자입니다' },
  },
  'kubelet.conf': {
    name: 'system:node:',
    groups: ['system:nodes'],
    why: {
      en: 'the node authorizer identifies a node by this user and group',
      ko: '노드 인가(Node authorizer)는 이 사용자 이름과 그룹으로 노드를 알아봅니다',
    },
  },
  'controller-manager.conf': {
    name: 'system:kube-controller-manager',
    why: {
      en: 'the controller manager’s role is bound to this user',
      ko: '컨트롤러 매니저의 롤은 이 사용자에게 연결되어 있습니다',
    },
  },
  'scheduler.conf': {
    name: 'system:kube-scheduler',
    why: {
      en: 'the scheduler’s role is bound to this user',
      ko: '스케줄러의 롤은 이 사용자에게 연결되어 있습니다',
    },
  },
};

const usageWords: Readonly<Record<string, Localized>> = {
  serverAuth: {
    en: 'its extended key usage does not include servers: clients refuse it',
    ko: '확장 키 사용에 서버 용도가 없어 클라이언트가 거부합니다',
  },
  clientAuth: {
    en: 'its extended key usage does not include clients: servers refuse it',
    ko: '확장 키 사용에 클라이언트 용도가 없어 서버가 거부합니다',
  },
};

/** The certificate of another row, recognized by its kubeadm name. */
export function checkPlace(
  check: CheckContext,
  path: string,
  certificate: Certificate,
  row: LeafRow | KubeconfigRow,
): void {
  if (check.isFaulty(path)) return;
  const name = commonNameOf(certificate) ?? '';
  const other = [...kubeadmLeaves, ...kubeadmKubeconfigs].find(
    (one) => one.name !== row.name && fixedNames.get(one.name) === name,
  );
  if (other && fixedNames.get(row.name) !== name)
    check.add(
      path,
      'wrong_identity',
      anothersWords(other.name, fixedNames.get(row.name), visible(certificate.subject.text)),
    );
}

/** Common names that are the same in every cluster of kubeadm's. */
const fixedNames: ReadonlyMap<string, string> = new Map(
  [...kubeadmLeaves, ...kubeadmKubeconfigs].flatMap((row) => {
    const [one, other] = ['a', 'b'].map((node) => row.commonName(clusterOf({ node })));
    return one !== undefined && one === other ? [[row.name, one] as const] : [];
  }),
);

/** A group that bypasses every role, and that the key's holder keeps. */
export function checkUnrevocable(check: CheckContext, path: string, { subject }: Certificate): void {
  if (
    check.isFaulty(path) ||
    !subject.attributes.some(({ type, value }) => type === 'O' && value === 'system:masters')
  )
    return;
  check.add(path, 'unrevocable', unrevocableWords(path === 'admin.conf'));
}
