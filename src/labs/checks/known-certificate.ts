/**
 * Judges whether the API server authenticates a learner's certificate as the right user, and whether the cluster has issued it.
 * Without a certificate, the state of its request is reported.
 */
import type { Localized } from '../../i18n/language.ts';
import { certificatesGroup, certificatesResource } from '../../kube/certificates/request-fields.ts';
import { listAt, textAt } from '../../kube/objects/json.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import type { Identity } from '../../pki/keystore/world.ts';
import { fingerprint, issuedIn } from '../hold/cluster-store.ts';
import type { TaskFile } from '../lab.ts';
import { bytesOf, FileError, withOwnFiles } from '../own-files.ts';
import { commonNameIn } from '../task-objects.ts';
import { authenticationFault, expiryOf, refusedFor, wrongUser } from './api-identity.ts';
import { missed } from './claims.ts';
import type { Judged, Missed } from './claims.ts';
import type { ClusterExaminer } from './cluster-examiner.ts';

type Known = Extract<NonNullable<TaskFile['cluster']>[number], { known: unknown }>['known'];

/** @param issued SHA-256, hex, of the certificates that the cluster has issued, as the running lab reports them. */
export async function judgeCertificate(
  examiner: ClusterExaminer,
  { certificate, as, groups }: Known,
  issued: readonly string[],
): Promise<Judged> {
  const { lab, folder, world } = examiner.options;
  const file = lab.tasks.yours?.[certificate]?.certificate ?? `${certificate}.crt`;
  let identity: Identity;
  try {
    // Fetched before it was issued, it is empty.
    if (bytesOf(folder, file).length === 0) return await requestState(examiner, as, file);
    const shown = { shown: new Set([certificate]), trusted: new Set<string>() };
    identity = withOwnFiles(world, shown, lab, folder).identity(certificate);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return error.reason === 'missing_file' && error.facts.where === file
      ? requestState(examiner, as, file)
      : { reason: error.reason, facts: error.facts };
  }
  const user = await examiner.whoIs(identity);
  if (!user) return certificateRefused(examiner, identity, file);
  const wrong = wrongUser(
    {
      en: 'the API server authenticates this certificate as another user',
      ko: 'API 서버가 이 인증서를 다른 사용자의 것으로 봅니다',
    },
    file,
    { name: as, groups },
    user,
  );
  if (wrong)
    return {
      ...wrong,
      facts: {
        ...wrong.facts,
        remedy: {
          en: 'A certificate cannot be changed, and neither can an existing request: create another request, under another name.',
          ko: '인증서도, 이미 낸 요청도 고칠 수 없습니다. 다른 이름으로 요청을 새로 내세요.',
        },
      },
    };
  const [der = new Uint8Array()] = pemCertificates(identity.certificate);
  if (!issued.includes(fingerprint(der)))
    return missed(
      'not_requested',
      {
        en: 'the cluster’s CA has signed it, but the cluster’s signer has not',
        ko: '클러스터 CA의 서명은 있지만 클러스터의 서명자가 발급한 기록이 없습니다',
      },
      {
        where: file,
        expected: {
          en: 'the certificate from the status of an approved CertificateSigningRequest',
          ko: '컨트롤러 매니저가 승인된 CertificateSigningRequest의 status에 담은 인증서',
        },
      },
    );
  return {
    says: {
      en: `the API server knows ${file} as ${as} of ${groups.join(', ')}, until ${expiryOf(der)}`,
      ko: `API 서버가 알아보는 사용자: ${as}, 그룹: ${groups.join(', ')} (${file}, ${expiryOf(der)}까지)`,
    },
  };
}

export function certificateRefused(
  examiner: ClusterExaminer,
  { certificate }: Identity,
  file: string,
): Missed {
  const fault = authenticationFault(certificate, examiner.clientAuthorities, examiner.options.clock);
  return refusedFor(
    fault,
    {
      en: 'the API server refuses it (401 Unauthorized).',
      ko: 'API 서버가 받아들이지 않습니다(401 Unauthorized).',
    },
    file,
  );
}

/** The state of the request for a missing certificate. */
async function requestState(examiner: ClusterExaminer, as: string, file: string): Promise<Missed> {
  const requests = (await examiner.list(`/apis/${certificatesGroup}/v1/${certificatesResource}`)).filter(
    (one) => commonNameIn(one) === as,
  );
  const versionOf = (one: unknown): number => Number(textAt(one, 'metadata', 'resourceVersion'));
  const newest = requests.toSorted((one, other) => versionOf(other) - versionOf(one));
  const request = newest.find((one) => issuedIn(one).length > 0) ?? newest[0];
  if (request === undefined)
    return missed(
      'missing_file',
      {
        en: `there is no ${file} yet, and the API server has no request for ${as} (CN)`,
        ko: `아직 ${file} 파일이 없고, API 서버에도 ${as}(CN)에 대한 요청이 없습니다`,
      },
      { where: file },
    );
  const name = textAt(request, 'metadata', 'name');
  if (issuedIn(request).length > 0)
    return missed(
      'missing_file',
      {
        en: `the request ${name} has its certificate, but it is not in ${file} yet`,
        ko: `요청 ${name}의 인증서는 발급되었지만 아직 ${file} 파일에 저장하지 않았습니다`,
      },
      {
        where: file,
        expected: {
          en: 'the value of status.certificate, decoded from base64',
          ko: 'status.certificate의 내용을 base64 디코딩한 것',
        },
      },
    );
  const where = `csr/${name}`;
  const condition = (type: string): unknown =>
    listAt(request, 'status', 'conditions').find((one) => textAt(one, 'type') === type);
  const remedy: Localized = {
    en: 'The decision is final: create another request, under another name.',
    ko: '한번 내린 결정은 바뀌지 않습니다. 다른 이름으로 요청을 새로 내세요.',
  };
  if (condition('Denied') !== undefined)
    return missed(
      'not_issued',
      { en: `the request for ${as} was denied`, ko: `${as}에 대한 요청이 거부되었습니다` },
      { where, remedy },
    );
  const failed = condition('Failed');
  if (failed !== undefined)
    return missed(
      'not_issued',
      {
        en: `the request for ${as} was approved, but the signer has refused it`,
        ko: `${as}에 대한 요청이 승인되었지만 서명자가 거부했습니다`,
      },
      { where, received: textAt(failed, 'message'), remedy },
    );
  if (condition('Approved') === undefined)
    return missed(
      'pending',
      {
        en: `the request for ${as} has not been approved`,
        ko: `${as}에 대한 요청을 아직 아무도 승인하지 않았습니다`,
      },
      { where },
    );
  return missed(
    'not_issued',
    {
      en: `the request for ${as} was approved, but no certificate has been issued`,
      ko: `${as}에 대한 요청이 승인되었지만 인증서를 발급한 서명자가 없습니다`,
    },
    { where, received: `signerName: ${textAt(request, 'spec', 'signerName')}` },
  );
}
