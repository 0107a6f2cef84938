/**
 * The words that only lines need, in every language; what every teller of a run says is in `story/words.ts`.
 */
export const textWords = {
  outcome: { en: 'outcome', ko: '결과' },
  evidence: { en: 'evidence', ko: '증거' },
  keptOpen: { en: ', kept open from before', ko: ', 앞에서 연 연결을 계속 사용' },
  reconstructed: {
    en: '* reconstructed: TCP’s own packets pass below our tap; the sockets reported this',
    ko: '* 재구성: TCP 자체의 패킷은 도청 지점(tap) 아래로 지나가므로 소켓의 보고로 표시합니다',
  },
  rest: { en: 'the rest', ko: '나머지' },
  asBefore: {
    en: (step: number): string => `certificate, reason and remedy are those of step ${step}`,
    ko: (step: number): string => `인증서, 이유, 해결 방법은 ${step}단계와 같습니다`,
  },
  newList: {
    en: (by: string, authority: string, number: number, whose: string): string =>
      `${by}: revocation list ${number} of ${authority} is in force from here on; it takes back ${whose}`,
    ko: (by: string, authority: string, number: number, whose: string): string =>
      `${by}: 지금부터 ${authority}의 ${number}번 인증서 폐기 목록(CRL)이 적용됩니다. 폐기된 인증서: ${whose}`,
  },
  orders: {
    issued: {
      en: (who: string, names: string): string => `${who} ISSUED a certificate for ${names}:`,
      ko: (who: string, names: string): string => `${who}: ${names} 인증서를 발급했습니다.`,
    },
    refused: {
      en: (who: string, names: string): string => `${who} REFUSED a request${names && ` for ${names}`}:`,
      ko: (who: string, names: string): string => `${who}: ${names && `${names} `}요청을 거부했습니다.`,
    },
    pending: {
      en: (who: string, names: string): string => `${who} waits for the answers at ${names}:`,
      ko: (who: string, names: string): string => `${who}: 응답을 기다립니다(${names}).`,
    },
  },
  programSays: {
    en: (program: string, version: string, exit: number | null, words: string): string =>
      `${program} ${version}: ${exit === null ? 'did not end in time' : `exit ${exit}`}, ${words}`,
    ko: (program: string, version: string, exit: number | null, words: string): string =>
      `${program} ${version}: ${exit === null ? '제시간에 끝나지 않음' : `종료 코드 ${exit}`}, ${words}`,
  },
  holding: {
    en: 'Everything stays up until Ctrl-C. Each of these commands reaches a wire; what it does is shown here like the rest:',
    ko: 'Ctrl-C를 누를 때까지 계속 띄워 둡니다. 아래 명령으로 각 구간에 접속할 수 있고, 오간 내용은 여기에 똑같이 표시됩니다.',
  },
  reachAs: {
    en: (hop: string, client: string, to: string): string => `Wire ${hop}: as ${client}, to ${to}`,
    ko: (hop: string, client: string, to: string): string => `구간 ${hop}: ${client} → ${to}`,
  },
} as const;

/** Of a proxy that is told while it runs. */
export const liveWords = {
  opened: { en: 'connected', ko: '연결됨' },
  resumed: { en: 'resumed', ko: '세션 재개' },
  clientIs: { en: 'the client is', ko: '클라이언트:' },
  serverIs: { en: 'the server is', ko: '서버:' },
  closedBy: {
    client: { en: 'closed by the client', ko: '클라이언트가 닫음' },
    server: { en: 'closed by the server', ko: '서버가 닫음' },
    unknown: { en: 'closed', ko: '닫힘' },
  },
} as const;
