/** Frames of HTTP/2 made by hand, as a test needs them. */
import { Writer } from '../../../src/core/writer.ts';

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = new Uint8Array(0),
): Uint8Array {
  return new Writer().uint24(payload.length).uint8(type).uint8(flags).uint32(stream).bytes(payload).finish();
}

export function settings(...all: readonly (readonly [id: number, value: number])[]): Uint8Array {
  const writer = new Writer();
  for (const [id, value] of all) writer.uint16(id).uint32(value);
  return frame(4, 0, 0, writer.finish());
}

function prefixed(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'latin1');
  const length = bytes.length < 127 ? [bytes.length] : [127];
  for (let rest = bytes.length - 127; bytes.length >= 127; rest = Math.floor(rest / 128)) {
    length.push(rest < 128 ? rest : (rest % 128) + 128);
    if (rest < 128) break;
  }
  return Buffer.concat([Uint8Array.from(length), bytes]);
}

/** A header as it is, which enters no table. */
export function literal(name: string, value: string): Uint8Array {
  return Buffer.concat([Uint8Array.of(0), prefixed(name), prefixed(value)]);
}

export function headers(
  stream: number,
  all: readonly (readonly [name: string, value: string])[],
  flags = 0x04,
): Uint8Array {
  return frame(1, flags, stream, Buffer.concat(all.map(([name, value]) => literal(name, value))));
}

export function data(stream: number, bytes: Uint8Array, flags = 0): Uint8Array {
  return frame(0, flags, stream, bytes);
}

export function rstStream(stream: number, code: number): Uint8Array {
  return frame(3, 0, stream, new Writer().uint32(code).finish());
}
