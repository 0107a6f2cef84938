/** Feature: what a handshake negotiates, presents and proves. */
import type { ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { paths, records } from '../../evidence/records.ts';
import { agreed, agreedSchema } from './agreed.ts';
import { chain, chainSchema } from './chain.ts';
import { failed, failedSchema } from './failed.ts';
import { handshake as expectation, handshakeSchema } from './handshake.ts';
import { keyExchange, keyExchangeSchema } from './key-exchange.ts';
import { presents, presentsSchema, vouched, vouchedSchema, tunnelled, tunnelledSchema } from './presented.ts';

declare module '../../engine/extensions.ts' {
  interface ExpectationFacts {
    handshake: FactsOf<typeof handshakeSchema>;
    agreed: FactsOf<typeof agreedSchema>;
    failed: FactsOf<typeof failedSchema>;
    chain: FactsOf<typeof chainSchema>;
    keyExchange: FactsOf<typeof keyExchangeSchema>;
    presents: FactsOf<typeof presentsSchema>;
    vouched: FactsOf<typeof vouchedSchema>;
    tunnelled: FactsOf<typeof tunnelledSchema>;
  }
  interface ClaimFacts {
    handshake: ClaimOfKind<typeof expectation>;
    agreed: ClaimOfKind<typeof agreed>;
    failed: ClaimOfKind<typeof failed>;
    chain: ClaimOfKind<typeof chain>;
    keyExchange: ClaimOfKind<typeof keyExchange>;
    presents: ClaimOfKind<typeof presents>;
    vouched: ClaimOfKind<typeof vouched>;
    tunnelled: ClaimOfKind<typeof tunnelled>;
  }
}

export const handshake: Feature = {
  expectations: {
    handshake: { ...expectation, schema: handshakeSchema, needs: [records] },
    agreed: { ...agreed, schema: agreedSchema, needs: [records] },
    failed: { ...failed, schema: failedSchema, needs: [records] },
    chain: {
      ...chain,
      schema: chainSchema,
      needs: [records, paths],
      rowsCompared: ({ sent, way }) => [...sent, ...way],
      subject: ({ breaks }) => (breaks === undefined ? undefined : 'refusal'),
    },
    keyExchange: { ...keyExchange, schema: keyExchangeSchema, needs: [records] },
    presents: {
      ...presents,
      schema: presentsSchema,
      needs: [records, paths],
      rowsCompared: ({ certificate, issuer }) => [certificate, issuer].filter((name) => name !== undefined),
    },
    vouched: { ...vouched, schema: vouchedSchema, needs: [records] },
    tunnelled: { ...tunnelled, schema: tunnelledSchema },
  },
  references: { sent: 'identity', way: 'identity', above: 'identity' },
};
