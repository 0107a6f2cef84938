/**
 * The small words that several sentences of findings share, in every language.
 */
import type { Side } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';
import { toOffset } from '../../core/hex.ts';
import type { Hit } from '../../analysis/secret-hunt.ts';
import { encodings } from '../../analysis/encodings.ts';

/** 3412 as `3,412` in every language: figures on the screen look alike wherever they stand. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

export const direction: Readonly<Record<Side, Localized>> = {
  client: { en: 'client to server', ko: '클라이언트에서 서버로' },
  server: { en: 'server to client', ko: '서버에서 클라이언트로' },
};

export const sideName: Readonly<Record<Side, Localized>> = {
  client: { en: 'the client', ko: '클라이언트' },
  server: { en: 'the server side', ko: '서버 쪽' },
};

export const yesNo = (value: boolean): Localized => (value ? { en: 'yes', ko: '예' } : { en: 'no', ko: '아니요' });

/** `password at 0x0090 on wire A, connection 3, client to server, as plain text`. */
export function hitWords(hit: Hit): Localized {
  const name = encodings.find(({ id }) => id === hit.encoding)?.name ?? { en: hit.encoding, ko: hit.encoding };
  const { en, ko } = direction[hit.from];
  const what = hit.secret.startsWith('private-key:') ? `private key of ${hit.secret.slice('private-key:'.length)}` : hit.secret;
  return {
    en: `${what} at ${toOffset(hit.offset)} on wire ${hit.hop}, connection ${hit.conn}, ${en}, ${name.en}`,
    ko: `${what.replace(/^private key of (.*)$/, '$1의 개인 키')}: 구간 ${hit.hop}, 연결 ${hit.conn}, ${ko}, 오프셋 ${toOffset(hit.offset)}, ${name.ko}`,
  };
}
