/**
 * The words about a run that every renderer uses, in every language. Korean sentences avoid a particle after a name: the right
 * one depends on how the name is pronounced.
 */
import { connectionName } from '../capture/stream-number.ts';
import type { Side } from '../capture/event.ts';
import { josa } from '../i18n/josa.ts';
import { grouped } from '../i18n/number.ts';
import { verbatim } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';

/** Which way a message goes, beside its arrow. */
export const directionWords: Readonly<Record<Side, Localized>> = {
  client: { en: 'to server', ko: '서버로' },
  server: { en: 'to client', ko: '서버에서' },
};

export const sideWords: Readonly<Record<Side, Localized>> = {
  client: { en: 'client', ko: '클라이언트' },
  server: { en: 'server', ko: '서버' },
};

const roleWords: ReadonlyMap<string, Localized> = new Map([
  ...Object.entries(sideWords),
  ['proxy', { en: 'proxy', ko: '프록시' }],
]);

/** A participant's name: a word where it is called what it is, as in a capture of others. */
export const participantName = (name: string): Localized => roleWords.get(name) ?? verbatim(name);

export const verdictWords = {
  verdict: { en: 'Verdict', ko: '판정' },
  passed: { en: 'PASSED', ko: '통과' },
  failed: { en: 'FAILED', ko: '실패' },
  claims: {
    en: (met: number, all: number): string => `${met} of ${all} claims proven`,
    ko: (met: number, all: number): string => `주장 ${all}개 중 ${met}개 증명됨`,
  },
  leftOut: {
    en: (claims: number): string => `short version: ${claims} not judged`,
    ko: (claims: number): string => `짧은 버전: ${claims}개는 판정하지 않음`,
  },
  missed: { en: 'NOT TRUE', ko: '성립하지 않음' },
  unobserved: { en: 'NOT OBSERVED', ko: '관찰되지 않음' },
  reachAs: {
    en: (hop: string, client: string, to: string): string => `Wire ${hop}: as ${client}, to ${to}`,
    ko: (hop: string, client: string, to: string): string => `구간 ${hop}: ${client} → ${to}`,
  },
  wholeRun: { en: 'All steps together', ko: '모든 단계 전체' },
  doesNotProve: { en: 'What this does not prove', ko: '이 시연이 증명하지 않는 것' },
  oftenTold: { en: 'Common misconceptions', ko: '흔히 하는 말이지만 사실과 다른 것' },
} as const;

/** Of the scripts with the commands of what stays up. */
export const scriptWords = {
  own: {
    en: (hop: string, to: string): string => `Wire ${hop}: your program, to ${to}`,
    ko: (hop: string, to: string): string => `구간 ${hop}: 내 프로그램 → ${to}`,
  },
  again: {
    en: (program: string): string => `the same, with ${program}`,
    ko: (program: string): string => `위와 같은 접속(${program})`,
  },
  pageOnly: {
    en: (program: string): string => `only the login page, with ${program}`,
    ko: (program: string): string => `로그인 페이지만 보기(${program})`,
  },
  missing: {
    en: (what: string, command: string): string => `${what} is missing: ${command}`,
    ko: (what: string, command: string): string => `${josa(what, '이/가')} 없습니다: ${command}`,
  },
  read: {
    en: (name: string): string => `Each runs a file with the whole command: cat ${name} shows it.`,
    ko: (name: string): string => `각 파일에 전체 명령이 들어 있습니다. 내용 보기: cat ${name}`,
  },
  browser: {
    en: (command: string): string =>
      `With a browser: import the CA that --cacert names there as an authority, and for mutual TLS a .p12 of the client: ${command} certs p12 CERT --key KEY, with the files of --cert and --key; its password is wirelab. A name that ends in .localhost leads a browser to this machine.`,
    ko: (command: string): string =>
      `브라우저로 해 보려면 명령의 --cacert에 적힌 CA를 인증 기관으로 가져오고, 상호 TLS라면 --cert와 --key의 파일로 만든 .p12도 가져오세요. 만드는 명령: ${command} certs p12 CERT --key KEY (비밀번호: wirelab). .localhost로 끝나는 이름은 브라우저가 이 컴퓨터로 연결합니다.`,
  },
} as const;

