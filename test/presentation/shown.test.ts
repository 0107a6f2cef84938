/** What features show is loaded for the runs that can have it, and for nothing else. */
import test from 'ava';
import { findPlaces, scenarioPlaces } from '../../src/cli/places.ts';
import { loadScenario } from '../../src/engine/load.ts';
import { planScenario } from '../../src/engine/planning.ts';
import { features } from '../../src/features/registry.ts';

const kindsIn = async (name?: string): Promise<string[]> => {
  const plan =
    name === undefined
      ? undefined
      : planScenario(features, await loadScenario(name, scenarioPlaces(findPlaces({}))));
  return (await features.shown(plan)).flatMap(({ reports = {} }) => Object.keys(reports));
};

test('a plaintext demonstration loads how a login is shown, and no more', async (t) => {
  t.deepEqual((await kindsIn('plaintext')).toSorted(), ['login', 'revocation', 'served']);
});

test('a run loads what its steps, its servers, or what they report beside need', async (t) => {
  const toy = await kindsIn('key-exchange');
  t.true(toy.includes('theft'));
  t.false(toy.includes('kubectl'));
  const cluster = await kindsIn('k8s-etcd');
  for (const kind of ['kubectl', 'api', 'etcdctl', 'etcd', 'certificate'])
    t.true(cluster.includes(kind), kind);
  for (const name of ['bad-sites', 'chain', 'client-refusals'])
    t.true((await kindsIn(name)).includes('program'), name);
});

test('all features are loaded for a control plane without a plan', async (t) => {
  const kinds = await kindsIn();
  t.true(kinds.length > 15);
  t.is(new Set(kinds).size, kinds.length, 'a kind of report is shown by one feature');
});
