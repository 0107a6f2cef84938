/** Where it is judged what an eavesdropper learns, the versions of TLS stand beside each other. */
import type { Shown } from '../../engine/shown.ts';

export const shown: Shown = {
  comparesVersions: ({ claims }) => claims.some(({ kind }) => kind === 'eavesdropper'),
};
