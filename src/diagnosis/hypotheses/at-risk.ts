/** All is well with this client: what others refuse in a certificate, or will, is mentioned before it happens. */
import { lintOf } from '../../pki/x509/lint.ts';
import type { LintId } from '../../pki/x509/lint-finding.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { certificateSummary } from '../../protocols/x509/certificate.ts';
import { readChain } from '../chain.ts';
import type { Case, Hypothesis } from '../case.ts';
import { found } from '../found.ts';

const noting = (
  name: string,
  ids: readonly LintId[],
  leafOf: (current: Case) => Certificate | undefined,
): Hypothesis => ({
  name,
  async test(current) {
    const leaf = current.base.result === 'completed' ? leafOf(current) : undefined;
    const lint = leaf && lintOf(leaf).find(({ id }) => ids.includes(id));
    if (!lint) return undefined;
    return Promise.resolve({
      ...found({
        cause: 'certificate_at_risk',
        by: 'client',
        confidence: 'proven',
        message: 'Certificate',
        evidence: [
          {
            kind: 'certificate',
            certificate: certificateSummary(leaf),
            words: { en: 'the certificate', ko: '인증서' },
          },
        ],
        more: lint.words,
      }),
      isNote: true,
    });
  },
});

export const serverAtRisk = noting('server-at-risk', ['long_validity'], ({ chain }) =>
  chain?.verified ? chain.path[0] : undefined,
);

/** Presented because the server asked for it. */
export const clientAtRisk = noting('client-at-risk', ['client_of_public_ca'], ({ base, call }) =>
  base.acceptable === undefined ? undefined : readChain(call.identity?.certificate ?? '')[0],
);
