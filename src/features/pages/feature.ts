/** Feature: sites with many pages, and what their sizes reveal to an eavesdropper. */
import type { ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { records } from '../../evidence/records.ts';
import {
  pageSizes,
  pageSizesSchema,
  pagesGuessed,
  pageGuessSchema,
  pagesHidden,
  longestLook,
  longestLookSchema,
} from './page-guess.ts';
import { pageSiteSchema } from './settings.ts';

declare module '../../engine/extensions.ts' {
  interface ServerKinds {
    website: true;
    'page-site': true;
  }
  interface ExpectationFacts {
    pageSizes: FactsOf<typeof pageSizesSchema>;
    pagesGuessed: FactsOf<typeof pageGuessSchema>;
    pagesHidden: FactsOf<typeof pageGuessSchema>;
    longestLook: FactsOf<typeof longestLookSchema>;
  }
  interface ClaimFacts {
    pageSizes: ClaimOfKind<typeof pageSizes>;
    pagesGuessed: ClaimOfKind<typeof pagesGuessed>;
    pagesHidden: ClaimOfKind<typeof pagesHidden>;
    longestLook: ClaimOfKind<typeof longestLook>;
  }
  interface ServerSettings {
    pageSite: FactsOf<typeof pageSiteSchema>;
  }
}

export const pages: Feature = {
  servers: {
    website: { start: async (_, __, accept) => (await import('./website.ts')).startWebsite({ accept }) },
    'page-site': {
      standsAt: 'server',
      start: async ({ pageSite }, { random }, accept) =>
        (await import('./page-site.ts')).startPageSite({ ...pageSite, accept, random }),
    },
  },
  expectations: {
    pageSizes: { ...pageSizes, schema: pageSizesSchema, isHeadline: true },
    pagesGuessed: { ...pagesGuessed, schema: pageGuessSchema, needs: [records], isHeadline: true },
    pagesHidden: { ...pagesHidden, schema: pageGuessSchema, needs: [records], isHeadline: true },
    longestLook: { ...longestLook, schema: longestLookSchema, needs: [records], isHeadline: true },
  },
  serverSettings: { pageSite: pageSiteSchema },
  references: { catalogue: 'step' },
};
