/**
 * The words that only plain text needs, in every language; those of every renderer are in `presentation`.
 */
import type { ClientNews } from '../../labs/hold/rotation-clients.ts';
import { turnedAwayWords } from '../../labs/hold/turned-away-words.ts';
import type { Localized } from '../../i18n/language.ts';
import { hintLabel } from '../../labs/report.ts';
import { josa } from '../../i18n/josa.ts';

/** Of a running proxy. */
export const liveWords = {
  opened: { en: 'connected', ko: '연결됨' },
  resumed: { en: 'resumed', ko: '세션 재개' },
  begins: { en: 'begins', ko: '시작' },
  ends: { en: 'ends', ko: '끝' },
  clientIs: { en: 'the client is', ko: '클라이언트:' },
  serverIs: { en: 'the server is', ko: '서버:' },
  closedBy: {
    client: { en: 'closed by the client', ko: '클라이언트가 닫음' },
    server: { en: 'closed by the server', ko: '서버가 닫음' },
    unknown: { en: 'closed', ko: '닫힘' },
  },
} as const;

const allDone = (of: number): string =>
  of === 1 ? 'The task is done.' : of === 2 ? 'Both tasks are done.' : `All ${of} tasks are done.`;
const allDoneKo = (of: number): string =>
  of === 1 ? '과제를 마쳤습니다.' : `과제 ${of}개를 모두 마쳤습니다.`;

