/**
 * Shows a control plane on the screen: every wire, and each connection on it. A restart keeps the port. Messages of etcd
 * appear in the bottom line until the next key press, and the last ones in full on the first page. `run/visited.ts` joins
 * log and screen; `up-service.ts` is the control plane.
 */
import type { Localized } from '../../i18n/language.ts';
import { features } from '../../features/registry.ts';
import { auditOf } from '../../kube/apiserver/audit.ts';
import type { HowTo } from '../../presentation/types/values.ts';
import { ShownFeatures } from '../../presentation/shown.ts';
import type { Environment, Parsed } from '../command.ts';
import type { ShowOptions } from '../run/screen.ts';
import { showVisited } from '../run/visited.ts';
import type { Page } from '../run/visited.ts';
import { asParagraphs } from './up-greeting.ts';
import { participants, startUp } from './up-service.ts';
import type { Listening, Up, UpSettings } from './up-service.ts';

const title: Localized = { en: 'A control plane', ko: '컨트롤 플레인' };

export interface Shown {
  readonly settings: UpSettings;
  /** The name of the folder. */
  readonly name: string;
  readonly greeting: (settings: UpSettings, name: string, running: Listening) => Localized;
  readonly usage: (settings: UpSettings, name: string, running: Listening) => HowTo;
}

export async function upOnScreen(
  shown: Shown,
  parsed: Parsed,
  environment: Environment,
  onScreen?: ShowOptions['onScreen'],
): Promise<number> {
  let quiet = (): void => {};
  const reported = new ShownFeatures(await features.shown());
  return showVisited(
    {
      mode: 'kube',
      title,
      async start(page, before: Promise<Up | undefined>) {
        const running = await before;
        quiet();
        const begun = begin(
          shown,
          { ...page, openRun: (sources) => page.openRun({ ...sources, shown: reported }) },
          running,
        );
        ({ quiet } = begun);
        return begun.up;
      },
      abandon: () => quiet(),
    },
    { parsed, environment, onScreen, captures: { command: 'kube up' } },
  );
}

/** Number of etcd's messages on the first page. */
const mostSaid = 3;

/** @returns `quiet`: what its etcd says is not shown any more, since it ends. */
function begin(
  { settings, name, greeting, usage }: Shown,
  page: Page,
  before: Up | undefined,
): { readonly up: Promise<Up>; readonly quiet: () => void } {
  let greeted: Localized | undefined;
  let howTo: HowTo | undefined;
  const start = async (): Promise<Up> => {
    const listen = before ? before.address : settings.listen;
    await before?.close();
    const log = page.openRun({ howTo: () => howTo });
    const said: Localized[] = [];
    const introduce = (text: Localized): void => {
      greeted = text;
      const parts = [...said, text];
      log.append({
        type: 'note',
        part: 'intro',
        text: { en: parts.map(({ en }) => en).join('\n\n'), ko: parts.map(({ ko }) => ko).join('\n\n') },
      });
    };
    return startUp({
      ...settings,
      listen,
      log,
      onListening(listening) {
        log.append({ type: 'note', part: 'title', text: title });
        howTo = usage(settings, name, listening);
        introduce(asParagraphs(greeting(settings, name, listening)));
      },
      onSaid(who, { en, ko }) {
        // Each component's messages are on its own wire; that it is ready is in the greeting.
        if ((who !== participants.store && who !== participants.server) || !greeted) return;
        const text = { en: `${who}: ${en}`, ko: `${who}: ${ko}` };
        said.push(text);
        said.splice(0, said.length - mostSaid);
        introduce(greeted);
        page.notify(text);
      },
      onAnswered: (report) =>
        void log.append({
          type: 'observed',
          who: participants.server,
          result: { kind: 'api', requests: [auditOf(report)], total: 1 },
        }),
    });
  };
  return {
    up: start(),
    quiet: () => {
      greeted = undefined;
    },
  };
}
