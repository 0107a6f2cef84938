/**
 * Each parser on spoilt inputs, a bounded number of them that is the same every time; `make fuzz` goes on where this ends.
 * A failure prints the seed and the shortest list of edits that still fails.
 */
import test from 'ava';
import * as fc from 'fast-check';
import { isAtLength } from '../helpers/at-length.ts';
import { editKinds, edited } from './edits.ts';
import { closeStages } from './proxies.ts';
import { targets } from './targets.ts';

test.after.always(closeStages);

/** Where one reading costs milliseconds. */
const costly: Readonly<Record<string, number>> = {
  inspect: 30,
  'tls-conversation': 60,
  'tls-conversation-opened': 60,
  'tls-rsa': 40,
  contents: 60,
  'rsa-key': 30,
  'proxy-http-answers': 120,
  'proxy-http-requests': 80,
  'proxy-plaintext': 40,
  'proxy-strip': 30,
  'proxy-tls': 30,
  'proxy-mtls': 30,
  'proxy-passthrough': 40,
  'proxy-connect': 40,
};
const usual = 120;

const edit = fc.record({
  kind: fc.constantFrom(...editKinds),
  at: fc.nat(65_535),
  size: fc.nat(40),
  value: fc.nat(2 ** 31 - 1),
});

for (const { name, seeds, read } of targets) {
  test(`${name}: real inputs are read, and spoilt ones end, whatever is in them`, async (t) => {
    const real = await seeds();
    t.true(real.length > 0);
    const reached = new Set<string>();
    for (const input of real) for (const feature of (await read(input)).features) reached.add(feature);
    t.true(reached.size > 0);
    const spoilt = fc.record({
      seed: fc.nat(real.length - 1),
      donor: fc.nat(real.length - 1),
      edits: fc.array(edit, { minLength: 1, maxLength: 6 }),
    });
    const beyond = new Set<string>();
    await fc.assert(
      fc.asyncProperty(spoilt, async ({ seed, donor, edits }) => {
        for (const feature of (await read(edited(real[seed] ?? new Uint8Array(0), edits, real[donor])))
          .features)
          if (!reached.has(feature)) beyond.add(feature);
      }),
      { numRuns: Math.ceil((costly[name] ?? usual) / (isAtLength ? 1 : 2)), seed: 20_260_101 },
    );
    // An input that changes nothing would prove nothing; what carries bytes unread reaches the same whatever they are.
    t.true(
      beyond.size > 0 || name === 'tamper' || /^proxy-(?!http-answers)/.test(name),
      'spoilt inputs reach what real ones do not',
    );
  });
}

test('every target has a name of its own', (t) => {
  t.is(new Set(targets.map(({ name }) => name)).size, targets.length);
});
