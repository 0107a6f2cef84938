/**
 * Finds credentials in texts that another protocol carries (messages of a WebSocket, events of a stream) by their names: members
 * of JSON, and lines of the form `name: value` as STOMP has them.
 */
import { latin1Text } from '../../core/bytes.ts';
import type { Content } from '../../protocols/protocol.ts';
import { isSecretName } from '../../protocols/shared/secret-names.ts';
import { jsonMembers } from './credential-shapes.ts';
import type { FoundCredential } from './credential-shapes.ts';

/** Searched at most. */
const mostText = 256 * 1024;

/** Longer lines are none. */
const headerLine = /^([A-Za-z-]{2,40}):[ \t]*(\S[^\r\n]{0,1024})$/gm;

export function credentialsInText({ bytes, offset, length, isInPlace }: Content): FoundCredential[] {
  const found = [...jsonMembers(bytes, 0), ...headersIn(bytes)];
  return found.map((one) =>
    isInPlace ? { ...one, offset: offset + one.offset } : { ...one, offset, length },
  );
}

function headersIn(bytes: Uint8Array): FoundCredential[] {
  const text = latin1Text(bytes.subarray(0, mostText));
  if (/^\s*[[{]/.test(text)) return [];
  return [...text.matchAll(headerLine)].flatMap(({ 0: whole, 1: name = '', 2: value = '', index }) =>
    name.toLowerCase() === 'passcode' || isSecretName(name)
      ? [
          {
            kind: 'text_header' as const,
            name,
            value: Buffer.from(value, 'latin1').toString('utf8'),
            offset: index + whole.length - value.length,
            length: value.length,
          },
        ]
      : [],
  );
}

/** What is shown of a text beside its message: its beginning, or nothing where a secret may be in it. */
export function shownText(text: string): string {
  const shown = text.slice(0, 48).replaceAll(/\s+/g, ' ').trim();
  if (/pass|token|secret|key|auth|pin|session/i.test(text.slice(0, 4096))) return '';
  return text.length > 48 ? `${shown}…` : shown;
}
