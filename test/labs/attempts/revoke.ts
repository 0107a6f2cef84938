import type { LabEvent } from '../../../src/labs/hold/holding.ts';
import { copyHidden, forgeRecords, keptFile, wirelab } from '../support/attempts.ts';
import type { Attempts, Bench, Play, WrongAttempt } from '../support/attempts.ts';
import { Held } from '../support/holding.ts';
import type { Learner } from '../support/learner.ts';

type HeldEvent = Extract<LabEvent, { kind: 'held' }>;

export const isHeld =
  (...states: readonly HeldEvent['news']['state'][]) =>
  (event: LabEvent): event is HeldEvent =>
    event.kind === 'held' && states.includes(event.news.state);

/** Adds lines to the front door's settings. */
export function setDoor(learner: Learner, ...lines: readonly string[]): void {
  learner.edit(
    'settings.yaml',
    'clientAuthorities: [staff-ca]\n',
    `clientAuthorities: [staff-ca]\n${lines.map((line) => `    ${line}\n`).join('')}`,
  );
}

export const reads = 'revocations: [staff-ca]';
const authority = '--ca staff-ca.crt --ca-key staff-ca.key';

/** The CA's list with these on it besides. */
export async function revokeByWirelab(learner: Learner, ...names: readonly string[]): Promise<void> {
  for (const name of names)
    await wirelab(learner, `certs revoke ${name}.crt ${authority} --crl staff-ca.crl`);
}

/** A list of these and nobody else. */
export async function revokeByOpenssl(learner: Learner, ...names: readonly string[]): Promise<void> {
  await learner.run(
    [
      ...names.map((name) => `openssl ca -config ca.cnf -revoke ${name}.crt`),
      'openssl ca -config ca.cnf -gencrl -out staff-ca.crl',
    ].join(' && '),
  );
}

/** A door that reads a list of bob and erin. */
export async function listed(learner: Learner, ...lines: readonly string[]): Promise<void> {
  await revokeByWirelab(learner, 'bob');
  setDoor(learner, reads, ...lines);
}

export const withoutResumption = (learner: Learner): void =>
  learner.edit('settings.yaml', '    resumption: true\n', '    resumption: false\n');

/** With the lab up, and bob connected; then until something has become of him. */
const whileUp =
  (
    act: (learner: Learner) => Promise<void> | void,
    ...until: readonly HeldEvent['news']['state'][]
  ): Play<Bench> =>
  async ({ learner }) => {
    const held = await Held.start(learner.t, learner);
    await held.until(isHeld('connected'));
    const from = held.events.length;
    await act(learner);
    if (until.length > 0) await held.until(isHeld(...until), from);
    return async () => held.end();
  };

const isOpen = /^not_met \| the connection that bob opened with a certificate at .* is still open/;

