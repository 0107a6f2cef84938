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
  afterwards: { en: 'Afterwards', ko: '그 뒤' },
  bytes: { en: 'Every byte', ko: '모든 바이트' },
  noScript: {
    en: 'With JavaScript, every byte of the log is shown here with its field. Without it, here are the first messages.',
    ko: 'JavaScript를 켜면 로그의 모든 바이트와 필드가 여기에 나옵니다. 꺼져 있으면 처음 메시지 몇 개만 나옵니다.',
  },
  masked: { en: 'Secrets are masked in this file.', ko: '이 파일에서는 비밀을 가렸습니다.' },
  madeBy: {
    en: (version: string, when: string): string => `Made by wirelab ${version} from one log, ${when}.`,
    ko: (version: string, when: string): string =>
      `${josa(`wirelab ${version}`, '이/가')} 로그 하나로 만들었습니다. ${when}`,
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
