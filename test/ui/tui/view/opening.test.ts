/** The three packets of TCP on the screen: reconstructed from a socket, and from a user's capture. */
import test from 'ava';
import { capturedOpening } from '../../../helpers/opening.ts';
import { performed } from '../support/performed.ts';

for (const [columns, rows, language] of [
  [80, 24, 'en'],
  [80, 24, 'ko'],
  [120, 40, 'en'],
  [120, 40, 'ko'],
] as const) {
  const words = {
    en: {
      drawn:
        /→ SYN: seq x\s[^]*← SYN, ACK: seq y, ack x \+ 1[^]*→ ACK: seq x \+ 1, ack y \+ 1[^]*bytes, not[^]*packets/,
      brought: /→ SYN: my\.pcapng|→ SYN: \S+ 11/,
      ends: /nothing[^]*connected, but/,
    },
    ko: {
      drawn:
        /→ SYN: seq x\s[^]*← SYN, ACK: seq y, ack x \+ 1[^]*→ ACK: seq x \+ 1, ack y \+ 1[^]*재구성: 중계/,
      brought: /→ SYN: \S+ 11/,
      ends: /없음[^]*연결만/,
    },
  }[language];

  test(`${columns}x${rows}, ${language}: reconstructed in a live run, with what that means in the place of bytes`, async (t) => {
    const screen = await performed(t, { scenario: 'handshake', columns, rows, language });
    await screen.until(/step 1\/15 |1\/15단계/);
    await screen.press(' ');
    await screen.until(/what do you think|어떻게 될까요/);
    await screen.press(' ');
    t.regex(await screen.until(words.drawn), words.ends);
    t.is(await screen.leave(), 0);
  });

  test(`${columns}x${rows}, ${language}: captured, each packet with its place, its numbers and its options`, async (t) => {
    const screen = await performed(t, {
      scenario: 'handshake',
      columns,
      rows,
      language,
      opening: capturedOpening,
    });
    await screen.until(/step 1\/15 |1\/15단계/);
    await screen.press(' ');
    await screen.until(/what do you think|어떻게 될까요/);
    await screen.press(' ');
    const text = await screen.until(words.brought);
    for (const expected of [
      /→ SYN: \S+ 11, 0\.000000.*seq 2717333804/,
      /← SYN, ACK: \S+ 12, 0\.015957.*seq 1253214926, ack 2717333805/,
      /→ ACK: \S+ 14, 0\.016047.*seq 2717333805, ack 1253214927/,
      /my\.pcapng, 192\.0\.2\.7:50000 → 198\.51\.100\.2:443/,
    ])
      t.regex(text, expected);
    for (const expected of [
      '64240',
      'MSS 1460',
      'SACK',
      'x 128',
      '65535',
      'MSS 1452',
      'x 32',
      '34',
      '502 x 128',
      '64,256',
      '2026-01-17T20:43:36.559976Z',
    ])
      t.true(text.includes(expected), expected);
    t.notRegex(text, /bytes, not packets|패킷이 아니라/);
    t.is(await screen.leave(), 0);
  });
}
