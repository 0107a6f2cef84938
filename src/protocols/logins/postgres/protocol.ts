/** PostgreSQL's login and queries (frontend/backend protocol 3.0 and 3.2). Its request for TLS is in `tls-request/`. */
import type { Protocol } from '../../protocol.ts';
import { looksLikePostgres } from './recognise.ts';

export const postgres: Protocol = {
  name: 'postgres',
  looksLike: looksLikePostgres,
  load: async () => {
    const { postgresReader } = await import('./reader.ts');
    return { reader: postgresReader };
  },
  texts: async () => (await import('./texts.ts')).postgresTexts,
};
