/** MySQL's and MariaDB's login and commands, from the server's greeting on. */
import type { Protocol } from '../../protocol.ts';
import { looksLikeMysql } from './recognise.ts';

export const mysql: Protocol = {
  name: 'mysql',
  looksLike: looksLikeMysql,
  load: async () => {
    const { mysqlReader } = await import('./reader.ts');
    return { reader: mysqlReader };
  },
  texts: async () => (await import('./texts.ts')).mysqlTexts,
};
