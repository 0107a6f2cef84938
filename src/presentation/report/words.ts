/** The words that only a report needs, in every language; those of every view are in `words.ts` beside this folder. */

export const reportWords = {
  login: { en: 'login', ko: '로그인' },
  loginRefused: { en: 'refused by the server', ko: '서버가 거부함' },
  inAll: { en: 'total', ko: '합계' },
  packets: {
    en: (first: string, last: string): string =>
      first === last ? `packet ${first}` : `packets ${first} to ${last}`,
    ko: (first: string, last: string): string => (first === last ? `패킷 ${first}` : `패킷 ${first}~${last}`),
  },
  goesOn: { en: ', continued', ko: ', 이어짐' },
  keptOpen: { en: ', kept open from before', ko: ', 앞에서 연 연결을 계속 사용' },
  reconstructed: {
    en: '* reconstructed: TCP’s own packets pass below our tap; the sockets reported this',
    ko: '* 재구성: TCP 자체의 패킷은 도청 지점(tap) 아래로 지나가므로 소켓의 보고로 표시합니다',
  },
  triedAgain: {
    en: (count: number): string =>
      `and ${count} more ${count === 1 ? 'try' : 'tries'} that ended the same way`,
    ko: (count: number): string => `같은 결과로 끝난 시도 ${count}번 더`,
  },
  rest: { en: 'the rest', ko: '나머지' },
  asBefore: {
    en: (step: number): string => `certificate, reason and remedy are those of step ${step}`,
    ko: (step: number): string => `인증서, 이유, 해결 방법은 ${step}단계와 같습니다`,
  },
  holdingScripts: {
    en: 'Everything stays up until Ctrl-C. Connect to it from another terminal; the traffic is shown here like the rest:',
    ko: 'Ctrl-C를 누를 때까지 계속 띄워 둡니다. 다른 터미널에서 접속하면 오간 내용이 여기에 똑같이 표시됩니다.',
  },
  holding: {
    en: 'Everything stays up until Ctrl-C. Each of these commands reaches a wire; its traffic is shown here like the rest:',
    ko: 'Ctrl-C를 누를 때까지 계속 띄워 둡니다. 아래 명령으로 각 구간에 접속할 수 있고, 오간 내용은 여기에 똑같이 표시됩니다.',
  },
} as const;
