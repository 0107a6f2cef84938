/** A replay on the screen: what each stop shows is what the run showed there; and the same as an asciicast. */
import headless from '@xterm/headless';
import test from 'ava';
import { CaptureLog } from '../../../../src/capture/log.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { loadReadings } from '../../../../src/analysis/conversation/conversation.ts';
import { loadExplanations } from '../../../../src/presentation/conversation/explain.ts';
import { loadWireReading } from '../../../../src/presentation/refusals.ts';
import { parseCommand } from '../../../../src/cli/command.ts';
import type { Environment } from '../../../../src/cli/command.ts';
import { findPlaces } from '../../../../src/cli/places.ts';
import { replay } from '../../../../src/cli/run/replay/command.ts';
import { castOf } from '../../../../src/cli/run/replay/cast.ts';
import type { OpenedRun } from '../../../../src/cli/run/replay/checked.ts';
import { ReplayStage, replayModes } from '../../../../src/cli/run/replay/on-screen.ts';
import { RunRecorder } from '../../../../src/cli/run/replay/recorder.ts';
import { Stage } from '../../../../src/cli/run/stage.ts';
import type { RunController } from '../../../../src/cli/run/screen.ts';
import { features } from '../../../../src/features/registry.ts';
import { planScenario } from '../../../../src/engine/planning.ts';
import { bundleFile } from '../../../../src/ui/bundle/write.ts';
import { startLoop } from '../../../../src/ui/tui/loop.ts';
import type { Message } from '../../../../src/ui/tui/message.ts';
import { startModel } from '../../../../src/ui/tui/state/model.ts';
import type { Mode } from '../../../../src/ui/tui/state/model.ts';
import { view } from '../../../../src/ui/tui/view.ts';
import { compiled, removeWorldFolder, worldFolder } from '../../../engine/support/demonstration.ts';
import { isAtLength } from '../../../helpers/at-length.ts';
import { wirelabEnvironment } from '../../../helpers/wirelab.ts';
import { bundleOf, checkedRun } from '../../../ui/bundle/support/bundles.ts';

test.before(async () => {
  await Promise.all([loadReadings(), loadWireReading(), loadExplanations()]);
});
test.after.always(removeWorldFolder);

const size = { columns: 100, rows: 30 } as const;

async function environmentOf(): Promise<Environment> {
  const variables = wirelabEnvironment({ WIRELAB_CERTS: await worldFolder() });
  return {
    variables,
    places: findPlaces(variables),
    language: 'en',
    stdin: process.stdin,
    stdout: { isTTY: false } as NodeJS.WriteStream,
    stderr: process.stderr,
  };
}

/** The frames of all stops, and of views that a key opens at each. */
async function framesOf(
  modes: readonly Mode[],
  controllerOf: (send: (message: Message) => void, fail: (error: unknown) => void) => RunController,
): Promise<string[]> {
  const frames: string[] = [];
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => {});
  let onDrawn = (): void => {};
  const [mode = { name: '' }] = modes;
  const controller = controllerOf((message) => loop.send(message), fail);
  const loop = startLoop({
    surface: { draw: () => onDrawn(), onMessage: () => {}, setMouse: () => {} },
    model: startModel({ size, language: 'en', ascii: false, modes, mode: mode.name }),
    onError: fail,
    outside(effect) {
      if (effect.type === 'advance') controller.advance(effect.mode);
    },
  });
  const isSettled = (): boolean => {
    const { goal, sessions } = loop.model;
    const session = sessions[mode.name];
    if (session?.state === 'failed') throw new Error(session.error?.join('\n'));
    return (
      goal === undefined &&
      (session?.state === 'waiting' || session?.state === 'finished') &&
      !session.scene.isReading
    );
  };
  const settled = async (): Promise<void> =>
    Promise.race([
      failed,
      new Promise<void>((done) => {
        onDrawn = (): void => {
          if (isSettled()) done();
        };
      }),
    ]);
  const press = async (key: string): Promise<void> => {
    const drawn = settled();
    loop.send({ type: 'key', key });
    loop.send({ type: 'resized', ...size });
    await drawn;
  };
  const take = (): void => {
    frames.push(
      view({ ...loop.model, notice: undefined } as never)
        .lines.map((line) =>
          line
            .map(({ text }) => text)
            .join('')
            .trimEnd(),
        )
        .join('\n'),
    );
  };
  const first = settled();
  controller.start(mode.name);
  await first;
  for (let stops = 0; stops < 100; stops++) {
    for (const key of ['', 'x', 'k', 'k', 'x']) {
      if (key !== '') await press(key);
      take();
    }
    const before = frames.at(-1);
    await press('space');
    take();
    if (frames.at(-1) === before) break;
  }
  loop.stop();
  await controller.close();
  return frames;
}

