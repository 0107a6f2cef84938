/** Who browses: each request may come from an address of its own. */
import type { Shown } from '../../engine/shown.ts';

export const shown: Shown = {
  reports: {
    visit: {
      client: ({ result: { requests } }) => ({ from: requests.flatMap(({ from }) => (from ? [from] : [])) }),
    },
  },
};
