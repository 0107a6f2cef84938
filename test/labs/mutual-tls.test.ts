import test from 'ava';
import { withPeer } from '../helpers/peer.ts';
import { attemptTests } from './support/attempts.ts';
import { labTests, Learner } from './support/learner.ts';
import { mutualTls } from './attempts/mutual-tls.ts';

function setListener(learner: Learner, ...lines: readonly string[]): void {
  learner.edit('settings.yaml', 'kind: tls\n', 'kind: mtls\n');
  if (lines.length > 0)
    learner.edit(
      'settings.yaml',
      'certificate: front\n',
      `certificate: front\n${lines.map((line) => `    ${line}\n`).join('')}`,
    );
}

labTests('mutual-tls', {
  peers: ['openssl'],
  async solve(learner) {
    // As the hints go: who signed alice's certificate, and whom does that CA vouch for?
    await learner.run('openssl x509 -in alice.crt -noout -issuer | grep "Staff CA"');
    setListener(learner, 'clientAuthorities: [staff-ca]');
  },
  unedited: ['ask-for-certificates: open admitted', 'keep-mallory-out: open admitted'],
  empty: ['ask-for-certificates: open missing_file', 'keep-mallory-out: open missing_file'],
  wrong: {
    'a door that trusts the CA of anybody, and not the staff’s': {
      play: (learner) => setListener(learner, 'clientAuthorities: [anybody-ca]'),
      outcome: ['ask-for-certificates: open refused unknown_ca', 'keep-mallory-out: open refused unknown_ca'],
    },
    'a door that trusts both CAs': {
      play: (learner) => setListener(learner, 'clientAuthorities: [staff-ca, anybody-ca]'),
      outcome: ['ask-for-certificates: done', 'keep-mallory-out: open admitted'],
    },
    'both CAs in one file': {
      async play(learner) {
        await learner.run('cat anybody-ca.crt >> staff-ca.crt');
        setListener(learner, 'clientAuthorities: [staff-ca]');
      },
      outcome: ['ask-for-certificates: done', 'keep-mallory-out: open admitted'],
    },
    'a rule about names in the place of the right CA': {
      play: (learner) =>
        setListener(learner, 'clientAuthorities: [staff-ca, anybody-ca]', 'admit: { commonNames: [alice] }'),
      outcome: ['ask-for-certificates: done', 'keep-mallory-out: open admitted'],
    },
    'alice’s own certificate in the place of her CA': {
      play: (learner) => setListener(learner, 'clientAuthorities: [alice]'),
      outcome: ['ask-for-certificates: open refused unknown_ca', 'keep-mallory-out: open refused unknown_ca'],
    },
    'a door that asks, and knows no CA': {
      play: (learner) => setListener(learner),
      outcome: ['ask-for-certificates: open bad_settings', 'keep-mallory-out: open bad_settings'],
    },
    'a CA of which there is no file': {
      play: (learner) => setListener(learner, 'clientAuthorities: [stuff-ca]'),
      outcome: ['ask-for-certificates: open missing_file', 'keep-mallory-out: open missing_file'],
    },
    'the key of somebody else': {
      async play(learner) {
        await learner.run('cp mallory.key front.key');
        setListener(learner, 'clientAuthorities: [staff-ca]');
      },
      outcome: ['ask-for-certificates: open key_mismatch', 'keep-mallory-out: open key_mismatch'],
    },
    'the CA of anybody in a file of the other’s name': {
      async play(learner) {
        await learner.run('cp anybody-ca.crt staff-ca.crt');
        setListener(learner, 'clientAuthorities: [staff-ca]');
      },
      outcome: ['ask-for-certificates: open refused unknown_ca', 'keep-mallory-out: open refused unknown_ca'],
    },
    'a staff CA of the learner’s own, which has certified nobody': {
      async play(learner) {
        await learner.run(
          'openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj "/CN=Staff CA/O=Shop" -keyout own.key -out staff-ca.crt',
        );
        setListener(learner, 'clientAuthorities: [staff-ca]');
      },
      outcome: ['ask-for-certificates: open refused unknown_ca', 'keep-mallory-out: open refused unknown_ca'],
    },
    'a rule that admits nobody': {
      play: (learner) =>
        setListener(learner, 'clientAuthorities: [staff-ca]', 'admit: { commonNames: [bob] }'),
      outcome: [
        'ask-for-certificates: open refused name_not_admitted',
        'keep-mallory-out: open refused name_not_admitted',
      ],
    },
    'records that say that all is done, and files looked for where the lab keeps its own': {
      async play(learner) {
        learner.write(
          '.wirelab/lab.json',
          JSON.stringify({
            ...(JSON.parse(learner.read('.wirelab/lab.json')) as object),
            done: ['ask-for-certificates', 'keep-mallory-out'],
          }),
        );
        await learner.run('test -z "$(find .wirelab -name "*.crt" -o -name "*.key")"');
      },
      outcome: ['ask-for-certificates: open admitted', 'keep-mallory-out: open admitted'],
    },
    'a door without TLS': {
      play: (learner) =>
        learner.edit(
          'settings.yaml',
          /kind: tls[^]*/,
          'kind: plaintext\n    target: shop\n    wires: { incoming: A, outgoing: B }\n',
        ),
      outcome: ['ask-for-certificates: open readable', 'keep-mallory-out: open readable'],
    },
  },
});

withPeer(
  'openssl',
  'mutual-tls: the same door written in another way, with a file that says more than it must',
  async (t) => {
    const learner = await Learner.begin(t, 'mutual-tls');
    await learner.run('openssl x509 -in staff-ca.crt -text -out people.crt');
    learner.write(
      'settings.yaml',
      'proxies:\n  \'front\': {kind: "mtls", wires: {outgoing: B, incoming: A}, clientAuthorities: [people],\n    admit: {commonNames: [alice]}, certificate: front, target: shop}\n',
    );
    t.deepEqual(await learner.outcome(), ['ask-for-certificates: done', 'keep-mallory-out: done']);
  },
);

attemptTests(mutualTls);

test('mutual-tls: findings are named after who has come', async (t) => {
  const learner = await Learner.begin(t, 'mutual-tls');
  const results = await learner.check();
  const steps = results.flatMap(({ findings }) => findings.flatMap(({ step }) => step ?? []));
  t.deepEqual(
    [...new Set(steps)].toSorted(),
    ['alice', 'nobody', 'mallory', 'mallory-as-alice']
      .flatMap((who) => [`${who}-1.2`, `${who}-1.3`])
      .toSorted(),
  );
});
