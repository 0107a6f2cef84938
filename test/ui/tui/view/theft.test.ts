/** Eavesdroppers, thieves and keepers of keys on the screen: their reports are above the story. */
import test from 'ava';
import { performed } from '../support/performed.ts';

test('key-exchange: what the eavesdropper reads, and what the same theft opens and does not', async (t) => {
  const screen = await performed(t, { scenario: 'key-exchange', columns: 80, rows: 24 });
  await screen.until(/step 1\/17 /);
  const reports: readonly string[] = [
    'what do you think[^]*One key, sent along',
    'Mallory has the password[^]*reads username=alice&password=tiger-lily[^]*client sent[^]*KEY aes-128-gcm[^]*WELCOME',
    'what do you think[^]*without packing',
    'he locked guesses and compared[^]*mallory [^]*opens 0 of 1[^]*mallory [^]*LOCKED alice rsa-unpadded',
    'what do you think[^]*properly packed',
    'not even the right guess fits[^]*mallory [^]*LOCKED alice rsa-oaep',
    'what do you think[^]*twenty years',
    'Today nobody reads it[^]*ClientKeyExchange  267 B',
    'what do you think[^]*key is stolen',
    'A year later[^]*mallory \\(wire D[^]*opens 1 of 1[^]*password=tiger-lily',
    'what do you think[^]*Two values',
    'the secret never travels[^]*ClientKeyExchange  42 B',
    'the secret never travels',
    'what do you think[^]*same theft again',
    'it opens nothing[^]*mallory \\(wire E[^]*forward secrecy',
    'PASSED',
  ];
  for (const [index, expected] of reports.entries()) {
    await screen.press(' ');
    await screen.until(new RegExp(`step ${index + 2}/17 [^]*${expected}`));
    if (!expected.includes('wire D')) continue;
    await screen.press('m');
    await screen.until(/reads\s+username=alice&password=(?!tiger-lily)/);
    await screen.press('m');
    await screen.until(/reads\s+username=alice&password=tiger-lily/);
  }
  t.is(await screen.leave(), 0);
});

test('private-key: permissions are above the story', async (t) => {
  const screen = await performed(t, { scenario: 'private-key', columns: 120, rows: 40, language: 'ko' });
  await screen.until(/1\/19단계/);
  const reports = [
    '어떻게 될까요',
    '공개 키는 인증서에 담겨',
    '누구나 공개 키를 읽고',
    '키가 있는 곳',
    '소유자의 계정만 읽을 수 있다[^]*✓ keeper[^]*-rw-------[^]*소유자만',
    '열린 권한',
    '어느 계정이든 키를 읽을 수 있다[^]*✗ keeper[^]*-rw-r--r--',
  ];
  for (const [index, expected] of reports.entries()) {
    await screen.press(' ');
    await screen.until(new RegExp(`${index + 2}/19단계[^]*${expected}`));
  }
  t.is(await screen.leave(), 0);
});
