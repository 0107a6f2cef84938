/** NATS: the client protocol of a NATS server. */
import type { Protocol } from '../../protocol.ts';
import { looksLikeNats } from './recognise.ts';

export const nats: Protocol = {
  name: 'nats',
  looksLike: looksLikeNats,
  load: async () => {
    const { natsReader } = await import('./reader.ts');
    return { reader: natsReader };
  },
  texts: async () => (await import('./texts.ts')).natsTexts,
};
