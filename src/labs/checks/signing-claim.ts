/**
 * Judges whether a control plane's controller manager signs: a pending request has its certificate, and a new request is signed,
 * too. A certificate alone proves little: any holder of the CA's key can sign one.
 */
import { X509Certificate } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import type { ApiAnswer } from '../../kube/components/api-client.ts';
import { certificatesGroup, certificatesResource } from '../../kube/certificates/request-fields.ts';
import { listAt, textAt } from '../../kube/objects/json.ts';
import { makeRequest } from '../../pki/ca/request.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { issuedIn } from '../hold/cluster-store.ts';
import { examinersRequest, kubeconfigIn } from '../hold/control-plane-files.ts';
import { likelyFiles } from '../hold/static-pod.ts';
import { authenticationFault, expiryIn } from './api-identity.ts';
import { missed } from './claims.ts';
import type { Judged, Missed } from './claims.ts';
import { Unanswered } from './lab-api-client.ts';
import { holdsCertificate, judgeServerCertificate } from './server-certificate.ts';
import type { ControlPlaneExaminer } from './server-certificate.ts';

/** Milliseconds between two polls of a new request, and how many there are; a working controller manager needs less than one. */
const lookMs = 100;
const mostLooks = 30;
/** Seconds, as in the API (`expirationSeconds`). */
const shortestLife = 600;
const requestsPath = `/apis/${certificatesGroup}/v1/${certificatesResource}`;

/** @param request the name of the pending one. */
export async function judgeSigning(examiner: ControlPlaneExaminer, request: string): Promise<Judged> {
  const { folder } = examiner.options;
  const believed = await judgeServerCertificate(examiner);
  if ('reason' in believed) return believed;
  const { status, body } = await ask(examiner, 'GET', `${requestsPath}/${request}`);
  const where = `csr/${request}`;
  if (status === 401)
    return missed(
      'refused',
      {
        en: 'the API server does not accept client certificates of the cluster’s CA: it was started with another CA',
        ko: 'API 서버가 클러스터 CA의 인증서를 가진 클라이언트를 알아보지 못합니다. 다른 CA로 시작했기 때문입니다',
      },
      { where: likelyFiles(folder, 'kube-apiserver')['client-ca-file'] },
      'unknown_ca',
    );
  if (status === 404)
    return missed(
      'not_met',
      { en: 'the request is gone', ko: '요청이 없어졌습니다' },
      {
        where,
        remedy: {
          en: `Create another one of that name (kubectl apply) and approve it; or start over with wirelab lab reset.`,
          ko: '같은 이름의 요청을 다시 제출하고(kubectl apply) 승인하세요. 또는 wirelab lab reset으로 처음부터 다시 시작하세요.',
        },
      },
    );
  if (status !== 200) throw new Unanswered();
  const [der] = issuedIn(body);
  const isApproved = listAt(body, 'status', 'conditions').some((one) => textAt(one, 'type') === 'Approved');
  if (!der && !isApproved) {
    const command = `kubectl certificate approve ${request}`;
    return missed(
      'not_met',
      {
        en: `the request ${request} is not approved, so it is not signed`,
        ko: `요청 ${josa(request, '이/가')} 승인되지 않아서 아무도 서명하지 않습니다`,
      },
      { where, remedy: { en: command, ko: command } },
    );
  }
  if (!der)
    return notSigned(
      examiner,
      {
        en: `the request ${request} is approved, but not signed`,
        ko: `요청 ${josa(request, '은/는')} 승인되었지만 서명되지 않았습니다`,
      },
      where,
    );
  if (!isOfTheCa(examiner, der))
    return missed(
      'not_met',
      {
        en: 'the request was signed by another CA than the cluster’s',
        ko: '클러스터 CA가 아닌 다른 CA가 요청에 서명했습니다',
      },
      { where },
    );
  const own = await requestOwn(examiner);
  if (!own)
    return notSigned(
      examiner,
      {
        en: `${request} has a certificate, but a request that was created and approved just now is not signed`,
        ko: `${request}의 인증서는 있지만, 방금 제출해 승인한 다른 요청에는 아무도 서명하지 않습니다`,
      },
      where,
    );
  if (!isOfTheCa(examiner, own))
    return missed(
      'not_met',
      {
        en: 'the controller manager signs with another CA than the cluster’s',
        ko: '컨트롤러 매니저가 클러스터 CA가 아닌 다른 CA로 서명합니다',
      },
      { where: likelyFiles(folder, 'kube-controller-manager')['cluster-signing-cert-file'] },
    );
  return {
    says: {
      en: `${request} has a certificate, and a request that was created just now was signed at once: the controller manager works`,
      ko: `${request}의 인증서가 있고, 방금 제출한 다른 요청도 곧바로 서명되었습니다. 컨트롤러 매니저가 일하고 있습니다`,
    },
  };
}