const listWrong: Readonly<Record<string, WrongAttempt<Bench>>> = {
  'records that say that all is done': {
    play: ({ learner }) => forgeRecords(learner),
    says: /^admitted .*bob/,
  },
  'a list that nobody reads': {
    play: async ({ learner }) => revokeByWirelab(learner, 'bob'),
    says: /^admitted .*bob/,
  },
  'another name, for which clients are to ask': {
    async play({ learner }) {
      await revokeByWirelab(learner, 'bob', 'erin');
      setDoor(learner, reads);
      learner.edit('settings.yaml', 'target: shop', 'host: localhost\n    target: shop');
    },
    says: /^bad_settings .*clients ask for shop\.localhost at front/,
  },
  'the old list, which has run out': {
    play: ({ learner }) => setDoor(learner, reads),
    says: /^refused crl_expired \| alice/,
  },
  'a new list, and erin is not on it': {
    async play({ learner }) {
      await revokeByOpenssl(learner, 'bob');
      setDoor(learner, reads);
    },
    says: /^admitted .*erin/,
  },
  'everybody on the list': {
    async play({ learner }) {
      await revokeByWirelab(learner, 'bob', 'alice');
      setDoor(learner, reads);
    },
    says: /^refused certificate_revoked \| alice/,
  },
  'a list by a CA of the learner’s own that has the staff’s name': {
    async play({ learner }) {
      await learner.run(
        'mkdir own && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj "/O=Shop/CN=Staff CA" -keyout own/staff-ca.key -out own/staff-ca.crt && cp ca.cnf index.txt bob.crt erin.crt own && cd own && openssl ca -config ca.cnf -revoke bob.crt && openssl ca -config ca.cnf -revoke erin.crt && openssl ca -config ca.cnf -gencrl -out ../staff-ca.crl',
      );
      setDoor(learner, reads);
    },
    says: /^refused crl_missing \| alice/,
  },
  'the old list with another day written into it': {
    play({ learner }) {
      const base64 = learner.read('staff-ca.crl').replaceAll(/-----[^-]+-----|\s/g, '');
      const der = Buffer.from(base64, 'base64');
      // The second UTCTime (RFC 5280 section 5.1.2.5); its year has two digits.
      const utcTime = Buffer.from([0x17, 0x0d]);
      der.write('49', der.indexOf(utcTime, der.indexOf(utcTime) + 1) + 2, 'latin1');
      learner.write(
        'staff-ca.crl',
        `-----BEGIN X509 CRL-----\n${der.toString('base64')}\n-----END X509 CRL-----\n`,
      );
      setDoor(learner, reads);
    },
    says: /^refused crl_missing \| alice/,
  },
  'a rule about names in the place of the list': {
    play: ({ learner }) => setDoor(learner, 'admit: { commonNames: [alice] }'),
    says: /^not_met /,
  },
  'no list of that name': {
    async play({ learner }) {
      learner.remove('staff-ca.crl');
      setDoor(learner, reads);
    },
    says: /^missing_file \| staff-ca\.crl is missing; the lab gave it/,
  },
  'a certificate in the place of the list': {
    async play({ learner }) {
      await learner.run('cp bob.crt staff-ca.crl');
      setDoor(learner, reads);
    },
    says: /^unreadable_file \| there is no certificate revocation list/,
  },
  'what lies hidden in the folder, as the list': {
    async play({ learner }) {
      await copyHidden(learner, 'staff-ca.crl');
      setDoor(learner, reads);
    },
    says: /^unreadable_file .*staff-ca\.crl/,
  },
  'the lab’s own list, from where it keeps it': {
    async play({ learner }) {
      await learner.run(`cp ${keptFile(learner, 'staff-ca', 'crl')} staff-ca.crl`);
      setDoor(learner, reads);
    },
    says: /^refused crl_expired \| alice/,
  },
  'a named pipe as the list': {
    async play({ learner }) {
      await learner.run('rm staff-ca.crl && mkfifo staff-ca.crl');
      setDoor(learner, reads);
    },
    says: /^unreadable_file .*not a file/,
  },
  'a door that trusts nobody’s CA but the shop’s': {
    play: ({ learner }) =>
      learner.edit('settings.yaml', 'clientAuthorities: [staff-ca]', 'clientAuthorities: [shop-ca]'),
    says: /^refused unknown_ca \| alice/,
  },
};

