/**
 * Shows a proxy on the screen: each connection appears like a visitor's connection in a demonstration. A restart begins
 * with an empty page and keeps the port. `screen.ts` is the screen itself, `perform.ts` the proxy.
 */
import { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import { formatAddress } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import { Flows } from '../../capture/flows.ts';
import { NewestClosed } from '../../capture/event-releaser.ts';
import { Steps } from '../../capture/steps.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { proxyKinds } from '../../proxy/kinds.ts';
import type { Loop } from '../../ui/tui/loop.ts';
import { RunState } from '../../ui/tui/state/run-state.ts';
import type { Environment, Parsed } from '../command.ts';
import { maxPayloadOf } from '../io/memory.ts';
import { openFiles } from '../io/outlets.ts';
import { mistakeLines } from '../io/user-error-text.ts';
import { readVersion } from '../places.ts';
import { showOnScreen } from '../run/screen.ts';
import type { RunController, RunHost } from '../run/screen.ts';
import { readCredentials } from './credentials.ts';
import { reproduceWith, startService } from './perform.ts';
import type { Service } from './perform.ts';
import type { ProxySettings } from './settings.ts';

const mode = 'proxy';

/** Closed connections that can still be viewed, on both wires. */
const mostClosed = 2000;

/** @param onScreen called when the screen is up; gives a test access to the model. */
export async function performOnScreen(
  settings: ProxySettings,
  parsed: Parsed,
  environment: Environment,
  onScreen?: (loop: Loop) => void,
): Promise<number> {
  // An unusable file is reported in the shell, before the screen opens.
  readCredentials(settings);
  let tell = (_text: Localized): void => {};
  const files = await openFiles(parsed, environment, ({ facts }) => tell(facts.what));
  try {
    return await showOnScreen({
      modes: [{ name: mode, title: titleOf(settings), comparable: '' }],
      mode,
      pace: 'step',
      files,
      parsed,
      environment,
      onScreen,
      reloads: true,
      endless: true,
      ...maxPayloadOf(parsed, 'proxy'),
      backstage: (host) => {
        tell = (text) => host.send({ type: 'told', text });
        return new ProxyStage(settings, environment, host);
      },
    });
  } finally {
    files.close();
  }
}

class ProxyStage implements RunController {
  readonly codes = new Map<string, number>();
  readonly #settings: ProxySettings;
  readonly #environment: Environment;
  readonly #host: RunHost;
  #service: Promise<Service | undefined> = Promise.resolve(undefined);
  /** Stops the reporting of the previous proxy. */
  #silence = (): void => {};
  constructor(settings: ProxySettings, environment: Environment, host: RunHost) {
    this.#settings = settings;
    this.#environment = environment;
    this.#host = host;
  }

  start(): void {
    const before = this.#service;
    this.#service = this.#begin(before).catch((error: unknown) => {
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

  readonly reload = (): void => {
    this.#service.then(async (service) => service?.reload()).catch(this.#host.fail);
  };

  /** Nothing waits for a key: connections drive it. */
  advance(): void {}

  async close(): Promise<void> {
    await (await this.#service)?.close();
  }

  async #begin(before: Promise<Service | undefined>): Promise<Service> {
    const { log, send } = this.#host;
    const running = await before;
    const settings = running
      ? { ...this.#settings, listen: { ...this.#settings.listen, port: running.address.port } }
      : this.#settings;
    await running?.close();
    let address = settings.listen;
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
      reproduce: reproduceWith(settings, () => address),
      findingsOf: () => [],
      plan: [],
      secrets: new Map(),
      typed: () => [],
    });
    send({ type: 'session', mode, scene });
    const service = await startService({
      settings,
      log: run,
      version: readVersion(this.#environment.places.root),
    });
    address = service.address;
    run.append({ type: 'note', part: 'title', text: titleOf(settings) });
    run.append({ type: 'note', part: 'intro', text: introOf(settings, service.address) });
    let isUp = false;
    this.#silence();
    this.#silence = run.subscribe((event) => {
      flows.fold(event);
      hunt.fold(event);
      steps.fold(event);
      scene.fold(event);
      closed.fold(event);
      send({ type: 'captured' });
      // The introduction has the listening address.
      if (event.type === 'note' && event.part === undefined && isUp) send({ type: 'told', text: event.text });
    });
    isUp = true;
    send({ type: 'state', mode, state: 'finished' });
    return service;
  }
}

function titleOf({ kind }: ProxySettings): Localized {
  return { en: `A ${kind} proxy`, ko: `${kind} 프록시` };
}

/** The listening address, and how to connect to it. */
function introOf({ kind, pump, target }: ProxySettings, address: Address): Localized {
  const to = formatAddress(target);
  const at = formatAddress(address);
  const { accepts } = proxyKinds[kind];
  const command =
    accepts === 'plain'
      ? pump === 'http'
        ? `curl http://${at}/`
        : `nc ${address.host} ${address.port}`
      : accepts === 'tls'
        ? `curl --cacert CA.crt https://${at}/`
        : `curl --cacert CA.crt --cert CLIENT.crt --key CLIENT.key https://${at}/`;
  return {
    en: `Clients connect to ${at}; their requests are forwarded to ${to}, and its responses back to them. Each connection is listed here.\n\nFor example: ${command}`,
    ko: `클라이언트는 ${at}에 접속합니다. 보낸 내용은 ${to}(으)로, 응답은 다시 클라이언트로 전달됩니다. 연결이 들어올 때마다 여기에 하나씩 나타납니다.\n\n예: ${command}`,
  };
}
