/** What can be wrong with a control plane in a scenario file whose shape is right. */
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

/** What keeps an API server's objects is an etcd, and whom it lets in depends on how it is secured. */
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
        what: { en: `${server} keeps no objects`, ko: `${server}: 객체를 저장하는 서버가 아닙니다` },
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
              en: 'the clock of the real etcd is that of this machine',
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
