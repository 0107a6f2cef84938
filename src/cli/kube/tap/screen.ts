/**
 * Shows the wires of a tapped API server on the screen, as `up-screen.ts` shows those of a control plane. A restart keeps the
 * port and the file. `tap-service.ts` is the proxy.
 */
import { loadReadings } from '../../../analysis/conversation/conversation.ts';
import { Flows } from '../../../capture/flows.ts';
import { inEach } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { features } from '../../../features/registry.ts';
import { TappedCalls } from '../../../kube/tapped-calls.ts';
import { ShownFeatures } from '../../../presentation/shown.ts';
import type { Environment, Parsed } from '../../command.ts';
import { shellWord } from '../../../i18n/shell-word.ts';
import { showVisited } from '../../run/visited.ts';
import type { ShowOptions } from '../../run/screen.ts';
import type { Page } from '../../run/visited.ts';
import { startTap, tapParticipants, tapWires } from './service.ts';
import type { Tap } from './service.ts';
import type { PreparedTap } from './settings.ts';
import { warningsOf } from './warnings.ts';
import { asParagraphs } from '../up-greeting.ts';

const title: Localized = { en: 'A cluster, tapped', ko: '클러스터와의 통신' };

export async function tapOnScreen(
  prepared: PreparedTap,
  greeting: (prepared: PreparedTap, running: Pick<Tap, 'address'>) => Localized,
  parsed: Parsed,
  environment: Environment,
  onScreen?: ShowOptions['onScreen'],
): Promise<number> {
  const [shown] = await Promise.all([features.shown(), loadReadings()]);
  const reported = new ShownFeatures(shown);
  return showVisited(
    {
      mode: 'kube',
      title,
      async start(page, before: Promise<Tap | undefined>) {
        return begin(prepared, greeting, reported, page, await before);
      },
    },
    { parsed, environment, onScreen, captures: { command: 'kube tap' } },
  );
}

async function begin(
  prepared: PreparedTap,
  greeting: (prepared: PreparedTap, running: Pick<Tap, 'address'>) => Localized,
  shown: ShownFeatures,
  page: Page,
  before: Tap | undefined,
): Promise<Tap> {
  await before?.close();
  const commands = [`export KUBECONFIG=${shellWord(prepared.file)}`, 'kubectl auth whoami'];
  const log = page.openRun({ shown, howTo: () => ({ commands }) });
  const flows = new Flows(log);
  let running: Tap | undefined;
  const calls = new TappedCalls({
    flows,
    hop: tapWires.callers,
    certificate: () => running?.certificate(),
    onCall(tapped) {
      const { target: _, ...call } = tapped;
      const { twin, led = [] } = flows.connection(call.conn) ?? {};
      // The server knows the caller on either wire.
      const behind = twin ?? [...led].at(-1);
      const requests = behind === undefined ? [call] : [call, { ...call, conn: behind.conn }];
      log.append({
        type: 'observed',
        who: tapParticipants.server,
        result: { kind: 'api', requests, total: requests.length },
      });
    },
  });
  log.subscribe((event) => {
    flows.fold(event);
    calls.fold(event);
    if (event.type === 'closed') flows.forget(event.conn);
  });
  running = await startTap(before?.current ?? prepared, { log, onNote: page.notify });
  const warnings = warningsOf(prepared);
  if (warnings.length > 0)
    page.notify(inEach((language) => warnings.map((words) => words[language]).join(' ')));
  log.append({ type: 'note', part: 'title', text: title });
  log.append({ type: 'note', part: 'intro', text: asParagraphs(greeting(prepared, running)) });
  return running;
}