/** Of a step's lesson. */
export const lessonWords = {
  notShown: {
    en: (headline: string): string => `NOT SHOWN: ${headline}`,
    ko: (headline: string): string => `확인되지 않음: ${headline}`,
  },
  answer: { en: 'answer', ko: '정답' },
  takeaway: { en: 'To take home', ko: '기억할 것' },
} as const;

/** Of a speaker's notes. */
export const speakerWords = {
  way: {
    en: (stops: number, questions: number): string =>
      `${stops} stops, ${questions} ${questions === 1 ? 'question' : 'questions'} to the audience. What the results say, one after the other:`,
    ko: (stops: number, questions: number): string =>
      `모두 ${stops}단계이고, 청중에게 묻는 질문은 ${questions}개입니다. 결과는 차례로 다음과 같습니다.`,
  },
} as const;

/** Of a connection and its messages. */
export const messageWords = {
  connection: {
    en: (hop: string, conn: number, seat: string): string =>
      `Wire ${hop}${seat ? ` (${seat})` : ''}, connection ${connectionName(conn)}`,
    ko: (hop: string, conn: number, seat: string): string =>
      `구간 ${hop}${seat ? `(${seat})` : ''}, 연결 ${connectionName(conn)}`,
  },
  disguised: {
    en: 'ApplicationData: TLS 1.3 puts this name on every sealed record, also on those of the handshake. A sniffer sees only their sizes.',
    ko: 'ApplicationData: TLS 1.3은 암호화된 레코드(record)를 모두 이 유형으로 표시합니다. 핸드셰이크 레코드도 마찬가지입니다. 도청자에게는 크기만 보입니다.',
  },
  sealed: { en: 'sealed', ko: '암호화됨' },
  readable: { en: '! READABLE', ko: '! 노출' },
  guessable: { en: '! GUESSABLE', ko: '! 추측 가능' },
  opened: { en: 'opened with the keys', ko: '키로 복호화함' },
  hit: {
    en: (offset: string, encoding: string): string => `at ${offset}, ${encoding}`,
    ko: (offset: string, encoding: string): string => `오프셋 ${offset}, ${encoding}`,
  },
} as const;

