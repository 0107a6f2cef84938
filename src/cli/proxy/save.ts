/**
 * The bundle of a proxy (`--save`): its file is opened before anything listens, and written when the proxy has ended. The newest
 * connections are kept, within what a bundle may hold; from the screen those since the last restart.
 */
import { loadCaptureReadings } from '../../analysis/conversation/conversation.ts';
import type { Filter } from '../../analysis/summary/filter.ts';
import type { CaptureEvent, EventOf } from '../../capture/event.ts';
import { grouped } from '../../i18n/number.ts';
import { loadTlsReport } from '../../presentation/report/load.ts';
import { mostLines, mostOpened, mostPayloadBytes } from '../../ui/bundle/limits.ts';
import type { LiveOptions } from '../../ui/text/live.ts';
import type { Environment, Parsed } from '../command.ts';
import { filterOf } from '../io/read-filter.ts';
import { warningLine } from '../io/user-error-text.ts';
import { ConnectionBlocks } from '../run/page/connections.ts';
import { KeptEvents } from '../run/page/kept-events.ts';
import type { KeptLimits } from '../run/page/kept-events.ts';
import { eventsOf } from '../run/replay/chosen.ts';
import { closeSave, mostSaved, openBundleFile } from '../run/replay/save.ts';
import { titleOf } from './page.ts';
import type { ProxySettings } from './proxy-settings.ts';

export interface ProxySave {
  readonly fold: (event: CaptureEvent) => void;
  /** Does nothing where no proxy ran. @throws UserError where it cannot be written */
  write(environment: Environment, reproduce: LiveOptions['reproduce']): Promise<void>;
  /** Says where it was not written. */
  close(environment: Environment): void;
}

/** Notes, and the rest of connections that are still open at the end, find room too. */
const usual: KeptLimits = {
  bytes: mostPayloadBytes,
  pieces: mostLines.event / 2,
  connections: mostOpened,
};

/** The first ones and the newest are kept. */
const mostNotes = 1000;

/** Undefined where none is asked for. @throws UserError for a place where no file can be written */
export async function openLiveSave(
  settings: ProxySettings,
  parsed: Parsed,
  environment: Pick<Environment, 'language' | 'stderr'>,
): Promise<ProxySave | undefined> {
  const file = openBundleFile(parsed);
  if (!file) return undefined;
  const filter = filterOf(parsed);
  await Promise.all([loadCaptureReadings(), loadTlsReport()]);
  const [data, count] = [mostSaved, grouped(mostOpened)];
  environment.stderr.write(
    warningLine(
      {
        en: `${file.path} will have the newest connections: up to ${data} MiB of data, and ${count} connections`,
        ko: `${file.path} 파일에는 가장 최근 연결부터 담습니다(데이터 ${data}MiB, 연결 ${count}개까지)`,
      },
      environment.language,
    ),
  );
  const recorder = new ProxyRecorder();
  return {
    fold: recorder.fold,
    async write(to, reproduce) {
      const { events, kept } = recorder;
      if (events.length === 0) return;
      await file.putRecording(
        {
          of: 'proxy',
          title: titleOf(settings),
          problems: kept.forgotten > 0 ? [leftOut(kept.forgotten)] : [],
          events: filter ? eventsOf(events, passing(kept, filter)) : events,
          reproduce,
        },
        to,
      );
    },
    close: (to) => closeSave(file, to, 'proxy'),
  };
}

/** What the newest run has logged, as far as it is kept. */
export class ProxyRecorder {
  readonly #limits: KeptLimits;
  kept: KeptEvents;
  /** How it began, and what was noted. */
  #head: EventOf<'began' | 'note'>[] = [];

  constructor(limits: KeptLimits = usual) {
    this.#limits = limits;
    this.kept = new KeptEvents(limits);
  }

  readonly fold = (event: CaptureEvent): void => {
    if (event.type === 'began') {
      this.kept = new KeptEvents(this.#limits);
      this.#head = [event];
      return;
    }
    const [began] = this.#head;
    if (event.run !== began?.run) return;
    if (event.type === 'note') {
      // What has a part is said to a reader of the screen.
      if (event.part !== undefined) return;
      this.#head.push(event);
      if (this.#head.length > mostNotes) this.#head.splice(2, 1);
    } else if ('conn' in event && event.conn !== undefined) this.kept.fold(event);
  };

  /** All of them, the beginning first; of a connection that is not kept any more nothing. */
  get events(): readonly CaptureEvent[] {
    this.kept.end();
    const opened = new Set<number>();
    const own = this.kept.all.filter((event) => {
      if (event.type === 'opened') opened.add(event.conn);
      return (
        !('conn' in event) || event.conn === undefined || event.type === 'refused' || opened.has(event.conn)
      );
    });
    const [began, ...notes] = this.#head;
    if (!began) return [];
    return [began, ...[...notes, ...own].sort((one, other) => one.seq - other.seq)];
  }
}

/** The connections that it lets through. */
const passing = ({ flows, keys }: KeptEvents, filter: Filter): ReadonlySet<number> =>
  new ConnectionBlocks({ flows, keys, filter }).finish().passed;

const leftOut = (count: number): { what: string; found: string; text: { en: string; ko: string } } => ({
  what: 'connections.left_out',
  found: String(count),
  text: {
    en: `there were more connections than a bundle can hold: the ${grouped(count)} that closed first are not in it`,
    ko: `연결이 번들에 담을 수 있는 것보다 많아, 먼저 닫힌 ${grouped(count)}개는 넣지 않았습니다`,
  },
});
