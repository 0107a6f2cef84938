/** Checks the kubeconfigs: their server, the CA that they trust, and their credentials. */
import { sameBytes } from '../../../core/bytes.ts';
import { verbatim } from '../../../i18n/language.ts';
import { josa } from '../../../i18n/josa.ts';
import { isoTime } from '../../../protocols/x509/certificate.ts';
import type { Certificate } from '../../../protocols/x509/certificate.ts';
import { isKeyOf } from '../../ca/signing-policy.ts';
import { visible } from '../../x509/name-lint.ts';
import { validityState } from '../../x509/validity.ts';
import { sameName } from '../../x509/verify.ts';
import { hostOf, kubeadmKubeconfigs } from '../certificates.ts';
import type { KubeconfigRow } from '../certificates.ts';
import { gotOf } from '../reading.ts';
import type { ReadKubeconfig } from '../reading.ts';
import {
  anyUser,
  checkDates,
  checkFaults,
  checkIdentity,
  checkOwnKey,
  checkPlace,
  checkUnrevocable,
  checkUsages,
  identities,
} from './contents.ts';
import { commonNameOf } from './context.ts';
import type { CheckContext } from './context.ts';
import { checkMode } from './files.ts';
import { words } from './finding.ts';
import { checkChain, checkIssuer, checkVerified, isBehindAnother } from './issuers.ts';
import { callsOf, nodeNames, nodePrefix } from './names.ts';
import {
  anotherHost,
  anotherTrusted,
  mismatch,
  missing,
  onTheNode,
  otherPort,
  tokenInstead,
} from './texts.ts';
import { checkToken } from './tokens.ts';

export function checkKubeconfigRow(check: CheckContext, row: KubeconfigRow): void {
  if (check.reading.has(row.name)) return checkKubeconfig(check, row.name, row);
  if (!check.demandsKubeconfigs()) return;
  if (row.name === 'super-admin.conf' && !check.cluster) {
    check.add(
      row.name,
      'absent',
      words(
        [
          'it is missing: only the node that initialized the cluster has it',
          '파일이 없습니다. 클러스터를 처음 만든 노드에만 있는 파일입니다',
        ],
        [
          'No action is needed if it is stored safely; it bypasses every role (system:masters).',
          '안전한 곳에 따로 두었다면 그대로 두세요. 모든 인가 검사를 건너뛰는 파일입니다(system:masters).',
        ],
      ),
    );
  } else check.add(row.name, 'missing', missing(row.name));
}

export function checkKubeconfig(check: CheckContext, path: string, row?: KubeconfigRow): void {
  const config = check.readable(path, check.reading.kubeconfig(path));
  if (!config) return;
  checkMode(check, path);
  if (config.keyFile !== undefined && check.reading.has(config.keyFile)) checkMode(check, config.keyFile);
  checkServer(check, path, config, row);
  const stale = checkTrust(check, path, config, row);
  // kubeadm's own kubelet.conf refers to files of the kubelet, which are only on its node.
  if (
    row?.name === 'kubelet.conf' &&
    !check.reading.isOnNode &&
    config.absent.length > 0 &&
    config.absent.every((file) => file.startsWith('/var/lib/kubelet/'))
  )
    return check.add(path, 'absent', onTheNode(config.absent));
  const certificate = config.certificate && check.readable(path, config.certificate);
  const key = config.key && check.readable(path, config.key);
  if (config.certificate === undefined || config.key === undefined) {
    // A certificate without its key is refused, whatever is beside it.
    if (config.otherProof && config.certificate === undefined) {
      if (row && (config.token ?? config.tokenFile) !== undefined)
        check.add(path, 'wrong_identity', tokenInstead(row));
      else if (!stale) checkToken(check, path, config);
      return;
    }
    return check.add(
      path,
      'no_credentials',
      words(
        [
          `the user ${visible(config.user)} has no credentials: no client certificate with its key, no token, and no program for one`,
          `${visible(config.user)} 사용자를 증명할 수단이 없습니다. 클라이언트 인증서와 키도, 토큰도, 토큰을 받아 오는 프로그램도 없습니다`,
        ],
        [
          'kubectl config set-credentials NAME --client-certificate=CRT --client-key=KEY --embed-certs',
          'kubectl config set-credentials 이름 --client-certificate=CRT --client-key=KEY --embed-certs',
        ],
      ),
    );
  }
  if (!certificate) return;
  if (isBehindAnother(check, path, gotOf(config.chain) ?? [], key, path)) return;
  if (key && !isKeyOf(key, certificate)) check.add(path, 'key_mismatch', mismatch(path, path));
  if (!stale) checkIssuer(check, path, certificate, 'ca', path);
  checkDates(
    check,
    path,
    certificate,
    stale ? undefined : check.authorityOf('ca'),
    row?.renewed ? row.name : undefined,
  );
  checkUsages(check, path, certificate, ['clientAuth']);
  checkIdentity(check, path, certificate, (row && identities[row.name]) ?? anyUser);
  if (row) checkPlace(check, path, certificate, row);
  checkOwnKey(check, path, certificate);
  if (row?.name === 'kubelet.conf') checkNode(check, path, certificate);
  if (row?.name !== 'super-admin.conf') checkUnrevocable(check, path, certificate);
  checkFaults(check, path, certificate, false);
  const chain = gotOf(config.chain) ?? [];
  checkChain(check, path, chain);
  if (!stale) checkVerified(check, path, chain, 'ca', ['clientAuth'], row?.name);
}

