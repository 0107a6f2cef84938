/** A server that a client reaches without a proxy in between: its refusals are its own, and joined to the client's wire. */
import test from 'ava';
import { compiled, perform, removeWorldFolder } from './support/demonstration.ts';
import type { Editable } from './support/demonstration.ts';
import type { CompiledScenario } from '../../src/engine/scenario.ts';

test.after.always(removeWorldFolder);

/** The clients of the scenario log in straight at a shop that demands certificates. */
async function direct(
  client: string,
  expect: CompiledScenario['file']['steps'][number]['expect'],
): Promise<Editable<CompiledScenario>> {
  const scenario = await compiled('mtls');
  const { shop } = scenario.file.servers;
  const front = Object.values(scenario.file.proxies ?? {}).find(({ kind }) => kind === 'mtls');
  if (!shop || !front) throw new Error('the scenario has no shop or no mTLS proxy');
  Object.assign(shop, {
    security: 'mtls',
    certificate: front.certificate,
    clientAuthorities: front.clientAuthorities,
    revocations: front.revocations,
    ...(front.host === undefined ? {} : { host: front.host }),
  });
  delete scenario.file.proxies;
  delete scenario.file.wires;
  delete scenario.file.expect;
  scenario.file.steps = [
    { id: 'straight', login: { client, to: 'shop', wire: 'E', tls: ['1.3', '1.2'] }, expect },
  ] as typeof scenario.file.steps;
  return scenario;
}

const refusals = [
  ['alice-expired', 'certificate_expired', { '1.3': 'certificate_expired', '1.2': 'certificate_expired' }],
  ['nobody', 'certificate_missing', { '1.3': 'certificate_required', '1.2': 'handshake_failure' }],
] as const;

for (const [client, reason, alert] of refusals) {
  test(`a server without a proxy refuses ${client}: its refusal is proven on the client's wire`, async (t) => {
    const { verdict, log } = await perform(
      await direct(client, [{ refused: { by: 'server', reason, alert } }]),
    );
    t.deepEqual(
      verdict.findings
        .map(({ expectation, status, says }) => [expectation, status, says.en])
        .filter(([, status]) => status !== 'met'),
      [],
    );
    t.is(verdict.findings.length, 2);
    const events = log.events.filter((event) => event.type === 'refused');
    t.deepEqual(
      events.map((event) => event.type === 'refused' && [event.hop, event.by, event.reason]),
      [
        ['E', 'server', reason],
        ['E', 'server', reason],
      ],
    );
    for (const { conn, seq } of events as { conn: number; seq: number }[])
      t.true((log.events.find((event) => event.type === 'closed' && event.conn === conn)?.seq ?? 0) > seq);
  });
}

test('a server without a proxy admits alice: no refusal is claimed or recorded', async (t) => {
  const { verdict, log } = await perform(
    await direct('alice', [{ refused: { by: 'server', alert: 'certificate_required' } }]),
  );
  t.deepEqual(
    verdict.findings.map(({ status }) => status),
    ['missed', 'missed'],
  );
  t.false(log.events.some(({ type }) => type === 'refused'));
});

test('an unmet failed says what was expected beside what was seen', async (t) => {
  const { verdict } = await perform(
    await direct('alice-expired', [
      { failed: { wires: ['E'], by: 'server', alert: 'unknown_ca', cause: 'unknown_ca' } },
    ]),
  );
  for (const { status, says } of verdict.findings) {
    t.is(status, 'missed');
    t.regex(
      says.en,
      /Seen: refused_by_server, alert certificate_expired, cause certificate_expired; expected: refused_by_server, alert unknown_ca, cause unknown_ca$/,
    );
    t.regex(says.ko, /관찰: .*예상: refused_by_server/);
  }
});
