import test from 'ava';
import { inLanguage, verbatim } from '../../src/i18n/language.ts';
import type { Language } from '../../src/i18n/language.ts';
import * as presentation from '../../src/presentation/proofs.ts';

const proofLines = (
  proofs: Parameters<typeof presentation.proofLines>[0],
  { client, server }: { readonly client: string; readonly server: string },
  language: Language,
): readonly string[] =>
  inLanguage(
    presentation.proofLines(proofs, { client: verbatim(client), server: verbatim(server) }),
    language,
  );

test('who shows no certificate is said, where the other side’s was seen', (t) => {
  t.deepEqual(
    proofLines({ server: { subject: 'CN=a', issuer: 'CN=ca' } as never }, { client: 'c', server: 's' }, 'en'),
    ['c shows no certificate', 's shows CN=a, signed by CN=ca'],
  );
  t.deepEqual(proofLines({}, { client: 'c', server: 's' }, 'en'), []);
});

test('two CAs of one name are told apart by the ids of their keys', (t) => {
  const [client, server] = ['4e:d2:11:aa', '9f:3c:22:bb'].map(
    (authorityKeyId) => ({ subject: 'CN=a', issuer: 'CN=kubernetes', authorityKeyId }) as never,
  );
  const ends = { client: 'c', server: 's' };
  t.deepEqual(proofLines({ client, server } as never, ends, 'en'), [
    'c shows CN=a, signed by CN=kubernetes (key id 4e:d2:…:aa)',
    's shows CN=a, signed by CN=kubernetes (key id 9f:3c:…:bb)',
  ]);
  t.deepEqual(proofLines({ client, server: client } as never, ends, 'ko'), [
    'c의 인증서: CN=a(서명: CN=kubernetes)',
    's의 인증서: CN=a(서명: CN=kubernetes)',
  ]);
});

test('nothing of a stranger moves the cursor', (t) => {
  const evil = '\u001b[2J\u202e';
  const texts = [
    ...proofLines(
      { client: { subject: evil, issuer: evil } as never, server: { subject: evil, issuer: evil } as never },
      { client: 'c', server: 's' },
      'ko',
    ),
  ];
  for (const text of texts) t.notRegex(text, /[\u0000-\u001f\u202e]/);
});
