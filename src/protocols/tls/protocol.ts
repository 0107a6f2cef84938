/** TLS, by its records. */
import type { Protocol } from '../protocol.ts';
import { looksLikeTls } from './framing.ts';

export const tls: Protocol = {
  name: 'tls',
  looksLike: looksLikeTls,
  async texts() {
    const [{ tlsTexts }, { tlsPartTexts }] = await Promise.all([
      import('./texts.ts'),
      import('./part-texts.ts'),
    ]);
    return { ...tlsPartTexts, ...tlsTexts };
  },
};
