/** Blocks without secrets, for a page that is made while the screen masks them: their values, in every text. */
import type { ReportBlock } from '../../presentation/types/report.ts';
import { KnownSecrets, TextMask } from './bytes/secrets.ts';

/** Names and kinds, which are no text. */
const names: ReadonlySet<string> = new Set([
  'kind',
  'part',
  'step',
  'state',
  'from',
  'tone',
  'mark',
  'about',
  'vantage',
]);

/** @param secrets that the run knows, by their names; those that were found by their shape are in the blocks */
export function maskedBlocks(
  blocks: readonly ReportBlock[],
  secrets: ReadonlyMap<string, string>,
): readonly ReportBlock[] {
  const found = blocks.flatMap((block) =>
    block.kind === 'message' ? block.shaped.map(({ value = '' }) => value.replace(/…$/, '')) : [],
  );
  // A value of a few letters would be met in many words.
  const values = [
    ...new KnownSecrets(secrets).values,
    ...secrets.values(),
    ...found.filter(({ length }) => length > 2),
  ];
  const mask = new TextMask(values);
  return blocks.map((block) => masked(block, mask));
}

function masked<T>(value: T, mask: TextMask): T {
  if (typeof value === 'string') return mask.hide(value) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => masked(one, mask)) as T;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]: [string, unknown]) => [
      key,
      names.has(key) ? one : masked(one, mask),
    ]),
  ) as T;
}
