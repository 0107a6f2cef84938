/** Semantic errors of a changed manifest in a scenario file. */
import type { Problem, StepPlace } from '../../engine/problems.ts';
import type { PlannedManifest } from './manifest-step.ts';

/** It is the manifest of an API server. */
export function manifestProblems({ server: name }: PlannedManifest, { file, path }: StepPlace): Problem[] {
  const server = file.servers[name];
  if (!server || server.kind === 'kube-apiserver') return [];
  return [
    {
      path: [...path, 'server'],
      what: { en: `${name} has no such manifest`, ko: `${name}: 그런 매니페스트가 없습니다` },
      expected: { en: 'a server of the kind kube-apiserver', ko: 'kind가 kube-apiserver인 서버' },
      received: server.kind ?? '-',
    },
  ];
}
