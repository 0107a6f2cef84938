import test from 'ava';
import * as fc from 'fast-check';
import { canonicalQuantity, quantityFault, quantityValue } from '../../../src/kube/objects/quantity.ts';

/** As k8s.io/apimachinery writes them (resource.MustParse(x).String()). */
const canonical: Readonly<Record<string, string>> = {
  '0': '0',
  '-0': '0',
  '1': '1',
  '+1': '1',
  '-1': '-1',
  '0.5': '500m',
  '.5': '500m',
  '1.': '1',
  '1000m': '1',
  '1500m': '1500m',
  '1.5': '1500m',
  '1000': '1k',
  '1500': '1500',
  '1e3': '1e3',
  '1E3': '1e3',
  '1200e1': '12e3',
  '1e-3': '1e-3',
  '1024': '1024',
  '1Ki': '1Ki',
  '1024Ki': '1Mi',
  '1024Mi': '1Gi',
  '1536Mi': '1536Mi',
  '0.5Gi': '512Mi',
  '1.5Gi': '1536Mi',
  '0.5Ki': '512',
  '1000Ki': '1000Ki',
  '100G': '100G',
  '1000M': '1G',
  '1E': '1E',
  '1000E': '1000E',
  '1n': '1n',
  '0.1n': '1n',
  '100u': '100u',
  '1000000u': '1',
  '4096Pi': '4Ei',
};

for (const [text, expected] of Object.entries(canonical)) {
  test(`${text} is stored as ${expected}`, (t) => {
    t.is(quantityFault(text), undefined);
    t.is(canonicalQuantity(text), expected);
    t.is(canonicalQuantity(expected), expected);
  });
}

const wrongForm =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

test('what is no quantity is told in which way', (t) => {
  for (const text of ['', 'abc', '1GB', '1 Gi', '1,5', '0x10', '1Gi ', 'cpu'])
    t.is(quantityFault(text), wrongForm, text);
  for (const text of ['1kk', '1K', '1g'.replace('g', 'e'), '1iG', '1Ei5'])
    t.is(quantityFault(text), "unable to parse quantity's suffix", text);
});

test('quantities are compared as numbers, whatever their form', (t) => {
  t.true(quantityValue('1Gi') > quantityValue('1G'));
  t.is(quantityValue('500m'), quantityValue('0.5'));
  t.is(quantityValue('1Ki'), quantityValue('1024'));
  t.true(quantityValue('-1') < 0n);
});

test('no text takes long, and what is canonical stays so and is worth as much', (t) => {
  fc.assert(
    fc.property(fc.stringMatching(/^[+-]?[0-9.]{0,30}[eEinumkKMGTP]{0,3}[-+]?[0-9]{0,12}$/), (text) => {
      if (quantityFault(text) !== undefined) return;
      const once = canonicalQuantity(text);
      t.is(canonicalQuantity(once), once);
      t.is(quantityValue(once), quantityValue(text));
    }),
    { numRuns: 3000 },
  );
});
