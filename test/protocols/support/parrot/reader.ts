/** Reads the lines of the parrot's protocol: a word, and what belongs to it. */
import { readStep } from '../../../../src/core/cursor.ts';
import type { Field } from '../../../../src/core/field.ts';
import type { Side } from '../../../../src/capture/event.ts';
import { verbatim } from '../../../../src/i18n/language.ts';
import type { Piece } from '../../../../src/protocols/piece.ts';
import type { ProtocolMessage, ProtocolReader } from '../../../../src/protocols/protocol.ts';

interface Held {
  bytes: Uint8Array;
  offset: number;
  tag: number;
}

export function parrotReader(): ProtocolReader {
  const held: Record<Side, Held | undefined> = { client: undefined, server: undefined };
  return {
    feed({ from, offset, bytes, tag }) {
      const before = held[from];
      const start = before?.offset ?? offset;
      const whole = Buffer.concat([before?.bytes ?? new Uint8Array(0), bytes]);
      const messages: ProtocolMessage[] = [];
      let at = 0;
      for (let end = whole.indexOf(10, at) + 1; end > 0; end = whole.indexOf(10, at) + 1) {
        messages.push(lineOf({ from, offset: start + at, bytes: whole.subarray(at, end), tag }));
        at = end;
      }
      held[from] = at < whole.length ? { bytes: whole.subarray(at), offset: start + at, tag } : undefined;
      return messages;
    },
    expects: (_, other) => other,
    remainder(from) {
      const rest = held[from];
      held[from] = undefined;
      return rest && { from, ...rest };
    },
  };
}

function lineOf({ from, offset, bytes, tag }: Piece): ProtocolMessage {
  const [word = '', user = '', password = ''] = Buffer.from(bytes).toString('latin1').trimEnd().split(' ');
  const at = word.length + user.length + 2;
  return {
    from,
    protocol: 'parrot',
    offset,
    length: bytes.length,
    lastTag: tag,
    title: verbatim(`${word} ${user}`.trimEnd()),
    bytes,
    field: () => fieldOf(bytes, offset, [word, user, password]),
    credentials:
      password === ''
        ? []
        : [
            {
              kind: 'login_command',
              name: user,
              value: password,
              offset: offset + at,
              length: password.length,
            },
          ],
  };
}

const ids = ['parrot.word', 'parrot.user', 'parrot.password'] as const;

function fieldOf(bytes: Uint8Array, base: number, parts: readonly string[]): Field | undefined {
  const step = readStep(
    'parrot.line',
    bytes,
    (line) => {
      for (const [index, id] of ids.entries()) {
        const length = parts[index]?.length ?? 0;
        if (length === 0) break;
        if (index > 0) line.text('parrot.separator', 1);
        line.text(id, length);
      }
      line.text('parrot.separator', line.remaining);
    },
    { base, open: false },
  );
  return 'got' in step ? step.field : undefined;
}
