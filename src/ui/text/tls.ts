/** What a text report needs where TLS may be spoken: loaded then alone, since a plaintext demonstration starts faster without it. */
import { loadReadings } from '../../analysis/conversation/conversation.ts';
import { loadWireReading } from '../../presentation/refusals.ts';

type Tls = typeof import('../../presentation/card.ts') &
  typeof import('../../presentation/refusal-matrix.ts') &
  typeof import('./sides.ts');
let loaded: Tls | undefined;

/** To be awaited before a report of a run in which TLS may be spoken: without TLS nobody is refused, and much is not needed. */
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
