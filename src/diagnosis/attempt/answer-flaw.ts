/** What is wrong with the answer to a request over HTTP, as far as it came. */
import type { Localized } from '../../i18n/language.ts';
import { mostBytes } from './answer.ts';
import type { Attempt } from './attempt.ts';
import { httpAnswerOf, isBodyWhole } from './http-answer.ts';

/** Undefined for a whole one, and for what may go on for ever. */
export function flawOf({ answer, secured }: Attempt): Localized | undefined {
  if (!answer?.asked || answer.greeted || answer.said.length === 0) return undefined;
  const read = httpAnswerOf(answer.said);
  const isOver = answer.end !== 'open';
  if (!read)
    return secured?.alpn === 'http/1.1'
      ? {
          en: 'HTTP was agreed on (ALPN http/1.1), and what came is none',
          ko: 'HTTP로 합의했지만(ALPN http/1.1) 온 것은 HTTP가 아닙니다.',
        }
      : undefined;
  if (read.headLength === undefined) {
    if (answer.said.length >= mostBytes)
      return {
        en: `its head is longer than ${mostBytes / 1024} kB, more than most clients take`,
        ko: `헤더가 ${mostBytes / 1024} kB를 넘어 대부분의 클라이언트가 받지 않습니다.`,
      };
    return isOver
      ? {
          en: `it ended after ${answer.said.length} bytes, within its head`,
          ko: `헤더가 끝나기 전에 ${answer.said.length}바이트에서 끊겼습니다.`,
        }
      : { en: 'its head does not end', ko: '헤더가 끝나지 않습니다.' };
  }
  const { declared } = read;
  if (declared === undefined || isBodyWhole(read) || answer.said.length >= mostBytes) return undefined;
  return isOver
    ? {
        en: `it ended after ${read.bodyLength} of the ${declared} bytes that its Content-Length announces`,
        ko: `Content-Length는 ${declared}바이트인데 ${read.bodyLength}바이트에서 끊겼습니다.`,
      }
    : {
        en: `${read.bodyLength} of the ${declared} bytes came that its Content-Length announces, and then nothing more`,
        ko: `Content-Length는 ${declared}바이트인데 ${read.bodyLength}바이트만 오고 멈췄습니다.`,
      };
}
