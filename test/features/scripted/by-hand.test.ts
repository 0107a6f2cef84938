/** The commands with which a person says what a scripted client says. */
import test from 'ava';
import { scriptByHand } from '../../../src/features/scripted/by-hand.ts';
import { features } from '../../../src/features/registry.ts';
import { planScenario } from '../../../src/engine/planning.ts';
import type { CompiledScenario } from '../../../src/engine/scenario.ts';
import { compiled } from '../../engine/support/demonstration.ts';

async function commandsOf(scenario: CompiledScenario, id: string) {
  const plan = planScenario(features, scenario);
  const step = plan.steps.find((one) => one.id === id);
  if (!step) throw new Error(`no step ${id}`);
  const [entry] = scriptByHand(step, {
    plan,
    addresses: new Map(
      [...plan.servers, ...plan.proxies].map(({ name }, at) => [
        name,
        { host: '127.0.0.1', port: 4000 + at },
      ]),
    ),
    world: undefined,
    tappedAddresses: new Map(),
    isKnownByAddress: () => false,
  });
  return entry?.[1];
}

test('in clear: the lines through curl’s telnet', async (t) => {
  const command = await commandsOf(await compiled('cache', 'examples'), 'plain');
  t.is(
    command?.curl,
    String.raw`printf '%s\r\n' 'AUTH shop tiger-lily' 'GET customer:1' QUIT | curl -sS -m 5 telnet://127.0.0.1:4000`,
  );
  t.is(command?.openssl, undefined);
});

test('a server without STARTTLS is spoken to in clear, also by a client that would take it', async (t) => {
  const command = await commandsOf(await compiled('mail'), 'plain');
  t.regex(
    command?.curl ?? '',
    /^printf '%s\\r\\n' 'EHLO laptop\.localhost' 'AUTH PLAIN \S+' .* QUIT \| curl /,
  );
});

test('with STARTTLS: what is said behind it, through openssl', async (t) => {
  const command = await commandsOf(await compiled('mail'), 'starttls');
  t.regex(command?.openssl ?? '', /^printf '%s\\r\\n' 'EHLO laptop\.localhost' 'AUTH .* -starttls smtp /);
  t.false(command?.openssl?.includes("STARTTLS'"));
});

test('over TLS: all of it, through openssl, without a certificate that the client has not', async (t) => {
  const command = await commandsOf(await compiled('cache', 'examples'), 'thief-mutual-1.3');
  t.regex(command?.openssl ?? '', /^printf .* QUIT \| openssl s_client -connect /);
  t.notRegex(command?.openssl ?? '', /-starttls|-cert /);
});
