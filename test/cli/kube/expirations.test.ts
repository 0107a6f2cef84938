/** The table of expirations, line by line as kubeadm prints it. */
import test from 'ava';
import { expirationLines, residualText } from '../../../src/cli/kube/expirations.ts';

const now = Date.UTC(2026, 10, 26, 6, 12);

test('columns are as wide as their contents and three spaces; missing files are marked', (t) => {
  const lines = expirationLines(
    [
      {
        name: 'admin.conf',
        file: 'admin.conf',
        notAfter: Date.UTC(2027, 10, 26, 6, 7),
        authority: 'ca',
        externallyManaged: false,
      },
      { name: 'apiserver', file: 'pki/apiserver.crt', authority: 'ca', externallyManaged: false },
      {
        name: 'front-proxy-client',
        file: 'pki/front-proxy-client.crt',
        notAfter: now - 1,
        authority: 'front-proxy-ca',
        externallyManaged: true,
      },
    ],
    [{ name: 'ca', file: 'pki/ca.crt', notAfter: Date.UTC(2036, 0, 3, 6, 7), externallyManaged: true }],
    now,
  );
  t.deepEqual(lines, [
    'CERTIFICATE           EXPIRES                  RESIDUAL TIME   CERTIFICATE AUTHORITY   EXTERNALLY MANAGED',
    'admin.conf            Nov 26, 2027 06:07 UTC   364d            ca                      no',
    '!MISSING! apiserver',
    'front-proxy-client    Nov 26, 2026 06:11 UTC   0s              front-proxy-ca          yes',
    '',
    'CERTIFICATE AUTHORITY   EXPIRES                  RESIDUAL TIME   EXTERNALLY MANAGED',
    'ca                      Jan 03, 2036 06:07 UTC   9y              yes',
  ]);
  t.deepEqual(expirationLines([], [], now), []);
});

for (const [seconds, text] of [
  [-2, '<invalid>'],
  [-1, '0s'],
  [0, '0s'],
  [59.9, '59s'],
  [60, '1m'],
  [3599, '59m'],
  [3600, '1h'],
  [86_399, '23h'],
  [86_400, '1d'],
  [365 * 86_400 - 1, '364d'],
  [365 * 86_400, '1y'],
  [3650 * 86_400 - 1, '9y'],
] as const) {
  test(`${seconds} seconds are ${text}`, (t) => t.is(residualText(seconds * 1000), text));
}
