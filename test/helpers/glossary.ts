/**
 * The Korean terms of the project, and the words that are not used for them. `words.test.ts` holds them in every Korean
 * text; CONTRIBUTING.md tells authors how to use and extend them.
 */

export interface Term {
  readonly en: string;
  /** The one Korean term. */
  readonly ko: string;
  /** Other words for the same thing, as patterns; none of them may occur. */
  readonly not: readonly string[];
  /** The English that follows in brackets at the first use in a page: `인증 기관(CA)`. */
  readonly bracket?: string;
}

export const glossary: readonly Term[] = [
  // Cryptography.
  { en: 'plaintext', ko: '평문', not: ['일반 텍스트', '평문 ?텍스트'] },
  { en: 'ciphertext', ko: '암호문', not: ['암호 ?텍스트', '사이퍼'] },
  { en: 'decryption', ko: '복호화', not: ['암호 ?해독', '디크립트'] },
  { en: 'asymmetric encryption', ko: '비대칭 암호화', not: ['비대칭암호', '공개 키 암호화 방식'] },
  { en: 'public key', ko: '공개 키', not: ['공개키', '퍼블릭 ?키'] },
  { en: 'private key', ko: '개인 키', not: ['개인키', '비밀 키', '비밀키', '사설 ?키', '프라이빗 ?키'] },
  { en: 'symmetric key', ko: '대칭 키', not: ['대칭키'] },
  { en: 'key pair', ko: '키 페어', not: ['키 ?쌍', '키페어'] },
  { en: 'session key', ko: '세션 키', not: ['세션키'] },
  { en: 'fingerprint', ko: '지문', not: ['핑거프린트'] },
  {
    en: 'forward secrecy',
    ko: '순방향 비밀성',
    not: ['전방향 비밀성', '전방향 안전성', '전방 ?비밀성', '완전 순방향'],
    bracket: 'Forward Secrecy',
  },
  { en: 'static RSA', ko: '정적 RSA', not: ['고정 RSA', '스태틱 RSA'] },
  { en: 'group (of a key exchange)', ko: '그룹', not: ['비트 군', '군\\(group'] },
  { en: 'elliptic curve', ko: '타원 곡선', not: ['타원곡선'] },
  // TLS.
  { en: 'handshake', ko: '핸드셰이크', not: ['핸드쉐이크', '악수'] },
  {
    en: 'cipher suite',
    ko: '암호 스위트',
    not: ['암호 ?모음', '암호 제품군', '사이퍼 ?스위트', '암호스위트'],
    bracket: 'Cipher Suite',
  },
  {
    en: 'mutual TLS',
    ko: '상호 TLS',
    not: ['양방향 TLS', '뮤추얼', '쌍방향 TLS'],
    bracket: 'mTLS|mutual TLS',
  },
  { en: 'alert', ko: '알림', not: ['경보', '얼럿', '얼러트'], bracket: 'Alert' },
  { en: 'session ticket', ko: '세션 티켓', not: ['표\\(ticket\\)', '세션 표'] },
  { en: 'man in the middle', ko: '중간자', not: ['맨 인 더 미들', '중간인'] },
  { en: 'eavesdropper', ko: '도청자', not: ['염탐', '스니퍼'] },
  { en: 'tap', ko: '도청 지점', not: ['탭 지점', '태핑'] },
  { en: 'recording of what was sent', ko: '기록', not: ['녹음', '녹화'] },
  { en: 'redirect', ko: '리다이렉트', not: ['리디렉션', '리다이렉션', '리디렉트'] },
  { en: 'proxy', ko: '프록시', not: ['프락시'] },
  { en: 'byte offset', ko: '오프셋', not: ['옵셋', '오프 셋'] },
  { en: 'form', ko: '폼', not: ['양식'] },
  { en: 'label', ko: '레이블', not: ['라벨'] },
  { en: 'line break', ko: '줄바꿈', not: ['줄 바꿈'] },
  // Certificates.
  { en: 'certificate authority', ko: '인증 기관', not: ['인증기관', '인증 ?당국'], bracket: 'CA' },
  {
    en: 'certificate signing request',
    ko: '인증서 서명 요청',
    not: ['인증서 요청서', '서명 요청서'],
    bracket: 'CSR',
  },
  { en: 'certificate chain', ko: '인증서 체인', not: ['인증서 사슬'] },
  { en: 'intermediate certificate', ko: '중간 인증서', not: ['중개 인증서', '중간인증서'] },
  { en: 'root certificate', ko: '루트 인증서', not: ['최상위 인증서', '뿌리 인증서'] },
  { en: 'self-signed', ko: '자체 서명', not: ['(?<![가-힣])자가 ?서명', '자기 서명', '셀프'] },
  { en: 'trust store', ko: '신뢰 저장소', not: ['신뢰저장소', '트러스트'] },
  { en: 'issuer', ko: '발급자', not: ['발행자', '발행인', '발급인'] },
  { en: 'common name', ko: '일반 이름', not: ['공통 이름', '공용 이름'] },
  {
    en: 'subject alternative name',
    ko: '주체 대체 이름',
    not: ['주제 대체', '대체 주체', '주체대체'],
    bracket: 'SAN',
  },
  { en: 'key usage', ko: '키 사용', not: ['키 용도', '키 사용법'] },
  { en: 'extended key usage', ko: '확장 키 사용', not: ['확장된 키', '향상된 키'] },
  { en: 'validity', ko: '유효 기간', not: ['유효기간'] },
  { en: 'revoked', ko: '폐기됨', not: ['인증서 해지', '해지된', '인증서 철회'] },
  {
    en: 'revocation list',
    ko: '인증서 폐기 목록',
    not: ['해지 목록', '폐기목록', '취소 목록'],
    bracket: 'CRL',
  },
  { en: 'old CA', ko: '옛 CA', not: ['예전 CA', '구 CA'] },
  { en: 'CA bundle', ko: 'CA 번들', not: ['CA 묶음', '인증서 묶음'] },
  { en: 'signed by hand', ko: '수동 서명', not: ['손으로 (?:하는 |한 )?서명'] },
  {
    en: 'encryption at rest',
    ko: '저장 시 암호화',
    not: ['저장 ?데이터 암호화', '저장할 때 암호화', '유휴 데이터'],
  },
  { en: 'remedy', ko: '해결 방법', not: ['해결책', '해법'] },
  // Kubernetes.
  { en: 'Kubernetes', ko: '쿠버네티스', not: ['Kubernetes[가-힣]', '쿠버네테스'] },
  { en: 'object', ko: '객체', not: ['오브젝트'] },
  { en: 'condition (of an object)', ko: '컨디션', not: ['조건\\(condition'] },
  { en: 'pod', ko: '파드', not: ['포드'] },
  { en: 'Secret', ko: '시크릿', not: ['씨크릿'] },
  { en: 'namespace', ko: '네임스페이스', not: ['이름 ?공간'] },
  { en: 'service account', ko: '서비스 어카운트', not: ['서비스 계정', '서비스어카운트'] },
  { en: 'component', ko: '컴포넌트', not: ['구성 ?요소'] },
  { en: 'role', ko: '롤', not: ['역할 ?바인딩', '클러스터 ?역할'] },
  { en: 'role binding', ko: '롤바인딩', not: ['롤 바인딩'] },
  { en: 'authorization', ko: '인가', not: ['권한 부여'] },
  { en: 'bearer token', ko: '베어러 토큰', not: ['무기명', '소지자 토큰'] },
  // People and things.
  { en: 'Alice', ko: '앨리스', not: ['엘리스', '알리스'] },
  { en: 'Mallory', ko: '맬러리', not: ['말로리', '맬로리', '멜로리', '말러리'] },
  { en: 'Carol', ko: '캐럴', not: ['캐롤'] },
  { en: 'customer', ko: '고객', not: ['손님'] },
  { en: 'participant of a lab', ko: '수강생', not: ['교육생', '참석자', '학습자'] },
  { en: 'password', ko: '비밀번호', not: ['패스워드', '암호가 그대로', '암호를 훔'] },
  { en: 'resident registration number', ko: '주민등록번호', not: ['주민번호', '주민 등록 번호'] },
  { en: 'protocol', ko: '프로토콜', not: ['규약'] },
  { en: 'access point', ko: '공유기', not: ['액세스 ?포인트', '접속점'] },
  { en: 'mobile phone', ko: '휴대전화', not: ['휴대폰', '핸드폰', '휴대 전화'] },
  // One way to ask somebody: …하세요.
  { en: 'please do', ko: '…하세요', not: ['십시오', '하시기 바랍니다', '해 주시기'] },
];
