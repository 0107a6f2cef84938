/** SOCKS version 5 (RFC 1928) with its login (RFC 1929), up to the bytes that are relayed. */
import type { Protocol } from '../../protocol.ts';
import { looksLikeSocks } from './recognise.ts';

export const socks: Protocol = {
  name: 'socks',
  looksLike: looksLikeSocks,
  load: async () => {
    const { socksReader } = await import('./reader.ts');
    return { reader: socksReader };
  },
  texts: async () => (await import('./texts.ts')).socksTexts,
};
