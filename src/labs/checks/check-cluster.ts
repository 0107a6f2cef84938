/**
 * Checks what a task requires of a cluster: it queries the API server of the running lab over TLS, with the certificates in the
 * learner's folder and with those of the lab. Only the result counts, not how a binding or a request was made.
 * `known-certificate.ts`, `rights.ts` and `webhook-claims.ts` judge the kinds of claims.
 */
import type { Localized } from '../../i18n/language.ts';
import { features } from '../../features/registry.ts';
import { planScenario } from '../../engine/planning.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import { askUp } from '../hold/claim.ts';
import type { UpAnswer } from '../hold/claim.ts';
import type { TaskFile } from '../lab.ts';
import { howToStart } from './checking.ts';
import type { CheckOptions, TaskResult } from './checking.ts';
import { missed, resultOf } from './claims.ts';
import type { JudgedClaim } from './claims.ts';
import { ClusterExaminer } from './cluster-examiner.ts';
import { judgeCertificate } from './known-certificate.ts';
import { noApiServer, Unanswered } from './lab-api-client.ts';
import { judgeRights } from './rights.ts';
import { judgeAdmitted, judgeGuard, judgePresented } from './webhook-claims.ts';

export async function checkCluster(
  id: string,
  claims: NonNullable<TaskFile['cluster']>,
  compiled: CompiledScenario,
  options: CheckOptions,
): Promise<TaskResult> {
  const { lab, folder } = options;
  const { cluster } = lab.tasks;
  if (!cluster) throw new Error(`${lab.name} has no cluster`);
  const up = await askUp(folder);
  const { ports, issued = [] } = up?.answer ?? {};
  const port = ports?.[cluster.server];
  const examiner =
    port === undefined
      ? undefined
      : new ClusterExaminer(port, cluster, planScenario(features, compiled), options);
  const judged: JudgedClaim[] = [];
  try {
    if (!examiner) throw new Unanswered();
    for (const claim of claims)
      judged.push(await judgedClaim(examiner, claim, { issued, ports: ports ?? {} }));
    const result = resultOf(id, judged);
    return result.status === 'open' && (await examiner.isLockedOut())
      ? { ...result, remedy: lockedOut }
      : result;
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    return resultOf(id, judged, { ...missed('not_up', noApiServer), ...howToStart(options, up?.pid) });
  } finally {
    examiner?.close();
  }
}

async function judgedClaim(
  examiner: ClusterExaminer,
  claim: NonNullable<TaskFile['cluster']>[number],
  { issued, ports }: Pick<UpAnswer, 'issued' | 'ports'>,
): Promise<JudgedClaim> {
  if ('known' in claim)
    return {
      expectation: `known-${claim.known.certificate}`,
      judged: await judgeCertificate(examiner, claim.known, issued),
    };
  if ('rights' in claim)
    return {
      expectation: `rights-${claim.rights.client}`,
      judged: await judgeRights(examiner, claim.rights),
    };
  if ('admits' in claim)
    return {
      expectation: `admits-${claim.admits.manifest}`,
      judged: await judgeAdmitted(examiner, claim.admits),
    };
  if ('presents' in claim)
    return {
      expectation: `presents-${claim.presents}`,
      judged: await judgePresented(examiner, claim.presents, ports[claim.presents] ?? 0),
    };
  return {
    expectation: `guards-${claim.guards.webhook}`,
    judged: await judgeGuard(examiner, claim.guards, ports[claim.guards.webhook] ?? 0),
  };
}

const lockedOut: Localized = {
  en: 'The administrator (admin.conf) may no longer do everything: the binding of kubeadm:cluster-admins to cluster-admin is gone. To restore the default bindings, press Ctrl-C and start the lab again; wirelab lab reset starts with a new cluster.',
  ko: '관리자(admin.conf)의 권한이 줄었습니다. kubeadm:cluster-admins를 cluster-admin에 연결하던 바인딩이 없어졌기 때문입니다. Ctrl-C로 끝내고 실습을 다시 시작하면 어느 클러스터에나 있는 바인딩이 복구됩니다. wirelab lab reset은 클러스터를 처음부터 다시 시작합니다.',
};
