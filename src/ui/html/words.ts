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
    en: (stop: number, stops: number, title: string): string => `Step ${stop} of ${stops}: ${title}`,
    ko: (stop: number, stops: number, title: string): string => `${stops}단계 중 ${stop}단계: ${title}`,
  },
  madeBy: {
    en: (version: string, when: string): string => `Made by wirelab ${version} from one log, ${when}.`,
    ko: (version: string, when: string): string =>
      `${josa(`wirelab ${version}`, '이/가')} 로그 하나로 만들었습니다. ${when}`,
  },
  itsBytes: { en: 'bytes', ko: '바이트' },
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
