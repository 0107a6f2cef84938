/**
 * Checks what has become of the client that the running lab keeps connected (`hold/held-client.ts`): whether the connection over
 * which it proved who it is has ended. Whether it may come back is for the steps of a task.
 */
import type { Localized } from '../../i18n/language.ts';
import { askUp } from '../hold/claim.ts';
import type { HeldState } from '../hold/held-client.ts';
import { notUp, timeOfDay } from './checking.ts';
import type { CheckOptions, TaskResult } from './checking.ts';

/** @param mostSeconds how old the proxy lets a connection become */
export async function checkHeld(
  id: string,
  options: CheckOptions,
  mostSeconds?: number,
): Promise<TaskResult> {
  const up = await askUp(options.folder);
  if (!up?.answer)
    return notUp(id, up, options, {
      en: 'nothing can be seen of the client that the lab keeps connected',
      ko: '실습이 연결해 두는 클라이언트가 어떻게 되었는지 볼 수 없습니다',
    });
  return judgeHeld(id, up.answer.held, mostSeconds, options.clock.now());
}

export function judgeHeld(
  id: string,
  state: HeldState | undefined,
  mostSeconds: number | undefined,
  now: number,
): TaskResult {
  const open = (says: Localized): TaskResult => ({
    id,
    status: 'open',
    reason: 'not_met',
    says,
    findings: [],
  });
  if (!state)
    return open({
      en: 'the client that the lab keeps connected has not come yet',
      ko: '실습이 연결해 두는 클라이언트가 아직 접속하지 않았습니다',
    });
  const { client, connection, ended, failed } = state;
  if (connection && !connection.resumed) {
    const { since } = connection;
    const age = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
    const until: Localized =
      mostSeconds === undefined
        ? { en: '', ko: '' }
        : {
            en: `. The door ends it when it is ${mostSeconds} s old; it is ${age} s old`,
            ko: `. 이 연결은 맺은 지 ${mostSeconds}초가 되면 끊기는데, 지금은 ${age}초째입니다`,
          };
    return open({
      en: `the connection that ${client} opened with a certificate at ${timeOfDay(since)} is still open, and requests are answered over it${until.en}`,
      ko: `${client}의 인증서로 ${timeOfDay(since)}에 맺은 연결이 아직 열려 있고, 요청할 때마다 응답을 받고 있습니다${until.ko}`,
    });
  }
  if (!connection && !ended && failed?.alert === undefined)
    return open({
      en: `${client} cannot connect at all (${failed?.code ?? ''})`,
      ko: `${client}: 접속 자체가 되지 않습니다(${failed?.code ?? ''})`,
    });
  const says: Localized = ended
    ? {
        en: `the connection that ${client} opened at ${timeOfDay(ended.since)} ended at ${timeOfDay(ended.until)}, after ${ended.requests} requests`,
        ko: `${client}의 ${timeOfDay(ended.since)} 연결은 요청 ${ended.requests}개를 처리한 뒤 ${timeOfDay(ended.until)}에 끝났습니다`,
      }
    : {
        en: `${client} has no open connection, and none was admitted since the lab started`,
        ko: `${client}의 연결은 남아 있지 않고, 실습을 시작한 뒤로 허용된 적도 없습니다`,
      };
  return { id, status: 'done', says, findings: [] };
}
