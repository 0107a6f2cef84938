/** What the explorer itself says; everything about the bytes is in the page's data. */
import type { Text } from '../bytes/format.ts';
import { inLanguage, languageNow } from './language.ts';

const grouped = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');

export const bytesText = (count: number): Text => [
  `${grouped(count)} ${count === 1 ? 'byte' : 'bytes'}`,
  `${grouped(count)}바이트`,
];

/** `1,234 B`, for a narrow column. */
export const sizeText = (count: number): string => `${grouped(count)} B`;

export const words = {
  connections: ['connections', '연결'],
  records: ['messages', '메시지'],
  dump: ['bytes', '바이트'],
  fields: ['fields', '필드'],
  explanation: ['explanation', '설명'],
  concluded: ['without the keys', '키 없이 알 수 있는 것'],
  keysSwitch: ['open with the keys', '키로 열기'],
  masked: [
    'Secrets are masked: their bytes are not in this file.',
    '비밀을 가렸습니다. 해당 바이트는 이 파일에 없습니다.',
  ],
  secret: ['secret', '비밀'],
  value: ['value', '값'],
  noBytes: ['no bytes: nothing of it was captured', '바이트 없음: 캡처된 내용이 없습니다'],
  notKept: ['not captured', '캡처되지 않음'],
  loading: ['reading …', '읽는 중 …'],
  broken: ['This file is damaged: its data cannot be read.', '파일이 손상되어 데이터를 읽을 수 없습니다.'],
  fieldPlace: {
    en: (offset: string, count: string): string => `${count} at ${offset}`,
    ko: (offset: string, count: string): string => `${offset}에서 ${count}`,
  },
  keysHelp: [
    'Arrows move by a byte or a row, Home and End in the row, with Ctrl in the message, Page Up and Page Down by a page. Enter marks the field around.',
    '화살표 키로 한 바이트나 한 줄씩 움직입니다. Home과 End는 줄 안에서, Ctrl과 함께 누르면 메시지 전체에서 움직입니다. Page Up과 Page Down은 한 화면씩 움직입니다. Enter를 누르면 바깥 필드를 표시합니다.',
  ],
} as const;

/** What a page says that follows a run. */
export const liveWords = {
  now: ['Now:', '지금:'],
  waiting: ['connecting …', '연결하는 중 …'],
  ended: [
    'The presentation has ended; this page stays as it is.',
    '발표가 끝났습니다. 이 페이지는 그대로 남습니다.',
  ],
  refused: [
    'The presenter’s wirelab does not answer, or has no room. Load the page again to try once more.',
    '발표자의 wirelab이 응답하지 않거나 접속할 수 있는 인원이 다 찼습니다. 페이지를 새로 고쳐 다시 시도하세요.',
  ],
  newer: ['Show the bytes that came since', '새로 들어온 바이트 보기'],
  noBytes: ['The bytes cannot be fetched.', '바이트를 가져올 수 없습니다.'],
} as const;

/** What the board of a class says of its server. */
export const classWords = {
  waiting: liveWords.waiting,
  ended: [
    'class serve has ended; this page stays as it is.',
    'class serve가 끝났습니다. 이 페이지는 그대로 남습니다.',
  ],
  refused: [
    'class serve does not answer. Start it again, and open the address that it prints.',
    'class serve가 응답하지 않습니다. 다시 시작하고, 출력되는 주소를 여세요.',
  ],
} as const;

/** What a page says in which connections of a file are opened. */
export const viewWords = {
  all: {
    en: (all: number): string => `${grouped(all)} ${all === 1 ? 'connection' : 'connections'}`,
    ko: (all: number): string => `연결 ${grouped(all)}개`,
  },
  filtered: {
    en: (matches: number, all: number): string => `${grouped(matches)} of ${grouped(all)} connections`,
    ko: (matches: number, all: number): string => `연결 ${grouped(all)}개 중 ${grouped(matches)}개`,
  },
  searching: {
    en: (matches: number, tested: number, all: number): string =>
      `${grouped(matches)} so far; ${grouped(tested)} of ${grouped(all)} connections looked at …`,
    ko: (matches: number, tested: number, all: number): string =>
      `지금까지 ${grouped(matches)}개. 연결 ${grouped(all)}개 중 ${grouped(tested)}개 확인 …`,
  },
  sorting: {
    en: (tested: number): string => `${grouped(tested)} looked at so far`,
    ko: (tested: number): string => `지금까지 ${grouped(tested)}개 확인`,
  },
  loading: ['reading the connection …', '연결을 읽는 중 …'],
  gone: [
    'wirelab does not answer: it has ended, or the connection is not in the file. What is here stays.',
    'wirelab이 응답하지 않습니다. 종료되었거나 파일에 없는 연결입니다. 이미 보이는 내용은 그대로 남습니다.',
  ],
} as const;

export const arrows = ['', '→', '←'] as const;

export const say = (text: Text): string => inLanguage(text, languageNow());

/** `0x2b` */
export const hexOffset = (offset: number): string => `0x${offset.toString(16)}`;
