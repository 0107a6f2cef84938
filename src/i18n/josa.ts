/**
 * Chooses the form of a Korean particle (josa) after a name by the last sound of the name as it is read aloud: `alice가`
 * and `shop이`, `TLS로` and `CN으로`. Hangul shows its final consonant; digits and Latin letters are read in Korean.
 */

/** The particles that have two forms, the one after a consonant first. */
export const particles = [
  '은/는',
  '이/가',
  '을/를',
  '과/와',
  '으로/로',
  '이라/라',
  '이라고/라고',
  '이라는/라는',
  '이나/나',
  '이며/며',
  '이고/고',
  '이지만/지만',
  '이면/면',
  '이어서/여서',
] as const;
export type Particle = (typeof particles)[number];

/** How a word ends when read aloud. Before 으로/로, ㄹ behaves as a vowel does. */
export type LastSound = 'vowel' | 'consonant' | 'ㄹ';

/** The name with the particle. A remark in brackets after the name is not read: `인증 기관(CA)이`. */
export function josa(name: string | number, particle: Particle): string {
  const [afterConsonant = '', afterVowel = ''] = particle.split('/');
  const sound = lastSound(String(name));
  const isVowel = sound === 'vowel' || (sound === 'ㄹ' && particle === '으로/로');
  return String(name) + (isVowel ? afterVowel : afterConsonant);
}

/** @returns `vowel` for a text without letters and digits, and for scripts other than Hangul and Latin. */
export function lastSound(name: string): LastSound {
  const read = withoutRemark(name.normalize('NFC'))
    .replace(/[^\p{Letter}\p{Number}%]+$/u, '')
    .normalize('NFC');
  const last = read.at(-1) ?? '';
  if (/[가-힣]/.test(last)) return soundOfSyllable(last);
  const latin = read.normalize('NFKD').replace(/\p{Mark}/gu, '');
  if (/\d/.test(last)) return soundOfNumber(latin);
  const word = /[a-z]+$/i.exec(latin)?.[0];
  return word === undefined ? 'vowel' : soundOfLatin(word);
}

/** Without a bracket at the end, unless all of it is in brackets. */
function withoutRemark(name: string): string {
  const before = name.replace(/\s*(?:\([^()]*\)|\[[^[\]]*\])[\s"'”’]*$/, '');
  return /[\p{Letter}\p{Number}]/u.test(before) ? before : name;
}

const rieul = 8;

function soundOfSyllable(syllable: string): LastSound {
  const final = ((syllable.codePointAt(0) ?? 0) - 0xac00) % 28;
  return final === 0 ? 'vowel' : final === rieul ? 'ㄹ' : 'consonant';
}

/** A digit right after a letter is read in English (IPv6, SSLv3, h2), and so is the one of SHA-1; others in Korean. */
function soundOfNumber(text: string): LastSound {
  const digit = text.at(-1) ?? '';
  return /[a-z]\d$|sha-\d$/i.test(text) ? soundOfEnglishDigit(digit) : soundOfDigit(digit);
}

/** 제로, 투, 쓰리, 포, 파이브, 식스 and 에이트 end in a vowel; 원, 세븐 and 나인 do not. */
function soundOfEnglishDigit(digit: string): LastSound {
  return '179'.includes(digit) ? 'consonant' : 'vowel';
}

/** 영, 일, 이, 삼, 사, 오, 육, 칠, 팔, 구; 십, 백, 천 and 만 end as 영 does, in a consonant. */
function soundOfDigit(digit: string): LastSound {
  return '2459'.includes(digit) ? 'vowel' : '178'.includes(digit) ? 'ㄹ' : 'consonant';
}

/** Words whose reading in Korean does not follow from their spelling, in lower case. */
const known = new Map<string, LastSound>();
const readAs = (sound: LastSound, words: string): void => {
  for (const word of words.split(' ')) known.set(word, sound);
};
// 아이피, 피캡엔지; 비트, 체크, 허브, 애크미, 리퀘스터, 유저, 디포.
readAs('vowel', 'ip pcapng bit check hub github acme requestor user depot');
// 디이알.
readAs('ㄹ', 'der');
// 북, 훅, 룩, 굿, 그룹, 힙, 타입, 겟, 풋, 퀵, 맥, 씨네임, 네임, 핑, 섹, 헙, 맵.
readAs('consonant', 'book notebook hook webhook look good group cgroup heap type get put quic mac hmac');
readAs('consonant', 'cname name signername ping dnssec sighup imap ldap');

/** @param word Latin letters alone; of a compound such as ClientHello, the last part counts. */
function soundOfLatin(word: string): LastSound {
  const last = /[A-Z]?[a-z]+$|[A-Z]+$/.exec(word)?.[0] ?? word;
  const lower = last.toLowerCase();
  const exception = known.get(word.toLowerCase()) ?? known.get(lower);
  if (exception !== undefined) return exception;
  return last === last.toUpperCase() || !/[aeiouy]/.test(lower)
    ? soundOfLetter(lower.at(-1) ?? '')
    : soundOfSpelling(lower);
}

/** 엘 and 알, 엠 and 엔; the names of the other letters end in a vowel. */
function soundOfLetter(letter: string): LastSound {
  return 'lr'.includes(letter) ? 'ㄹ' : 'mn'.includes(letter) ? 'consonant' : 'vowel';
}

/** As loanwords are written: a stop after a short vowel closes the syllable (숍, 넷), another one gets a vowel (호스트). */
function soundOfSpelling(word: string): LastSound {
  if (/le?$/.test(word)) return 'ㄹ';
  if (/[mn]$|[aeiouy].*[mn]e$|[aeiouy].*ng$|mb$|out$/.test(word)) return 'consonant';
  return /(?:^|[^aeiouy])[aeiouy](?:pp?|tt?|ck|kk?|bb?|c)$/.test(word.replace('qu', 'q'))
    ? 'consonant'
    : 'vowel';
}
