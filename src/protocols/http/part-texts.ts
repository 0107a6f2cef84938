/**
 * Explains the smaller parts of HTTP messages, without long texts in `texts.ts`. A row: the ids, their names, their
 * meaning, the standard.
 */
import { fieldText } from '../text.ts';
import type { FieldText, TextRow } from '../text.ts';
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
    [
      'head of the message',
      '메시지의 머리',
      'The first line and the headers, up to the empty line.',
      '첫 줄과 헤더로, 빈 줄에서 끝납니다.',
      'RFC 9112 section 2.1',
    ],
  ],
  [
    ['http.message'],
    [
      'message',
      '메시지',
      'A request or a response: a head, an empty line, and a body if there is one.',
      '요청이나 응답 하나입니다. 머리와 빈 줄, 그리고 본문이 있으면 본문이 옵니다.',
      'RFC 9112 section 2.1',
    ],
  ],
  [
    ['http.malformed'],
    [
      'malformed message',
      '형식이 잘못된 메시지',
      'Bytes that start as HTTP and violate its rules. If two programs parse such bytes differently, requests can be smuggled past one of them.',
      'HTTP로 시작했지만 규칙에 어긋난 바이트입니다. 두 프로그램이 이런 바이트를 다르게 읽으면 그중 하나를 속여 요청을 몰래 통과시킬 수 있습니다.',
      'RFC 9112 section 11.2',
    ],
  ],
  [
    ['http.request.line'],
    [
      'request line',
      '요청 줄',
      'The action, the page, and the version of HTTP.',
      '어떤 페이지에 무엇을 할지, 어느 HTTP 버전인지 나타냅니다.',
      'RFC 9112 section 3',
    ],
  ],
  [
    ['http.response.line'],
    [
      'status line',
      '상태 줄',
      'The result of the request, as a number and in words.',
      '요청의 결과를 번호와 말로 나타냅니다.',
      'RFC 9112 section 4',
    ],
  ],
  [
    [...both('body.data'), ...both('body.chunk.data')],
    [
      'bytes of the body',
      '본문 바이트',
      'The content as it was sent; without TLS, anyone in between can read and change it.',
      '보낸 그대로의 내용입니다. TLS가 없으면 중간의 누구나 읽고 바꿀 수 있습니다.',
      'RFC 9112 section 6',
    ],
  ],
  [
    ['http.request.body.chunk'],
    [
      'chunk',
      '청크',
      'A piece of a body whose length was not known at its start; an empty one ends it.',
      '처음에 길이를 몰랐던 본문의 한 조각입니다. 빈 조각이 오면 끝납니다.',
      'RFC 9112 section 7.1',
    ],
  ],
  [
    ['http.request.body.chunk.size'],
    [
      'chunk size',
      '청크 크기',
      'How many bytes the chunk has, in hex.',
      '이 조각의 바이트 수이며 16진수로 적습니다.',
      'RFC 9112 section 7.1',
    ],
  ],
  [
    both('trailer'),
    [
      'trailer',
      '트레일러',
      'A header after the body, because its value was not known before, such as a checksum.',
      '체크섬처럼 미리 알 수 없어 본문 뒤에 오는 헤더입니다.',
      'RFC 9112 section 7.1.2',
    ],
  ],
  [
    both('trailer.name'),
    [
      'trailer name',
      '트레일러 이름',
      'The name of the information; case does not matter.',
      '어떤 정보인지 나타내며 대소문자는 구별하지 않습니다.',
      'RFC 9110 section 6.5',
    ],
  ],
  [
    both('trailer.value'),
    ['trailer value', '트레일러 값', 'The information itself.', '정보의 내용입니다.', 'RFC 9110 section 6.5'],
  ],
] as const satisfies readonly (readonly [ids: readonly HttpFieldId[], row: TextRow])[];

type NeedsWords = Exclude<HttpFieldId, keyof typeof httpTexts>;

export const httpPartTexts: Readonly<Record<NeedsWords, FieldText>> = Object.fromEntries(
  rows.flatMap(([ids, row]) => ids.map((id) => [id, fieldText(row)])),
) as Readonly<Record<(typeof rows)[number][0][number], FieldText>>;
