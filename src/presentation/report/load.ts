/** Loads the parts of a report that only TLS needs: a plaintext demonstration starts faster without them. */
import { loadReadings } from '../../analysis/conversation/conversation.ts';
import { loadWireReading } from '../refusals.ts';

type ForTls = typeof import('../card.ts') &
  typeof import('../refusal-matrix.ts') &
  typeof import('./two-versions.ts');
let loaded: ForTls | undefined;

/** Await this before a report of a run that may use TLS: without TLS there are no refusals to present. */
export async function loadTlsReport(): Promise<void> {
  const [card, matrix, { compareAll, compareVersions }] = await Promise.all([
    import('../card.ts'),
    import('../refusal-matrix.ts'),
    import('./two-versions.ts'),
    loadReadings(),
    loadWireReading(),
  ]);
  loaded = { ...card, ...matrix, compareAll, compareVersions };
}

export function forTls(): ForTls {
  if (!loaded) throw new Error('a refusal in a run for which loadTlsReport() was not awaited');
  return loaded;
}
