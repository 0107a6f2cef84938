/** A scripted client in a run: what it reports of a server that admits it, denies it, says something else, or nothing. */
import test from 'ava';
import type { Observation } from '../../../src/capture/event.ts';
import type { ScriptLine } from '../../../src/features/scripted/lines.ts';
import { compiled, perform, removeWorldFolder } from '../../engine/support/demonstration.ts';

test.after.always(removeWorldFolder);

type Login = Extract<Observation, { kind: 'login' }>;

/** What is observed in the first step of examples/cache, at a server with this script, or with its own. */
async function observed(script?: readonly ScriptLine[], stepTimeoutMs = 5000): Promise<Observation[]> {
  const scenario = await compiled('cache', 'examples');
  const { file } = scenario;
  file.stepTimeoutMs = stepTimeoutMs;
  file.steps = file.steps.slice(0, 1);
  delete file.short;
  if (script && file.servers['cache']) file.servers['cache'].script = structuredClone(script) as never;
  const { log } = await perform(scenario);
  return log.events.flatMap((event) => (event.type === 'observed' ? [event.result] : []));
}

async function reported(script?: readonly ScriptLine[], stepTimeoutMs?: number): Promise<Login | undefined> {
  return (await observed(script, stepTimeoutMs)).find((result): result is Login => result.kind === 'login');
}

test('admitted', async (t) => {
  t.like(await reported(), { outcome: 'admitted', user: 'shop', believedConnected: true, sentBytes: 44 });
});

test('denied', async (t) => {
  t.like(await reported([{ expect: '/^AUTH/' }, { send: '-WRONGPASS no' }]), { outcome: 'denied' });
});

test('a server that says something else', async (t) => {
  t.like(await reported([{ send: 'HTTP/1.1 400 Bad Request' }, { expect: '/never/' }]), {
    outcome: 'failed',
    error: { code: 'UNEXPECTED_LINE' },
  });
});

test('the line that a client did not expect is in its report, and the one that a server did not', async (t) => {
  const mismatches = async (script?: readonly ScriptLine[]): Promise<unknown> =>
    (await observed(script)).filter(({ kind }) => kind === 'script-mismatch');
  t.deepEqual(await mismatches(), []);
  t.like(
    ((await mismatches([{ expect: '/^AUTH/' }, { send: 'HTTP/1.1 400' }, { close: true }])) as object[])[0],
    {
      received: 'HTTP/1.1 400',
    },
  );
  // The client has logged in by then, and is admitted.
  const afterwards = [
    { expect: '/^AUTH/' },
    { login: 'admitted' },
    { send: '+OK' },
    { expect: '/^NEVER$/' },
  ] as const;
  t.like(((await mismatches(afterwards)) as object[])[0], {
    at: 'servers.cache.script[3].expect',
    expected: ['/^NEVER$/'],
  });
});

test('a server that closes without a word', async (t) => {
  t.like(await reported([{ expect: '/^AUTH/' }, { close: true }]), {
    outcome: 'refused',
    error: { code: 'ECONNRESET' },
  });
});

test('a server that breaks off', async (t) => {
  t.like(await reported([{ expect: '/^AUTH/' }, { reset: true }]), {
    outcome: 'refused',
    error: { code: 'ECONNRESET' },
  });
});

test('a server that keeps silent costs one timeout', async (t) => {
  t.is((await reported([{ expect: '/^AUTH/' }, { expect: '/never/' }], 500))?.outcome, 'failed');
});
