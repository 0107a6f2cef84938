/**
 * Reports errors in base64 in JSON like Go's encoding/base64: standard, padded (RFC 4648 section 4); line breaks are
 * permitted.
 */

const isLetter = /^[A-Za-z0-9+/]$/;
const isSound = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** `illegal base64 data at input byte 7`; undefined where nothing is wrong. */
export function base64Fault(text: string): string | undefined {
  if (isSound.test(text)) return undefined;
  const at = corruptAt(Buffer.from(text).toString('latin1'));
  return at === undefined ? undefined : `illegal base64 data at input byte ${at}`;
}

const isLineEnd = (character: string | undefined): boolean => character === '\n' || character === '\r';

/** The byte at which Go gives up. */
function corruptAt(bytes: string): number | undefined {
  let at = 0;
  const skipLineEnds = (): void => {
    while (isLineEnd(bytes[at])) at++;
  };
  for (;;) {
    for (let digit = 0; digit < 4; digit++) {
      skipLineEnds();
      if (at === bytes.length) return digit === 0 ? undefined : at - digit;
      const character = bytes[at++] ?? '';
      if (isLetter.test(character)) continue;
      if (character !== '=' || digit < 2) return at - 1;
      if (digit === 2) {
        skipLineEnds();
        if (at === bytes.length) return at;
        if (bytes[at] !== '=') return at - 1;
        at++;
      }
      skipLineEnds();
      return at < bytes.length ? at : undefined;
    }
  }
}
