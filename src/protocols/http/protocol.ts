/** HTTP up to 1.1. */
import type { Protocol } from '../protocol.ts';
import { looksLikeHttp } from './message.ts';

export const http: Protocol = {
  name: 'http',
  looksLike: looksLikeHttp,
  async texts() {
    const [{ httpTexts }, { httpPartTexts }] = await Promise.all([
      import('./texts.ts'),
      import('./part-texts.ts'),
    ]);
    return { ...httpPartTexts, ...httpTexts };
  },
};
