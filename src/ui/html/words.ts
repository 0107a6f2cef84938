/** The words that only the page needs, in every language; those of every renderer are in `presentation`. */
import { josa } from '../../i18n/josa.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Statement } from '../../presentation/types/values.ts';

export const pageWords = {
  skip: { en: 'Skip to the content', ko: '본문으로 건너뛰기' },
  contents: { en: 'Contents', ko: '차례' },
  language: { en: 'Language', ko: '언어' },
  theme: { en: 'Colours', ko: '색' },
  themes: {
    auto: { en: 'as the system', ko: '시스템 설정' },
    light: { en: 'light', ko: '밝게' },
    dark: { en: 'dark', ko: '어둡게' },
  },
  intro: { en: 'What it is about', ko: '소개' },
  compared: { en: 'Side by side', ko: '나란히 비교' },
  result: { en: 'Result', ko: '결과' },
  summary: { en: 'Summary', ko: '요약' },
  list: { en: 'Connections', ko: '연결' },
  conversations: { en: 'Conversations', ko: '대화' },
  conversation: { en: 'Conversation', ko: '대화' },
  afterwards: { en: 'Afterwards', ko: '그 뒤' },
  bytes: { en: 'Every byte', ko: '모든 바이트' },
  noScript: {
    en: 'With JavaScript, every byte of the log is shown here with its field. Without it, here are the first messages.',
    ko: 'JavaScript를 켜면 로그의 모든 바이트와 필드가 여기에 나옵니다. 꺼져 있으면 처음 메시지 몇 개만 나옵니다.',
  },
  masked: { en: 'Secrets are masked in this file.', ko: '이 파일에서는 비밀을 가렸습니다.' },
  maskedOnScreen: {
    en: 'The presenter’s screen masks secrets; so does this page.',
    ko: '발표 화면에서 비밀을 가렸으므로 이 페이지에서도 가렸습니다.',
  },
  liveNoScript: {
    en: 'With JavaScript, this page follows the run, and every byte of it is shown here. Without it, load the page again to see what is new.',
    ko: 'JavaScript를 켜면 이 페이지가 실행을 따라가고 모든 바이트가 여기에 나옵니다. 꺼져 있으면 페이지를 새로 고쳐야 새 내용이 나옵니다.',
  },
  bytesOnDemand: {
    en: 'The bytes are fetched when you come here.',
    ko: '여기까지 내려오면 바이트를 가져옵니다.',
  },
  presentation: { en: 'The presentation', ko: '발표' },
  toPresent: { en: 'Return to the present', ko: '현재 단계로 돌아가기' },
  presentedAt: {
    en: (stop: number, stops: number, title: string): string => `${title} (${stop} of ${stops})`,
    ko: (stop: number, stops: number, title: string): string => `${title} (${stop}/${stops})`,
  },
  madeBy: {
    en: (version: string, when: string): string => `Made by wirelab ${version} from one log, ${when}.`,
    ko: (version: string, when: string): string =>
      `${josa(`wirelab ${version}`, '으로/로')} 로그 하나에서 만든 페이지입니다. ${when}`,
  },
  servedBy: {
    en: (version: string, when: string): string => `Served by wirelab ${version} since ${when}.`,
    ko: (version: string, when: string): string => `wirelab ${version}, 시작 시각 ${when}`,
  },
  gatheredBy: {
    en: (version: string, when: string): string => `Gathered by wirelab ${version}, ${when}.`,
    ko: (version: string, when: string): string => `wirelab ${version}, 만든 시각 ${when}`,
  },
  itsBytes: { en: 'bytes', ko: '바이트' },
  tasks: { en: 'Tasks', ko: '과제' },
  answer: { en: 'The answer', ko: '진단 결과' },
  experiments: { en: 'The experiments, one by one', ko: '실험별 대화' },
  number: { en: 'No.', ko: '번호' },
  changed: { en: 'what was changed', ko: '바꾼 것' },
  cameBack: { en: 'what came back', ko: '돌아온 것' },
  connection: { en: 'connection', ko: '연결' },
  toConnection: { en: 'Show the connection', ko: '연결 보기' },
  toBytes: { en: 'Show the bytes', ko: '바이트 보기' },
  paths: { en: 'The paths from the clients on', ko: '클라이언트에서 시작하는 경로' },
  messages: { en: 'Messages', ko: '메시지' },
} as const;

