/** A connection in one line of text. */
import test from 'ava';
import { listedBlock } from '../../../src/presentation/report/capture-summary.ts';
import { linesOf } from '../../../src/ui/text/text.ts';
import { summary } from '../../analysis/summary/support.ts';

test('TLS without a known version is named as such, and what is inside it before it', (t) => {
  const row = (facts: Parameters<typeof summary>[0]): string =>
    linesOf(listedBlock(summary(facts), 0), { language: 'en', ascii: true, columns: 200 }).join('\n');
  t.regex(row({ protocols: ['tls'], version: 'TLS 1.3' }), /:443, TLS 1\.3, -> 100 B/);
  t.regex(row({ protocols: ['tls'] }), /:443, tls, -> 100 B/);
  t.regex(row({ protocols: ['tls', 'http'] }), /:443, http, -> 100 B/);
  t.regex(row({ tshark: 'rtp' }), /:443, rtp \(tshark\), -> 100 B/);
});
