/** What every reader of a protocol must hold, shown by what two peers said: in one piece each, byte by byte, cut anywhere, spoilt. */
import type { ExecutionContext } from 'ava';
import type { Side } from '../../../src/capture/event.ts';
import { languages } from '../../../src/i18n/language.ts';
import type { Protocol, ProtocolMessage, ProtocolReader } from '../../../src/protocols/protocol.ts';
import { present } from '../../helpers/capture.ts';
import { allFields, coverageFaults, treeFaults } from './tree.ts';

export type Utterance = readonly [from: Side, bytes: Uint8Array];

/** Of text in Latin-1. */
export const text = (from: Side, words: string): Utterance => [from, Buffer.from(words, 'latin1')];

/** Of hexadecimal digits. */
export const hex = (from: Side, digits: string): Utterance => [from, Buffer.from(digits, 'hex')];

const sides = ['client', 'server'] as const;

/** The messages of a conversation that comes in pieces of at most `size` bytes, as far as the reader goes; the rest is returned too. */
export function hear(reader: ProtocolReader, said: readonly Utterance[], size = Infinity): ProtocolMessage[] {
  const at: Record<Side, number> = { client: 0, server: 0 };
  const turned = new Set<Side>();
  const messages: ProtocolMessage[] = [];
  for (const [tag, [from, bytes]] of said.entries())
    for (let start = 0; start < bytes.length && !turned.has(from); start += size) {
      const piece = { from, offset: at[from], bytes: bytes.subarray(start, start + size), tag };
      at[from] += piece.bytes.length;
      messages.push(...reader.feed(piece));
      for (const handover of reader.takeHandovers?.() ?? []) turned.add(handover.from);
    }
  for (const from of turned.size > 0 ? [] : sides) messages.push(...(reader.cut?.(from) ?? []));
  return messages;
}

export async function readerOf(protocol: Protocol): Promise<ProtocolReader> {
  return present((await present(protocol.load)()).reader)();
}

/** `→ PASS, facts`, and behind it a line for each credential. */
export function linesOf(messages: readonly ProtocolMessage[]): string[] {
  return messages.flatMap(({ from, title, facts, malformed, isCut, credentials = [] }) => [
    [
      `${from === 'client' ? '→' : '←'} ${title.en}`,
      facts?.en ?? '',
      malformed ? `malformed: ${malformed.id}` : '',
      isCut ? 'cut' : '',
    ]
      .filter(Boolean)
      .join(', '),
    ...credentials.map(({ kind, name, value }) => `  ${kind} ${name}: ${value}`),
  ]);
}

/** That its messages cover each direction without overlap, that their fields cover them, and that secrets stand where they are said to. */
export function checkMessages(
  t: ExecutionContext,
  messages: readonly ProtocolMessage[],
  where: string,
): void {
  for (const side of sides) {
    let at = 0;
    for (const message of messages.filter(({ from }) => from === side)) {
      const { offset, length, title, bytes, credentials = [] } = message;
      if (offset !== at) t.fail(`${where}: ${title.en} begins at ${offset}, not at ${at}`);
      at = offset + length;
      const field = present(message.field());
      const isWhole = bytes.length === length;
      const faults = isWhole ? [...coverageFaults(field), ...treeFaults(field)] : treeFaults(field);
      if (faults.length > 0) t.fail(`${where}: ${title.en}: ${faults.slice(0, 3).join('; ')}`);
      for (const one of credentials)
        if (one.offset < offset || one.offset + one.length > at)
          t.fail(`${where}: ${one.kind} stands outside of ${title.en}`);
      for (const language of languages)
        if (title[language] === '') t.fail(`${where}: a message without a title`);
    }
  }
  t.pass();
}

/** Spoilt and cut in many ways, nothing is thrown and nothing is lost. */
export async function checkHostile(
  t: ExecutionContext,
  protocol: Protocol,
  said: readonly Utterance[],
  rounds = 300,
): Promise<void> {
  const reader = present((await present(protocol.load)()).reader);
  const length = said.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  for (let end = 0; end <= length; end += Math.max(1, Math.floor(length / 500))) {
    let left = end;
    const cut = said.flatMap(([from, bytes]): Utterance[] => {
      const part = bytes.subarray(0, left);
      left -= part.length;
      return part.length === 0 ? [] : [[from, part]];
    });
    checkMessages(t, hear(reader(), cut), `cut at ${end}`);
  }
  // The numbers of a linear congruential generator: the same ones each time.
  let state = 4711;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  for (let round = 0; round < rounds; round++) {
    const spoilt = said.map(([from, bytes]): Utterance => {
      const copy = Uint8Array.from(bytes);
      for (let change = random(4); change > 0; change--) copy[random(copy.length)] = random(256);
      return [from, random(8) === 0 ? copy.subarray(random(copy.length)) : copy];
    });
    checkMessages(t, hear(reader(), spoilt, 1 + random(200)), `spoilt ${round}`);
  }
}

/** The ids of the fields that a conversation shows. */
export function idsIn(messages: readonly ProtocolMessage[]): ReadonlySet<string> {
  return new Set(messages.flatMap((message) => allFields(present(message.field())).map(({ id }) => id)));
}

/** Feeds a start byte by byte to `looksLike`: whether it is recognised, and never before it was open. */
export function recognition(protocol: Protocol, from: Side, start: Uint8Array): (boolean | undefined)[] {
  return Array.from({ length: start.length + 1 }, (_, length) =>
    protocol.looksLike(start.subarray(0, length), from),
  );
}
