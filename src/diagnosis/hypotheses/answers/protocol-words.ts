/** How a missing application protocol (ALPN) is explained: by what was offered, and by what an experiment was agreed on with. */
import { josa } from '../../../i18n/josa.ts';
import { safeText } from '../../../i18n/safe.ts';
import type { Explained } from '../../case.ts';

/** @param agreed what the server took in an experiment */
export function protocolWords(
  offered: readonly string[] | undefined,
  agreed: string | undefined,
): Pick<Explained, 'because' | 'remedy'> {
  const name = agreed === undefined ? undefined : safeText(agreed);
  return {
    ...(offered === undefined || offered.length === 0
      ? {
          because: {
            en: 'the client offers no protocol (ALPN), and the server goes on only with one',
            ko: '클라이언트가 프로토콜(ALPN)을 제안하지 않는데, 서버는 합의한 프로토콜이 있어야 진행합니다.',
          },
        }
      : {}),
    ...(name === undefined
      ? {}
      : {
          remedy: {
            en: `let the client offer ${name}, which the server takes, or let the server take what the client speaks`,
            ko: `클라이언트가 서버가 쓰는 ${josa(name, '을/를')} 제안하게 하거나, 서버가 클라이언트의 프로토콜도 쓰게 하세요.`,
          },
        }),
  };
}
