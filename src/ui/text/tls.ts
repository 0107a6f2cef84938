/** Loads the parts of a text report that only TLS needs: a plaintext demonstration starts faster without them. */
import { loadReadings } from '../../analysis/conversation/conversation.ts';
import { loadWireReading } from '../../presentation/refusals.ts';

type Tls = typeof import('../../presentation/card.ts') &
  typeof import('../../presentation/refusal-matrix.ts') &
  typeof import('./sides.ts');
let loaded: Tls | undefined;

/** Await this before a report of a run that may use TLS: without TLS there are no refusals to present. */
export async function loadTls(): Promise<void> {
  const [card, table, { setSides, setSidesOfAll }] = await Promise.all([
    import('../../presentation/card.ts'),
    import('../../presentation/refusal-matrix.ts'),
    import('./sides.ts'),
    loadReadings(),
    loadWireReading(),
  ]);
  loaded = { ...card, ...table, setSides, setSidesOfAll };
}

export function tls(): Tls {
  if (!loaded) throw new Error('a refusal in a run for which loadTls() was not awaited');
  return loaded;
}
