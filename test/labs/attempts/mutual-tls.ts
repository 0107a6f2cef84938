import { copyHidden, forgeRecords } from '../support/attempts.ts';
import type { Attempts, Bench, Play, WrongAttempt } from '../support/attempts.ts';
import type { Learner } from '../support/learner.ts';

function setListener(learner: Learner, ...lines: readonly string[]): void {
  learner.edit('settings.yaml', 'kind: tls\n', 'kind: mtls\n');
  learner.edit(
    'settings.yaml',
    'certificate: front\n',
    `certificate: front\n${lines.map((line) => `    ${line}\n`).join('')}`,
  );
}

/** With the staff's CA, after something has been done in the folder. */
const staffAfter =
  (line: string): Play<Bench> =>
  async ({ learner }) => {
    await learner.run(line);
    setListener(learner, 'clientAuthorities: [staff-ca]');
  };

/** A listener without client authentication, before one that requires it and is shown alice's certificate for every client. */
const alice: Play<Bench> = ({ learner }) =>
  learner.write(
    'settings.yaml',
    'proxies:\n  front: { kind: tls, certificate: front, target: inner, wires: { incoming: A, outgoing: B }, towardsTarget: { security: mtls, trust: [shop-ca], certificate: alice } }\n  inner: { kind: mtls, certificate: front, clientAuthorities: [staff-ca], target: shop, wires: { incoming: C, outgoing: D } }\n',
  );

const passedOn: Play<Bench> = ({ learner }) =>
  learner.write(
    'settings.yaml',
    'proxies:\n  front: { kind: passthrough, target: inner, wires: { incoming: A, outgoing: B } }\n  inner: { kind: mtls, certificate: front, clientAuthorities: [staff-ca], target: shop, wires: { incoming: C, outgoing: D } }\n',
  );

const inBothTasks: Readonly<Record<string, WrongAttempt<Bench>>> = {
  'records that say that all is done': { play: ({ learner }) => forgeRecords(learner), says: /^admitted / },
  'what lies hidden in the folder, as the staff’s CA': {
    async play({ learner }) {
      await copyHidden(learner, 'staff-ca.crt');
      setListener(learner, 'clientAuthorities: [staff-ca]');
    },
    says: /^unreadable_file .*staff-ca\.crt/,
  },
  'a certificate that the lab keeps for itself, in the place of the door’s': {
    play({ learner }) {
      setListener(learner, 'clientAuthorities: [staff-ca]');
      learner.edit('settings.yaml', 'certificate: front', 'certificate: mallory-as-alice');
    },
    says: /^bad_settings .*the lab keeps the key of this certificate to itself/,
  },
  'another name, for which clients are to ask': {
    play({ learner }) {
      setListener(learner, 'clientAuthorities: [staff-ca]');
      learner.edit('settings.yaml', 'target: shop', 'host: localhost\n    target: shop');
    },
    says: /^bad_settings .*clients ask for shop\.localhost at front.* \| localhost(?: \||$)/,
  },
  'the CA of anybody alone': {
    play: ({ learner }) => setListener(learner, 'clientAuthorities: [anybody-ca]'),
    says: /^refused unknown_ca /,
  },
  'a link to the CA of anybody, under the name of the staff’s': {
    play: staffAfter('ln -sf anybody-ca.crt staff-ca.crt'),
    says: /^refused unknown_ca /,
  },
  'a CA of the learner’s own that has the staff’s name, and a certificate of alice’s by it': {
    play: staffAfter(
      'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj "/O=Shop/CN=Staff CA" -keyout own.key -out staff-ca.crt && openssl req -x509 -key alice.key -subj /O=Shop/CN=alice -CA staff-ca.crt -CAkey own.key -days 9 -out alice.crt',
    ),
    says: /^refused unknown_ca /,
  },
  'a door before the door that shows alice’s certificate for everybody': { play: alice, says: /^admitted / },
  'passed on as it is, to a door behind that asks in its place': {
    play: passedOn,
    says: /^not_met .*no rejection on wire A/,
  },
  'a named pipe in the place of the CA': {
    play: staffAfter('rm staff-ca.crt && mkfifo staff-ca.crt'),
    says: /^unreadable_file .*not a file/,
  },
  'the settings a link to themselves': {
    play: async ({ learner }) => learner.run('rm settings.yaml && ln -s settings.yaml settings.yaml'),
    says: /^unreadable_file .*settings\.yaml cannot be read/,
  },
  plaintext: {
    play: ({ learner }) =>
      learner.edit(
        'settings.yaml',
        /kind: tls[^]*/,
        'kind: plaintext\n    target: shop\n    wires: { incoming: A, outgoing: B }\n',
      ),
    says: /^(?:readable|admitted) /,
  },
};

const rightForBoth: Readonly<Record<string, Play<Bench>>> = {
  'a copy of the CA under another name, with text before it, in flow style': async ({ learner }) => {
    await learner.run('openssl x509 -in staff-ca.crt -text -out people.crt');
    learner.write(
      'settings.yaml',
      'proxies:\n  \'front\': {kind: "mtls", wires: {outgoing: B, incoming: A}, clientAuthorities: [people], certificate: front, target: shop}\n',
    );
  },
  'a CA in DER, and a rule about names besides': async ({ learner }) => {
    await learner.run(
      'openssl x509 -in staff-ca.crt -outform DER -out staff.der && mv staff.der staff-ca.crt',
    );
    setListener(learner, 'clientAuthorities: [staff-ca]', 'admit: { commonNames: [alice] }');
  },
};

export const mutualTls: Attempts<Bench> = {
  lab: 'mutual-tls',
  peers: ['openssl'],
  begin: (learner) => ({ learner }),
  tasks: {
    'ask-for-certificates': {
      wrong: {
        ...inBothTasks,
        'alice’s certificate in the place of her CA’s': {
          play: ({ learner }) => setListener(learner, 'clientAuthorities: [alice]'),
          says: /^refused unknown_ca /,
        },
      },
      right: {
        ...rightForBoth,
        'both CAs, since mallory is the next task’s': ({ learner }) =>
          setListener(learner, 'clientAuthorities: [anybody-ca, staff-ca]'),
      },
    },
    'keep-mallory-out': {
      wrong: {
        ...inBothTasks,
        'both CAs': {
          play: ({ learner }) => setListener(learner, 'clientAuthorities: [anybody-ca, staff-ca]'),
          says: /^admitted /,
        },
        'both CAs, and names looked at': {
          play: ({ learner }) =>
            setListener(
              learner,
              'clientAuthorities: [anybody-ca, staff-ca]',
              'admit: { commonNames: [alice] }',
            ),
          says: /^admitted /,
        },
        'the CA of anybody, hidden behind the staff’s in one file': {
          play: staffAfter('cat anybody-ca.crt >> staff-ca.crt'),
          says: /^admitted /,
        },
        'nobody at all': {
          play: ({ learner }) =>
            setListener(learner, 'clientAuthorities: [staff-ca]', 'admit: { commonNames: [nobody] }'),
          says: /^refused name_not_admitted /,
        },
      },
      right: rightForBoth,
    },
  },
};