/** The words of plots. */
export const plotWords = {
  times: { en: 'How long handshakes took', ko: '핸드셰이크에 걸린 시간' },
  sizesOf: {
    en: (shown: string, all: string, time: string): string =>
      `Sizes over time: ${shown === all ? all : `${shown} of ${all}`} records in ${time}. Above the line the client’s, below it the server’s, each on a scale of its own; sealed ones are thinner`,
    ko: (shown: string, all: string, time: string): string =>
      `시간에 따른 크기: ${time} 동안 레코드 ${shown === all ? all : `${all}개 중 ${shown}`}개. 선 위는 클라이언트, 아래는 서버가 보낸 것이고 눈금은 따로입니다. 암호화된 것은 가늘게 그렸습니다`,
  },
  star: {
    en: (hub: string): string => `Around ${hub}: who calls it, and whom it calls`,
    ko: (hub: string): string => `${josa(hub, '을/를')} 호출하는 쪽과 ${josa(hub, '이/가')} 호출하는 대상`,
  },
  upTo: {
    en: (bytes: string): string => `up to ${bytes} B`,
    ko: (bytes: string): string => `최대 ${bytes}바이트`,
  },
  turns: {
    en: 'From the ClientHello on, turn by turn. High: the client waits for the server; low: the server waits for the client.',
    ko: 'ClientHello부터 차례대로. 높은 막대는 클라이언트가 서버를 기다린 시간, 낮은 막대는 서버가 클라이언트를 기다린 시간입니다.',
  },
  waits: {
    server: { en: 'waiting for the server', ko: '서버를 기다림' },
    client: { en: 'waiting for the client', ko: '클라이언트를 기다림' },
  },
  visible: {
    en: 'The handshakes, message by message, as wide as their bytes. Low: nobody reads it without keys.',
    ko: '핸드셰이크를 메시지 단위로, 바이트 수만큼 넓게 그렸습니다. 낮은 것은 키 없이는 아무도 읽을 수 없습니다.',
  },
  readable: {
    en: (readable: string, total: string): string => `${readable} of ${total} B can be read`,
    ko: (readable: string, total: string): string => `${total}바이트 중 ${readable}바이트를 읽을 수 있음`,
  },
} as const;

/** What a mark says, for who does not see it. */
export const markWords: Readonly<Record<Statement['mark'], Localized | undefined>> = {
  '✓': { en: 'holds', ko: '맞음' },
  '✗': { en: 'failed', ko: '실패' },
  '?': { en: 'not proven', ko: '증명되지 않음' },
  '!': { en: 'an outsider can read it', ko: '외부인이 읽을 수 있음' },
  '#': { en: 'no outsider can read it', ko: '외부인이 읽을 수 없음' },
  x: { en: 'refused', ko: '거부됨' },
  ' ': undefined,
};

/** The board of a class. */
export const classWords = {
  title: { en: 'Labs of the class', ko: '수업의 실습 현황' },
  learners: { en: 'Learners', ko: '수강생' },
  rows: { en: 'By learner and lab', ko: '수강생과 실습별' },
  turnedAway: { en: 'Turned away', ko: '거부된 연결' },
  nobody: {
    en: 'Nobody was turned away since class serve has begun.',
    ko: 'class serve를 시작한 뒤로 거부된 연결이 없습니다.',
  },
  latest: { en: 'The latest', ko: '최근 활동' },
  times: {
    en: (time: string, count: number): string => (count === 1 ? time : `${time}, ${count} times so far`),
    ko: (time: string, count: number): string => (count === 1 ? time : `${time}, 지금까지 ${count}번`),
  },
  noScript: {
    en: 'With JavaScript, this page changes as reports come. Without it, load it again.',
    ko: 'JavaScript를 켜면 보고가 올 때마다 바뀝니다. 꺼져 있으면 페이지를 새로 고쳐야 합니다.',
  },
} as const;

/** The page of an opened file. */
export const viewWords = {
  filter: { en: 'Filter', ko: '필터' },
  example: { en: 'failed or status>=400', ko: 'failed or status>=400' },
  noScript: {
    en: 'With JavaScript, the connections are listed here. Without it, use wirelab inspect FILE --html PAGE.',
    ko: 'JavaScript를 켜면 여기에 연결 목록이 나옵니다. 켤 수 없으면 wirelab inspect FILE --html PAGE 명령을 사용하세요.',
  },
  choose: {
    en: 'Choose a connection in the list: its messages appear here.',
    ko: '목록에서 연결을 고르면 주고받은 메시지가 여기에 나옵니다.',
  },
  chooseForBytes: {
    en: 'The bytes of the connection that you choose appear here.',
    ko: '고른 연결의 바이트가 여기에 나옵니다.',
  },
  firstOnly: {
    en: (shown: string, all: string): string =>
      `The first ${shown} of ${all} messages are drawn; all of them are below, with their bytes.`,
    ko: (shown: string, all: string): string =>
      `메시지 ${all}개 중 처음 ${shown}개만 그렸습니다. 전체는 아래에 바이트와 함께 있습니다.`,
  },
  tooLarge: {
    en: (bytes: string): string =>
      `This connection has ${bytes} bytes: too many for a browser. wirelab inspect shows them on the terminal.`,
    ko: (bytes: string): string =>
      `이 연결은 ${bytes}바이트라 브라우저에서 보기에 너무 큽니다. wirelab inspect 명령으로 터미널에서 볼 수 있습니다.`,
  },
} as const;