for (const name of isAtLength ? ['plaintext', 'mtls'] : ['plaintext'])
  test(`${name}: each stop of a replay shows what the run showed, and a restart begins anew`, async (t) => {
    const environment = await environmentOf();
    const scenario = await compiled(name);
    const plan = planScenario(features, scenario);
    const playable = new Map([[name, { compiled: scenario, plan }]]);
    let recorder: RunRecorder | undefined;
    const modes = replayModes({
      path: '',
      plan,
      bundle: { scenario: { compiled: scenario } } as unknown as OpenedRun['bundle'],
    });
    const shown = await framesOf(
      modes,
      (send, fail) =>
        new Stage({
          log: new CaptureLog({ clock: systemClock }),
          playable,
          environment,
          hold: false,
          send,
          fail,
          recorderOf: async (_, judge, world) =>
            Promise.resolve(
              (recorder = new RunRecorder(
                { compiled: scenario, plan, short: false, supplied: {} },
                judge,
                world,
              )),
            ),
        }),
    );
    t.true(shown.length > 20);
    if (!recorder) throw new Error('nothing was recorded');
    const kept: RunRecorder = recorder;
    const opened = await checkedRun(bundleFile(bundleOf(kept, true)));
    const replayed = await framesOf(modes, (send, fail) => new ReplayStage(opened, send, fail));
    t.is(replayed.length, shown.length);
    for (const [index, frame] of replayed.entries()) t.is(frame, shown[index] ?? '', String(index));
    const redacted = await checkedRun(bundleFile(bundleOf(kept)));
    const frames = await framesOf(modes, (send, fail) => new ReplayStage(redacted, send, fail));
    t.is(frames.length, shown.length);
    t.is(
      frames.some((frame) => frame.includes('[▒▒▒▒▒▒▒▒▒▒]')),
      name === 'plaintext',
      'redacted cells are marked',
    );
    t.false(frames.some((frame) => frame.includes('tiger-lily')));

    const cast = await castOf(
      opened,
      parseCommand('replay', replay.options, ['x', '--pace', '500']),
      environment,
    );
    const [head = '', ...events] = cast.trimEnd().split('\n');
    const header = JSON.parse(head) as { version: number; width: number; height: number; timestamp: number };
    t.like(header, { version: 2, width: 80, height: 24, timestamp: 0 });
    const terminal = new headless.Terminal({
      cols: header.width,
      rows: header.height,
      allowProposedApi: true,
    });
    const text = (): string =>
      Array.from({ length: header.height }, (_, row) =>
        terminal.buffer.active.getLine(row)?.translateToString(true),
      ).join('\n');
    let at = 0;
    const seen: string[] = [];
    for (const line of events) {
      const [time, code, data] = JSON.parse(line) as [number, string, string];
      t.true(time >= at && Number.isFinite(time), 'time does not go back');
      t.is(code, 'o');
      at = time;
      await new Promise<void>((done) => terminal.write(data, done));
      seen.push(text());
    }
    // A frame for each stop, as they are in the plan.
    t.true(seen.length >= plan.steps.length * 2);
    t.regex(seen[0] ?? '', new RegExp(`^ ${name}   step 1/`));
    t.regex(seen.at(-2) ?? '', /PASSED: \d+ of \d+ claims/);
    for (const frame of seen) t.is(frame.split('\n').length, 24);
  });
