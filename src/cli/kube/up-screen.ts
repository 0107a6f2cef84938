/**
 * Shows a control plane on the screen: every wire, and each connection on it. A restart begins with an empty page and
 * keeps the port. Messages of etcd appear in the bottom line until the next key press, and the last ones in full on the
 * first page. `screen.ts` is the screen itself, `up-service.ts` the control plane.
 */
import { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import { Flows } from '../../capture/flows.ts';
import { NewestClosed } from '../../capture/event-releaser.ts';
import { Steps } from '../../capture/steps.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { auditOf } from '../../kube/apiserver/audit.ts';
import { RunState } from '../../ui/tui/state/run-state.ts';
import type { Environment, Parsed } from '../command.ts';
import { mistakeLines } from '../io/user-error-text.ts';
import { maxPayloadOf } from '../io/memory.ts';
import { openFiles } from '../io/outlets.ts';
import { showOnScreen } from '../run/screen.ts';
import type { RunController, ShowOptions, RunHost } from '../run/screen.ts';
import { participants, startUp } from './up-service.ts';
import type { Listening, Up, UpSettings } from './up-service.ts';

const mode = 'kube';
const title: Localized = { en: 'A control plane', ko: '컨트롤 플레인' };

export interface Shown {
  readonly settings: UpSettings;
  /** The name of the folder. */
  readonly name: string;
  readonly greeting: (settings: UpSettings, name: string, running: Listening) => Localized;
}

/** @param onScreen called when the screen is up; gives a test access to the model. */
export async function upOnScreen(
  shown: Shown,
  parsed: Parsed,
  environment: Environment,
  onScreen?: ShowOptions['onScreen'],
): Promise<number> {
  let tell = (_text: Localized): void => {};
  const files = await openFiles(parsed, environment, ({ facts }) => tell(facts.what));
  try {
    return await showOnScreen({
      modes: [{ name: mode, title, comparable: '' }],
      mode,
      pace: 'step',
      files,
      endless: true,
      ...maxPayloadOf(parsed, 'kube up'),
      parsed,
      environment,
      onScreen,
      backstage: (host) => {
        tell = (text) => host.send({ type: 'told', text });
        return new KubeStage(shown, environment, host);
      },
    });
  } finally {
    files.close();
  }
}

/** Each line becomes a paragraph: the screen wraps paragraphs. */
const asParagraphs = ({ en, ko }: Localized): Localized => ({
  en: en.replaceAll('\n', '\n\n'),
  ko: ko.replaceAll('\n', '\n\n'),
});

/** Closed connections that can still be viewed, on all wires. */
const mostClosed = 2000;

/** Number of etcd's messages on the first page. */
const mostSaid = 3;

class KubeStage implements RunController {
  readonly codes = new Map<string, number>();
  readonly #shown: Shown;
  readonly #environment: Environment;
  readonly #host: RunHost;
  #running: Promise<Up | undefined> = Promise.resolve(undefined);
  /** Stops the reporting of the current control plane. */
  #silence = (): void => {};
  #unsubscribe = (): void => {};

  constructor(shown: Shown, environment: Environment, host: RunHost) {
    this.#shown = shown;
    this.#environment = environment;
    this.#host = host;
  }

  start(): void {
    const before = this.#running;
    this.#running = this.#begin(before).catch((error: unknown) => {
      if (error instanceof UserError) {
        this.codes.set(mode, 2);
        this.#host.send({
          type: 'state',
          mode,
          state: 'failed',
          error: mistakeLines(error, this.#environment.language),
        });
      } else this.#host.fail(error);
      return undefined;
    });
  }

  /** Nothing waits for a key: connections drive it. */
  advance(): void {}

  async close(): Promise<void> {
    this.#silence();
    await (await this.#running)?.close();
  }

  async #begin(before: Promise<Up | undefined>): Promise<Up> {
    const { log, send } = this.#host;
    const { settings, name, greeting } = this.#shown;
    const running = await before;
    this.#silence();
    const listen = running ? running.address : settings.listen;
    await running?.close();
    const run = log.openRun();
    const flows = new Flows(log);
    const closed = new NewestClosed(log, flows, mostClosed);
    const hunt = new SecretHunt([]);
    const steps = new Steps();
    const scene = new RunState({
      flows,
      hunt,
      steps,
      isVisited: true,
      isEndless: true,
      reproduce: () => undefined,
      findingsOf: () => [],
      plan: [],
      secrets: new Map(),
      typed: () => [],
    });
    send({ type: 'session', mode, scene });
    this.#unsubscribe();
    this.#unsubscribe = run.subscribe((event) => {
      flows.fold(event);
      hunt.fold(event);
      steps.fold(event);
      scene.fold(event);
      closed.fold(event);
      send({ type: 'captured' });
    });
    let greeted: Localized | undefined;
    const said: Localized[] = [];
    const introduce = (text: Localized): void => {
      greeted = text;
      const parts = [...said, text];
      run.append({
        type: 'note',
        part: 'intro',
        text: { en: parts.map(({ en }) => en).join('\n\n'), ko: parts.map(({ ko }) => ko).join('\n\n') },
      });
    };
    this.#silence = () => {
      greeted = undefined;
    };
    const controlPlane = await startUp({
      ...settings,
      listen,
      log: run,
      onListening(listening) {
        run.append({ type: 'note', part: 'title', text: title });
        introduce(asParagraphs(greeting(settings, name, listening)));
      },
      onSaid(who, { en, ko }) {
        // Each component's messages are on its own wire; that it is ready is in the greeting.
        if (who !== participants.store || !greeted) return;
        const text = { en: `${who}: ${en}`, ko: `${who}: ${ko}` };
        said.push(text);
        said.splice(0, said.length - mostSaid);
        introduce(greeted);
        send({ type: 'told', text });
      },
      onAnswered: (report) =>
        void run.append({
          type: 'observed',
          who: participants.server,
          result: { kind: 'api', requests: [auditOf(report)], total: 1 },
        }),
    });
    send({ type: 'state', mode, state: 'finished' });
    return controlPlane;
  }
}
