/** Semantic errors of a control plane in a scenario file. */
import { needs } from '../../engine/problems.ts';
import type { Problem, ProblemPath } from '../../engine/problems.ts';
import type { ScenarioFile, ServerFile } from '../../engine/scenario.ts';

export function controlPlaneProblems(
  { controlPlane }: ServerFile,
  path: ProblemPath,
  file: ScenarioFile,
): Problem[] {
  const store = controlPlane?.etcd;
  return store ? noStore([...path, 'controlPlane', 'etcd'], store, file) : [];
}

/** An API server's objects are stored in an etcd, whose security decides which certificates the API server needs. */
function noStore(
  path: ProblemPath,
  {
    server,
    certificate,
    trust,
    connectedDaysAgo,
  }: NonNullable<NonNullable<ServerFile['controlPlane']>['etcd']>,
  file: ScenarioFile,
): Problem[] {
  const found = file.servers[server];
  if (!found) return [];
  if (found.kind !== 'etcd')
    return [
      {
        path: [...path, 'server'],
        what: { en: `${server} stores no objects`, ko: `${server}: 객체를 저장하는 서버가 아닙니다` },
        expected: { en: 'a server of kind etcd', ko: 'kind가 etcd인 서버' },
        received: found.kind,
      },
    ];
  const { security = 'plain' } = found;
  const unmovable = connectedDaysAgo !== undefined && found.etcd?.real === true;
  return [
    ...(unmovable
      ? [
          {
            path: [...path, 'connectedDaysAgo'],
            what: {
              en: 'the real etcd uses this machine’s clock',
              ko: '실제 etcd의 시계는 이 컴퓨터의 시계입니다',
            },
            expected: { en: 'an etcd without etcd.real', ko: 'etcd.real이 없는 etcd' },
            received: String(connectedDaysAgo),
          },
        ]
      : []),
    ...(security !== 'plain' && trust === undefined ? [needs(path, 'trust', `security ${security}`)] : []),
    ...(security === 'mtls' && certificate === undefined
      ? [needs(path, 'certificate', 'security mtls')]
      : []),
  ];
}
