/**
 * Makes the bundle of what was read from capture files or recorded by a proxy (`--save`): the events of one run, redacted and
 * numbered anew. `recorder.ts` does it for a run of a scenario.
 *
 * 1. Keys in a capture apply from its start, as they do when it is read: they stand behind its beginning.
 * 2. Of a key log nothing is kept that opens another connection than these.
 */
import { loadCaptureReadings, readToEnd } from '../../../analysis/conversation/conversation.ts';
import { SecretHunt } from '../../../analysis/secrets/secret-hunt.ts';
import type { CaptureEvent, EventOf } from '../../../capture/event.ts';
import { clientRandomOf, Flows } from '../../../capture/flows.ts';
import { KeyRing } from '../../../protocols/tls/keys/keylog.ts';
import { nothingRedacted } from '../../../ui/bundle/limits.ts';
import type { BundledSource, CaptureBundle } from '../../../ui/bundle/limits.ts';
import { Redactor } from '../../../ui/bundle/redact.ts';

export interface Recording extends Omit<BundledSource, 'commands'> {
  readonly of: CaptureBundle['of'];
  /** Of one run, its beginning first. */
  readonly events: readonly CaptureEvent[];
  /** The shell command that reproduces a refusal. */
  readonly reproduce?: (refusal: EventOf<'refused'>) => string | undefined;
}

export interface MadeOptions {
  readonly version: string;
  readonly made: Date;
  readonly withSecrets: boolean;
}

export async function recordingBundle(
  { of, title, packets, problems, events: recorded, reproduce }: Recording,
  { version, made, withSecrets }: MadeOptions,
): Promise<CaptureBundle> {
  await loadCaptureReadings();
  const flows = new Flows({ events: [], payloadOf: payloadIn(recorded) });
  for (const event of recorded) flows.fold(event);
  const kept = withOwnKeys(recorded, flows, of === 'capture');
  const hunt = new SecretHunt([]);
  for (const event of kept) hunt.fold(event);
  const redactor = withSecrets
    ? undefined
    : new Redactor({
        events: kept,
        connections: flows.connections,
        secrets: new Map(),
        hits: hunt.hits,
        keylog: kept.flatMap((event) => (event.type === 'keylog' ? [event.line] : [])),
      });
  const events = redactor?.events(kept) ?? kept;
  const hide = <T>(value: T): T => redactor?.made(value) ?? value;
  return {
    of,
    version,
    made: made.toISOString(),
    hasSecrets: withSecrets,
    source: {
      title: hide(title),
      ...(packets === undefined ? {} : { packets }),
      problems: problems.map(({ what, offset, found, text }) => ({
        what,
        ...(offset === undefined ? {} : { offset }),
        found: hide(found),
        text: hide(text),
      })),
      commands: events.flatMap((event, index) => {
        const command = event.type === 'refused' ? reproduce?.(event) : undefined;
        return command === undefined ? [] : [{ event: index, command: hide(command) }];
      }),
    },
    events: events.map((event, seq) => ({ ...event, seq, run: 1, at: Math.max(0, event.at) })),
    redactions: redactor?.redactions ?? [],
    count: redactor?.count ?? nothingRedacted,
  };
}

function payloadIn(
  events: readonly CaptureEvent[],
): (chunk: { readonly seq: number }) => Uint8Array | undefined {
  const payloads = new Map(
    events.flatMap((event) => (event.type === 'bytes' ? [[event.seq, event.bytes]] : [])),
  );
  return ({ seq }) => payloads.get(seq);
}

/** Without keys of other connections. @param fromStart all others stand behind the beginning, as of its time */
function withOwnKeys(
  events: readonly CaptureEvent[],
  flows: Flows,
  fromStart: boolean,
): readonly CaptureEvent[] {
  if (flows.keylogLength === 0) return events.filter(({ type }) => type !== 'keylog');
  const asked = new Set<string>();
  const keys = new KeyRing({
    keylogOf(random) {
      asked.add(random.toLowerCase());
      return flows.keylogOf(random);
    },
  });
  // In datagrams, too, and inside of other protocols keys are looked up.
  for (const connection of flows.connections) readToEnd(connection, { keys });
  const isOwn = (event: CaptureEvent): boolean =>
    event.type !== 'keylog' || asked.has(clientRandomOf(event.line) ?? '');
  const own = events.filter(isOwn);
  if (!fromStart) return own;
  const [began, ...others] = own;
  const isKey = (event: CaptureEvent): boolean => event.type === 'keylog';
  return [
    ...(began ? [began] : []),
    ...others.filter(isKey).map((event) => ({ ...event, at: began?.at ?? 0 })),
    ...others.filter((event) => !isKey(event)),
  ];
}