/** Of the card of one refusal. */
export const cardWords = {
  refused: {
    en: (by: string, side: string, whom: string, reason: string): string =>
      `REFUSED by ${by}: the ${side}${whom === side ? '' : ` ${whom}`} (${reason})`,
    ko: (by: string, side: string, whom: string, reason: string): string =>
      `거부됨: ${side}${whom === side ? '' : ` ${whom}`} (거부한 쪽: ${by}, ${reason})`,
  },
  who: { en: 'who', ko: '누가' },
  onReading: {
    en: {
      certificate: (side: string): string => `on reading the ${side}'s Certificate`,
      empty: (side: string): string => `on reading the ${side}'s empty Certificate message`,
    },
    ko: {
      certificate: (side: string): string => `${side}의 Certificate를 읽은 뒤`,
      empty: (side: string): string => `${side}의 빈 Certificate 메시지를 읽은 뒤`,
    },
  },
  because: { en: 'because', ko: '이유' },
  likely: { en: 'most likely ', ko: '추정: ' },
  outcome: {
    en: (what: string, name: string, inferred: boolean): string =>
      `${what} (${inferred ? 'most likely: ' : ''}${name})`,
    ko: (what: string, name: string, inferred: boolean): string =>
      `${what} (${inferred ? '추정: ' : ''}${name})`,
  },
  likelyOutcome: {
    en: (what: string, name: string): string => `MOST LIKELY ${what} (${name})`,
    ko: (what: string, name: string): string => `추정: ${what} (${name})`,
  },
  outcomeLabel: { en: 'outcome', ko: '결과' },
  certainty: { en: 'certainty', ko: '확실성' },
  evidence: { en: 'evidence', ko: '증거' },
  place: {
    en: (side: string, message: string, record: number | undefined, offset: string): string =>
      `${side}: ${message ? `${message}, ` : ''}${record === undefined ? '' : `record ${record}, `}at ${offset}`,
    ko: (side: string, message: string, record: number | undefined, offset: string): string =>
      `${side}: ${message ? `${message}, ` : ''}${record === undefined ? '' : `${record}번째 레코드, `}오프셋 ${offset}`,
  },
  alertLikely: { en: 'a record of the size of an alert, sealed', ko: '알림(Alert) 크기의 암호화된 레코드' },
  presented: { en: 'presented', ko: '제시' },
  expected: { en: 'expected', ko: '요구' },
  issuedBy: {
    en: (issuer: string): string => `issued by ${issuer}`,
    ko: (issuer: string): string => `발급자 ${issuer}`,
  },
  expectedIssuer: {
    en: (issuers: string): string => `a certificate issued by ${issuers}`,
    ko: (issuers: string): string => `발급자가 ${issuers}인 인증서`,
  },
  expectedInstead: {
    valid: {
      en: (day: string | undefined): string =>
        `a certificate that is valid ${day === undefined ? 'now' : `on ${day}`}`,
      ko: (day: string | undefined): string => `${day === undefined ? '지금' : `${day}에`} 유효한 인증서`,
    },
    validChain: {
      en: (day: string | undefined): string =>
        `a chain in which every certificate is valid ${day === undefined ? 'now' : `on ${day}`}`,
      ko: (day: string | undefined): string =>
        `모든 인증서가 ${day === undefined ? '지금' : `${day}에`} 유효한 체인`,
    },
    usage: {
      en: (usage: string): string => `a certificate for ${usage}`,
      ko: (usage: string): string => `${usage} 용도의 인증서`,
    },
    notRevoked: { en: 'a certificate that is not revoked', ko: '폐기되지 않은 인증서' },
    named: {
      en: (name: string): string => `a certificate for ${name}`,
      ko: (name: string): string => `이름이 ${name}인 인증서`,
    },
  },
  or: { en: ' or ', ko: ' 또는 ' },
  keyId: { en: 'key id', ko: '키 ID' },
  noName: { en: 'no name', ko: '이름 없음' },
  foreignLetter: {
    en: (letter: string, code: string, alphabet: string): string =>
      `Mind the ${letter}: it is ${code}, a ${alphabet} letter`,
    ko: (letter: string, code: string, alphabet: string): string =>
      `${letter} 글자에 주의하세요. ${code}, ${alphabet} 문자입니다`,
  },
  alphabets: { cyrillic: { en: 'Cyrillic', ko: '키릴' }, greek: { en: 'Greek', ko: '그리스' } },
  noCertificate: { en: 'no certificate', ko: '인증서 없음' },
  alert: { en: 'alert', ko: '알림' },
  levels: { warning: { en: 'warning', ko: '경고' }, fatal: { en: 'fatal', ko: '치명적' } },
  noAlert: { en: 'none was sent: the connection was just closed', ko: '보내지 않고 연결만 닫았습니다' },
  answered: {
    en: (line: string): string => `none was sent: the answer was ${line}`,
    ko: (line: string): string => `보내지 않고 이렇게 응답했습니다: ${line}`,
  },
  onWire: {
    en: (hop: string): string => `on wire ${hop}`,
    ko: (hop: string): string => `구간 ${hop}`,
  },
  alertReadable: {
    en: (offset: string): string => `in clear at ${offset}: any sniffer reads it`,
    ko: (offset: string): string => `오프셋 ${offset}에 평문으로 있어 도청자도 읽을 수 있습니다`,
  },
  alertSealed: {
    en: (length: number, offset: string): string =>
      `a sealed record of ${length} bytes at ${offset}: unreadable without the keys`,
    ko: (length: number, offset: string): string =>
      `오프셋 ${offset}에 있는 ${length}바이트의 암호화된 레코드로, 키가 없으면 읽을 수 없습니다`,
  },
  sealedHint: {
    en: 'A sniffer cannot prove what it says, but its size, and the close that follows, are a strong hint',
    ko: '도청자는 내용을 증명할 수 없지만, 크기와 곧이어 닫히는 연결이 강한 단서가 됩니다',
  },
  alertNotFound: {
    en: 'not found among the records that could be read',
    ko: '읽을 수 있는 레코드에서는 찾지 못했습니다',
  },
  clientSent: {
    en: (bytes: number, thrownAway: boolean): string =>
      `believed itself connected and had sent its request: ${grouped(bytes)} bytes, sealed.${thrownAway ? ' They were thrown away and went no further' : ''}`,
    ko: (bytes: number, thrownAway: boolean): string =>
      `연결되었다고 믿고 요청 ${grouped(bytes)}바이트를 이미 암호화해 보냈습니다.${thrownAway ? ' 거부한 쪽이 버렸으므로 그 뒤로는 전달되지 않았습니다.' : ''}`,
  },
  clientBelieved: {
    en: 'believed itself connected, and had sent nothing of its request',
    ko: '연결되었다고 믿었지만 요청은 보내지 않았습니다',
  },
  clientWaited: {
    en: 'was still in the handshake: nothing of its request was sent',
    ko: '아직 핸드셰이크 중이어서 요청을 보내지 않았습니다',
  },
  clientRefused: {
    en: 'ended the handshake itself: nothing of its request was sent',
    ko: '스스로 연결을 끊었고 요청은 보내지 않았습니다',
  },
  discarded: {
    en: (bytes: number): string =>
      `had sent ${grouped(bytes)} bytes, sealed; they were thrown away and went no further`,
    ko: (bytes: number): string =>
      `이미 암호화해 보낸 ${grouped(bytes)}바이트는 버려졌고 더 전달되지 않았습니다`,
  },
  openedAhead: {
    en: 'had sent nothing more by then. A browser opens some connections ahead of their use, and on those it may present no certificate though it has one: the connection that carries its request counts',
    ko: '그때까지 더 보낸 내용이 없습니다. 브라우저는 일부 연결을 미리 열어 두며, 그 연결에서는 인증서가 있어도 제시하지 않을 수 있습니다. 요청이 실린 연결을 보고 판단하세요',
  },
  itsWords: { en: 'its words', ko: '오류 문구' },
  remedy: { en: 'remedy', ko: '해결 방법' },
  seeIt: { en: 'see it', ko: '직접 확인' },
  seeItHow: {
    en: (client: string): string =>
      `run this again with --hold: it prints a curl and an openssl command for ${client}`,
    ko: (client: string): string =>
      `--hold 옵션을 붙여 다시 실행하면 ${client}용 curl과 openssl 명령이 출력됩니다`,
  },
  seeItAgain: {
    en: 'run this again: no other program can send this client’s signature, which wirelab corrupts on its way out',
    ko: '다시 실행해 보세요. 서명을 망가뜨려 보내는 이 클라이언트의 역할은 다른 프로그램이 대신할 수 없습니다',
  },
} as const;

