/** The refusals of a log that was written by hand, as the renderers receive them. */
import type { CaptureDraft, Topology } from '../../../src/capture/event.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { loadWireReading, refusalsOf, Speakers } from '../../../src/presentation/refusals.ts';
import type { RefusalStory } from '../../../src/presentation/refusals.ts';
import { logOf } from '../../ui/support/story.ts';
import { allShown } from '../../helpers/shown.ts';

await loadWireReading();

export function storiesOf(drafts: readonly CaptureDraft[], topology: Topology): RefusalStory[] {
  const { events } = logOf(drafts, topology);
  const flows = new Flows({ events });
  const speakers = new Speakers(allShown);
  for (const event of events) {
    flows.fold(event);
    if (event.type === 'observed') speakers.fold(event);
  }
  return flows.connections.flatMap((connection) => refusalsOf(connection, 0, flows, topology, speakers));
}