/** The node of a kubelet.conf is this folder's node, as far as other files show. */
export function checkNode(check: CheckContext, path: string, certificate: Certificate): void {
  const name = commonNameOf(certificate) ?? '';
  const node = name.startsWith(nodePrefix) ? name.slice(nodePrefix.length) : '';
  const { own, isKnown } = nodeNames(check);
  if (check.cluster || node === '' || own === undefined || own === node || !isKnown) return;
  check.add(
    path,
    'wrong_identity',
    words(
      [
        `it belongs to another node: pki/apiserver.crt is valid for ${own}, not for ${node}`,
        `다른 노드의 파일입니다. pki/apiserver.crt는 ${own}용이며 ${node}에는 유효하지 않습니다`,
      ],
      [
        'Restore the kubelet.conf of this node, or join it again.',
        '이 노드의 kubelet.conf를 되돌리거나 노드를 다시 등록(join)하세요.',
      ],
      {
        expected: verbatim(`O=system:nodes, CN=${nodePrefix}${own}`),
        received: visible(certificate.subject.text),
      },
    ),
  );
}

export function checkServer(
  check: CheckContext,
  path: string,
  { server }: ReadKubeconfig,
  row: KubeconfigRow | undefined,
): void {
  const expected = row && check.cluster?.[row.endpoint];
  const odd = check.cluster ? undefined : callsOf(check).find((call) => call.path === path && call.isOdd);
  if (odd)
    return check.add(path, 'wrong_server', anotherHost(odd.name, check.certificate('pki/apiserver.crt')));
  if (hostOf(server) !== undefined && (expected === undefined || expected === server)) return;
  check.add(
    path,
    'wrong_server',
    words(
      hostOf(server) === undefined
        ? [
            'its server is not an https URL: certificates would not be verified',
            'server가 https URL이 아닙니다. 이대로면 인증서를 전혀 확인하지 않습니다',
          ]
        : ['it connects to another API server', '다른 API 서버를 가리킵니다'],
      ['kubectl config set-cluster NAME --server=URL', 'kubectl config set-cluster 이름 --server=URL'],
      { expected: verbatim(expected ?? 'https://HOST:6443'), received: server },
    ),
  );
}

/** Kubeconfigs that share an endpoint use the same port of a host; the odd one out is reported. */
export function checkPorts(check: CheckContext): void {
  if (check.cluster) return;
  for (const endpoint of ['controlPlaneEndpoint', 'localEndpoint'] as const) {
    const calls = kubeadmKubeconfigs.flatMap((row) => {
      const server = row.endpoint === endpoint ? check.kubeconfig(row.name)?.server : undefined;
      return server !== undefined && hostOf(server) !== undefined
        ? [{ path: row.name, url: new URL(server) }]
        : [];
    });
    for (const { path, url } of calls) {
      const others = calls.filter((other) => other.path !== path && other.url.hostname === url.hostname);
      const [first] = others;
      const isOdd =
        first !== undefined &&
        others.every((other) => other.url.port === first.url.port) &&
        first.url.port !== url.port;
      // Of two different ones it is unknown which is right: the later row is reported.
      if (
        isOdd &&
        (others.length > 1 ||
          calls.findIndex((call) => call.path === first.path) < calls.findIndex((call) => call.path === path))
      ) {
        check.add(
          path,
          'other_server',
          otherPort(first.url.origin, check.reading.where(first.path), url.origin),
        );
      }
    }
  }
}

