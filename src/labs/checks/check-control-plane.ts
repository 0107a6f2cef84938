/**
 * Checks what a task requires of a control plane: it dials the API server as kubectl would, with the learner's kubeconfigs, and
 * as a client that trusts the cluster's original CA. How a certificate was renewed does not count.
 *
 * 1. Running processes are queried, and a controller that should work is given a request. The learner's files are read only to
 *    try a kubeconfig, and to explain a failure.
 * 2. The CA must be the original one: to every client of the old CA, a cluster with a new CA is another cluster.
 */
import { features } from '../../features/registry.ts';
import { planScenario } from '../../engine/planning.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import { askUp } from '../hold/claim.ts';
import { kubeconfigIn } from '../hold/control-plane-files.ts';
import { manifestOf } from '../../pki/kubeadm/manifests/processes.ts';
import type { TaskFile } from '../lab.ts';
import { FileError } from '../own-files.ts';
import { howToStart } from './checking.ts';
import type { CheckOptions, TaskResult } from './checking.ts';
import { missed, resultOf } from './claims.ts';
import type { Judged, JudgedClaim } from './claims.ts';
import { judgeKubeconfig } from './kubeconfig-claim.ts';
import { LabApiClient, noApiServer, Unanswered } from './lab-api-client.ts';
import { judgeServerCertificate } from './server-certificate.ts';
import type { ControlPlaneExaminer } from './server-certificate.ts';
import { judgeShown, judgeTrust, judgeUntroubled } from './rotation-claims.ts';
import type { RotationExaminer } from './rotation-claims.ts';
import { judgeSigning } from './signing-claim.ts';

type Claim = NonNullable<TaskFile['controlPlane']>[number];

export async function checkControlPlane(
  id: string,
  claims: readonly Claim[],
  compiled: CompiledScenario,
  options: CheckOptions,
): Promise<TaskResult> {
  const { lab, folder } = options;
  const { controlPlane } = lab.tasks;
  if (!controlPlane) throw new Error(`${lab.name} has no control plane`);
  const up = await askUp(folder);
  const port = up?.answer?.ports[controlPlane.server];
  const client = planScenario(features, compiled).clients.find(({ name }) => name === controlPlane.asks);
  const examiner =
    port === undefined || client?.certificate === undefined
      ? undefined
      : {
          port,
          options,
          identity: options.world.identity(client.certificate),
          client: new LabApiClient(port, options),
          ...(controlPlane.rotation ? { rotation: controlPlane.rotation, clients: up?.answer?.clients } : {}),
        };
  const judged: JudgedClaim[] = [];
  try {
    for (const claim of claims)
      judged.push({
        expectation: nameOf(claim),
        judged:
          up?.answer === undefined
            ? { ...missed('not_up', noApiServer), ...howToStart(options, up?.pid) }
            : await judge(claim, examiner, folder),
      });
    return resultOf(id, judged);
  } finally {
    examiner?.client.close();
  }
}

function nameOf(claim: Claim): string {
  if ('trusts' in claim) return `trusts-${claim.trusts}`;
  if ('shows' in claim) return `shows-${claim.shows}`;
  if ('untroubled' in claim) return 'untroubled';
  if ('believed' in claim) return `believed-${claim.believed}`;
  return 'kubeconfig' in claim ? `kubeconfig-${claim.kubeconfig.file}` : `issued-${claim.issued.request}`;
}

/** @param examiner undefined if the API server does not run. */
async function judge(
  claim: Claim,
  examiner: (ControlPlaneExaminer & Partial<RotationExaminer>) | undefined,
  folder: string,
): Promise<Judged> {
  try {
    if (!examiner) {
      // A missing file is reported first.
      if ('kubeconfig' in claim) kubeconfigIn(folder, claim.kubeconfig.file);
      throw new Unanswered();
    }
    const { rotation } = examiner;
    if ('trusts' in claim || 'shows' in claim || 'untroubled' in claim) {
      if (!rotation) throw new Error('the lab replaces no CA');
      const rotating = { ...examiner, rotation };
      if ('trusts' in claim) return await judgeTrust(rotating, claim.trusts);
      return 'shows' in claim ? await judgeShown(rotating) : judgeUntroubled(rotating);
    }
    if ('believed' in claim) return await judgeServerCertificate(examiner);
    return 'kubeconfig' in claim
      ? await judgeKubeconfig(examiner, claim.kubeconfig)
      : await judgeSigning(examiner, claim.issued.request);
  } catch (error) {
    if (error instanceof FileError) return { reason: error.reason, facts: error.facts };
    if (!(error instanceof Unanswered)) throw error;
    return missed('no_api_server', noApiServer, {
      where: manifestOf('kube-apiserver'),
      remedy: {
        en: 'It runs as long as that file exists. If the file exists and it does not run, the terminal of the lab shows the reason.',
        ko: '이 파일이 있는 동안 실행됩니다. 파일이 있는데도 실행되지 않으면, 실습을 띄워 둔 터미널에 이유가 나옵니다.',
      },
    });
  }
}
