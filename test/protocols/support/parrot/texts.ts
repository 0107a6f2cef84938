/** Explains the lines of the parrot's protocol. */
import type { FieldText } from '../../../../src/protocols/text.ts';

type ParrotFieldId = 'parrot.line' | 'parrot.word' | 'parrot.user' | 'parrot.password';

declare module '../../../../src/core/field.ts' {
  interface FieldIds {
    readonly parrot: ParrotFieldId | 'parrot.separator';
  }
}

export const parrotTexts: Readonly<Record<ParrotFieldId, FieldText>> = {
  'parrot.line': {
    name: { en: 'line', ko: '한 줄' },
    meaning: { en: 'One thing that a side says.', ko: '한쪽이 보낸 말 한마디입니다.' },
  },
  'parrot.word': {
    name: { en: 'word', ko: '단어' },
    meaning: { en: 'What the line is for.', ko: '이 줄의 용도입니다.' },
  },
  'parrot.user': {
    name: { en: 'user', ko: '사용자' },
    meaning: { en: 'Who enters.', ko: '들어오는 사람입니다.' },
  },
  'parrot.password': {
    name: { en: 'password', ko: '비밀번호' },
    meaning: { en: 'What proves who enters, in clear.', ko: '누구인지 증명하는 값이며, 평문입니다.' },
  },
};
