/** Random secrets: generated each time a lab starts, so that they cannot be looked up. */
import type { RandomBytes } from '../../core/clock.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';

const words = [
  'amber',
  'birch',
  'cedar',
  'comet',
  'coral',
  'delta',
  'ember',
  'fjord',
  'ginger',
  'hazel',
  'indigo',
  'jasper',
  'kelp',
  'lotus',
  'maple',
  'nectar',
  'opal',
  'otter',
  'pepper',
  'quartz',
  'raven',
  'saffron',
  'tulip',
  'umber',
  'velvet',
  'walnut',
  'willow',
  'yarrow',
  'zephyr',
  'pebble',
  'marble',
  'sorrel',
] as const;
/** Each has a special meaning in a form's encoding, where it is written `%26`, `%2B`, … */
const marks = ['&', '+', '%', '='] as const;

/**
 * Two words with a mark between them and two digits: `otter&maple47`.
 * @param between the marks to choose from.
 */
export function drawSecret(random: RandomBytes, between: readonly string[] = marks): string {
  const [first = 0, mark = 0, second = 0, digits = 0] = random(4);
  return `${words[first % words.length] ?? ''}${between[mark % between.length] ?? ''}${words[second % words.length] ?? ''}${10 + (digits % 90)}`;
}

/** The scenario with other values for some of its secrets. */
export function withSecrets(
  compiled: CompiledScenario,
  ids: readonly string[],
  valueOf: (id: string) => string,
): CompiledScenario {
  const secrets = Object.fromEntries(
    Object.entries(compiled.file.secrets).map(([id, secret]) => [
      id,
      ids.includes(id) ? { ...secret, value: valueOf(id) } : secret,
    ]),
  );
  return { ...compiled, file: { ...compiled.file, secrets } };
}
