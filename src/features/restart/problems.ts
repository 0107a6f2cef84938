/** Semantic errors of a restart in a scenario file. */
import type { Problem, StepPlace } from '../../engine/problems.ts';
import { processesOf } from '../../peers/control-plane/processes.ts';
import type { ControlPlaneProcess } from '../../peers/control-plane/processes.ts';
import type { PlannedRestart } from './step.ts';

/** Each process must exist, and have the flags that are changed. */
export function restartProblems(restart: PlannedRestart, { file, path }: StepPlace): Problem[] {
  const server = file.servers[restart.server];
  if (!server) return [];
  const places = [
    { ...restart, path },
    ...(restart.also ?? []).map((one, at) => ({ ...one, path: [...path, 'also', at] })),
  ];
  return places.flatMap(({ process, with: flags = {}, path: place }): Problem[] => {
    if (!processesOf(server).includes(process))
      return [
        {
          path: [...place, 'process'],
          what: {
            en: `${restart.server} has no such process`,
            ko: `${restart.server}: 그런 프로세스가 없습니다`,
          },
          expected: {
            en: 'a server of the process’s kind; for a component, an API server whose controlPlane has it',
            ko: 'kind가 그 프로세스인 서버. 컴포넌트라면 controlPlane에 그것이 있는 API 서버',
          },
          received: process,
        },
      ];
    const wrong = Object.keys(flags).find((flag) => !flagsOf[process].includes(flag));
    if (wrong === undefined) return [];
    return [
      {
        path: [...place, 'with', wrong],
        what: {
          en: `${process} has no such flag`,
          ko: `${process}: 그런 플래그가 없습니다`,
        },
        expected:
          flagsOf[process].length > 0
            ? {
                en: `one of ${flagsOf[process].join(', ')}`,
                ko: `다음 중 하나: ${flagsOf[process].join(', ')}`,
              }
            : { en: 'no with', ko: 'with 없이' },
        received: wrong,
      },
    ];
  });
}

const ofClient = ['certificate', 'trust'] as const;
const flagsOf: Readonly<Record<ControlPlaneProcess, readonly string[]>> = {
  'kube-apiserver': ['certificate', 'clientAuthorities'],
  'kube-controller-manager': [...ofClient, 'rootAuthorities', 'issuer'],
  'kube-scheduler': ofClient,
  kubelet: ofClient,
  etcd: [],
};
