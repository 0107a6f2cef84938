/** Which theme suits a terminal, by what it reports and by what its variables say. */
import test from 'ava';
import { themeFor } from '../../../src/ui/tui/theme.ts';
import type { Colour, Theme } from '../../../src/ui/tui/theme.ts';

for (const [name, variables, background, theme] of [
  ['nothing is known', {}, undefined, 'dark'],
  ['black', {}, [0, 0, 0], 'dark'],
  ['white', {}, [1, 1, 1], 'light'],
  ['Solarized dark', {}, [0, 0.17, 0.21], 'dark'],
  ['Solarized light', {}, [0.99, 0.96, 0.89], 'light'],
  ['a middle grey that white is read on better', {}, [0.4, 0.4, 0.4], 'dark'],
  ['a middle grey that black is read on better', {}, [0.6, 0.6, 0.6], 'light'],
  ['the report is newer than the variable', { COLORFGBG: '0;15' }, [0, 0, 0], 'dark'],
  ['rxvt, black', { COLORFGBG: '15;default;0' }, undefined, 'dark'],
  ['Konsole, white', { COLORFGBG: '0;15' }, undefined, 'light'],
  ['grey ground', { COLORFGBG: '0;7' }, undefined, 'light'],
  ['dark grey ground', { COLORFGBG: '15;8' }, undefined, 'dark'],
  ['a ground without a number', { COLORFGBG: '15;default' }, undefined, 'dark'],
  ['nonsense', { COLORFGBG: '0;99' }, undefined, 'dark'],
  ['empty', { COLORFGBG: '' }, undefined, 'dark'],
] as readonly (readonly [string, Record<string, string>, Colour | undefined, Theme])[]) {
  test(`${name}: ${theme}`, (t) => t.is(themeFor(variables, background), theme));
}
