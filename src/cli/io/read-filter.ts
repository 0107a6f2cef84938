/** Reads `--filter`. */
import { isFault, parseFilter } from '../../analysis/summary/filter.ts';
import type { Filter, FilterFault } from '../../analysis/summary/filter.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { Parsed } from '../command.ts';

/** @throws UserError that names the place of a mistake in the expression */
export function filterOf(parsed: Parsed): Filter | undefined {
  const expression = parsed.text('filter');
  if (expression === undefined) return undefined;
  const filter = parseFilter(expression);
  if (filter && isFault(filter)) throw badFilter(filter, expression);
  return filter;
}

/** With the place, as a person counts characters. */
function badFilter({ what, expected, found, at }: FilterFault, expression: string): UserError {
  const [before, behind] = [expression.slice(0, at), expression.slice(at)];
  return new UserError({
    what,
    where: `--filter:${at + 1}`,
    expected,
    received: behind === '' ? `${before} ⟨?⟩` : `${before}⟨${found}⟩${behind.slice(found.length)}`,
  });
}
