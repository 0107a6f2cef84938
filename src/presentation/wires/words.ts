/**
 * The words of the star of wires (`star.ts`, `report.ts`), in every language. Korean sentences avoid a particle after a name:
 * the right one depends on how the name is pronounced.
 */
export const clusterWords = {
  securities: {
    mtls: { en: 'mTLS', ko: 'mTLS' },
    // In a picture there is room for a mark; the report says what it means.
    half: { en: 'mTLS?', ko: 'mTLS?' },
    tls: { en: 'TLS', ko: 'TLS' },
    plaintext: { en: 'plain', ko: '평문' },
  },
  secured: {
    mtls: {
      en: (version: string): string => `mTLS${version ? `, ${version}` : ''}: a certificate each`,
      ko: (version: string): string => `mTLS${version ? `(${version})` : ''}: 양쪽 모두 인증서 제시`,
    },
    half: {
      en: (version: string): string => `mTLS?${version ? ` ${version}` : ''}: only the client proves itself`,
      ko: (version: string): string => `mTLS?${version ? `(${version})` : ''}: 클라이언트만 자신을 증명`,
    },
    tls: {
      en: (version: string): string =>
        `TLS${version ? `, ${version}` : ''}: a certificate of the server alone`,
      ko: (version: string): string => `TLS${version ? `(${version})` : ''}: 서버만 인증서 제시`,
    },
    unread: {
      en: (version: string): string => `TLS${version ? `, ${version}` : ''}: no certificate can be read`,
      ko: (version: string): string => `TLS${version ? `(${version})` : ''}: 인증서를 읽을 수 없음`,
    },
    plaintext: {
      en: (_version: string): string => 'plaintext: readable',
      ko: (_version: string): string => '평문: 그대로 읽힘',
    },
  },
  counts: {
    en: (connections: string, bytes: string): string => `${connections} conn, ${bytes}`,
    ko: (connections: string, bytes: string): string => `연결 ${connections}개, ${bytes}`,
  },
  refusedCount: {
    en: (refused: string): string => `${refused} refused`,
    ko: (refused: string): string => `거부 ${refused}건`,
  },
  exact: {
    en: (connections: string, open: string, sent: string, answered: string): string =>
      `${connections} conn (${open} open), ${sent} B there, ${answered} B back`,
    ko: (connections: string, open: string, sent: string, answered: string): string =>
      `연결 ${connections}개(열림 ${open}), 보냄 ${sent} B, 받음 ${answered} B`,
  },
  certificate: {
    en: (subject: string, issuer: string): string => `${subject}, signed by CA ${issuer}`,
    ko: (subject: string, issuer: string): string => `${subject}(서명한 CA: ${issuer})`,
  },
  /** Of a server's certificate, where the client said so. */
  unverified: {
    en: (certificate: string, client: string): string => `${certificate}; ${client} does not verify it`,
    ko: (certificate: string, client: string): string =>
      `${certificate}. 검증하지 않고 받아들이는 쪽: ${client}`,
  },
  noCertificate: { en: 'no certificate', ko: '인증서 없음' },
  unread: { en: 'its certificate cannot be read here', ko: '인증서를 읽을 수 없음' },
  token: {
    en: 'no certificate, a token (Authorization: Bearer)',
    ko: '인증서 없이 토큰 사용(Authorization: Bearer)',
  },
  known: {
    en: (who: string, user: string, groups: string): string =>
      `${who} knows it as ${user}${groups ? ` (${groups})` : ''}`,
    ko: (who: string, user: string, groups: string): string =>
      `${who}에서 본 호출자: ${user}${groups ? `(${groups})` : ''}`,
  },
  /** After `known`. */
  impersonated: {
    en: (who: string): string => `, impersonated by ${who}`,
    ko: (who: string): string => `, 실제 호출자: ${who}`,
  },
  refusedBy: {
    en: (who: string, reason: string, count: string): string =>
      `refused by ${who}: ${reason}${count === '1' ? '' : ` (the newest of ${count})`}`,
    ko: (who: string, reason: string, count: string): string =>
      `거부됨(거부한 쪽: ${who}): ${reason}${count === '1' ? '' : `(${count}건 중 최근)`}`,
  },
  said: {
    en: 'as both ends read it; the wire shows sealed records (seconds, connection)',
    ko: '양 끝에서 읽은 내용, 구간에는 암호화된 레코드만 보임(초, 연결 번호)',
  },
  saidOpenly: {
    en: 'as anybody reads it on the wire (seconds, connection)',
    ko: '구간에서 누구나 읽는 내용(초, 연결 번호)',
  },
  onlySealed: {
    en: 'Nothing but sealed records is known of what was said. Enter shows them.',
    ko: '오간 내용은 암호화된 레코드로만 보입니다. Enter를 누르면 볼 수 있습니다.',
  },
  /** A watch is never answered to its end. */
  unanswered: { en: '… continues', ko: '… 진행 중' },
  order: {
    en: (seconds: string | undefined): string => (seconds === undefined ? 'order' : `order at ${seconds} s`),
    ko: (seconds: string | undefined): string => (seconds === undefined ? '순서' : `순서(${seconds}초)`),
  },
  calledBack: { en: '(←: unasked, by the server)', ko: '(←: 서버에서 먼저 보냄)' },
  noOrder: { en: 'no calls yet', ko: '아직 호출 없음' },
  lit: {
    en: (lit: number, all: number): string =>
      lit === 0 ? `${all} wires, all quiet` : `${lit} of ${all} wires lit`,
    ko: (lit: number, all: number): string =>
      lit === 0 ? `구간 ${all}개, 모두 조용함` : `구간 ${all}개 중 ${lit}개 사용 중`,
  },
} as const;
