/**
 * Finds credentials in messages that carry HTTP in frames, by the same shapes as in HTTP/1.1 (`credential-shapes.ts`): in
 * headers, in the path, and in a body once it is whole.
 *
 * A value that was sent compressed has no position of its own: the place is that of what stands for it.
 */
import { readForm } from '../../protocols/http/form.ts';
import { openCodings } from '../../protocols/http/content-coding.ts';
import type { HttpBody, HttpHead, HttpPlace, ProtocolMessage } from '../../protocols/protocol.ts';
import { isSecretName } from '../../protocols/shared/secret-names.ts';
import { inHeaderValue, inTarget, jsonMembers } from './credential-shapes.ts';
import type { FoundCredential } from './credential-shapes.ts';

/** Every credential in a message. */
export function credentialsInFrame(message: ProtocolMessage): readonly FoundCredential[] {
  const { credentials = [], http, httpBody } = message;
  const whole = httpBody?.whole;
  if (!http && !whole) return credentials;
  return [...credentials, ...(http ? inHead(http) : []), ...(whole ? inBody(whole) : [])].filter(
    ({ length }) => length > 0,
  );
}

function inHead({ headers, places, path, pathPlace }: HttpHead): readonly FoundCredential[] {
  return [
    ...(path === undefined ? [] : placed(inTarget(path, 0), path, pathPlace)),
    ...headers.flatMap(([name, value], index) => placed(inHeaderValue(name, value, 0), value, places[index])),
  ];
}

/** @param found with offsets in the text */
function placed(
  found: readonly FoundCredential[],
  text: string,
  place: HttpPlace | undefined,
): readonly FoundCredential[] {
  const [offset, length] = place ?? [0, 0];
  // Written as it is, a part has its own place; in a shorter code it has not.
  return found.map((one) =>
    length === text.length ? { ...one, offset: offset + one.offset } : { ...one, offset, length },
  );
}

function inBody({ bytes, pieces, isCut, type = '', coding }: HttpBody): readonly FoundCredential[] {
  const opened = coding === undefined ? undefined : openCodings(coding, bytes, isCut);
  if (opened && !('opened' in opened)) return [];
  const text = opened?.opened ?? bytes;
  const form = /^application\/x-www-form-urlencoded\b/i.test(type) ? readForm(text) : [];
  const found: readonly FoundCredential[] = [
    ...form.flatMap(({ name, value, valueRange: [start, end] }): FoundCredential[] =>
      end > start && isSecretName(name)
        ? [{ kind: 'form_field', name, value, offset: start, length: end - start }]
        : [],
    ),
    ...jsonMembers(text, 0),
  ];
  const [first] = pieces;
  const last = pieces.at(-1);
  if (!first || !last) return [];
  const end = last.offset + bytes.length - last.start;
  if (opened) return found.map((one) => ({ ...one, offset: first.offset, length: end - first.offset }));
  return found.map((one) => {
    const offset = offsetOf(pieces, one.offset);
    return { ...one, offset, length: offsetOf(pieces, one.offset + one.length - 1) + 1 - offset };
  });
}

/** Where a byte of a body is in its direction. */
function offsetOf(pieces: HttpBody['pieces'], at: number): number {
  const piece = pieces.findLast(({ start }) => start <= at);
  return piece ? piece.offset + at - piece.start : at;
}