/** Of the table of all refusals. */
export const refusalTableWords = {
  title: { en: 'All refusals at a glance', ko: '거부 내역 한눈에 보기' },
  head: [
    { en: 'client', ko: '클라이언트' },
    { en: 'TLS', ko: 'TLS' },
    { en: 'by', ko: '거부' },
    { en: 'reason', ko: '이유' },
    { en: 'alert', ko: '알림(Alert)' },
    { en: 'wire', ko: '구간' },
    { en: 'request', ko: '요청' },
  ],
  legend: {
    en: 'by: who refused; wire: how the alert went over it; request: sent by then, or kept',
    ko: '거부: 거부한 쪽. 구간: 알림이 전송된 형태. 요청: 그때까지 보냈는지 여부.',
  },
  wireStates: {
    clear: { en: 'clear', ko: '평문' },
    sealed: { en: 'sealed', ko: '암호문' },
    none: { en: '-', ko: '-' },
  },
  noAlertShort: { en: 'none', ko: '없음' },
  sent: { en: 'sent', ko: '전송됨' },
  notSent: { en: 'kept', ko: '미전송' },
  unknown: { en: '?', ko: '?' },
} as const;

/** Of the explanation of a field. */
export const explanationWords = {
  none: {
    en: 'There is no explanation for this field; its bytes are shown beside it.',
    ko: '이 필드에 대한 설명은 없습니다. 바이트를 그대로 보세요.',
  },
  unknown: { en: 'unknown', ko: '알 수 없음' },
  bytes: {
    en: (count: number): string => `${grouped(count)} ${count === 1 ? 'byte' : 'bytes'}`,
    ko: (count: number): string => `${grouped(count)}바이트`,
  },
  characters: {
    en: (count: number): string => `${grouped(count)} characters`,
    ko: (count: number): string => `${grouped(count)}자`,
  },
  yes: { en: 'yes', ko: '예' },
  no: { en: 'no', ko: '아니요' },
} as const;