/** Of a lab. */
export const labWords = {
  made: {
    en: (folder: string): string => `Your folder: ${folder}`,
    ko: (folder: string): string => `실습 폴더: ${folder}`,
  },
  goesOn: {
    en: (folder: string): string => `Your folder, as you left it: ${folder}`,
    ko: (folder: string): string => `하던 실습을 이어서 합니다. 실습 폴더: ${folder}`,
  },
  sameText: {
    en: 'This text is README.md there.',
    ko: '이 설명은 폴더의 README.md에도 있습니다.',
  },
  left: {
    en: (name: string, folder: string): string => `The lab ${name} has ended. Your folder: ${folder}`,
    ko: (name: string, folder: string): string => `${name} 실습을 끝냈습니다. 실습 폴더: ${folder}`,
  },
  howTo: {
    en: 'In a second terminal, in this folder:',
    ko: '다른 터미널에서 이 폴더로 이동해 실행합니다.',
  },
  verbs: {
    check: {
      en: 'checks the wire and both ends, and shows the current task',
      ko: '구간과 양쪽 끝을 살펴 지금 과제를 확인',
    },
    hint: { en: 'one hint, and the next time one more', ko: '힌트 하나(다시 실행하면 다음 힌트)' },
    reset: {
      en: 'restores the initial files; yours are kept aside',
      ko: '처음 상태로 되돌리기(지금 파일은 따로 보관)',
    },
    next: { en: 'the next lab of the course', ko: '다음에 할 실습' },
    commands: {
      en: 'these commands, and those of the running lab',
      ko: '이 명령들과, 실행 중인 실습의 명령',
    },
  },
  inFolder: {
    en: 'In the lab’s folder, in another terminal:',
    ko: '다른 터미널의 실습 폴더에서 실행하세요.',
  },
  changed: {
    en: (files: string): string => `${files === '' ? 'A file' : files} changed.`,
    ko: (files: string): string => `파일이 바뀌었습니다${files === '' ? '' : `(${files})`}.`,
  },
  checked: {
    en: (changed: string, milliseconds: number): string =>
      `Checked${changed === '' ? '' : ` after the change of ${changed}`}, in ${(milliseconds / 1000).toFixed(1)} s:`,
    ko: (changed: string, milliseconds: number): string =>
      `${changed === '' ? '' : `바뀐 것(${changed})을 `}${(milliseconds / 1000).toFixed(1)}초 만에 확인했습니다.`,
  },
  checkedSame: {
    en: (number: number): string => `Checked: task ${number} is open for the same reason as before.`,
    ko: (number: number): string =>
      `확인했습니다. ${number}번 과제는 앞과 같은 이유로 아직 끝나지 않았습니다.`,
  },
  afterAll: {
    en: (command: string): string => `Ctrl-C ends the lab. What comes next: ${command} lab next`,
    ko: (command: string): string => `Ctrl-C로 실습을 끝냅니다. 다음 실습 보기: ${command} lab next`,
  },
  unrecorded: {
    en: (file: string): string => `${file} can no longer be recorded. The lab goes on without it:`,
    ko: (file: string): string => `${file} 파일에 더는 기록하지 못합니다. 실습은 그대로 이어집니다.`,
  },
  /** Of the reports to a class; the third is why. */
  toClass: {
    joined: {
      en: (server: string, learner: string): string =>
        `You take part in the class at ${server} as ${learner}. It is told, after each check: lab, task, how many are done, hints, time and finding; nothing else. --no-class at the next start ends that.`,
      ko: (server: string, learner: string): string =>
        `${server} 수업에 ${josa(learner, '으로/로')} 참여합니다. 확인할 때마다 실습, 과제, 완료한 개수, 힌트 수, 시각, 지금 상태만 보냅니다. 그만두려면 다음에 시작할 때 --no-class를 붙이세요.`,
    },
    away: {
      en: (server: string, _learner: string, why: string): string =>
        `The class at ${server} does not answer (${why}). The lab goes on; the class gets the newest state when it is back.`,
      ko: (server: string, _learner: string, why: string): string =>
        `${server} 수업 서버가 응답하지 않습니다(${why}). 실습은 그대로 이어지고, 서버가 다시 응답하면 최근 상태를 보냅니다.`,
    },
    back: {
      en: (server: string): string => `The class at ${server} is back, and has the newest state.`,
      ko: (server: string): string => `${server} 수업 서버가 다시 응답해 최근 상태를 보냈습니다.`,
    },
    refused: {
      en: (server: string, learner: string, why: string): string =>
        `Nothing reaches the class at ${server} as ${learner}: ${why}. The lab goes on; ask your instructor for another invitation.`,
      ko: (server: string, learner: string, why: string): string =>
        `${server} 수업에 ${learner}의 상태를 보낼 수 없습니다. ${why}. 실습은 그대로 이어집니다. 강사에게 초대장을 새로 받으세요.`,
    },
  },
  clusterReset: {
    en: 'The folder was reset: the cluster starts again, too.',
    ko: '폴더를 처음 상태로 되돌렸으므로 클러스터도 처음부터 다시 시작합니다.',
  },
  openAgain: {
    en: (tasks: string): string => `Restarted; the commands are the same (${tasks}).`,
    ko: (tasks: string): string => `다시 시작했습니다. 명령은 앞과 같습니다(${tasks}).`,
  },
  renewed: {
    en: (tasks: string): string =>
      `Not restarted: it applies from the next handshake on, and open connections go on (${tasks}).`,
    ko: (tasks: string): string =>
      `다시 시작하지 않았습니다. 다음 핸드셰이크부터 적용되고, 열려 있는 연결은 그대로 이어집니다(${tasks}).`,
  },
  held: {
    connected: {
      en: (who: string): string => `${who} connected, and showed a certificate`,
      ko: (who: string): string => `${who}: 인증서를 내고 접속했습니다`,
    },
    resumed: {
      en: (who: string): string => `${who} is back: the session was resumed, without a certificate`,
      ko: (who: string): string => `${who}: 인증서 없이 이전 세션을 재개해 다시 들어왔습니다`,
    },
    goes_on: {
      en: (who: string, since: string, requests: string): string =>
        `${who}’s connection of ${since} goes on: request ${requests} was answered`,
      ko: (who: string, since: string, requests: string): string =>
        `${who}: ${since}에 맺은 연결이 그대로 이어집니다. ${requests}번째 요청에도 응답을 받았습니다`,
    },
    ended: {
      en: (who: string, since: string, requests: string): string =>
        `${who}’s connection of ${since} has ended, after ${requests} requests`,
      ko: (who: string, since: string, requests: string): string =>
        `${who}: ${since}에 맺은 연결이 요청 ${requests}개를 처리한 뒤 끝났습니다`,
    },
    refused: {
      en: (who: string, alert: string): string => `${who} was refused: ${alert}`,
      ko: (who: string, alert: string): string => `${who}: 거부되었습니다(${alert})`,
    },
    unreachable: {
      en: (who: string, code: string): string => `${who} cannot connect (${code})`,
      ko: (who: string, code: string): string => `${who}: 접속하지 못했습니다(${code})`,
    },
  },
  captured: {
    en: (file: string): string => `${file} has been captured.`,
    ko: (file: string): string => `${file} 캡처 파일이 만들어졌습니다.`,
  },
  live: {
    en: (wire: string): string =>
      `Wire ${wire} is live: this command prints what passes from now on, as a capture (-o FILE keeps it, Ctrl-C ends it):`,
    ko: (wire: string): string =>
      `구간 ${josa(wire, '을/를')} 실시간으로 캡처할 수 있습니다. 다음 명령은 지금부터 지나가는 것을 캡처로 출력합니다(-o 파일: 저장, Ctrl-C: 끝내기).`,
  },
  liveWire: {
    en: (wire: string): string => `Wire ${wire}, live`,
    ko: (wire: string): string => `구간 ${wire} 실시간`,
  },
  letIn: {
    en: (server: string, user: string): string => `${server} let ${user} in.`,
    ko: (server: string, user: string): string =>
      `${josa(server, '이/가')} ${user}의 로그인을 받아들였습니다.`,
  },
  taken: {
    en: (server: string, user: string, password: string): string =>
      `${server}, a fake site, has ${user}’s password now: ${password}`,
    ko: (server: string, user: string, password: string): string =>
      `가짜 사이트 ${josa(server, '이/가')} 이제 ${user}의 비밀번호를 압니다: ${password}`,
  },
  turnedAway: {
    en: (server: string, user: string, why: string | undefined): string =>
      `${server} turned ${user} away${why === undefined ? '' : `: ${why}`}.`,
    ko: (server: string, user: string, why: string | undefined): string =>
      `${josa(server, '이/가')} ${user}의 로그인을 거절했습니다.${why === undefined ? '' : ` ${why}.`}`,
  },
  shut: {
    en: (tasks: string): string => `Not open yet (${tasks}):`,
    ko: (tasks: string): string => `아직 시작하지 못했습니다(${tasks}).`,
  },
  notApplied: {
    en: (tasks: string): string => `Not applied; what is open goes on as it was (${tasks}):`,
    ko: (tasks: string): string => `적용하지 못했습니다. 열려 있던 것은 그대로 계속됩니다(${tasks}).`,
  },
  clusterUp: {
    en: (url: string, isNew: boolean): string =>
      `The API server is up at ${url}${isNew ? '' : ', with everything that was in it'}.`,
    ko: (url: string, isNew: boolean): string =>
      `API 서버가 ${url}에서 실행 중입니다.${isNew ? '' : ' 클러스터는 지난번 상태 그대로입니다.'}`,
  },
  clusterMoved: {
    en: 'Another program uses its previous port: the .conf files in the folder point to the new one.',
    ko: '전에 쓰던 포트를 다른 프로그램이 쓰고 있어 포트가 바뀌었습니다. 폴더의 .conf 파일은 새 포트로 고쳐 두었습니다.',
  },
  controlPlaneUp: {
    en: (url: string, isNew: boolean): string =>
      `The control plane is up${isNew ? '' : ', with everything that was in it'}; its API server listens at ${url}.`,
    ko: (url: string, isNew: boolean): string =>
      `컨트롤 플레인이 실행 중이고, API 서버는 ${url}에 있습니다.${isNew ? '' : ' 클러스터는 지난번 상태 그대로입니다.'}`,
  },
  processes: {
    started: {
      en: (name: string): string => `${name} has started, and read its files.`,
      ko: (name: string): string => `${name}: 시작하면서 파일을 읽었습니다.`,
    },
    ended: {
      en: (name: string): string => `${name} has ended.`,
      ko: (name: string): string => `${name}: 종료했습니다.`,
    },
    failed: {
      en: (name: string): string => `${name} cannot start. Retrying:`,
      ko: (name: string): string => `${name}: 시작하지 못했습니다. 계속 다시 시도합니다.`,
    },
    cut_off: {
      en: (name: string, words: string): string => `${name} repeats in its log: ${words}`,
      ko: (name: string, words: string): string => `${name}의 로그에 되풀이되는 말: ${words}`,
    },
  },
  /** What has become of a client that uses the API server all the time. */
  clients: {
    served: {
      en: ({ client }: ClientNews): string => `${client} is served again.`,
      ko: ({ client }: ClientNews): string => `${client}: 다시 응답을 받습니다.`,
    },
    took_over: {
      en: (news: ClientNews): string =>
        `${news.client} has taken over what is there now: ${tookOver(news).en}.`,
      ko: (news: ClientNews): string => `${news.client}: 지금 설정을 적용했습니다. ${tookOver(news).ko}.`,
    },
    turned_away: {
      en: (news: ClientNews): string => `${news.client} is turned away: ${refusalIn(news)}.`,
      ko: (news: ClientNews): string => `${news.client}: 거부되었습니다(${refusalIn(news)}).`,
    },
  },
  webhookServers: {
    started: {
      en: (name: string): string => `The webhook ${name} is up, with the certificate in its file.`,
      ko: (name: string): string => `웹훅 ${name}: 파일의 인증서로 실행 중입니다.`,
    },
    failed: {
      en: (name: string): string =>
        `The webhook ${name} cannot be run with its files; nothing listens there:`,
      ko: (name: string): string => `웹훅 ${name}: 지금 파일로는 실행할 수 없어 멈춰 있습니다.`,
    },
  },
  webhooks: {
    allowed: {
      en: (webhook: string, what: string): string => `${webhook} was asked about ${what}: allowed`,
      ko: (webhook: string, what: string): string => `웹훅 ${webhook}, ${what}: 허용`,
    },
    denied: {
      en: (webhook: string, what: string): string => `${webhook} was asked about ${what}: denied`,
      ko: (webhook: string, what: string): string => `웹훅 ${webhook}, ${what}: 거부`,
    },
    failed_closed: {
      en: (webhook: string, what: string): string =>
        `${webhook} could not be asked about ${what}: refused (failurePolicy: Fail)`,
      ko: (webhook: string, what: string): string =>
        `웹훅 ${webhook}, ${what}: 호출 실패, 요청 거절(failurePolicy: Fail)`,
    },
    failed_open: {
      en: (webhook: string, what: string): string =>
        `${webhook} could not be asked about ${what}: let in all the same (failurePolicy: Ignore)`,
      ko: (webhook: string, what: string): string =>
        `웹훅 ${webhook}, ${what}: 호출 실패, 그래도 요청 통과(failurePolicy: Ignore)`,
    },
  },
  withKubectl: { en: 'with kubectl', ko: 'kubectl 사용' },
  withoutKubectl: { en: 'or, without kubectl:', ko: 'kubectl이 없다면:' },
  signed: {
    en: (request: string): string => `The controller manager has signed the request ${request}.`,
    ko: (request: string): string => `컨트롤러 매니저가 요청 ${request}에 서명했습니다.`,
  },
  notSigned: {
    en: (request: string, why: string): string =>
      `The controller manager did not sign the request ${request}: ${why}`,
    ko: (request: string, why: string): string =>
      `컨트롤러 매니저가 요청 ${request}에 서명하지 않았습니다: ${why}`,
  },
  holding: { en: 'Up until Ctrl-C.', ko: 'Ctrl-C를 누를 때까지 계속 띄워 둡니다.' },
  count: {
    en: (done: number, of: number): string =>
      done === of ? allDone(of) : `${done} of ${of} ${of === 1 ? 'task' : 'tasks'} done.`,
    ko: (done: number, of: number): string =>
      done === of ? allDoneKo(of) : `과제 ${of}개 가운데 ${done}개를 마쳤습니다.`,
  },
  keptDone: {
    en: 'done before; it cannot be checked now',
    ko: '전에 마쳤습니다. 지금은 확인할 수 없습니다',
  },
  unasked: {
    en: (done: number, unasked: number, wereDone: number, of: number): string =>
      `${done} of ${of} done; cannot be checked now: ${unasked}${wereDone === 0 ? '' : ` (done before: ${wereDone})`}.`,
    ko: (done: number, unasked: number, wereDone: number, of: number): string =>
      `과제 ${of}개 가운데 ${done}개를 마쳤습니다. ${unasked}개는 지금 확인할 수 없습니다${wereDone === 0 ? '' : `(전에 마친 것 ${wereDone}개)`}.`,
  },
  sameAs: {
    en: (number: number): string => `for the same reason as task ${number}`,
    ko: (number: number): string => `${number}번 과제와 같은 이유입니다`,
  },
  stuck: {
    en: (command: string, task: string): string => `Stuck? ${command} lab hint ${task}`,
    ko: (command: string, task: string): string => `막혔다면: ${command} lab hint ${task}`,
  },
  others: {
    en: (command: string, count: number): string =>
      `What keeps the other ${count === 1 ? 'task' : `${count} tasks`} open: ${command} lab check --all`,
    ko: (command: string, count: number): string =>
      `나머지 과제 ${count}개까지 모두 보려면: ${command} lab check --all`,
  },
  expected: { en: 'expected', ko: '필요한 것' },
  received: { en: 'found', ko: '현재 값' },
  hint: hintLabel,
  nothingLeft: {
    en: (of: number): string => `${allDone(of)} No task is left that needs a hint.`,
    ko: (of: number): string => `${allDoneKo(of)} 힌트가 필요한 과제가 없습니다.`,
  },
  hintOf: {
    en: (tasks: string): string => `For the hints of a task, name it: ${tasks}`,
    ko: (tasks: string): string => `과제 이름을 붙이면 그 과제의 힌트를 봅니다: ${tasks}`,
  },
  moreHints: {
    en: 'The same command again gives the next one.',
    ko: '같은 명령을 다시 실행하면 다음 힌트가 나옵니다.',
  },
  lastHint: { en: 'That was the last one.', ko: '마지막 힌트입니다.' },
  reset: {
    en: (aside: string | undefined): string =>
      `The folder is back in its initial state.${aside === undefined ? '' : ` Its previous contents are in ${aside}.`}`,
    ko: (aside: string | undefined): string =>
      `폴더를 처음 상태로 되돌렸습니다.${aside === undefined ? '' : ` 있던 파일은 ${aside} 폴더에 보관했습니다.`}`,
  },
  resetTask: {
    en: (task: string, aside: string | undefined): string =>
      `The task ${task} is back at its beginning.${aside === undefined ? '' : ` The previous files are in ${aside}.`}`,
    ko: (task: string, aside: string | undefined): string =>
      `${task} 과제를 처음 상태로 되돌렸습니다.${aside === undefined ? '' : ` 있던 파일은 ${aside} 폴더에 보관했습니다.`}`,
  },
  resetLater: {
    en: 'What was done in the cluster for this task is undone when the lab is started again.',
    ko: '이 과제를 위해 클러스터에서 한 일은 실습을 다시 시작할 때 되돌립니다.',
  },
  resetShared: {
    en: (tasks: string): string => `These tasks use the same files, and may be open again: ${tasks}`,
    ko: (tasks: string): string => `같은 파일을 쓰는 다음 과제도 다시 해야 할 수 있습니다: ${tasks}`,
  },
} as const;

const refusalIn = (news: ClientNews): string => (news.state === 'turned_away' ? turnedAwayWords(news) : '');

function tookOver(news: ClientNews): Localized {
  if (news.state !== 'took_over') return { en: '', ko: '' };
  const { trusts, shows } = news;
  const of = shows === 'token' ? { en: 'its token', ko: '토큰' } : showing[shows];
  return {
    en: `it trusts ${trusts} ${trusts === 1 ? 'CA' : 'CAs'}, and shows ${of.en}`,
    ko: `신뢰하는 CA ${trusts}개, 제시하는 것: ${of.ko}`,
  };
}

const showing: Readonly<Record<'old' | 'new', Localized>> = {
  old: { en: 'a certificate of the old CA', ko: '옛 CA의 인증서' },
  new: { en: 'a certificate of another CA', ko: '다른 CA의 인증서' },
};
