/** Redis and its kin (Valkey, KeyDB): RESP2 and RESP3. */
import type { Protocol } from '../../protocol.ts';
import { looksLikeRedis } from './recognise.ts';

export const redis: Protocol = {
  name: 'redis',
  looksLike: looksLikeRedis,
  load: async () => {
    const { redisReader } = await import('./reader.ts');
    return { reader: redisReader };
  },
  texts: async () => (await import('./texts.ts')).redisTexts,
};
