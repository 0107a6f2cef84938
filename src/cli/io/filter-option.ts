/** The option `--filter`, for every command that lists connections; `read-filter.ts` reads it. */
import type { OptionTable } from '../command.ts';

export const filterOption: OptionTable = {
  filter: {
    value: 'EXPR',
    help: {
      en: 'only connections that match, such as "failed or status>=400" (docs/filters.md)',
      ko: '조건에 맞는 연결만. 예: "failed or status>=400" (docs/filters.md)',
    },
  },
};
