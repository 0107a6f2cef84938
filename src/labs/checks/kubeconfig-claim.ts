/** Judges a learner's kubeconfig: whether kubectl would work with it. */
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { kubeconfigIn } from '../hold/control-plane-files.ts';
import type { TaskFile } from '../lab.ts';
import { authenticationFault, expiryIn, refusedFor, selfReview, userIn, wrongUser } from './api-identity.ts';
import { missed } from './claims.ts';
import type { Judged } from './claims.ts';
import { Unanswered } from './lab-api-client.ts';
import { host, judgeServerCertificate } from './server-certificate.ts';
import type { ControlPlaneExaminer } from './server-certificate.ts';

type KubeconfigFacts = Extract<
  NonNullable<TaskFile['controlPlane']>[number],
  { kubeconfig: unknown }
>['kubeconfig'];

export async function judgeKubeconfig(
  examiner: ControlPlaneExaminer,
  { file, as, groups }: KubeconfigFacts,
): Promise<Judged> {
  const { clock, folder, world } = examiner.options;
  const { server, insecure, authority, identity } = kubeconfigIn(folder, file);
  if (insecure)
    return missed(
      'unverified',
      {
        en: 'with this file kubectl does not verify the API server',
        ko: '이 파일을 쓰면 그 주소에 누가 있든 믿고 접속합니다',
      },
      {
        where: file,
        expected: {
          en: 'certificate-authority-data, with verification enabled',
          ko: 'certificate-authority-data로 서버를 검증할 것',
        },
        received: 'insecure-skip-tls-verify: true',
      },
    );
  if (authority === undefined || pemCertificates(authority).length === 0)
    return missed(
      'unverified',
      {
        en: 'the kubeconfig names no CA to verify the API server with',
        ko: 'kubeconfig에 API 서버를 검증할 CA가 없습니다',
      },
      {
        where: file,
        expected: { en: 'certificate-authority-data', ko: 'certificate-authority-data' },
      },
    );
  const believed = await judgeServerCertificate(examiner, authority);
  if ('reason' in believed) return { ...believed, facts: { where: file, ...believed.facts } };
  const meant = `https://${host}:${examiner.port}`;
  if (server.replace(/\/$/, '') !== meant)
    return missed(
      'not_met',
      { en: 'the kubeconfig has another server address', ko: 'kubeconfig가 다른 주소를 가리킵니다' },
      {
        where: file,
        expected: { en: `server: ${meant}`, ko: `server: ${meant}` },
        received: server,
      },
    );
  if (!identity)
    return missed(
      'unreadable_file',
      {
        en: 'the kubeconfig contains no client certificate with its key',
        ko: 'kubeconfig에 인증서와 개인 키가 없습니다',
      },
      {
        where: file,
        expected: {
          en: 'client-certificate-data and client-key-data',
          ko: 'client-certificate-data, client-key-data',
        },
      },
    );
  const answer = await examiner.client.ask(identity, [authority], ...selfReview);
  if (answer.status === 401)
    return refusedFor(
      authenticationFault(identity.certificate, [world.authority('ca')], clock),
      {
        en: 'the API server refuses the certificate in it (401 Unauthorized).',
        ko: 'API 서버가 이 파일의 인증서를 받아들이지 않습니다(401 Unauthorized).',
      },
      file,
    );
  if (answer.status !== 201) throw new Unanswered();
  const until = expiryIn(identity.certificate);
  return (
    wrongUser(
      {
        en: 'the API server authenticates this file’s certificate as another user',
        ko: 'API 서버가 이 파일의 인증서를 다른 사용자의 것으로 봅니다',
      },
      file,
      { name: as, groups },
      userIn(answer),
    ) ?? {
      says: {
        en: `with ${file} the API server is verified, and authenticates ${as} of ${groups.join(', ')}, until ${until}`,
        ko: `${file}: API 서버를 검증했고, API 서버가 알아보는 사용자는 ${as}, 그룹은 ${groups.join(', ')}입니다(${until}까지)`,
      },
    }
  );
}
