/** TLS settings that OpenSSL does not accept: a mistake that says what was not known, and nothing of it is left behind. */
import { createPrivateKey } from 'node:crypto';
import test from 'ava';
import { UserError } from '../../../src/i18n/user-error.ts';
import { tlsContextOptions } from '../../../src/wire/tls/context.ts';
import type { TlsChoices } from '../../../src/wire/endpoint.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';

const world = issueWorld(
  { certificates: { ca: { profile: 'root', subject: { CN: 'CA' } } } },
  { clock: systemClock },
);

const unknown: Readonly<Record<string, readonly [TlsChoices, RegExp]>> = {
  'a group': [{ groups: 'nonsense' }, /none of these groups/],
  'one group of two': [{ groups: 'X25519:nonsense' }, /none of these groups/],
  'a cipher suite': [{ ciphers: 'nonsense' }, /no cipher suite/],
  'a cipher list that is none': [{ ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:!!' }, /no cipher suite/],
};

for (const [title, [choices, what]] of Object.entries(unknown)) {
  test.serial(
    `${title} that OpenSSL does not know is a mistake, and the next key is read all the same`,
    (t) => {
      const error = t.throws(() => tlsContextOptions(undefined, choices), { instanceOf: UserError });
      t.regex(error?.facts.what.en ?? '', what);
      t.notThrows(() => createPrivateKey(world.identity('ca').key));
    },
  );
}
