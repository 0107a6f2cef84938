/** Links a browsing client's report to its connections: each request may have its own local address. */
import type { Shown } from '../../engine/shown.ts';

export const shown: Shown = {
  reports: {
    visit: {
      client: ({ result: { requests } }) => ({ from: requests.flatMap(({ from }) => (from ? [from] : [])) }),
    },
  },
};
