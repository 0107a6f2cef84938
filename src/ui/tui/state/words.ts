/**
 * The words of the screen, in every language. Korean sentences avoid a particle after a name: the right one depends on how the
 * name is pronounced.
 */
import { connectionName } from '../../../capture/stream-number.ts';
import { inLanguage } from '../../../i18n/language.ts';
import { listHeads, listOrderWords } from '../../../presentation/report/list-orders.ts';

export const screenWords = {
  /** Of the selected wire of a star. */
  wireTitle: {
    en: (hop: string, from: string, to: string): string => `wire ${hop}: ${from} calls ${to}`,
    ko: (hop: string, from: string, to: string): string => `구간 ${hop}: ${from} → ${to}`,
  },
  /** Below the commands for connecting to a cluster. */
  usageKeys: {
    en: 'in another terminal; c copies the first line. w: next wire   v: what runs here',
    ko: '다른 터미널에서 실행하세요. c: 첫 줄 복사  w: 다음 구간  v: 실행 중인 것',
  },
  leads: { en: 'Enter: conversation', ko: 'Enter: 대화' },
  step: {
    en: (number: number, all: number): string => `step ${number}/${all}`,
    ko: (number: number, all: number): string => `${number}/${all}단계`,
  },
  past: { en: 'in the past, . later', ko: '지난 시점, . 다음으로' },
  playing: { en: 'playing', ko: '자동 진행 중' },
  states: {
    starting: { en: 'starting …', ko: '시작하는 중 …' },
    reading: { en: 'reading', ko: '읽는 중' },
    running: { en: 'running …', ko: '진행 중 …' },
    failed: { en: 'could not start', ko: '시작하지 못했습니다' },
    stopped: { en: 'has ended', ko: '끝났습니다' },
  },
  olderGone: {
    en: (count: string): string => `${count} older connections are not kept`,
    ko: (count: string): string => `이전 연결 ${count}개는 보관하지 않음`,
  },
  /** Messages that are only in the recording. */
  inRecording: {
    en: (count: string, file: string): string =>
      count === '' ? `more messages: in ${file}` : `${count} older messages: in ${file}`,
    ko: (count: string, file: string): string =>
      count === '' ? `다른 메시지: ${file}에 있음` : `이전 메시지 ${count}개: ${file}에 있음`,
  },
  inRecordingText: {
    en: (file: string): string =>
      `Memory holds the first and the newest messages of a long conversation. Those in between are read back from ${file} when the cursor comes here: with the arrows, Home or a click.`,
    ko: (file: string): string =>
      `긴 대화는 처음과 가장 최근의 메시지만 메모리에 보관합니다. 그 사이의 메시지는 커서가 여기에 오면(화살표, Home, 클릭) 파일에서 다시 읽습니다(${file}).`,
  },
  notKeptText: {
    en: 'Memory holds the first and the newest messages of a long conversation. Record it with -w FILE, and those in between are read back here.',
    ko: '긴 대화는 처음과 가장 최근의 메시지만 메모리에 보관합니다. -w FILE로 기록하면 그 사이의 메시지를 여기에서 다시 읽을 수 있습니다.',
  },
  readingBack: {
    en: (file: string): string => `reading older messages back from ${file} …`,
    ko: (file: string): string => `이전 메시지를 다시 읽는 중(${file}) …`,
  },
  readBack: {
    en: (file: string): string => `read back from ${file}`,
    ko: (file: string): string => `${file}에서 다시 읽음`,
  },
  visitor: {
    en: (conn: number): string => `visitor, connection ${connectionName(conn)}`,
    ko: (conn: number): string => `방문자, 연결 ${connectionName(conn)}`,
  },

  connectionNumber: {
    en: (conn: number): string => `connection ${connectionName(conn)}`,
    ko: (conn: number): string => `연결 ${connectionName(conn)}`,
  },
  wireStates: {
    quiet: { en: '', ko: '' },
    readable: { en: 'READABLE', ko: '평문' },
    sealed: { en: 'SEALED', ko: '암호화됨' },
    refused: { en: 'REFUSED', ko: '거부됨' },
  },

  clientSent: { en: 'client sent', ko: '클라이언트 전송' },
  serverGot: { en: 'server got', ko: '서버 수신' },
  onWire: {
    en: (hop: string, seat: string): string => `on wire ${hop}${seat ? ` (what the ${seat} sees)` : ''}`,
    ko: (hop: string, seat: string): string => `구간 ${hop}${seat ? `(${seat}에서 보이는 것)` : ''}`,
  },
  /** Of one of two wires beside each other. */
  recordedBy: {
    en: (seat: string): string => `what the ${seat} records`,
    ko: (seat: string): string => `기록되는 곳: ${seat}`,
  },
  notInSeat: {
    en: (seat: string): string => (seat ? `by keys that the ${seat} lacks` : 'opened with the client’s keys'),
    ko: (seat: string): string => (seat ? `${seat}에는 없는 키로` : '클라이언트의 키로 복호화'),
  },
  openedStatement: {
    en: (hop: string): string =>
      `wire ${hop}, opened with the keys of an endpoint: nobody on the wire has them`,
    ko: (hop: string): string => `구간 ${hop}: 한쪽 끝의 키로 연 것입니다. 도청자에게는 이 키가 없습니다`,
  },
  openedBadge: { en: 'OPENED', ko: '복호화됨' },
  sealedRung: { en: 'sealed', ko: '암호화됨' },
  refusedRung: {
    en: (reason: string): string => `REFUSED here: ${reason}`,
    ko: (reason: string): string => `여기서 거부됨: ${reason}`,
  },
  rungsLeftOut: {
    en: (count: number): string => `… ${count} more`,
    ko: (count: number): string => `… ${count}개 더`,
  },
  linesLeftOut: {
    en: (count: number): string => `… ${count} more lines: z`,
    ko: (count: number): string => `… ${count}줄 더: z`,
  },
  answersOnWire: { en: 'answers on the wire', ko: '전송 구간의 응답' },
  sizeHead: { en: 'size', ko: '크기' },
  fitsHead: { en: 'the page, by its size', ko: '크기로 추정한 페이지' },
  severalFit: {
    en: (count: number): string => (count === 0 ? 'fits none' : `any of ${count}`),
    ko: (count: number): string => (count === 0 ? '맞는 것 없음' : `${count}개 중 하나`),
  },
  lookedLongest: { en: '<- longest look', ko: '<- 가장 오래 봄' },
  timeline: { en: 'timeline', ko: '시간' },
  sentRow: { en: 'sent', ko: '보낸 것' },
  reachedRow: { en: 'reached', ko: '도착한 것' },
  wholeCard: { en: 'v: the whole refusal', ko: 'v: 거부 내용 전체' },
  claims: { en: 'claims', ko: '주장' },
  claimsAway: { en: 'v: every claim, and what it does not prove', ko: 'v: 모든 주장, 증명하지 않는 것' },
  right: { en: 'right', ko: '정답' },
  chooseOne: {
    en: 'Choose one, then press space. The letters are not keys.',
    ko: '고른 뒤 스페이스를 누르세요. a, b, c는 단축키가 아닙니다.',
  },
  shared: { en: 'viewers follow', ko: '함께 보기' },
  sharedBy: {
    en: 'Whoever opens this address sees the run as it goes on and looks around in it; nobody can change it. Without the address nobody finds it.',
    ko: '이 주소를 열면 실행을 따라가며 둘러볼 수 있습니다. 바꿀 수는 없습니다. 주소를 모르면 찾을 수 없습니다.',
  },
  sharedTrust: {
    en: (file: string): string => `The browser must trust the CA in ${file}.`,
    ko: (file: string): string => `브라우저에서 신뢰해야 할 CA 파일: ${file}`,
  },
  sharedOthers: {
    en: (hosts: string): string => `Also at ${hosts}`,
    ko: (hosts: string): string => `다른 주소: ${hosts}`,
  },
  sharedSmall: {
    en: (columns: number, rows: number): string => `The QR code needs a window of ${columns}x${rows}.`,
    ko: (columns: number, rows: number): string => `QR 코드를 보려면 창이 ${columns}x${rows}이어야 합니다.`,
  },
  openedWith: { en: 'opened with the client’s keys', ko: '클라이언트의 키로 복호화' },
  nothingSent: { en: 'nothing', ko: '없음' },
  whys: {
    handshake: { en: 'still in the handshake', ko: '아직 핸드셰이크 중' },
    broke_off: { en: 'it ended the handshake itself', ko: '스스로 연결을 끊음' },
    refused: { en: 'refused before that', ko: '그 전에 거부됨' },
    not_reached: { en: 'it never reached the server', ko: '여기까지 오지 않음' },
    silent: { en: 'connected, but sent nothing', ko: '연결만 하고 말은 하지 않음' },
    unknown: { en: 'not known: only the wire was seen', ko: '알 수 없음: 전송 구간만 보임' },
  },
  thrownAway: { en: 'sealed, and discarded unread', ko: '암호화되어 전송, 읽지 않고 버려짐' },
  answers: {
    en: (answer: string): string => `answers ${answer}`,
    ko: (answer: string): string => `응답 ${answer}`,
  },
  bytes: { en: (count: string): string => `${count} bytes`, ko: (count: string): string => `${count}바이트` },

  conversation: { en: 'conversation', ko: '대화' },
  zoomedBack: { en: 'z: back', ko: 'z: 되돌리기' },

  explanation: { en: 'explanation', ko: '설명' },
  story: { en: 'what happens', ko: '무슨 일이 일어나는가' },
  more: { en: 'more', ko: '더 있음' },
  allEvidence: { en: 'e: all of it', ko: 'e: 전체 보기' },
  valueIs: { en: 'value', ko: '값' },
  bytesRange: {
    en: (from: string, length: string): string => `${length} ${length === '1' ? 'byte' : 'bytes'} at ${from}`,
    ko: (from: string, length: string): string => `오프셋 ${from}, ${length}바이트`,
  },
  reconstructedText: {
    en: 'Drawn from what the sockets reported: TCP’s own packets (SYN, ACK, FIN) pass below our tap.',
    ko: '소켓의 보고로 그린 것입니다. TCP 자체의 패킷(SYN, ACK, FIN)은 도청 지점(tap) 아래로 지나갑니다.',
  },
  sealedText: {
    en: 'Sealed. Anyone recording this wire sees the record’s type, length and time. Without the keys the rest is noise.',
    ko: '암호화되어 있습니다. 이 구간을 기록하는 사람에게는 레코드(record)의 유형과 길이, 지나간 시각만 보입니다. 키가 없으면 나머지는 의미 없는 바이트입니다.',
  },
  opensText: {
    en: 'k opens it with the keys of the endpoints.',
    ko: 'k를 누르면 양 끝이 가진 키로 열어 봅니다.',
  },

  notes: {
    en: 'speaker’s notes (./wirelab notes: in another terminal)',
    ko: '발표자 메모(다른 터미널에 보려면 ./wirelab notes)',
  },
  noNotes: { en: 'no notes for this moment', ko: '이 시점에는 메모가 없습니다' },
  holdingScripts: {
    en: 'Everything stays up. Connect to it from another terminal; the traffic is shown here like the rest. Up and down choose, c copies the whole command:',
    ko: '계속 열려 있습니다. 다른 터미널에서 접속하면 여기에 똑같이 표시됩니다. 위아래로 고르고 c로 전체 명령을 복사합니다.',
  },
  holding: {
    en: 'Everything stays up. These commands reach the wires; their traffic is shown here like the rest. Up and down choose, c copies:',
    ko: '계속 열려 있습니다. 아래 명령으로 각 구간에 접속하면 여기에 똑같이 표시됩니다. 위아래로 고르고 c로 복사합니다.',
  },
  tooSmall: {
    en: (columns: number, rows: number, needColumns: number, needRows: number): string =>
      `This window has ${columns}x${rows} cells. wirelab needs ${needColumns}x${needRows}: make it larger, or the letters smaller.`,
    ko: (columns: number, rows: number, needColumns: number, needRows: number): string =>
      `창 크기가 ${columns}x${rows}칸입니다. ${needColumns}x${needRows}칸 이상이 필요합니다. 창을 키우거나 글자를 줄여 주세요.`,
  },
  steps: { en: 'steps', ko: '단계' },
  connections: { en: 'connections', ko: '연결' },
  here: { en: 'here', ko: '지금 여기' },
  filtered: {
    en: (expression: string, found: string, tested: string, count: string): string =>
      `${expression}: ${found} of ${count}${tested === count ? '' : `, ${tested} read so far`}`,
    ko: (expression: string, found: string, tested: string, count: string): string =>
      `${expression}: ${count}개 중 ${found}개${tested === count ? '' : `, 지금까지 ${tested}개 읽음`}`,
  },
  exposedWord: { en: '! readable', ko: '! 노출' },
  readableWord: { en: 'readable', ko: '평문' },
  openWord: { en: 'open', ko: '열려 있음' },
  sortedBy: listOrderWords,
  listHead: listHeads,
  ahead: { en: 'not run yet', ko: '아직 실행 전' },
  introduction: { en: 'introduction', ko: '소개' },
  theVerdict: { en: 'verdict', ko: '판정' },
  theAnswer: { en: 'what happens', ko: '결과' },
  /** Of `q`, as long as it closes something. */
  closes: { en: 'close', ko: '닫기' },
  reallyEnd: {
    en: 'End the show? q again ends it, any other key stays. The next run can resume.',
    ko: '시연을 끝낼까요? q: 끝내기, 다른 키: 계속. 다음 실행에서 이어 갈 수 있습니다.',
  },
  reallyEndLab: {
    en: 'End the lab? q again ends it, any other key stays. What you did is kept.',
    ko: '실습을 끝낼까요? q: 끝내기, 다른 키: 계속. 한 일은 남아 있습니다.',
  },
  reallyRestart: {
    en: 'Start the servers again? r again does, any other key stays. Connections end.',
    ko: '서버를 다시 시작할까요? r: 다시 시작, 다른 키: 그대로. 열린 연결은 끊깁니다.',
  },
  lastTime: {
    en: (step: string): string => `Last time you were at step ${step}: g, then Enter, goes there.`,
    ko: (step: string): string => `지난번에는 ${step}단계까지 왔습니다. g와 Enter로 이어 갈 수 있습니다.`,
  },
  helpTitles: {
    terms: { en: 'what stands on this screen', ko: '이 화면에 있는 것' },
    keys: { en: 'keys', ko: '단축키' },
  },
  /** What `?` does next, as each page of help says on its first line. */
  helpNext: {
    terms: { en: '?: the keys', ko: '?: 단축키' },
    keys: { en: '?: back to the screen', ko: '?: 화면으로' },
  },
  helpHints: { terms: { en: 'keys', ko: '단축키' }, keys: { en: 'close', ko: '닫기' } },

  notices: {
    newest: {
      en: 'this is the newest; new connections are shown automatically',
      ko: '가장 최근 연결입니다. 새 연결이 들어오면 자동으로 나타납니다',
    },
    lastOfFile: { en: 'this is the last connection of the file', ko: '파일의 마지막 연결입니다' },
    stillReading: {
      en: 'this is the last connection so far; the file is still being read',
      ko: '지금까지 읽은 마지막 연결입니다. 파일을 아직 읽는 중입니다',
    },
    noSteps: { en: 'there is nothing to list yet', ko: '아직 목록에 담을 것이 없습니다' },
    noSuchConnection: {
      en: (number: string): string => `connection ${number} is not in this list`,
      ko: (number: string): string => `${number}번 연결은 이 목록에 없습니다`,
    },
    badFilter: {
      en: (what: string, place: string, expected: string): string =>
        `${what}, at ${place}; expected: ${expected}`,
      ko: (what: string, place: string, expected: string): string =>
        `${place}번째 글자: ${what}. 올바른 형식: ${expected}`,
    },
    noRequest: { en: 'choose a request of HTTP first', ko: '먼저 HTTP 요청을 고르세요' },
    lastListed: { en: 'the last one that the filter lets through', ko: '조건에 맞는 마지막 연결입니다' },
    notFoundHere: {
      en: 'not found in this connection; g, then / looks through all of them',
      ko: '이 연결에는 없습니다. g 다음 /로 모든 연결에서 찾을 수 있습니다',
    },
    nothingListed: { en: 'no connection to go to', ko: '고를 연결이 없습니다' },
    noSuchStep: {
      en: (number: string, count: string): string => `there is no ${number} in this list of ${count}`,
      ko: (number: string, count: string): string => `${number}번은 없습니다(모두 ${count}개)`,
    },
    goingTo: {
      en: (number: string): string => `running to step ${number} …`,
      ko: (number: string): string => `${number}단계로 가는 중 …`,
    },
    cameFrom: {
      en: (mode: string, from: string): string => `${mode}: the same login; b comes back to ${from}`,
      ko: (mode: string, from: string): string => `${mode}: 같은 로그인. b로 돌아갑니다(${from})`,
    },
    shownAlready: { en: 'this is the one that is shown', ko: '지금 보고 있는 시연입니다' },
    nothingSought: {
      en: 'nothing is searched for; / begins',
      ko: '찾는 말이 없습니다. /로 찾기를 시작합니다',
    },
    nothingToExplain: {
      en: 'there is no longer explanation here',
      ko: '여기에는 더 긴 설명이 없습니다',
    },
    thePresent: {
      en: 'this is the present; , goes back in time',
      ko: '현재 시점입니다. ,로 지난 시점을 봅니다',
    },
    notFound: { en: 'not found', ko: '찾을 수 없습니다' },
    wrapped: { en: 'search wrapped', ko: '처음부터 다시 찾았습니다' },
    copied: {
      en: (what: string): string => `copied: ${what}`,
      ko: (what: string): string => `복사됨: ${what}`,
    },
    notShared: {
      en: 'not shared: ./wirelab run NAME --share shares a run',
      ko: '공유 중이 아닙니다. 공유하려면 run에 --share를 붙이세요',
    },
    nothingToCopy: { en: 'nothing to copy here', ko: '복사할 것이 없습니다' },
    mouseFree: {
      en: 'the mouse is the terminal’s: select as usual; f takes it back',
      ko: '마우스를 터미널에 돌려주었습니다. 평소처럼 선택하세요. f로 되돌립니다',
    },
    mouseHere: {
      en: 'the mouse is wirelab’s: click on wires, messages and bytes',
      ko: '마우스로 구간, 메시지, 바이트를 누를 수 있습니다',
    },
    masked: { en: 'secrets are masked on the screen', ko: '화면에서 비밀을 가렸습니다' },
    unmasked: { en: 'secrets are shown', ko: '비밀을 표시합니다' },
    noMode: { en: 'this demonstration has no such counterpart', ko: '이 시연에는 해당하는 짝이 없습니다' },
    theEnd: {
      en: 'this is the end; r starts again, 1 2 3 change the wire',
      ko: '마지막입니다. r로 다시 시작, 1 2 3으로 전환',
    },
    theEndOfOne: { en: 'this is the end; r starts again', ko: '마지막입니다. r로 다시 시작' },
    theStart: { en: 'this is the beginning', ko: '처음입니다' },
    paused: { en: 'paused', ko: '일시 정지' },
    nothingToZoom: { en: 'this has the whole screen already', ko: '이미 화면 전체를 쓰고 있습니다' },
    nothingHere: { en: 'nothing has gone over this wire yet', ko: '이 구간으로 아직 오간 내용이 없습니다' },
    noSuchWire: {
      en: (hop: string): string => `there is no wire ${hop} here`,
      ko: (hop: string): string => `구간 ${hop} 없음`,
    },
    onlyOneWire: { en: 'there is only one wire here', ko: '구간이 하나뿐입니다' },
    nothingYet: {
      en: 'nothing has been recorded here yet',
      ko: '아직 기록된 것이 없습니다',
    },
    onlyThisView: { en: 'there is only this view here', ko: '여기에는 이 화면뿐입니다' },
    noBytesHere: {
      en: 'k opens the bytes of a wire: v shows them, where there are any',
      ko: 'k는 전송 구간의 바이트를 엽니다. 바이트가 있으면 v로 볼 수 있습니다',
    },
    noTls: {
      en: 'no TLS here: everything on this wire can be read',
      ko: 'TLS를 쓰지 않아 이 구간은 모두 읽을 수 있습니다',
    },
    noMessage: { en: 'no message is chosen here', ko: '고른 메시지가 없습니다' },
    noKeys: { en: 'there are no keys for this', ko: '이 내용을 열 키가 없습니다' },
    nothingSealed: { en: 'nothing is sealed here', ko: '암호화된 내용이 없습니다' },
  },
} as const;

/** The same in one language. */
export const wordsIn = {
  en: inLanguage(screenWords, 'en'),
  ko: inLanguage(screenWords, 'ko'),
} as const;
