/** The address to which a resolver directed its client. */
import type { Shown } from '../../engine/shown.ts';

export const shown: Shown = { reports: { resolved: { sentTo: ({ result: { to } }) => to } } };