/** Of two versions of TLS beside each other. */
export const sidesWords = {
  title: { en: 'What an eavesdropper knows without the keys', ko: '키가 없는 도청자가 아는 것' },
  column: {
    en: (version: string, conn: number): string => `${version}, connection ${connectionName(conn)}`,
    ko: (version: string, conn: number): string => `${version}, 연결 ${connectionName(conn)}`,
  },
  differs: { en: 'the versions differ', ko: '버전에 따라 다름' },
  alone: {
    en: 'This log has no connection of another TLS version. The demonstration versions has both: ./wirelab run versions',
    ko: '이 기록에는 다른 버전의 연결이 없습니다. 두 버전을 모두 보려면 versions 시연을 실행하세요: ./wirelab run versions',
  },
  none: {
    en: 'No TLS here: anyone on the wire reads everything.',
    ko: 'TLS를 쓰지 않는 구간입니다. 모든 내용을 그대로 읽을 수 있습니다.',
  },
  reckoned: {
    en: 'This requires knowing everything in the request but the password: the program and its header fields, the site, the other fields of the form. A client that pads its requests to one size prevents it; so does a form that sends a value of fixed length in place of the password.',
    ko: '이렇게 구하려면 비밀번호를 뺀 요청의 모든 것을 알아야 합니다. 프로그램과 헤더, 사이트, 폼의 다른 항목까지 알아야 합니다. 요청을 항상 같은 크기로 채워(패딩) 보내거나, 비밀번호 대신 길이가 일정한 값을 보내면 구할 수 없습니다.',
  },
  notReckoned: {
    en: 'The sizes give the length of a request. The length of a password in it is the rest when everything else is known, such as from a login of one’s own at the same site.',
    ko: '크기만으로 요청의 길이를 알 수 있습니다. 같은 사이트에 직접 로그인해 보는 등으로 나머지를 모두 안다면, 남는 것이 비밀번호의 길이입니다.',
  },
} as const;