function isOfTheCa({ options: { world } }: ControlPlaneExaminer, der: Uint8Array): boolean {
  return new X509Certificate(der).verify(new X509Certificate(world.authority('ca')).publicKey);
}

/** Creates a request, approves it, waits for it, and deletes it. @returns the certificate. @throws Unanswered */
export async function requestOwn(examiner: ControlPlaneExaminer): Promise<Uint8Array | undefined> {
  const { random, signal } = examiner.options;
  const name = `${examinersRequest}${Buffer.from(random(4)).toString('hex')}`;
  const { request } = makeRequest({ subject: [['CN', 'wirelab-lab-check']] });
  const sent = await ask(examiner, 'POST', requestsPath, {
    apiVersion: `${certificatesGroup}/v1`,
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
      expirationSeconds: shortestLife,
    },
  });
  if (sent.status !== 201) throw new Unanswered();
  const path = `${requestsPath}/${name}`;
  try {
    await ask(examiner, 'PUT', `${path}/approval`, {
      ...sent.body,
      status: {
        conditions: [
          { type: 'Approved', status: 'True', reason: 'LabCheck', message: 'sent in by wirelab lab check' },
        ],
      },
    });
    for (let looks = 0; looks < mostLooks; looks++) {
      const [der] = issuedIn((await ask(examiner, 'GET', path)).body);
      if (der) return der;
      await pause(lookMs, undefined, signal ? { signal } : {});
    }
    return undefined;
  } finally {
    await ask(examiner, 'DELETE', path);
  }
}

/** @param waits the sentence about the request that waits for it. */
function notSigned(
  { options: { folder, world, clock } }: ControlPlaneExaminer,
  waits: Localized,
  where: string,
): Missed {
  const what: Localized = {
    en: `${waits.en}: the API server refuses the controller manager, or it does not run`,
    ko: `${waits.ko}. API 서버가 컨트롤러 매니저를 거부하거나, 컨트롤러 매니저가 실행되고 있지 않습니다`,
  };
  const file = likelyFiles(folder, 'kube-controller-manager').kubeconfig;
  const { authority, identity } = kubeconfigIn(folder, file);
  const ca = world.authority('ca');
  const fault = identity && authenticationFault(identity.certificate, [ca], clock);
  if (fault)
    return missed(
      'not_issued',
      { en: `${what.en}. ${fault.words.en}`, ko: `${what.ko}. ${fault.words.ko}` },
      { where: file },
      fault.reason,
    );
  if (identity && authority !== undefined && holdsCertificate(authority, pemCertificates(ca)[0]))
    return missed('not_restarted', what, {
      where,
      received: `${file}: ${expiryIn(identity.certificate)}`,
      remedy: {
        en: 'The file is correct. What counts is what the process has read from it.',
        ko: '파일에는 문제가 없습니다. 프로세스가 읽어 둔 것이 무엇인지가 중요합니다.',
      },
    });
  return missed('not_issued', what, { where: file });
}

/** As the lab's own client. @throws Unanswered */
async function ask(
  { client, identity, authorities, options: { world } }: ControlPlaneExaminer,
  method: string,
  path: string,
  body?: unknown,
): Promise<ApiAnswer> {
  return client.ask(identity, authorities ?? [world.authority('ca')], method, path, body);
}
