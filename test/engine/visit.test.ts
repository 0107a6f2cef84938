/** The step `visit` in a file: planning it, and the errors for invalid ones. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { UserError } from '../../src/i18n/user-error.ts';
import { features } from '../../src/features/registry.ts';
import { parseScenario } from '../../src/engine/file/parse.ts';
import { planScenario } from '../../src/engine/planning.ts';
import { compiled, root } from './support/demonstration.ts';

const recipe = { identities: ['shop'], authorities: ['workshop-server-ca'], revocations: [] };

async function errorsIn(name: string, from: string, to: string): Promise<string[]> {
  const text = await readFile(join(root, 'scenarios', name, 'scenario.yaml'), 'utf8');
  if (!text.includes(from)) throw new Error(`${name} has no ${from}`);
  try {
    await parseScenario(features, {
      file: 'scenario.yaml',
      text: text.replace(from, to),
      recipeNames: async () => recipe,
    });
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [error.facts, ...(error.facts.others ?? [])].map(
      ({ where = '', what, received = '' }) => `${where.replace(/^[^ ]+ /, '')}: ${what.en} (${received})`,
    );
  }
}

test('the unchanged files have no errors', async (t) => {
  for (const name of ['redirect', 'metadata']) t.deepEqual(await errorsIn(name, 'steps:', 'steps:'), []);
});

async function reports(
  t: ExecutionContext,
  name: string,
  from: string,
  to: string,
  expected: RegExp,
): Promise<void> {
  const errors = await errorsIn(name, from, to);
  t.true(
    errors.some((error) => expected.test(error)),
    errors.join('\n'),
  );
}

test(
  'a port without a server',
  reports,
  'redirect',
  'https: { to: shop, wire: B }',
  'https: { to: shopp, wire: B }',
  /visit\.https\.to: unknown proxy or server: shopp/,
);
test(
  'a server without a wire to it',
  reports,
  'redirect',
  'http: { to: port-80, wire: A }',
  'http: { to: port-80 }',
  /missing wire/,
);
test(
  'a proxy, which names its own wires',
  reports,
  'redirect',
  'http: { to: mallory }',
  'http: { to: mallory, wire: Z }',
  /a proxy names its own wires/,
);
test('no port 443', reports, 'redirect', 'https: { to: shop, wire: B }', '', /visit\.https: missing field/);
test(
  'a wire that the visit does not cross',
  reports,
  'redirect',
  'stripped: { wires: [N, M]',
  'stripped: { wires: [Q, M]',
  /do not cross that wire \(Q\)/,
);
test(
  'one wire where two are compared',
  reports,
  'redirect',
  'stripped: { wires: [N, M]',
  'stripped: { wires: [N]',
  /stripped\.wires: value too small/,
);
test(
  'a twin that is no step',
  reports,
  'redirect',
  'twin: hsts-learned',
  'twin: hsts-learnt',
  /unknown step: hsts-learnt/,
);
test(
  'a catalogue that is no step',
  reports,
  'metadata',
  'catalogue: padded-catalogue',
  'catalogue: padded',
  /unknown step: padded/,
);
test(
  'a browser without an account that is to log in',
  reports,
  'metadata',
  'lookAtMs: [60, 400, 60, 0]',
  'login: true',
  /missing account/,
);
test(
  'a host that no preload list of ours may name',
  reports,
  'redirect',
  'preloaded: [shop.localhost]',
  'preloaded: [example.com]',
  /wrong format/,
);

test('a visit has the wires of both ports and of the servers behind them; versions make separate steps', async (t) => {
  const redirect = planScenario(features, await compiled('redirect'));
  const pathOf = (id: string) => redirect.steps.find((step) => step.id === id)?.path;
  t.deepEqual(pathOf('first-visit'), ['A', 'B']);
  t.deepEqual(pathOf('stripped'), ['M', 'N', 'B']);
  t.is(redirect.wires.find(({ hop }) => hop === 'M')?.protocol, 'http');
  t.is(redirect.wires.find(({ hop }) => hop === 'N')?.protocol, 'https');
  const metadata = planScenario(features, await compiled('metadata'));
  t.deepEqual(
    metadata.steps.map(({ id, tls, goesOn }) => [id, tls, goesOn]),
    [
      ['catalogue', undefined, undefined],
      ['alice-1.3', '1.3', undefined],
      ['alice-1.2', '1.2', undefined],
      ['padded-catalogue', undefined, undefined],
      ['padded-alice-1.3', '1.3', undefined],
      ['padded-alice-1.2', '1.2', undefined],
    ],
  );
});