export const revoke: Attempts<Bench> = {
  lab: 'revoke',
  peers: ['openssl'],
  begin: (learner) => ({ learner }),
  tasks: {
    'keep-bob-out': {
      wrong: listWrong,
      right: {
        'by wirelab, which adds to the old list': async ({ learner }) => listed(learner),
        'by openssl, which begins a new one': async ({ learner }) => {
          await revokeByOpenssl(learner, 'bob', 'erin');
          setDoor(learner, reads);
        },
        'in DER, by a CA’s file of another name, in flow style, with the old list before it': async ({
          learner,
        }) => {
          await revokeByOpenssl(learner, 'bob', 'erin');
          await learner.run(
            `cat ${keptFile(learner, 'staff-ca', 'crl')} staff-ca.crl > people.crl && openssl x509 -in staff-ca.crt -outform DER -out people.crt`,
          );
          learner.write(
            'settings.yaml',
            'proxies:\n  front: {kind: mtls, wires: {outgoing: B, incoming: A}, clientAuthorities: [staff-ca], revocations: [people], certificate: front, target: shop}\n',
          );
        },
      },
    },
    'end-his-connection': {
      wrong: {
        'records that say that all is done': {
          play: whileUp((learner) => forgeRecords(learner)),
          says: isOpen,
        },
        'the lab is not up': { play: async ({ learner }) => listed(learner), says: /^not_up / },
        'the list alone': { play: whileUp(async (learner) => listed(learner), 'goes_on'), says: isOpen },
        'an age that is an hour': {
          play: whileUp(async (learner) => listed(learner, 'maxConnectionSeconds: 3600'), 'goes_on'),
          says: isOpen,
        },
        'an age, and no list': {
          play: whileUp((learner) => setDoor(learner, 'maxConnectionSeconds: 1'), 'ended'),
          says: /^admitted .*bob/,
        },
        'no resumption': {
          play: whileUp(async (learner) => {
            await listed(learner);
            withoutResumption(learner);
          }, 'goes_on'),
          says: isOpen,
        },
        'settings that cannot be used': {
          play: whileUp(async (learner) => listed(learner, 'maxConnectionSeconds: soon')),
          says: /^bad_settings /,
        },
        'a door that knows nobody': {
          play: whileUp((learner) => setDoor(learner, 'admit: { commonNames: [nobody] }'), 'ended'),
          says: /^refused name_not_admitted \| alice/,
        },
        'bob’s own files deleted': {
          play: whileUp((learner) => learner.remove('bob.crt', 'bob.key', 'staff-ca.key')),
          says: isOpen,
        },
        'a comment in the settings': {
          play: whileUp(async (learner) => listed(learner, '# maxConnectionSeconds: 1'), 'goes_on'),
          says: isOpen,
        },
      },
      right: {
        'an age': whileUp(async (learner) => listed(learner, 'maxConnectionSeconds: 1'), 'ended'),
        'an age, and then the list': whileUp(async (learner) => {
          await revokeByOpenssl(learner, 'bob', 'erin');
          setDoor(learner, reads);
          setDoor(learner, 'maxConnectionSeconds: 2');
        }, 'ended'),
        'the lab stopped, and started again': async ({ learner }) => {
          const before = await Held.start(learner.t, learner);
          await before.until(isHeld('connected'));
          await listed(learner);
          await before.end();
          const held = await Held.start(learner.t, learner);
          await held.until(isHeld('refused'));
          return async () => held.end();
        },
      },
    },
    'no-way-back': {
      wrong: {
        'records that say that all is done': {
          play: ({ learner }) => forgeRecords(learner),
          says: /^admitted .*bob/,
        },
        'no resumption, and no file of the list': {
          play({ learner }) {
            withoutResumption(learner);
            setDoor(learner, reads);
            learner.remove('staff-ca.crl');
          },
          says: /^missing_file /,
        },
        'no resumption, and everybody on the list': {
          async play({ learner }) {
            await revokeByWirelab(learner, 'bob', 'alice');
            setDoor(learner, reads);
            withoutResumption(learner);
          },
          says: /^refused certificate_revoked \| alice/,
        },
        'the list alone': {
          play: async ({ learner }) => listed(learner),
          says: /^admitted \| no rejection: .*bob/,
        },
        'the list, and connections that live for a second': {
          play: async ({ learner }) => listed(learner, 'maxConnectionSeconds: 1'),
          says: /^admitted \| no rejection: .*bob/,
        },
        'no resumption, and no list': {
          play: ({ learner }) => withoutResumption(learner),
          says: /^admitted \| no rejection: .*bob/,
        },
        'no resumption, and the old list': {
          play({ learner }) {
            withoutResumption(learner);
            setDoor(learner, reads);
          },
          says: /crl_expired/,
        },
        'no resumption, and a list without erin': {
          async play({ learner }) {
            await revokeByOpenssl(learner, 'bob');
            setDoor(learner, reads);
            withoutResumption(learner);
          },
          says: /^admitted .*erin/,
        },
        'no resumption, in words that YAML does not know': {
          async play({ learner }) {
            await listed(learner);
            learner.edit('settings.yaml', '    resumption: true\n', '    resumption: no\n');
          },
          says: /^bad_settings /,
        },
        'everybody refused by name': {
          play: async ({ learner }) => listed(learner, 'admit: { commonNames: [alice] }'),
          says: /^refused name_not_admitted .*bob/,
        },
        'a door before the door that shows alice’s certificate for everybody': {
          async play({ learner }) {
            await revokeByWirelab(learner, 'bob');
            learner.write(
              'settings.yaml',
              'proxies:\n  front: { kind: tls, certificate: front, target: inner, wires: { incoming: A, outgoing: B }, towardsTarget: { security: mtls, trust: [shop-ca], certificate: alice } }\n  inner: { kind: mtls, certificate: front, clientAuthorities: [staff-ca], revocations: [staff-ca], target: shop, wires: { incoming: C, outgoing: D } }\n',
            );
          },
          says: /^admitted .*bob/,
        },
      },
      right: {
        'no resumption': async ({ learner }) => {
          await listed(learner);
          withoutResumption(learner);
        },
        'the line deleted': async ({ learner }) => {
          await revokeByOpenssl(learner, 'erin', 'bob');
          learner.edit('settings.yaml', '    resumption: true\n', `    ${reads}\n`);
        },
        'no resumption, and a short age besides': async ({ learner }) => {
          await listed(learner, 'maxConnectionSeconds: 1');
          withoutResumption(learner);
        },
      },
    },
    'a-day-only': {
      wrong: {
        'records that say that all is done': {
          play: ({ learner }) => forgeRecords(learner),
          says: /^missing_file \| there is no dave\.crt yet/,
        },
        'two days': {
          play: async ({ learner }) =>
            wirelab(learner, `certs sign dave.csr ${authority} --profile client --days 2 --out dave.crt`),
          says: /^admitted \| 25 hours later: no rejection: .*dave/,
        },
        'a year, by openssl': {
          play: async ({ learner }) => sign(learner, '-days 365'),
          says: /^admitted \| 25 hours later: no rejection: .*dave/,
        },
        'a certificate for servers': {
          play: async ({ learner }) =>
            wirelab(
              learner,
              `certs sign dave.csr ${authority} --profile server --san DNS:dave --days 1 --out dave.crt`,
            ),
          says: /^refused wrong_usage \| dave/,
        },
        'the request itself': {
          play: async ({ learner }) => learner.run('cp dave.csr dave.crt'),
          says: /^unreadable_file \| there is no certificate in the file/,
        },
        'alice’s certificate': {
          play: async ({ learner }) => learner.run('cp alice.crt dave.crt'),
          says: /^key_mismatch /,
        },
        'for a key of the learner’s own': {
          play: async ({ learner }) =>
            learner.run(
              'openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own.key -subj /CN=dave -out own.csr && openssl x509 -req -in own.csr -CA staff-ca.crt -CAkey staff-ca.key -CAcreateserial -days 1 -out dave.crt',
            ),
          says: /^key_mismatch /,
        },
        'by a CA of the learner’s own that has the staff’s name': {
          play: async ({ learner }) =>
            learner.run(
              'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj "/O=Shop/CN=Staff CA" -keyout own.key -out own.crt && openssl x509 -req -in dave.csr -CA own.crt -CAkey own.key -CAcreateserial -days 1 -out dave.crt',
            ),
          says: /^refused (?:unknown_ca|bad_signature) \| dave/,
        },
        'the same, and that CA in the place of the staff’s': {
          play: async ({ learner }) =>
            learner.run(
              'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj "/O=Shop/CN=Staff CA" -keyout own.key -out staff-ca.crt && openssl x509 -req -in dave.csr -CA staff-ca.crt -CAkey own.key -CAcreateserial -days 1 -out dave.crt',
            ),
          says: /^refused (?:unknown_ca|bad_signature) \| alice/,
        },
        'the CA’s own certificate': {
          play: async ({ learner }) => learner.run('cp staff-ca.crt dave.crt'),
          says: /^key_mismatch /,
        },
        'an empty file': { play: ({ learner }) => learner.write('dave.crt', ''), says: /^unreadable_file / },
      },
      right: {
        'by wirelab': async ({ learner }) =>
          wirelab(learner, `certs sign dave.csr ${authority} --profile client --days 1 --out dave.crt`),
        'by openssl': async ({ learner }) => sign(learner, '-days 1'),
        'by openssl, with what the request asks for': async ({ learner }) =>
          sign(learner, '-days 1 -copy_extensions copyall'),
      },
    },
  },
};

async function sign(learner: Learner, options: string): Promise<void> {
  await learner.run(
    `openssl x509 -req -in dave.csr -CA staff-ca.crt -CAkey staff-ca.key -CAcreateserial -out dave.crt ${options}`,
  );
}
