/** The marks of the screen, and the words in capitals that stand beside them. */
import { word } from './term.ts';
import type { Term } from './term.ts';

const leaked = ['leaked', 'leaked-loud', 'warning'];
const sealed = ['sealed', 'sealed-loud'];
const refused = ['refused', 'refused-loud'];

export const markTerms: readonly Term[] = [
  {
    id: 'mark.readable',
    found: /READABLE|! (?:노출|평문)|평문(?=\s*(?:│|\||$))/d,
    roles: [...leaked, 'plain'],
    name: { en: '! READABLE', ko: '! 평문' },
    meaning: {
      en: 'not encrypted: whoever records this wire reads it as it is',
      ko: '암호화되지 않았습니다. 이 구간을 기록하는 사람은 내용을 그대로 읽습니다.',
    },
  },
  {
    id: 'mark.outsider',
    found: /^ (!)(?= \S)/d,
    roles: [...leaked, 'plain'],
    meaning: {
      en: 'an outsider has it: it was readable on a wire, or was opened with something that he got hold of',
      ko: '외부인의 손에 들어갔습니다. 구간에서 그대로 읽었거나, 손에 넣은 것으로 열었습니다.',
    },
  },
  {
    id: 'mark.leaked',
    found: word('LEAKED', '유출됨'),
    meaning: {
      en: 'a secret was found in the bytes that an eavesdropper records',
      ko: '도청자가 기록한 바이트에서 비밀 정보가 발견되었습니다.',
    },
  },
  {
    id: 'mark.sealed',
    found: /(?<!\w)SEALED|암호화됨|(?:^|\s)#(?= \S)/d,
    roles: sealed,
    name: { en: '# SEALED', ko: '# 암호화됨' },
    meaning: {
      en: 'encrypted: an eavesdropper sees that something passes, when, and how large it is, but not what it says',
      ko: '암호화되어 있습니다. 도청자에게는 언제 얼마나 오가는지만 보이고 내용은 보이지 않습니다.',
    },
  },
  {
    id: 'mark.opened',
    found: word('OPENED', '복호화됨'),
    meaning: {
      en: 'decrypted for you with the keys of one end; the eavesdropper does not have them. k closes it again',
      ko: '한쪽 끝이 가진 키로 복호화해 보여 주는 것입니다. 도청자에게는 이 키가 없습니다. k로 다시 닫습니다.',
    },
  },
  {
    id: 'mark.refused',
    found: /(?<!\w)REFUSED|거부됨|(?:^|\s)[x✗](?= \S)/d,
    roles: [...refused, 'heading'],
    name: { en: 'x REFUSED', ko: 'x 거부됨' },
    meaning: {
      en: 'one side did not accept the other and ended the connection',
      ko: '한쪽이 상대를 받아들이지 않고 연결을 끝냈습니다.',
    },
  },
  {
    id: 'mark.question',
    found: /^ (\?)(?= \S)/d,
    roles: ['question'],
    meaning: {
      en: 'a question to answer for yourself; space shows what happens',
      ko: '스스로 답해 볼 질문입니다. 스페이스를 누르면 결과가 나옵니다.',
    },
  },
  {
    id: 'mark.unproven',
    found: /^ (\?)(?= \S)/d,
    roles: ['plain', 'refused', 'warning'],
    meaning: {
      en: 'not proven: the recording does not show whether it is so',
      ko: '증명되지 않았습니다. 기록만으로는 그런지 알 수 없습니다.',
    },
  },
  {
    id: 'mark.met',
    found: /^ {1,3}(✓|\+)(?= (?!(?:CN|C|O|OU)=)\S)/d,
    meaning: {
      en: 'shown to be true by what was recorded, whether it is good news or bad',
      ko: '기록으로 사실임이 확인되었습니다. 좋은 소식인지 나쁜 소식인지와는 관계없습니다.',
    },
  },
  {
    id: 'mark.missed',
    found: /^ {1,3}(✗|x)(?= (?!(?:CN|C|O|OU)=)\S)/d,
    roles: ['plain', 'leaked', 'warning', 'strong', 'sealed'],
    meaning: {
      en: 'checked, and not so',
      ko: '확인해 보니 사실이 아닙니다.',
    },
  },
  {
    id: 'mark.chain',
    found: /^ {1,3}(?: *(?:└─|`-|\+-) )?([✓✗+x])(?= (?:(?:CN|C|O|OU)=|\())/d,
    name: { en: '✓ ✗ CN=', ko: '✓ ✗ CN=' },
    meaning: {
      en: '✓ the path of certificates holds up to here, from the root down; ✗ it breaks here; without a mark: below the break, where nothing is proven',
      ko: '✓ 루트에서 여기까지 인증서가 이어집니다. ✗ 여기서 끊깁니다. 표시가 없으면 끊긴 곳 아래라서 증명되지 않습니다.',
    },
  },
  {
    id: 'mark.predicted',
    found: /^(?![> ][* ] +#).*?\S {2,}(?:([✓✗])|[+x]) (?=\S)|(✗) otherwise/d,
    name: { en: '✓ ✗', ko: '✓ ✗' },
    meaning: {
      en: 'what this program did; ✓ as predicted for it and its version, ✗ something else',
      ko: '그 프로그램의 결과입니다. ✓는 그 프로그램과 버전의 예측과 같음, ✗는 다름입니다.',
    },
  },
  {
    id: 'mark.more',
    found: /(?<=…  ?|\.\.\.? ?|\s{2,})(↓ (?:more|더 있음)|v (?:more|더 있음))/d,
    meaning: {
      en: 'there is more text below: the arrow keys, or e for all of it',
      ko: '아래에 글이 더 있습니다. 방향 키로 넘기거나 e로 크게 봅니다.',
    },
  },
  {
    id: 'mark.cut',
    found: /(?<=[\w가-힣,)])\s?(…)/d,
    meaning: { en: 'shortened here', ko: '여기서 줄였습니다.' },
  },
  {
    id: 'mark.answers',
    found: /^ {4}(a\)) /d,
    name: { en: 'a) b) c)', ko: 'a) b) c)' },
    meaning: {
      en: 'answers to choose from, with letters to call out; they are no keys. space shows the right one',
      ko: '고를 수 있는 답입니다. 글자는 부르기 위한 것이고 단축키가 아닙니다. 스페이스를 누르면 정답이 나옵니다.',
    },
  },
  {
    id: 'mark.next-message',
    found: /(?:^|[│|] )(--) \S.*? B(?=\s|$|│|\|)/d,
    roles: ['dim', 'plain', 'bar'],
    name: { en: '-- 372 B', ko: '-- 372 B' },
    meaning: {
      en: 'a border between two messages; behind it the next one, with its size',
      ko: '메시지와 메시지의 경계입니다. 뒤는 다음 메시지의 이름과 크기입니다.',
    },
  },
  {
    id: 'mark.reconstructed',
    found: /TCP [^*│|]{1,16}(\*)(?=\s|$)/d,
    meaning: {
      en: 'reconstructed from what the programs reported: TCP’s own packets pass below the place where we record',
      ko: '프로그램의 보고로 재구성한 것입니다. TCP 자체의 패킷은 기록하는 지점보다 아래에서 지나갑니다.',
    },
  },
  {
    id: 'mark.holds-secret',
    found: /^(!) *\d+ /d,
    meaning: {
      en: 'a known secret stands in this message',
      ko: '이 메시지에 알려진 비밀 값이 들어 있습니다.',
    },
  },
  {
    id: 'mark.chosen',
    found: /^(>) *\d+ /d,
    meaning: {
      en: 'the chosen message: its bytes are the ones shown',
      ko: '고른 메시지입니다. 화면의 바이트가 이 메시지의 내용입니다.',
    },
  },
  {
    id: 'mark.direction',
    found: /^[>! ] *\d+ +(?:\d+\.\d+ )?(→|←|->|<-) |^\s*(→|←|->|<-) [A-Z]{3}/d,
    name: { en: '→ ←', ko: '→ ←' },
    meaning: {
      en: '→ from the client to the server, ← back',
      ko: '→ 클라이언트에서 서버로, ← 서버에서 클라이언트로',
    },
  },
  {
    id: 'mark.remark',
    found: /(?:^|[\s│|])(!) /d,
    roles: ['dim'],
    meaning: {
      en: 'something about this value is surprising, or needs care',
      ko: '이 값에 뜻밖이거나 주의할 점이 있습니다.',
    },
  },
  {
    id: 'mark.side',
    found: /^ [ >] ?(?:\S.*?)? ([!#~-]) (?=\S)/d,
    roles: ['plain', 'strong'],
    name: { en: '! # - ~', ko: '! # - ~' },
    meaning: {
      en: 'for an eavesdropper without keys: ! readable, # sealed, - absent, ~ inferred from sizes or order',
      ko: '키가 없는 도청자에게: ! 읽힘, # 암호화됨, - 없음, ~ 크기나 순서로 추론',
    },
  },
  {
    id: 'mark.brackets',
    found: /\[[^\]]*\]?/d,
    roles: ['secret'],
    name: { en: '[ ]', ko: '[ ]' },
    meaning: {
      en: 'the brackets are ours, not in the bytes: a known secret stands between them',
      ko: '대괄호는 화면의 표시이며 바이트에는 없습니다. 그 사이가 알려진 비밀 값입니다.',
    },
  },
  {
    id: 'mark.masked',
    found: /•{3,}|\*{4,}/d,
    name: { en: '•••', ko: '•••' },
    meaning: {
      en: 'a secret, hidden on this screen only; m shows it',
      ko: '이 화면에서만 가린 비밀 값입니다. m으로 표시합니다.',
    },
  },
  {
    id: 'mark.noise',
    found: /[·.]/d,
    roles: ['noise'],
    name: { en: '··k·J', ko: '··k·J' },
    meaning: {
      en: 'encrypted bytes as they pass: a letter where a byte happens to be one, else a dot. Nothing can be read from them',
      ko: '지나가는 암호문 그대로입니다. 우연히 글자인 바이트는 글자로, 나머지는 점으로 표시합니다. 읽을 수 있는 것은 없습니다.',
    },
  },
  {
    id: 'mark.hex',
    found: /(?:^|[│| ])([0-9a-f]{4,6})  ?[[<>*|]?[0-9a-f]{2}[[\]<>*| ][0-9a-f]{2}[[\]<>*| ]/d,
    name: { en: '00b0  4c 65', ko: '00b0  4c 65' },
    meaning: {
      en: 'bytes in hexadecimal after the offset of the first; beside them as characters. | is a border between fields, < > the field under the cursor',
      ko: '첫 바이트의 오프셋과 16진수로 쓴 바이트, 그 옆은 글자입니다. |는 필드의 경계, < >는 커서가 있는 필드입니다.',
    },
  },
  {
    id: 'mark.offset',
    found: /(?<![(\w])(0x[0-9a-f]{4,})\b/d,
    meaning: {
      en: 'an offset: how many bytes this side had sent before, counted from 0, in hexadecimal. x shows it in the bytes',
      ko: '오프셋(offset): 이쪽에서 그 앞까지 보낸 바이트 수를 0부터 16진수로 센 것입니다. x를 누르면 바이트에서 볼 수 있습니다.',
    },
  },
  {
    id: 'mark.count',
    found: /(?:sealed|암호화됨) (x\d+)/d,
    meaning: {
      en: 'so many encrypted records in a row, in one direction; the size is their sum',
      ko: '같은 방향으로 이어진 암호화된 레코드의 수입니다. 크기는 합계입니다.',
    },
  },
  {
    id: 'mark.round-trip',
    found: /[│|] (\d{1,2})\s*$/d,
    roles: ['key', 'plain', 'dim'],
    meaning: {
      en: 'round trips: the client sends and waits for an answer for the first, second, third time',
      ko: '왕복(round trip) 횟수: 클라이언트가 보내고 답을 기다리기를 몇 번째 하는지 나타냅니다.',
    },
  },
  {
    id: 'mark.has-secret',
    found: / B (secret|비밀)(?=\s|$|│|\|)/d,
    meaning: {
      en: 'this message carries a known secret, readable for anyone on the wire',
      ko: '이 메시지에 알려진 비밀 값이 있고, 구간에서 누구나 읽을 수 있습니다.',
    },
  },
];
