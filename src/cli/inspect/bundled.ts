/** A saved capture, or what a proxy recorded, as a request of `inspect`: whatever reads a capture file reads a bundle. */
import type { CaptureDraft } from '../../capture/event.ts';
import type { CaptureBundle } from '../../ui/bundle/limits.ts';
import { redactedIn } from '../run/replay/redaction.ts';
import type { CaptureInput } from './input.ts';
import type { FileProblem, ReadOptions } from './reading.ts';
import type { InspectRequest } from './request.ts';

/** There is no file to be read again: the bundle is in memory. */
const noInput: CaptureInput = {
  size: undefined,
  canRewind: true,
  read: () => 0,
  rewind: () => {},
  readAt: () => 0,
  close: () => {},
};

export function requestOf(bundle: CaptureBundle): InspectRequest {
  return {
    name: bundle.source.title.en,
    input: noInput,
    bundle,
    ...(bundle.hasSecrets ? {} : { redacted: redactedIn(bundle.redactions) }),
    fromInput: false,
    keylog: [],
    keylogName: undefined,
    rsaKeys: [],
    ticketKeys: [],
    stream: undefined,
  };
}

/** The shell commands that reproduce refusals. */
export function commandsOf({
  source,
}: Pick<CaptureBundle, 'source'>): (refusal: { readonly seq: number }) => string | undefined {
  const commands = new Map(source.commands.map(({ event, command }) => [event, command]));
  return ({ seq }) => commands.get(seq);
}

/** Between two turns so many events are given. */
const together = 256;

/** Gives the events as drafts, at their times; returns what could not be read when it was saved. */
export async function readBundled(
  { events, source }: CaptureBundle,
  { clock, append, wants, onTurn, onFacts }: ReadOptions,
): Promise<readonly FileProblem[]> {
  const [began] = events;
  const start = began?.type === 'began' ? Date.parse(began.wallClock) * 1000 : 0;
  let latest = 0;
  let position = 0;
  for (const [index, event] of events.entries()) {
    const { seq: _, run: __, at, ...draft } = event;
    if (draft.type === 'bytes') position += draft.bytes.length;
    if (at < latest) clock.backAt(start + at, () => give(draft, append, wants));
    else {
      clock.set(start + at);
      give(draft, append, wants);
      latest = at;
    }
    if (index % together === together - 1 && (await onTurn?.(position)) === false) return source.problems;
  }
  onFacts?.({ packets: source.packets ?? 0 });
  return source.problems;
}

function give(draft: CaptureDraft, append: ReadOptions['append'], wants: ReadOptions['wants']): void {
  const isWanted =
    !wants ||
    draft.type !== 'bytes' ||
    draft.vantage !== 'wire' ||
    draft.bytes.length === 0 ||
    wants(draft.conn, draft.from, draft.bytes.length, draft.frame ?? 0);
  if (isWanted) append(draft);
}
