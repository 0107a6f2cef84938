/** Eavesdroppers, thieves and keepers of keys on the screen: their reports are above the story. */
import test from 'ava';
import { performed } from '../support/performed.ts';

test('key-exchange: what the eavesdropper reads, and what the same theft opens and does not', async (t) => {
  const screen = await performed(t, { scenario: 'key-exchange', columns: 80, rows: 24 });
  await screen.until(/step 1\/17 /);
  const reports: readonly string[] = [
    'what do you think[^]*One key, sent along',
    'OPENED[^]*✗ mallory [^]*opens 2\\s+of 2[^]*tiger-lily[^]*client sent[^]*KEY aes-128-gcm[^]*WELCOME',
    'what do you think[^]*without packing',
    'OPENED[^]*✓ mallory [^]*opens 0 of 1[^]*✗ mallory [^]*opens\\s+1\\s+of\\s+4[^]*LOCKED alice rsa-unpadded',
    'what do you think[^]*properly packed',
    'STAYS SHUT[^]*✓ mallory [^]*✓ mallory [^]*LOCKED alice rsa-oaep',
    'what do you think[^]*twenty years',
    'SEALED',
    'what do you think[^]*key is stolen',
    'OPENED[^]*✗ mallory \\(wire D[^]*opens 1 of 1[^]*password=tiger-lily[^]*inspect year.pcapng',
    'what do you think[^]*Two values',
    'SEALED',
    'SEALED',
    'what do you think[^]*same theft again',
    'STAYS SHUT[^]*✓ mallory \\(wire E[^]*✓ mallory \\(wire E[^]*forward secrecy',
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
    '암호화됨',
    '암호화됨',
    '키가 있는 곳',
    '-rw-------[^]*✓ keeper[^]*소유자만',
    '열린 권한',
    '-rw-r--r--[^]*✗ keeper[^]*어느 계정이든',
  ];
  for (const [index, expected] of reports.entries()) {
    await screen.press(' ');
    await screen.until(new RegExp(`${index + 2}/19단계[^]*${expected}`));
  }
  t.is(await screen.leave(), 0);
});
