/** Semantic errors of a restart in a scenario file. */
import type { Problem, StepPlace } from '../../engine/problems.ts';
import { processesOf } from '../../peers/control-plane/processes.ts';
import type { PlannedRestart } from './step.ts';

/** The process must exist. */
export function restartProblems(restart: PlannedRestart, { file, path }: StepPlace): Problem[] {
  const server = file.servers[restart.server];
  if (!server || processesOf(server).includes(restart.process)) return [];
  return [
    {
      path: [...path, 'process'],
      what: {
        en: `${restart.server} has no such process`,
        ko: `${restart.server}: 그런 프로세스가 없습니다`,
      },
      expected: {
        en: 'a server of the process’s kind; for the controller manager, an API server with controlPlane.controllerManager',
        ko: 'kind가 그 프로세스인 서버. 컨트롤러 매니저라면 controlPlane.controllerManager가 있는 API 서버',
      },
      received: restart.process,
    },
  ];
}
