/** Judges whether a client that trusts a CA accepts the certificate that a control plane's API server presents. */
import { explainRefusal } from '../../analysis/outcome/refusal.ts';
import type { Localized } from '../../i18n/language.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import type { Identity } from '../../pki/keystore/world.ts';
import { isoTime } from '../../protocols/x509/certificate.ts';
import { dial } from '../../wire/dial.ts';
import type { Failure } from '../../wire/endpoint.ts';
import { textIn } from '../hold/control-plane-files.ts';
import { likelyFiles } from '../hold/static-pod.ts';
import { FileError } from '../own-files.ts';
import { certificateOf, expiryOf } from './api-identity.ts';
import type { CheckOptions } from './checking.ts';
import { missed } from './claims.ts';
import type { Judged, Missed } from './claims.ts';
import { answerTimeout, Unanswered } from './lab-api-client.ts';
import type { LabApiClient } from './lab-api-client.ts';

export const host = '127.0.0.1';

/** What a check needs to query the API server of a control plane. */
export interface ControlPlaneExaminer {
  readonly port: number;
  readonly options: CheckOptions;
  /** The lab's own client. */
  readonly identity: Identity;
  readonly client: LabApiClient;
  /** PEM of the CAs by which the lab's own client believes the API server; the cluster's original one when left out. */
  readonly authorities?: readonly string[];
}

/** Whether a PEM text contains a certificate. */
export const holdsCertificate = (pem: string, der: Uint8Array | undefined): boolean =>
  der !== undefined && pemCertificates(pem).some((one) => Buffer.compare(one, der) === 0);

/**
 * @param authority PEM; the cluster's original CA when left out.
 * @param who the sentence about those who trust it, where it is another one than the original and no kubeconfig's.
 */
export async function judgeServerCertificate(
  { port, options: { clock, world, folder } }: ControlPlaneExaminer,
  authority = world.authority('ca'),
  who?: Localized,
): Promise<Judged> {
  let shown: Uint8Array | undefined;
  const dialed = await dial({
    security: 'tls',
    to: { host, port },
    authorities: [authority],
    ignoresCommonName: true,
    clock,
    timeout: answerTimeout,
    onPresented: ([leaf]) => (shown = leaf),
  });
  if (dialed.outcome === 'connected') {
    dialed.stream.destroy();
    const until = expiryOf(shown);
    return {
      says: {
        en: `clients that trust the cluster’s CA accept the API server’s certificate, until ${until}`,
        ko: `클러스터 CA를 신뢰하는 클라이언트가 API 서버를 믿습니다(${until}까지)`,
      },
    };
  }
  if (dialed.failure.by !== 'client' || !shown) throw new Unanswered();
  const now = isoTime(clock.now());
  return who || holdsCertificate(world.authority('ca'), pemCertificates(authority)[0])
    ? refusedByOriginal(dialed.failure, shown, folder, now, who)
    : refusedFor(
        dialed.failure,
        {
          en: 'the CA in this kubeconfig does not verify the API server’s certificate',
          ko: '이 kubeconfig의 CA로는 API 서버를 믿을 수 없습니다',
        },
        now,
      );
}

function refusedByOriginal(
  failure: Failure,
  shown: Uint8Array,
  folder: string,
  now: string,
  who: Localized = {
    en: 'clients that trust the cluster’s CA refuse the API server’s certificate',
    ko: '클러스터 CA를 신뢰하는 클라이언트가 API 서버를 믿지 않습니다',
  },
): Missed {
  const where = likelyFiles(folder, 'kube-apiserver')['tls-cert-file'];
  const onDisk = certificateIn(folder, where);
  if (onDisk && Buffer.compare(onDisk, shown) !== 0)
    return missed(
      'not_restarted',
      {
        en: `the API server still presents the certificate that it read when it started (until ${expiryOf(shown)})`,
        ko: `API 서버가 아직 시작할 때 읽은 인증서를 제시합니다(${expiryOf(shown)}까지)`,
      },
      {
        where,
        expected: {
          en: `the certificate that is in the file now (until ${expiryOf(onDisk)})`,
          ko: `지금 파일에 있는 인증서(${expiryOf(onDisk)}까지)`,
        },
      },
    );
  return refusedFor(failure, who, now, where);
}

/** @param who the sentence that the reason follows. */
function refusedFor(
  { reason, presented, code }: Failure,
  who: Localized,
  now: string,
  where?: string,
): Missed {
  const { because } = explainRefusal({
    by: 'client',
    reason,
    detail: {
      code,
      ...(presented ? { presented } : {}),
      ...(reason === 'name_mismatch' ? { expected: host } : {}),
      now,
    },
  });
  return missed(
    'refused',
    { en: `${who.en}: ${because.en}`, ko: `${who.ko}. ${because.ko}` },
    where === undefined ? {} : { where },
    reason,
  );
}

/** The first readable certificate of a file, DER. */
function certificateIn(folder: string, file: string): Uint8Array | undefined {
  try {
    const [der] = pemCertificates(textIn(folder, file));
    return certificateOf(der) && der;
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}