const setAuthority = [
  'kubectl config set-cluster NAME --certificate-authority=ca.crt --embed-certs',
  'kubectl config set-cluster 이름 --certificate-authority=ca.crt --embed-certs',
] as const;

/**
 * Whether it trusts a CA other than the cluster's: then its own certificate is from that CA, and that is no second
 * problem.
 */
export function checkTrust(
  check: CheckContext,
  path: string,
  config: ReadKubeconfig,
  row: KubeconfigRow | undefined,
): boolean {
  const { authorities, insecure } = config;
  if (insecure) {
    check.add(
      path,
      'unverified_server',
      words(
        [
          'insecure-skip-tls-verify: it trusts every server, so it would send its token or request to an impostor',
          'insecure-skip-tls-verify가 켜져 있어 어떤 서버든 믿습니다. 가짜 서버에도 토큰과 요청을 보냅니다',
        ],
        [
          'Remove it, and add the CA as certificate-authority-data.',
          '이 설정을 빼고 certificate-authority-data에 CA를 넣으세요.',
        ],
      ),
    );
    return false;
  }
  if (authorities === undefined) {
    check.add(
      path,
      'unverified_server',
      words(
        [
          'it specifies no CA: the system’s root certificates do not include the cluster’s CA',
          'CA가 없습니다. 시스템의 루트 인증서로는 클러스터 CA를 검증할 수 없습니다',
        ],
        setAuthority,
      ),
    );
    return false;
  }
  const trusted = check.readable(path, authorities);
  const own = check.authorityOf('ca');
  const [trustedFirst] = trusted ?? [];
  if (
    trustedFirst &&
    trusted?.every((one) => validityState(one, check.now) !== 'valid') &&
    !(own && sameBytes(trustedFirst.der, own.der))
  ) {
    check.add(
      path,
      'expired',
      words(
        [
          `the CA that it trusts is not valid now (only from ${isoTime(trustedFirst.notBefore)} to ${isoTime(trustedFirst.notAfter)}): every server is refused`,
          `신뢰하는 CA가 지금 유효하지 않아(유효 기간 ${isoTime(trustedFirst.notBefore)} – ${isoTime(trustedFirst.notAfter)}) 어떤 서버도 받아들이지 않습니다`,
        ],
        setAuthority,
      ),
    );
    return true;
  }
  if (!trusted || !own) return false;
  if (trusted.some(({ der }) => sameBytes(der, own.der))) {
    const known = check.rootsOf('ca');
    const isKnown = ({ publicKey }: Certificate): boolean =>
      known.some((root) => sameBytes(root.publicKey.der, publicKey.der));
    for (const other of trusted)
      if (!isKnown(other)) check.add(path, 'stray_content', anotherTrusted(other, check.now));
    return false;
  }
  const namesakes = trusted.filter((one) => sameName(one.subject, own.subject));
  // The same key in a renewed certificate is the same CA.
  if (namesakes.some((one) => sameBytes(one.publicKey.der, own.publicKey.der))) return false;
  const [namesake] = namesakes;
  const [first] = trusted;
  const name = visible((namesake ?? first)?.subject.text ?? '');
  check.add(
    path,
    namesake ? 'replaced_authority' : 'wrong_authority',
    namesake
      ? words(
          [
            `it is from before the CA was re-created: it trusts a ${name} with another key, valid from ${isoTime(namesake.notBefore)}; the cluster’s is valid from ${isoTime(own.notBefore)}`,
            `CA를 다시 만들기 전의 파일입니다. 이름은 같은 ${josa(name, '이지만/지만')} 키가 다른 CA를 신뢰합니다(파일의 CA는 ${isoTime(namesake.notBefore)}부터, 클러스터의 CA는 ${isoTime(own.notBefore)}부터)`,
          ],
          row
            ? [
                `Move it aside, then run ./wirelab kube pki --out DIR to create a new ${row.name}.`,
                `다른 곳으로 옮기고 ./wirelab kube pki --out DIR 명령으로 ${josa(row.name, '을/를')} 새로 만드세요.`,
              ]
            : [
                'Copy the current one: cp admin.conf ~/.kube/config',
                '새 파일을 복사하세요: cp admin.conf ~/.kube/config',
              ],
        )
      : words(
          ['it trusts a CA other than the cluster’s', '클러스터의 CA가 아닌 다른 CA를 신뢰합니다'],
          setAuthority,
          { expected: verbatim(visible(own.subject.text)), received: name },
        ),
  );
  return true;
}
