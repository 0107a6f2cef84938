import test from 'ava';
import { compiledScenarios } from '../../helpers/compiled.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { patientPlan } from '../../../src/cli/run/hosts-options.ts';
import { standsOf } from '../../../src/cli/run/stands.ts';
import { planScenario } from '../../../src/engine/planning.ts';
import type { Plan } from '../../../src/engine/plan.ts';
import { features } from '../../../src/features/registry.ts';

const plans = new Map(
  compiledScenarios().map((one): [string, Plan] => [one.name, planScenario(features, one)]),
);
const stands = (name: string): ReturnType<typeof standsOf> => {
  const plan = plans.get(name);
  if (!plan) throw new Error(`no scenario ${name}`);
  return standsOf(features, plan);
};

const run = async (...words: readonly string[]) => askWirelab(['run', ...words, '--no-tui']);

for (const [words, says] of [
  [['tls', '--delay', '10'], /--delay is about the wires between hosts/],
  [['tls', '--hosts', 'docker'], /invalid value for --hosts/],
  [
    ['tls', '--hosts', 'netns', '--delay', '2001'],
    /invalid value for --delay\n.*\n.*a number from 0 to 2000/,
  ],
  [['tls', '--hosts', 'netns', '--delay=-1'], /invalid value for --delay/],
  [['tls', '--hosts', 'netns', '--loss', '5%'], /invalid value for --loss\n.*\n.*from 0 to 30/],
  [['tls', '--hosts', 'netns', '--loss', '31'], /invalid value for --loss/],
  [
    ['tls', '--hosts', 'netns', '--mtu', '575'],
    /invalid value for --mtu\n.*\n.*a whole number from 576 to 9000/,
  ],
  [['tls', '--hosts', 'netns', '--mtu', '1400.5'], /invalid value for --mtu/],
  [['tls', '--hosts', 'netns', '--hold'], /--hosts and --hold exclude each other/],
  [['tls', '--hosts', 'netns', '--peers'], /--hosts and --peers exclude each other/],
  [
    ['k8s-pod', '--hosts', 'netns'],
    /k8s-pod cannot run on three hosts: its server kube-apiserver[^]*On three hosts run: .*fake-site, .*plaintext, /,
  ],
  [['chain', '--hosts', 'netns'], /chain cannot run on three hosts: its step store \(trustStore\)/],
] as const) {
  test(`run ${words.join(' ')} is refused in a sentence`, async (t) => {
    const { exitCode, stdout, stderr } = await run(...words);
    t.is(exitCode, 2);
    t.is(stdout, '');
    t.regex(stderr, says);
  });
}

test('a program that is missing is named with its package', async (t) => {
  if (process.platform !== 'linux') {
    t.pass();
    return;
  }
  const words = ['run', 'tls', '--hosts', 'netns', '--no-tui'];
  const { exitCode, stderr } = await askWirelab(words, { env: { PATH: '' } });
  t.is(exitCode, 2);
  t.regex(stderr, /unshare is not installed\n[^]*Install the package util-linux\./);
});

test('clients are in the café, what sits on the way is its router, and sites are in the data centre', (t) => {
  t.deepEqual(Object.fromEntries(stands('fake-site') as ReadonlyMap<string, string>), {
    plain: 'client',
    careless: 'client',
    careful: 'client',
    pinning: 'client',
    dns: 'router',
    shop: 'server',
    'no-tls': 'router',
    'self-signed': 'router',
    'own-ca': 'router',
    'stolen-ca-key': 'router',
  });
  t.deepEqual(Object.fromEntries(stands('plaintext') as ReadonlyMap<string, string>), {
    customer: 'client',
    front: 'router',
    shop: 'server',
  });
  for (const name of ['tls', 'mtls', 'redirect', 'downgrade']) t.true(stands(name) instanceof Map, name);
});

test('a wire inside one host is one that the router cannot see', (t) => {
  const plan = plans.get('plaintext');
  const [client] = plan?.clients ?? [];
  if (!plan || !client) return t.fail();
  const [wire] = plan.wires;
  if (!wire) return t.fail();
  const inside = { ...plan, wires: [{ ...wire, hop: 'Z', from: 'front', to: 'front' }] };
  const refused = standsOf(features, inside);
  t.regex('why' in refused ? refused.why.en : '', /^its wire Z stays inside one host/);
});

test('slow wires get the time that they need', (t) => {
  const plan = plans.get('tls');
  if (!plan) return t.fail();
  t.is(patientPlan(plan, {}), plan);
  t.is(patientPlan(plan, { mtu: 576 }), plan);
  t.is(patientPlan(plan, { delay: 100 }).stepTimeoutMs, plan.stepTimeoutMs + 8000);
  t.is(patientPlan(plan, { loss: 5 }).stepTimeoutMs, 2 * plan.stepTimeoutMs);
});
