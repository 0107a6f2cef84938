/** Proxies in a row: the wire between two of them has one name, is recorded once, and is drawn where it lies. */
import test from 'ava';
import { compiled, perform, removeWorldFolder } from './support/demonstration.ts';
import type { Editable } from './support/demonstration.ts';
import type { CompiledScenario } from '../../src/engine/scenario.ts';

test.after.always(removeWorldFolder);

type Proxy = NonNullable<CompiledScenario['file']['proxies']>[string];

/** The login of the scenario tls, through these proxies. */
async function through(
  proxies: Readonly<Record<string, Proxy>>,
  to: string,
  expect: CompiledScenario['file']['steps'][number]['expect'],
): Promise<Editable<CompiledScenario>> {
  const scenario = await compiled('tls');
  scenario.file.proxies = structuredClone(proxies) as typeof scenario.file.proxies;
  delete scenario.file.wires;
  delete scenario.file.expect;
  delete scenario.file.short;
  scenario.file.steps = [
    { id: 'sealed-login', login: { client: 'customer', to }, expect },
  ] as typeof scenario.file.steps;
  return scenario;
}

const passing = (target: string, incoming: string, outgoing: string): Proxy => ({
  kind: 'passthrough',
  target,
  wires: { incoming, outgoing },
});

test('three that relay unchanged: four wires in order, each recorded once, the login sealed on all', async (t) => {
  const { plan, log, statuses } = await perform(
    await through(
      {
        last: passing('sealed-shop', 'C', 'D'),
        first: passing('second', 'A', 'B'),
        second: passing('last', 'B', 'C'),
      },
      'first',
      [{ admitted: { as: 'alice' } }, { sealed: { secrets: ['password'], wires: ['A', 'B', 'C', 'D'] } }],
    ),
  );
  t.deepEqual(plan.steps[0]?.path, ['A', 'B', 'C', 'D']);
  t.deepEqual(
    plan.wires.map(({ hop, from, to }) => `${from} ${hop} ${to}`),
    ['customer A first', 'first B second', 'second C last', 'last D sealed-shop'],
  );
  t.is(statuses['sealed-login/admitted'], 'met');
  const bytes = (hop: string): string =>
    Buffer.concat(
      log.events.flatMap((event) =>
        event.type === 'bytes' && event.hop === hop && event.from === 'client' ? [event.bytes] : [],
      ),
    ).toString('hex');
  t.true(log.events.every((event) => !('conn' in event) || event.conn === undefined || event.conn >= 0));
  for (const hop of ['A', 'B', 'C', 'D']) {
    t.is(log.events.filter((event) => event.type === 'opened' && event.hop === hop).length, 1, hop);
    t.is(bytes(hop), bytes('A'), hop);
  }
});

test('behind one that ends TLS the shared wire is readable, and recorded once', async (t) => {
  const { log, statuses } = await perform(
    await through(
      {
        front: {
          kind: 'tls',
          target: 'behind',
          wires: { incoming: 'A', outgoing: 'B' },
          certificate: 'proxy',
        },
        behind: { kind: 'plaintext', target: 'shop', wires: { incoming: 'B', outgoing: 'C' } },
      },
      'front',
      [
        { admitted: { as: 'alice' } },
        { sealed: { secrets: ['password'], wires: ['A'] } },
        { visible: { secrets: ['password'], wires: ['B', 'C'] } },
      ],
    ),
  );
  t.deepEqual([...new Set(Object.values(statuses))], ['met']);
  const requests = log.events.filter(
    (event) =>
      event.type === 'bytes' &&
      event.hop === 'B' &&
      event.from === 'client' &&
      Buffer.from(event.bytes).toString('latin1').startsWith('POST /login'),
  );
  t.is(requests.length, 1);
});
