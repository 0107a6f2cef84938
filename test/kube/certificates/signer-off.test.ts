/** What a signer looks at, switched off in the table of its rules: the row that it decides must fail. A process of its own, since the table is changed. */
import { prepareRules } from '../../../src/kube/apiserver/rules.ts';
import { signerRules } from '../../../src/kube/certificates/signer.ts';
import { withPeer } from '../../helpers/peer.ts';
import { rowNamed, strict } from '../support/acceptance.ts';
import type { RowName } from '../support/acceptance.ts';
import { startKubectl } from '../support/control-plane.ts';
import type { Started } from '../support/control-plane.ts';

const table = signerRules as Record<string, (typeof signerRules)[string]>;

const mutants: readonly (readonly [rule: string, signer: string, row: RowName, started?: Started])[] = [
  ['usages that a signer looks at', 'kubernetes.io/kube-apiserver-client', 'a wrong usage fails'],
  // Two rules stand in the way: whom the controller manager signs for, and what it may put its signature to.
  [
    'a signer signs for itself alone',
    'example.com/workshop',
    'a signer that nobody runs',
    {
      rules: async (options) => ({
        ...(await prepareRules(options)),
        admit: async ({ object }) => Promise.resolve(object),
      }),
    },
  ],
];

withPeer(['kubectl', 'openssl'], 'without a rule of its signer a row fails', async (t) => {
  for (const [rule, signer, row, off = {}] of mutants) {
    const before = table[signer];
    table[signer] = [];
    try {
      await t.throwsAsync(
        rowNamed(row).holds(await startKubectl(t, { ...rowNamed(row).started, ...off }), strict),
        undefined,
        rule,
      );
    } finally {
      if (before) table[signer] = before;
      else delete table[signer];
    }
    await t.notThrowsAsync(rowNamed(row).holds(await startKubectl(t, rowNamed(row).started), strict), rule);
  }
});
