/**
 * How the commands of a scripted peer's protocol are framed: each on a line, or as Redis clients send them. In either form a
 * script sees one line of words; only commands are framed, a server's answers are the lines that it sends.
 *
 * RESP (https://redis.io/docs/latest/develop/reference/protocol-spec/): a command is an array of bulk strings, `*2`, `$3`, `GET`,
 * `$1`, `a`, each with CR LF, or an inline command, a line of words. A server takes both, and passes over what is empty.
 */
import { ExchangeError } from '../../wire/starttls/exchange.ts';
import type { Exchange } from '../../wire/starttls/exchange.ts';
import type { Framing } from './framing.ts';
import { fill } from './text.ts';
import type { Text, Values } from './text.ts';

/** The most words of a command, and bytes of one. */
const mostWords = 128;
const longestWord = 8192;

/** The next command, its bytes as characters (latin1). @throws ExchangeError */
export async function readCommand(exchange: Exchange, framing: Framing): Promise<string> {
  if (framing === 'lines') return exchange.line();
  for (;;) {
    const line = await exchange.line();
    if (!line.startsWith('*')) {
      if (line !== '') return line;
      continue;
    }
    const count = numberIn(line, '*', mostWords);
    const words: string[] = [];
    while (words.length < count) {
      const word = await exchange.bytes(numberIn(await exchange.line(), '$', longestWord));
      if ((await exchange.bytes(2)).toString('latin1') !== '\r\n') throw notFramed();
      words.push(word.toString('latin1'));
    }
    if (count > 0) return words.join(' ');
  }
}

/** `*3`, `$14`. */
function numberIn(line: string, mark: string, most: number): number {
  const number = Number(/^.(\d{1,6})$/.exec(line)?.[1]);
  if (!line.startsWith(mark) || !(number <= most)) throw notFramed();
  return number;
}

const notFramed = (): ExchangeError => new ExchangeError('starttls_violated', 'NOT_RESP');

/** A client's line as it is sent. In RESP blanks of the text separate words; those of a value are part of one. */
export function commandBytes(text: Text, values: Values, framing: Framing): Buffer {
  if (framing === 'lines') return Buffer.from(`${fill(text, values)}\r\n`, 'utf8');
  const words = wordsOf(text).map((word) => Buffer.from(fill(word, values), 'utf8'));
  return Buffer.concat([
    Buffer.from(`*${words.length}\r\n`),
    ...words.flatMap((word) => [Buffer.from(`$${word.length}\r\n`), word, Buffer.from('\r\n')]),
  ]);
}

function wordsOf(text: Text): readonly Text[] {
  const words: Text[number][][] = [];
  let word: Text[number][] | undefined;
  for (const part of text) {
    if (typeof part !== 'string') {
      if (!word) words.push((word = []));
      word.push(part);
      continue;
    }
    for (const [index, piece] of part.split(/ +/).entries()) {
      if (index > 0) word = undefined;
      if (piece === '') continue;
      if (!word) words.push((word = []));
      word.push(piece);
    }
  }
  return words;
}
