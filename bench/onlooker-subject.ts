/**
 * The relay with everything captured and judged, and with `screen` as its third word also looked at: a loop that draws
 * on a terminal (blessed) whose output forgets. onlooker-subject.js LISTEN-PORT TARGET-PORT [screen]. It tells its parent
 * how often it has drawn, when asked.
 */
import { PassThrough, Writable } from 'node:stream';
import { loadReadings } from '../src/analysis/conversation/conversation.ts';
import { CaptureLog } from '../src/capture/log.ts';
import { systemClock } from '../src/core/clock.ts';
import { startProxy } from '../src/proxy/proxy.ts';
import { features } from '../src/features/registry.ts';
import { loadScenario } from '../src/engine/load.ts';
import { planScenario } from '../src/engine/planning.ts';
import { createJudge } from '../src/engine/verdict.ts';
import { loadExplanations } from '../src/presentation/conversation/explain.ts';
import { openTerminal } from '../src/ui/tui/blessed.ts';
import { startLoop } from '../src/ui/tui/loop.ts';
import { startModel } from '../src/ui/tui/state/model.ts';
import { RunState } from '../src/ui/tui/state/run-state.ts';
import { topology } from './million.ts';

const [listen = '0', target = '0', screen] = process.argv.slice(2);
const log = new CaptureLog({ clock: systemClock, maxPayload: 64 * 1024 * 1024 });
const plan = planScenario(
  features,
  await loadScenario('plaintext', {
    compiled: 'dist/data/scenarios',
    recipeFolders: [],
    features: async () => Promise.resolve(features),
  }),
);
const judge = await createJudge(features, { plan, source: log });
log.append({ type: 'began', version: '0.0.0', wallClock: new Date(0).toISOString(), topology });
let draws = 0;
if (screen === 'screen') {
  await Promise.all([loadReadings(), loadExplanations()]);
  const { flows, hunt, steps } = judge;
  const secrets = new Map(plan.secrets.map(({ id, value }) => [id, value]));
  const scene = new RunState({
    flows,
    hunt,
    steps,
    findingsOf: () => [],
    plan: [],
    secrets,
    typed: () => [],
  });
  const size = { columns: 80, rows: 24 };
  const terminal = openTerminal({
    input: new PassThrough(),
    output: Object.assign(new Writable({ write: (_bytes, _encoding, done) => done() }), size),
    depth: '256',
    mouse: false,
  });
  const loop = startLoop({
    surface: {
      draw: (frame, contrast) => {
        draws++;
        terminal.draw(frame, contrast);
      },
      onMessage: () => {},
      setMouse: () => {},
    },
    model: startModel({ size, language: 'en', ascii: false, modes: [], mode: plan.scenario }),
    outside: () => {},
    onError: (error) => {
      throw error;
    },
  });
  loop.send({
    type: 'judged',
    scene,
    verdict: { scenario: plan.scenario, status: 'passed', findings: [] },
    ways: [{ hop: 'A', to: 'proxy', client: 'client', curl: 'curl' }],
  });
  loop.send({ type: 'session', mode: plan.scenario, scene });
  log.subscribe((event) => {
    judge.fold(event);
    loop.send({ type: 'captured', scene, events: [event] });
  });
} else log.subscribe(judge.fold);
process.on('message', () => process.send?.(draws));
await startProxy({
  kind: 'plaintext',
  pump: 'bytes',
  accept: { listen: { host: '127.0.0.1', port: Number(listen) } },
  dial: { security: 'plain', to: { host: '127.0.0.1', port: Number(target) } },
  wires: { incoming: 'A', outgoing: 'B' },
  log,
  clock: systemClock,
});
