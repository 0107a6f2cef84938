/** Semantic errors of a toy login in a scenario file. */
import { needs } from '../../engine/problems.ts';
import type { Problem, StepPlace } from '../../engine/problems.ts';
import type { ToyLoginFacts } from './step.ts';

/** Only one kind of server supports the toy protocol, and it needs a key for public-key encryption. */
export function toyProblems(toyLogin: ToyLoginFacts, { file, path }: StepPlace): Problem[] {
  const server = file.servers[toyLogin.to];
  if (!server) return [];
  if (server.kind !== 'toy-login-server') {
    return [
      {
        path: [...path, 'to'],
        what: {
          en: `${toyLogin.to} does not support the toy protocol`,
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
