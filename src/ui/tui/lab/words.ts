/** The words of a lab's screen, in every language. */
import { inLanguage } from '../../../i18n/language.ts';

const words = {
  count: {
    en: (done: number, of: number, mark: string): string => `${done} of ${of} ${mark}`,
    ko: (done: number, of: number, mark: string): string => `${of}개 중 ${done}개 ${mark}`,
  },
  done: { en: 'done', ko: '완료' },
  tasks: { en: 'tasks', ko: '과제' },
  allDone: { en: 'Every task is done. n: the next lab', ko: '모든 과제를 마쳤습니다. n: 다음 실습' },
  notChecked: { en: 'not checked yet', ko: '아직 확인하지 않음' },
  moreBelow: { en: 'e: the task in full', ko: 'e: 과제 전체 보기' },
  checking: {
    en: (files: string, time: string): string => `saved ${files} ${time}: checking …`,
    ko: (files: string, time: string): string => `${time} ${files} 저장: 확인하는 중 …`,
  },
  checked: {
    en: (files: string, time: string, seconds: string): string =>
      `saved ${files} ${time}: checked in ${seconds} s`,
    ko: (files: string, time: string, seconds: string): string =>
      `${time} ${files} 저장: ${seconds}초 만에 확인함`,
  },
  /** Of a file or an object of a cluster. */
  checkingChange: {
    en: (what: string, time: string): string => `changed ${what} ${time}: checking …`,
    ko: (what: string, time: string): string => `${time} ${what} 변경: 확인하는 중 …`,
  },
  checkedChange: {
    en: (what: string, time: string, seconds: string): string =>
      `changed ${what} ${time}: checked in ${seconds} s`,
    ko: (what: string, time: string, seconds: string): string =>
      `${time} ${what} 변경: ${seconds}초 만에 확인함`,
  },
  nothingChanged: {
    en: 'what you change in this folder or in the cluster is checked by itself',
    ko: '이 폴더나 클러스터에서 바꾼 것은 자동으로 확인합니다',
  },
  nothingSaved: {
    en: 'a file that you save here is checked by itself',
    ko: '이 폴더에 저장한 파일은 자동으로 확인합니다',
  },
  unrecorded: {
    en: (files: string): string => `no longer recorded: ${files}`,
    ko: (files: string): string => `더는 기록하지 못함: ${files}`,
  },
  lastConnection: {
    en: (time: string): string => `your connection of ${time}`,
    ko: (time: string): string => `${time}의 내 연결`,
  },
  connectionOf: {
    en: (client: string, time: string): string => `${client}’s connection of ${time}`,
    ko: (client: string, time: string): string => `${client}의 ${time} 연결`,
  },
  allConnections: { en: 'connections', ko: '연결' },
  onWire: { en: (hop: string): string => `on wire ${hop}`, ko: (hop: string): string => `구간 ${hop}` },
  nothingArrived: {
    en: (hop: string): string => `nothing arrived on wire ${hop}`,
    ko: (hop: string): string => `구간 ${hop}에는 아무것도 오지 않았습니다`,
  },
  connections: { en: 'your connections', ko: '내 연결' },
  happened: { en: 'what has happened', ko: '지금까지 일어난 일' },
  awaiting: {
    en: 'Each connection of yours is shown here as it comes: before and behind what stands between.',
    ko: '내가 만든 연결은 들어오는 대로 여기에 나타납니다. 프록시가 있으면 그 앞뒤 구간을 함께 보여 줍니다.',
  },
  awaitingRequests: {
    en: 'Each request of yours is shown here as it comes, and who was turned away.',
    ko: '내가 보낸 요청은 들어오는 대로 여기에 나타나고, 거부된 요청은 그 이유도 함께 보여 줍니다.',
  },
  elsewhere: {
    en: 'In another terminal, in this lab’s folder:',
    ko: '다른 터미널의 실습 폴더에서 실행하세요.',
  },
  commands: { en: 'commands', ko: '명령' },
  noCommands: {
    en: 'There are no commands yet: the servers start when the files are there that they need.',
    ko: '아직 명령이 없습니다. 서버에 필요한 파일이 있으면 서버가 시작됩니다.',
  },
  copies: { en: 'c copies the whole command', ko: 'c: 명령 전체 복사' },
  task: {
    en: (number: number, title: string): string => `task ${number}: ${title}`,
    ko: (number: number, title: string): string => `과제 ${number}: ${title}`,
  },
  found: { en: 'what was found', ko: '확인한 결과' },
  hint: {
    en: (number: number, of: number): string => `hint ${number} of ${of}`,
    ko: (number: number, of: number): string => `힌트 ${number}/${of}`,
  },
  used: {
    en: (count: number): string => ` (${count} used)`,
    ko: (count: number): string => ` (${count}개 봄)`,
  },
  next: { en: 'the next lab', ko: '다음 실습' },
  minutes: {
    en: (minutes: number): string => `about ${minutes} minutes`,
    ko: (minutes: number): string => `약 ${minutes}분`,
  },
  afterwards: {
    en: (can: string): string => `Afterwards you can ${can}.`,
    ko: (can: string): string => `마치고 나면 ${can}.`,
  },
  stillOpen: {
    en: (count: number): string =>
      `${count === 1 ? 'A task of this lab is' : `${count} tasks of this lab are`} open. What you did is kept: you can go on here later.`,
    ko: (count: number): string =>
      `이 실습에는 아직 과제 ${count}개가 남아 있습니다. 한 일은 남아 있으니 나중에 이어서 할 수 있습니다.`,
  },
  beginNext: {
    en: 'n or Enter ends this lab and begins that one; q stays here.',
    ko: 'n 또는 Enter: 이 실습을 끝내고 다음 실습 시작, q: 그대로 있기',
  },
  noNext: { en: 'This was the last lab of the course.', ko: '과정의 마지막 실습입니다.' },
  refusedRequest: {
    en: (status: number): string => `REFUSED by the API server (${status})`,
    ko: (status: number): string => `API 서버가 거부함(${status})`,
  },
  who: { en: 'who', ko: '요청한 쪽' },
  nobody: { en: 'not authenticated', ko: '인증되지 않음' },
  asked: { en: 'request', ko: '요청' },
  because: { en: 'because', ko: '이유' },
} as const;

export const labWordsIn = { en: inLanguage(words, 'en'), ko: inLanguage(words, 'ko') } as const;
