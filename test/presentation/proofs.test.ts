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
