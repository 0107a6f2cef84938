/**
 * What a person sees at the moments of each demonstration, as text, at three sizes in two languages. The recordings that
 * are played hold the same bytes every time, so nothing needs to be left out.
 */
import test from 'ava';
import { languages } from '../../../src/i18n/language.ts';
import type { Size } from '../../../src/ui/tui/frame.ts';
import type { Model } from '../../../src/ui/tui/state/model.ts';
import { demonstrations, recorded } from './support/scenes.ts';
import type { Demonstration } from './support/scenes.ts';
import { differenceFrom } from './support/snapshots.ts';
import type { Moment } from './support/snapshots.ts';

const small: Size = { columns: 80, rows: 24 };
const middle: Size = { columns: 120, rows: 40 };
const large: Size = { columns: 200, rows: 50 };
const all = [small, middle, large];

interface Row {
  readonly heading: string;
  /** How often space is pressed first. */
  readonly stop: number;
  readonly keys?: readonly string[];
  readonly sizes: readonly Size[];
  readonly model?: Partial<Model>;
}

const letters = (text: string): string[] => Array.from(text);

const rows: Readonly<Record<Demonstration, readonly Row[]>> = {
  plaintext: [
    { heading: 'introduction', stop: 0, sizes: all },
    { heading: 'question', stop: 1, sizes: all },
    { heading: 'what was seen', stop: 2, sizes: all },
    { heading: 'hex', stop: 2, keys: ['x'], sizes: all },
    { heading: 'text and hex', stop: 2, keys: ['x', 'x'], sizes: all },
    { heading: 'masked', stop: 2, keys: ['m'], sizes: all },
    { heading: 'masked, hex', stop: 2, keys: ['m', 'x'], sizes: [small] },
    { heading: 'a field under the cursor', stop: 2, keys: ['tab', 'right'], sizes: [small, large] },
    { heading: 'explanation, large', stop: 2, keys: ['tab', 'e'], sizes: [small, middle] },
    { heading: 'the story, large', stop: 2, keys: ['e'], sizes: [small] },
    { heading: 'the story by v', stop: 2, keys: ['v'], sizes: [small] },
    { heading: 'the answer', stop: 2, keys: ['down'], sizes: [small] },
    { heading: 'what is reconstructed', stop: 2, keys: ['home'], sizes: [small] },
    { heading: 'an earlier moment', stop: 2, keys: [',', ',', ',', ','], sizes: [small, middle] },
    { heading: 'notes', stop: 2, keys: ['N'], sizes: [small, middle] },
    { heading: 'notes on a question', stop: 1, keys: ['N'], sizes: [small] },
    { heading: 'projector', stop: 2, keys: ['P'], sizes: [small, middle] },
    { heading: 'projector, question', stop: 1, keys: ['P'], sizes: [small] },
    { heading: 'help: the terms of the screen', stop: 2, keys: ['?'], sizes: all },
    { heading: 'help: the field under the cursor', stop: 2, keys: ['tab', 'right', '?'], sizes: [small] },
    { heading: 'help: the keys', stop: 2, keys: ['?', '?'], sizes: all },
    { heading: 'the list of steps', stop: 2, keys: ['g'], sizes: [small] },
    { heading: 'whether to end', stop: 2, keys: ['q'], sizes: [small] },
    { heading: 'typing a search', stop: 2, keys: ['/', ...letters('alice')], sizes: [small] },
    { heading: 'found', stop: 2, keys: ['/', ...letters('alice'), 'enter'], sizes: [small] },
    { heading: 'not found', stop: 2, keys: ['/', ...letters('bob'), 'enter'], sizes: [small] },
    { heading: 'ASCII', stop: 2, sizes: [small], model: { ascii: true } },
    { heading: 'ASCII, masked, hex', stop: 2, keys: ['x', 'm'], sizes: [small], model: { ascii: true } },
    { heading: 'through a proxy', stop: 4, sizes: all },
    { heading: 'through a proxy, wire B', stop: 4, keys: ['w'], sizes: [small] },
    { heading: 'verdict', stop: 5, sizes: all },
    { heading: 'verdict, the end of it', stop: 5, keys: ['end'], sizes: [small] },
    { heading: 'the smallest window', stop: 2, sizes: [{ columns: 40, rows: 12 }] },
    { heading: 'too narrow a window', stop: 2, sizes: [{ columns: 39, rows: 24 }] },
    { heading: 'too low a window', stop: 2, sizes: [{ columns: 80, rows: 11 }] },
  ],
  tls: [
    { heading: 'question', stop: 1, sizes: [small] },
    { heading: 'sealed', stop: 2, sizes: all },
    { heading: 'opened with the keys', stop: 2, keys: ['k'], sizes: all },
    { heading: 'opened, masked', stop: 2, keys: ['k', 'm'], sizes: [small] },
    { heading: 'sealed, help', stop: 2, keys: ['?'], sizes: [small] },
    { heading: 'sealed, hex', stop: 2, keys: ['x'], sizes: [small, middle] },
    { heading: 'ClientHello', stop: 2, keys: ['home', 'down'], sizes: all },
    {
      heading: 'the site’s name in the ClientHello',
      stop: 2,
      keys: ['/', ...letters('shop.localhost'), 'enter', 'tab'],
      sizes: [small, middle],
    },
    { heading: 'one record, three views', stop: 2, keys: ['t'], sizes: all },
    { heading: 'one record, three views, a field', stop: 2, keys: ['t', 'enter', 'right'], sizes: [small] },
    { heading: 'what stays visible, of one version', stop: 2, keys: ['s'], sizes: [small] },
    { heading: 'behind the proxy', stop: 2, keys: ['w'], sizes: [small, large] },
    { heading: 'sealed on both wires', stop: 4, sizes: [small, middle] },
    { heading: 'the client refuses', stop: 6, sizes: all },
    { heading: 'the client refuses, the wire', stop: 6, keys: ['v'], sizes: [small, middle] },
    { heading: 'the client refuses, projector', stop: 6, keys: ['P'], sizes: [small] },
    { heading: 'verdict', stop: 7, sizes: all },
    { heading: 'verdict, the end of it', stop: 7, keys: ['end'], sizes: [small, middle] },
  ],
  mtls: [
    { heading: 'introduction', stop: 0, sizes: [small] },
    { heading: 'alice, TLS 1.3', stop: 2, sizes: all },
    { heading: 'alice, TLS 1.3, opened', stop: 2, keys: ['k'], sizes: [small, middle] },
    { heading: 'alice, TLS 1.2', stop: 4, sizes: [small] },
    { heading: 'alice, TLS 1.2 beside TLS 1.3', stop: 4, keys: ['s'], sizes: all },
    { heading: 'alice, TLS 1.2 beside TLS 1.3, the end of it', stop: 4, keys: ['s', 'end'], sizes: [small] },
    { heading: 'nobody, TLS 1.3: the card', stop: 6, sizes: all },
    { heading: 'nobody, TLS 1.3: the wire', stop: 6, keys: ['v'], sizes: [small, middle, large] },
    { heading: 'nobody, TLS 1.3: the wire, help', stop: 6, keys: ['v', '?'], sizes: [small] },
    { heading: 'nobody, TLS 1.3: the wire, opened', stop: 6, keys: ['v', 'k'], sizes: [small] },
    { heading: 'nobody, TLS 1.3: the story', stop: 6, keys: ['v', 'v'], sizes: [small] },
    { heading: 'nobody, TLS 1.2: the card', stop: 8, sizes: [small, middle] },
    {
      heading: 'nobody, TLS 1.2: the alert',
      stop: 8,
      keys: ['v', '/', ...letters('alert'), 'enter'],
      sizes: [small],
    },
    { heading: 'nobody, TLS 1.2 beside TLS 1.3', stop: 8, keys: ['s'], sizes: [small, middle] },
    {
      heading: 'nobody, TLS 1.2: the alert, three views',
      stop: 8,
      keys: ['v', '/', ...letters('alert'), 'enter', 't'],
      sizes: [small],
    },
    { heading: 'mallory: the card', stop: 10, sizes: [small] },
    { heading: 'mallory: projector', stop: 10, keys: ['P'], sizes: [small, middle] },
    { heading: 'expired: the card', stop: 14, sizes: [small] },
    { heading: 'server-only: the card', stop: 18, sizes: [small] },
    { heading: 'revoked: the card', stop: 22, sizes: [small] },
    { heading: 'revoked: ASCII', stop: 22, sizes: [small], model: { ascii: true } },
    { heading: 'an unverified proxy: the card', stop: 26, sizes: [small, middle] },
    { heading: 'verdict', stop: 29, sizes: all },
    { heading: 'verdict, further down', stop: 29, keys: ['pagedown', 'pagedown'], sizes: [small] },
    { heading: 'verdict, the end of it', stop: 29, keys: ['end'], sizes: [small] },
  ],
};

for (const name of demonstrations) {
  test(`${name} is shown as it was, moment by moment, in every language`, (t) => {
    const momentsOf = new Map(languages.map((language) => [language, [] as Moment[]]));
    for (const { heading, stop, keys = [], sizes, model = {} } of rows[name]) {
      const { driver } = recorded(name, { ...(sizes[0] ? { size: sizes[0] } : {}), ...model });
      for (let count = 0; count < stop; count++) driver.press('space');
      driver.press(...keys);
      for (const [language, moments] of momentsOf) {
        for (const size of sizes)
          moments.push({
            heading: `${heading}, ${size.columns}x${size.rows}`,
            screen: driver.screen(size, language),
          });
      }
    }
    for (const [language, moments] of momentsOf) {
      const difference = differenceFrom(`${name}.${language}`, moments);
      if (difference !== undefined) t.fail(difference);
    }
    t.pass();
  });
}
