/**
 * Draws the picture of the screen for the README from real runs. This file selects the keys and frames; `played.ts` plays the
 * scenarios, and `ui/tui/svg.ts` draws the frames.
 */
import { join, resolve } from 'node:path';
import type { Model } from '../../ui/tui/state/model.ts';
import type { Selection } from '../../ui/tui/state/selection.ts';
import { pictureOf } from '../../ui/tui/svg.ts';
import type { PictureScene } from '../../ui/tui/svg.ts';
import { findPlaces } from '../places.ts';
import { withCertificates } from './drawing.ts';
import { playScenario } from './played.ts';

interface Chapter {
  /** Pressed once each; the last one repeatedly, until the screen shows what the chapter needs. */
  readonly keys: readonly string[];
  readonly shows: (look: Selection, model: Model) => boolean;
  readonly caption: string;
}

/** At that kind of stop of a step; without one, of the step whose login is the same in every mode. */
const at =
  (kind: 'question' | 'reveal', mode: string, step?: string) =>
  (look: Selection, model: Model): boolean =>
    model.mode === mode &&
    look.stop?.kind === kind &&
    look.step?.id === (step ?? model.modes.find(({ name }) => name === mode)?.comparable);

/** The chapters of a scenario follow each other in one run. */
const parts: readonly { readonly scenario: string; readonly chapters: readonly Chapter[] }[] = [
  {
    scenario: 'plaintext',
    chapters: [
      {
        keys: ['space'],
        shows: at('reveal', 'plaintext'),
        caption: 'A login in plaintext: everyone on the wire can read it.',
      },
    ],
  },
  {
    scenario: 'tls',
    chapters: [
      {
        keys: ['space'],
        shows: at('question', 'tls'),
        caption: 'The same login over TLS. What can be read now?',
      },
      {
        keys: ['space'],
        shows: at('reveal', 'tls'),
        caption: 'Noise on wire A; readable on B, where TLS has ended.',
      },
      {
        keys: ['k'],
        shows: (_, model) => model.opened,
        caption: 'The same bytes, opened with the client’s keys.',
      },
      {
        keys: ['k', '3', 'space'],
        shows: at('reveal', 'mtls', 'nobody-1.3'),
        caption: 'Mutual TLS: a client without a certificate is refused.',
      },
    ],
  },
];

const size = { columns: 80, rows: 24 } as const;

await withCertificates(async (environment, write) => {
  const scenes: PictureScene[] = [];
  for (const { scenario, chapters } of parts) {
    const played = await playScenario(scenario, size, environment);
    try {
      for (const { keys, shows, caption } of chapters)
        scenes.push({ frame: await played.press(keys, shows), keys, caption });
    } finally {
      await played.close();
    }
  }
  const svg = pictureOf({
    title:
      'wirelab in a terminal: a login readable in plaintext; a question; the same login sealed by TLS, and opened with the keys; and a client refused by mutual TLS',
    command: './wirelab',
    scenes,
    secondsEach: 6,
  });
  write(resolve(process.argv[2] ?? join(findPlaces(process.env).root, 'docs', 'screen.svg')), svg);
});
