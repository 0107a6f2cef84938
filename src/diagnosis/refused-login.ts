/** The connection went well, and the server refused the login over it. */
import type { Finding } from './diagnosis.ts';
import { found } from './found.ts';

export const refusedLogin = (): Finding =>
  found({
    cause: 'refused_by_application',
    by: 'server',
    confidence: 'proven',
    message: 'application data',
    evidence: [],
    more: { en: 'the login was refused', ko: '로그인을 거부했습니다.' },
  });
