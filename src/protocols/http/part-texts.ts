/**
 * Explains the smaller parts of HTTP messages, without long texts in `texts.ts`. A row: the ids, their names, their
 * meaning, the standard.
 */
import type { FieldText } from '../text.ts';
import type { HttpFieldId } from './ids.ts';
import type { httpTexts } from './texts.ts';

const both = <Part extends string>(
  part: Part,
): readonly [`http.request.${Part}`, `http.response.${Part}`] => [
  `http.request.${part}`,
  `http.response.${part}`,
];

const rows = [
  [
    ['http.head'],
    {
      name: { en: 'head of the message', ko: '메시지의 머리' },
      meaning: {
        en: 'The first line and the headers, up to the empty line.',
        ko: '첫 줄과 헤더로, 빈 줄에서 끝납니다.',
      },
      source: 'RFC 9112 section 2.1',
    },
  ],
  [
    ['http.message'],
    {
      name: { en: 'message', ko: '메시지' },
      meaning: {
        en: 'A request or a response: a head, an empty line, and a body where there is one.',
        ko: '요청이나 응답 하나입니다. 머리와 빈 줄, 그리고 본문이 있으면 본문이 옵니다.',
      },
      source: 'RFC 9112 section 2.1',
    },
  ],
  [
    ['http.malformed'],
    {
      name: { en: 'malformed message', ko: '형식이 잘못된 메시지' },
      meaning: {
        en: 'Bytes that began as HTTP and broke its rules. Where two programs read such bytes differently, requests can be smuggled past one of them.',
        ko: 'HTTP로 시작했지만 규칙에 어긋난 바이트입니다. 두 프로그램이 이런 바이트를 다르게 읽으면 그중 하나를 속여 요청을 몰래 통과시킬 수 있습니다.',
      },
      source: 'RFC 9112 section 11.2',
    },
  ],
  [
    ['http.request.line'],
    {
      name: { en: 'request line', ko: '요청 줄' },
      meaning: {
        en: 'What is to be done with which page, and in which version of HTTP.',
        ko: '어떤 페이지에 무엇을 할지, 어느 HTTP 버전인지 나타냅니다.',
      },
      source: 'RFC 9112 section 3',
    },
  ],
  [
    ['http.response.line'],
    {
      name: { en: 'status line', ko: '상태 줄' },
      meaning: {
        en: 'How the request went, as a number and in words.',
        ko: '요청의 결과를 번호와 말로 나타냅니다.',
      },
      source: 'RFC 9112 section 4',
    },
  ],
  [
    [...both('body.data'), ...both('body.chunk.data')],
    {
      name: { en: 'bytes of the body', ko: '본문 바이트' },
      meaning: {
        en: 'The content as it was sent; without TLS it can be read, and changed, by everybody on the way.',
        ko: '보낸 그대로의 내용입니다. TLS가 없으면 중간의 누구나 읽고 바꿀 수 있습니다.',
      },
      source: 'RFC 9112 section 6',
    },
  ],
  [
    ['http.request.body.chunk'],
    {
      name: { en: 'chunk', ko: '청크' },
      meaning: {
        en: 'A piece of a body whose length was not known at its beginning; an empty one ends it.',
        ko: '처음에 길이를 몰랐던 본문의 한 조각입니다. 빈 조각이 오면 끝납니다.',
      },
      source: 'RFC 9112 section 7.1',
    },
  ],
  [
    ['http.request.body.chunk.size'],
    {
      name: { en: 'chunk size', ko: '청크 크기' },
      meaning: {
        en: 'How many bytes the chunk has, in hex.',
        ko: '이 조각의 바이트 수이며 16진수로 적습니다.',
      },
      source: 'RFC 9112 section 7.1',
    },
  ],
  [
    both('trailer'),
    {
      name: { en: 'trailer', ko: '트레일러' },
      meaning: {
        en: 'A header that comes behind the body, since it was not known before, such as a checksum.',
        ko: '체크섬처럼 미리 알 수 없어 본문 뒤에 오는 헤더입니다.',
      },
      source: 'RFC 9112 section 7.1.2',
    },
  ],
  [
    both('trailer.name'),
    {
      name: { en: 'trailer name', ko: '트레일러 이름' },
      meaning: {
        en: 'Which piece of information; capitals make no difference.',
        ko: '어떤 정보인지 나타내며 대소문자는 구별하지 않습니다.',
      },
      source: 'RFC 9110 section 6.5',
    },
  ],
  [
    both('trailer.value'),
    {
      name: { en: 'trailer value', ko: '트레일러 값' },
      meaning: { en: 'The information itself.', ko: '정보의 내용입니다.' },
      source: 'RFC 9110 section 6.5',
    },
  ],
] as const satisfies readonly (readonly [ids: readonly HttpFieldId[], text: FieldText])[];

type NeedsWords = Exclude<HttpFieldId, keyof typeof httpTexts>;

export const httpPartTexts: Readonly<Record<NeedsWords, FieldText>> = Object.fromEntries(
  rows.flatMap(([ids, text]) => ids.map((id) => [id, text])),
) as Readonly<Record<(typeof rows)[number][0][number], FieldText>>;
