/** A capture file on the screen: each connection is a stop, as a visitor's is. */
import { SecretHunt } from '../../analysis/secret-hunt.ts';
import { Steps } from '../../capture/steps.ts';
import type { Loop } from '../../tui/loop.ts';
import { Scene } from '../../tui/scene.ts';
import type { Environment, Parsed } from '../command.ts';
import { readVersion } from '../places.ts';
import { showOnScreen } from '../screen.ts';
import { openCapture, problemText } from './open.ts';
import type { InspectRequest } from './request.ts';

const mode = 'inspect';

/** @param onScreen told when the screen is up: who looks over its shoulder (a test) sees the model. */
export async function inspectOnScreen(request: InspectRequest, parsed: Parsed, environment: Environment, onScreen?: (loop: Loop) => void): Promise<number> {
  const { events, flows, problems } = await openCapture(request, readVersion(environment.places.root));
  return showOnScreen({
    modes: [{ name: mode, title: { en: request.name, ko: request.name }, comparable: '' }],
    mode,
    pace: 'step',
    files: { folds: [], finish: () => {}, close: () => {} },
    parsed,
    environment,
    onScreen,
    backstage: ({ send }) => ({
      codes: new Map(),
      advance: () => {},
      close: async () => {},
      start() {
        const steps = new Steps();
        const scene = new Scene({ flows, hunt: new SecretHunt([]), steps, isVisited: true, isCapture: true, findingsOf: () => [], plan: [], secrets: new Map(), typed: () => [] });
        for (const event of events) {
          steps.fold(event);
          scene.fold(event);
        }
        send({ type: 'session', mode, scene });
        send({ type: 'state', mode, state: 'finished' });
        const problem = problemText(problems);
        if (problem) send({ type: 'told', text: problem });
      },
    }),
  });
}
