/** A question about several clients on the screen: it is asked once, and the answers come one after the other. */
import test from 'ava';
import { features } from '../../../../src/features/registry.ts';
import { loadScenario } from '../../../../src/engine/load.ts';
import { planScenario } from '../../../../src/engine/planning.ts';
import { findPlaces, scenarioPlaces } from '../../../../src/cli/places.ts';
import { performed } from '../support/performed.ts';

test('the room is asked once for all clients of a step, and each of them has a place of its own', async (t) => {
  const { steps } = planScenario(
    features,
    await loadScenario('client-refusals', scenarioPlaces(findPlaces({}))),
  );
  const screen = await performed(t, { scenario: 'client-refusals', columns: 110, rows: 40 });
  const stops = 2 + steps.length + new Set(steps.map(({ base }) => base)).size;
  await screen.until(new RegExp(`step 1/${stops} `));
  const expected: readonly string[] = [
    'what do you think[^]*One client is admitted, on TLS 1\\.3[^]*Alice knows the password',
    'SEALED[^]*alice',
    'Alice is in, on both versions',
    'what do you think[^]*No certificate, on TLS 1\\.3\\s+Nobody vouches for them',
    'No certificate: refused, with the login already sent[^]*the client nobody',
    'No certificate: refused before the login was sent[^]*the client nobody',
    'Self-signed: refused, with the login already sent[^]*the client self-signed',
    'Self-signed: refused before the login was sent[^]*the client self-signed[^]*Without a certificate they hear',
    'what do you think[^]*The wrong signer',
  ];
  for (const [index, text] of expected.entries()) {
    await screen.press(' ');
    // By its number: a step that is still running shows what has come so far under the question.
    await screen.until(new RegExp(`step ${index + 2}/${stops} [^]*${text}`));
  }
  t.is(await screen.leave(), 0);
});
