/** What can be wrong with a toy login in a scenario file whose shape is right. */
import { needs } from '../../engine/problems.ts';
import type { Problem, StepPlace } from '../../engine/problems.ts';
import type { ToyLoginFacts } from './step.ts';

/** The toy protocol is spoken by one kind of server, and locked with its key. */
export function toyProblems(toyLogin: ToyLoginFacts, { file, path }: StepPlace): Problem[] {
  const server = file.servers[toyLogin.to];
  if (!server) return [];
  if (server.kind !== 'toy-login-server') {
    return [
      {
        path: [...path, 'to'],
        what: {
          en: `${toyLogin.to} does not speak the toy protocol`,
          ko: `${toyLogin.to}: 장난감 프로토콜을 쓰지 않는 서버입니다`,
        },
        expected: { en: 'a server of kind toy-login-server', ko: 'toy-login-server 종류의 서버' },
        received: server.kind,
      },
    ];
  }
  return toyLogin.lock !== 'shared-key' && server.certificate === undefined
    ? [needs(['servers', toyLogin.to], 'certificate', `lock ${toyLogin.lock}`)]
    : [];
}