/** Of one record in three views: without keys, the bytes, with the keys. */
export const recordWords = {
  header: {
    contentType: { en: 'type', ko: '유형' },
    version: { en: 'version', ko: '버전' },
    length: { en: 'length', ko: '길이' },
  },
  everything: {
    en: 'No TLS is spoken: everything in it can be read.',
    ko: 'TLS를 쓰지 않아 내용을 모두 읽을 수 있습니다.',
  },
  readable: {
    en: 'It passes before the keys are in use: everything in it can be read.',
    ko: '키를 쓰기 전에 지나가므로 내용을 모두 읽을 수 있습니다.',
  },
  noForm: {
    en: 'No ServerHello was seen: what its size means is not known.',
    ko: 'ServerHello가 보이지 않아 크기의 의미를 알 수 없습니다.',
  },
  unknownSuite: {
    en: 'What its size means under this suite is not known here.',
    ko: '이 암호 스위트에서 크기가 무엇을 뜻하는지는 알 수 없습니다.',
  },
  sizes: {
    exact: {
      en: (record: string, content: string): string =>
        `Of its ${record} bytes, ${content} are content: this suite keeps lengths.`,
      ko: (record: string, content: string): string =>
        `${record}바이트 가운데 내용은 ${content}바이트입니다. 이 스위트는 길이를 그대로 드러냅니다.`,
    },
    blocks: {
      en: (record: string, content: string): string =>
        `Of its ${record} bytes, ${content} are content: this suite fills up whole blocks.`,
      ko: (record: string, content: string): string =>
        `${record}바이트 가운데 내용은 ${content}바이트입니다. 이 스위트는 블록 단위로 채웁니다.`,
    },
    unless_padded: {
      en: (record: string, content: string): string =>
        `Of its ${record} bytes, ${content} are content, unless it is padded. The true type is sealed as well.`,
      ko: (record: string, content: string): string =>
        `${record}바이트 가운데 내용은 ${content}바이트입니다(패딩이 없다면). 실제 유형도 암호화되어 있습니다.`,
    },
  },
  places: {
    finished: {
      en: 'By its size it is the client’s Finished: the handshake ends here.',
      ko: '크기로 보아 클라이언트의 Finished입니다. 핸드셰이크(handshake)가 여기서 끝납니다.',
    },
    alertBySize: {
      en: 'By its size it is an alert. Which one is sealed: a goodbye looks like a refusal.',
      ko: '크기로 보아 알림(Alert)입니다. 어떤 알림인지는 암호화되어, 정상 종료와 거부가 똑같이 보입니다.',
    },
    alertByType: {
      en: 'Its type says that it is an alert; which one is sealed.',
      ko: '유형을 보면 알림(Alert)입니다. 어떤 알림인지는 암호화되어 있습니다.',
    },
    clientFlight: {
      en: 'It comes before the client’s Finished: the client was asked for a certificate, and this belongs to its answer.',
      ko: '클라이언트의 Finished보다 먼저 왔습니다. 인증서를 요청받은 클라이언트의 응답 가운데 일부입니다.',
    },
    serverFlight: {
      en: 'It belongs to the server’s part of the handshake: its certificate is among these.',
      ko: '서버 쪽 핸드셰이크에 속합니다. 서버 인증서가 이 가운데 있습니다.',
    },
    request: {
      en: (number: string): string => `By its place it belongs to request ${number}.`,
      ko: (number: string): string => `순서로 보아 ${number}번째 요청입니다.`,
    },
    answer: {
      en: (number: string): string => `By its place it belongs to the answer to request ${number}.`,
      ko: (number: string): string => `순서로 보아 ${number}번째 요청의 응답입니다.`,
    },
    firstAnswer: {
      en: (number: string): string =>
        `By its place it belongs to the answer to request ${number}; session tickets come in the same place.`,
      ko: (number: string): string =>
        `순서로 보아 ${number}번째 요청의 응답입니다. 세션 티켓도 같은 자리에 옵니다.`,
    },
    sealedHandshake: {
      en: 'Its type says that it belongs to the handshake: the first sealed one is the Finished.',
      ko: '유형을 보면 핸드셰이크에 속합니다. 처음으로 암호화된 것이 Finished입니다.',
    },
    ticket: {
      en: 'The server sends it before it was asked anything: session tickets come so.',
      ko: '요청을 받기 전에 서버가 보냈습니다. 세션 티켓이 이렇게 옵니다.',
    },
  },
  password: { en: 'The password’s length:', ko: '비밀번호 길이:' },
  views: {
    eavesdropper: { en: 'without keys', ko: '키 없이' },
    bytes: { en: 'the bytes', ko: '바이트' },
    endpoint: { en: 'with the keys', ko: '키로 열면' },
  },
  concluded: { en: 'concluded', ko: '알 수 있는 것' },
  noKeys: {
    en: 'The keys are not available here: only the endpoints can read it.',
    ko: '여기에는 키가 없습니다. 양 끝에서만 읽을 수 있습니다.',
  },
  same: { en: 'The same: nothing is sealed.', ko: '똑같이 읽습니다. 암호화된 것이 없습니다.' },
} as const;
