import { refusalReasons } from '../../src/capture/vocabulary.ts';
import { withPeer } from '../helpers/peer.ts';
import { askWirelab } from '../helpers/wirelab.ts';
import { attemptTests } from './support/attempts.ts';
import { Held } from './support/holding.ts';
import { labTests, Learner } from './support/learner.ts';
import { beACa } from './attempts/be-a-ca.ts';

const tasks = ['certify-the-shop', 'put-an-intermediate-between', 'certify-alice', 'nobody-below'] as const;

/** The first tasks as the hints have them. */
async function upTo(learner: Learner, task: (typeof tasks)[number]): Promise<void> {
  for (const one of tasks.slice(0, tasks.indexOf(task) + 1)) {
    if (one === 'nobody-below') await learner.follow(one, 2);
    await learner.follow(one);
  }
}

/** A certificate for the shop's request, signed by NAME.crt and NAME.key. */
function signShop(by: string, extensions = 'subjectAltName=DNS:shop.localhost', out = 'shop.crt'): string {
  return `printf "${extensions}" > shop.ext && openssl x509 -req -in shop.csr -CA ${by}.crt -CAkey ${by}.key -CAcreateserial -days 90 -extfile shop.ext -out ${out}`;
}

function signIntermediate(extensions: string, root = 'root'): string {
  return `printf "${extensions}" > intermediate.ext && openssl x509 -req -in intermediate.csr -CA ${root}.crt -CAkey ${root}.key -CAcreateserial -days 90 -extfile intermediate.ext -out intermediate.crt`;
}

/** What is not there yet. */
const notBegun = {
  intermediate: 'put-an-intermediate-between: open missing_file',
  alice: 'certify-alice: open missing_file',
  bank: 'nobody-below: open missing_file',
};
const nothing = ['certify-the-shop: open missing_file', notBegun.intermediate, notBegun.alice, notBegun.bank];

labTests('be-a-ca', {
  peers: ['openssl'],
  async solve(learner) {
    await upTo(learner, 'nobody-below');
    await learner.run('openssl verify -CAfile root.crt -untrusted intermediate.crt shop.crt alice.crt');
  },
  unedited: nothing,
  empty: nothing,
  wrong: {
    'a name that the CA has not certified': {
      async play(learner) {
        await learner.follow('certify-the-shop');
        await learner.run(
          'openssl x509 -req -in shop.csr -CA root.crt -CAkey root.key -CAcreateserial -days 90 -out shop.crt',
        );
      },
      outcome: [
        'certify-the-shop: open refused name_mismatch',
        notBegun.intermediate,
        notBegun.alice,
        notBegun.bank,
      ],
    },
    'a certificate for a key of the learner’s own': {
      async play(learner) {
        await learner.follow('certify-the-shop');
        await learner.run(
          'openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=shop.localhost -addext subjectAltName=DNS:shop.localhost -keyout shop.key -out shop.crt',
        );
      },
      outcome: [
        'certify-the-shop: open key_mismatch',
        'put-an-intermediate-between: open key_mismatch',
        'certify-alice: open key_mismatch',
        notBegun.bank,
      ],
    },
    'a root that was made once more, after it had signed': {
      async play(learner) {
        await learner.follow('certify-the-shop');
        await learner.run(
          'openssl req -x509 -newkey rsa:2048 -nodes -subj "/O=My CA/CN=My Root CA" -keyout root.key -out root.crt',
        );
      },
      outcome: [
        'certify-the-shop: open refused unknown_ca',
        notBegun.intermediate,
        notBegun.alice,
        notBegun.bank,
      ],
    },
    'a root without its certificate': {
      async play(learner) {
        await upTo(learner, 'put-an-intermediate-between');
        learner.remove('root.crt');
      },
      outcome: ['certify-the-shop: open missing_file', notBegun.intermediate, notBegun.alice, notBegun.bank],
    },
    'the root’s key in the place of its certificate': {
      async play(learner) {
        await learner.follow('certify-the-shop');
        await learner.run('cp root.key root.crt');
      },
      outcome: [
        'certify-the-shop: open unreadable_file',
        'put-an-intermediate-between: open unreadable_file',
        notBegun.alice,
        notBegun.bank,
      ],
    },
    'a certificate that the root has signed itself': {
      async play(learner) {
        await upTo(learner, 'put-an-intermediate-between');
        await learner.run(signShop('root'));
      },
      outcome: [
        'certify-the-shop: done',
        'put-an-intermediate-between: open not_met',
        notBegun.alice,
        notBegun.bank,
      ],
    },
    'a shop that does not send the intermediate': {
      async play(learner) {
        await upTo(learner, 'put-an-intermediate-between');
        await learner.run('cp shop-leaf.crt shop.crt');
      },
      outcome: [
        'certify-the-shop: open refused intermediate_missing',
        'put-an-intermediate-between: open refused intermediate_missing',
        notBegun.alice,
        notBegun.bank,
      ],
    },
    'a shop that does not send the intermediate of a CA without an organization': {
      async play(learner) {
        await learner.run(
          'openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=Root -keyout root.key -out root.crt',
        );
        await learner.run(
          'openssl req -new -newkey rsa:2048 -nodes -subj /CN=Middle -keyout intermediate.key -out intermediate.csr',
        );
        await learner.run(signIntermediate('basicConstraints=critical,CA:TRUE'));
        await learner.run(signShop('intermediate'));
      },
      outcome: [
        'certify-the-shop: open refused intermediate_missing',
        'put-an-intermediate-between: open refused intermediate_missing',
        notBegun.alice,
        notBegun.bank,
      ],
    },
    'the intermediate in front of the shop’s certificate': {
      async play(learner) {
        await upTo(learner, 'put-an-intermediate-between');
        await learner.run('cat intermediate.crt shop-leaf.crt > shop.crt');
      },
      outcome: [
        'certify-the-shop: open key_mismatch',
        'put-an-intermediate-between: open key_mismatch',
        'certify-alice: open key_mismatch',
        notBegun.bank,
      ],
    },
    'the root sent as well': {
      async play(learner) {
        await upTo(learner, 'put-an-intermediate-between');
        await learner.run('cat root.crt >> shop.crt');
      },
      outcome: [
        'certify-the-shop: done',
        'put-an-intermediate-between: open not_met',
        notBegun.alice,
        notBegun.bank,
      ],
    },
    'an intermediate that is no CA': {
      async play(learner) {
        await upTo(learner, 'put-an-intermediate-between');
        await learner.run(
          `${signIntermediate('basicConstraints=critical,CA:FALSE')} && cat shop-leaf.crt intermediate.crt > shop.crt`,
        );
      },
      outcome: [
        'certify-the-shop: open refused not_a_ca',
        'put-an-intermediate-between: open refused not_a_ca',
        notBegun.alice,
        notBegun.bank,
      ],
    },
    // Node leaves it out of the chain that it reports; the wire shows that it was sent.
    'an intermediate that may not sign certificates': {
      async play(learner) {
        await upTo(learner, 'put-an-intermediate-between');
        await learner.run(
          `${signIntermediate('basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,cRLSign')} && cat shop-leaf.crt intermediate.crt > shop.crt`,
        );
      },
      outcome: [
        'certify-the-shop: open refused not_a_ca',
        'put-an-intermediate-between: open refused not_a_ca',
        notBegun.alice,
        notBegun.bank,
      ],
    },
    'a root that allows no intermediate': {
      async play(learner) {
        await upTo(learner, 'put-an-intermediate-between');
        await learner.run(
          'openssl req -x509 -key root.key -days 365 -subj "/O=My CA/CN=My Root CA" -addext basicConstraints=critical,CA:TRUE,pathlen:0 -out root.crt',
        );
      },
      outcome: [
        'certify-the-shop: open refused path_too_long',
        'put-an-intermediate-between: open refused path_too_long',
        notBegun.alice,
        notBegun.bank,
      ],
    },
    'the intermediate handed to carol as a root': {
      async play(learner) {
        await upTo(learner, 'put-an-intermediate-between');
        await learner.run('cp intermediate.crt root.crt && cp shop-leaf.crt shop.crt');
      },
      outcome: [
        'certify-the-shop: open refused unknown_ca',
        'put-an-intermediate-between: open refused unknown_ca',
        notBegun.alice,
        notBegun.bank,
      ],
    },
    'both CAs handed to carol as roots': {
      async play(learner) {
        await upTo(learner, 'put-an-intermediate-between');
        await learner.run('cat intermediate.crt >> root.crt && cp shop-leaf.crt shop.crt');
      },
      outcome: [
        'certify-the-shop: done',
        'put-an-intermediate-between: open not_met',
        notBegun.alice,
        notBegun.bank,
      ],
    },
    'a certificate of the shop that is good for everything': {
      async play(learner) {
        await upTo(learner, 'certify-alice');
        await learner.run(
          `${signShop('intermediate', undefined, 'shop-leaf.crt')} && cat shop-leaf.crt intermediate.crt > shop.crt`,
        );
      },
      outcome: [
        'certify-the-shop: done',
        'put-an-intermediate-between: done',
        'certify-alice: open admitted',
        notBegun.bank,
      ],
    },
    'a certificate of alice’s for servers': {
      async play(learner) {
        await upTo(learner, 'certify-alice');
        await learner.run(
          'openssl x509 -req -in alice.csr -CA intermediate.crt -CAkey intermediate.key -days 90 -CAcreateserial -extfile shop.ext -out alice-leaf.crt && cat alice-leaf.crt intermediate.crt > alice.crt',
        );
      },
      outcome: [
        'certify-the-shop: done',
        'put-an-intermediate-between: done',
        'certify-alice: open refused wrong_usage',
        notBegun.bank,
      ],
    },
    'a certificate of the shop that may sign others': {
      async play(learner) {
        await upTo(learner, 'certify-alice');
        await learner.run(
          `${signShop('intermediate', 'basicConstraints=CA:TRUE\nsubjectAltName=DNS:shop.localhost\nextendedKeyUsage=serverAuth', 'shop-leaf.crt')} && cat shop-leaf.crt intermediate.crt > shop.crt`,
        );
      },
      outcome: [
        'certify-the-shop: done',
        'put-an-intermediate-between: done',
        'certify-alice: open not_met ca_as_leaf',
        notBegun.bank,
      ],
    },
    'alice without the intermediate': {
      async play(learner) {
        await upTo(learner, 'certify-alice');
        await learner.run('cp alice-leaf.crt alice.crt');
      },
      outcome: [
        'certify-the-shop: done',
        'put-an-intermediate-between: done',
        'certify-alice: open refused intermediate_missing',
        notBegun.bank,
      ],
    },
    'mallory’s CA below an intermediate that allows it': {
      async play(learner) {
        await upTo(learner, 'certify-alice');
        await learner.follow('nobody-below', 2);
      },
      outcome: [
        'certify-the-shop: done',
        'put-an-intermediate-between: done',
        'certify-alice: done',
        'nobody-below: open admitted',
      ],
    },
    'an intermediate issued anew, and the old one still sent': {
      async play(learner) {
        await upTo(learner, 'nobody-below');
        await learner.run(
          signIntermediate('basicConstraints=critical,CA:TRUE,pathlen:0\\nkeyUsage=critical,keyCertSign'),
        );
      },
      outcome: [
        'certify-the-shop: done',
        'put-an-intermediate-between: open not_met',
        'certify-alice: done',
        'nobody-below: done',
      ],
    },
    'a bank refused because mallory got no CA at all': {
      async play(learner) {
        await upTo(learner, 'nobody-below');
        await learner.run(
          'openssl x509 -req -in mallory-ca.csr -CA intermediate.crt -CAkey intermediate.key -days 90 -CAcreateserial -out mallory-ca.crt',
        );
      },
      outcome: [
        'certify-the-shop: done',
        'put-an-intermediate-between: done',
        'certify-alice: done',
        'nobody-below: open not_met path_too_long',
      ],
    },
    'a bank refused for its name': {
      async play(learner) {
        await upTo(learner, 'certify-alice');
        await learner.follow('nobody-below', 2);
        await learner.run(
          'openssl x509 -req -in bank.csr -CA mallory-ca.crt -CAkey mallory-ca.key -days 90 -CAcreateserial -out bank.crt',
        );
      },
      outcome: [
        'certify-the-shop: done',
        'put-an-intermediate-between: done',
        'certify-alice: done',
        'nobody-below: open not_met name_mismatch',
      ],
    },
    'alice signed by the root': {
      async play(learner) {
        await upTo(learner, 'certify-alice');
        await learner.run(
          'openssl x509 -req -in alice.csr -CA root.crt -CAkey root.key -CAcreateserial -days 90 -extfile alice.ext -out alice.crt',
        );
      },
      outcome: [
        'certify-the-shop: done',
        'put-an-intermediate-between: done',
        'certify-alice: open not_met',
        notBegun.bank,
      ],
    },
    'alice signed by the root, with the intermediate behind her': {
      async play(learner) {
        await upTo(learner, 'certify-alice');
        await learner.run(
          'openssl x509 -req -in alice.csr -CA root.crt -CAkey root.key -CAcreateserial -days 90 -extfile alice.ext -out alice-leaf.crt && cat alice-leaf.crt intermediate.crt > alice.crt',
        );
      },
      outcome: [
        'certify-the-shop: done',
        'put-an-intermediate-between: done',
        'certify-alice: open not_met',
        notBegun.bank,
      ],
    },
    'alice signed by a second intermediate': {
      async play(learner) {
        await upTo(learner, 'certify-alice');
        await learner.run(
          'openssl req -new -newkey rsa:2048 -nodes -subj "/CN=Second" -keyout second.key -out second.csr && openssl x509 -req -in second.csr -CA root.crt -CAkey root.key -CAcreateserial -days 90 -extfile intermediate.ext -out second.crt',
        );
        await learner.run(
          'openssl x509 -req -in alice.csr -CA second.crt -CAkey second.key -CAcreateserial -days 90 -extfile alice.ext -out alice-leaf.crt && cat alice-leaf.crt second.crt > alice.crt',
        );
      },
      outcome: [
        'certify-the-shop: done',
        'put-an-intermediate-between: done',
        'certify-alice: open not_met',
        notBegun.bank,
      ],
    },
    'an intermediate that allows nobody below, and not the shop either': {
      async play(learner) {
        await upTo(learner, 'nobody-below');
        await learner.run('cp shop-leaf.crt shop.crt');
      },
      outcome: [
        'certify-the-shop: open refused intermediate_missing',
        'put-an-intermediate-between: open refused intermediate_missing',
        'certify-alice: open refused intermediate_missing',
        'nobody-below: open refused intermediate_missing',
      ],
    },
    'the lab’s own files for the shop’s key, and records that say that all is done': {
      async play(learner) {
        await learner.follow('certify-the-shop');
        learner.remove('shop.crt');
        await learner.run(
          'cp .wirelab/certs/*/shop-key.crt shop.crt || cp .wirelab/*/shop-key.crt shop.crt || true',
        );
        learner.write(
          '.wirelab/lab.json',
          JSON.stringify({ ...(JSON.parse(learner.read('.wirelab/lab.json')) as object), done: tasks }),
        );
      },
      outcome: nothing,
    },
    'a bank that the intermediate has signed itself': {
      async play(learner) {
        await upTo(learner, 'nobody-below');
        await learner.run(
          'openssl x509 -req -in bank.csr -CA intermediate.crt -CAkey intermediate.key -days 90 -CAcreateserial -extfile bank.ext -out bank.crt',
        );
      },
      outcome: [
        'certify-the-shop: done',
        'put-an-intermediate-between: done',
        'certify-alice: done',
        'nobody-below: open admitted',
      ],
    },
  },
});

withPeer(
  'openssl',
  'be-a-ca: a limit in the root, and none in the intermediate, keeps mallory’s CA out as well',
  async (t) => {
    const learner = await Learner.begin(t, 'be-a-ca');
    await upTo(learner, 'certify-alice');
    await learner.follow('nobody-below', 2);
    await learner.run(
      'openssl req -x509 -key root.key -days 365 -subj "/O=My CA/CN=My Root CA" -addext basicConstraints=critical,CA:TRUE,pathlen:1 -out root.crt',
    );
    t.deepEqual(
      await learner.outcome(),
      tasks.map((task) => `${task}: done`),
    );
  },
);

// As soon as the engine evaluates name constraints, and has a reason for them.
const namesLimits = (refusalReasons as readonly string[]).includes('name_constraint_violated');
for (const critical of namesLimits ? ['critical,', ''] : []) {
  withPeer(
    'openssl',
    `be-a-ca: a limit on names ${critical === '' ? '' : 'that is critical '}keeps mallory out as well`,
    async (t) => {
      const learner = await Learner.begin(t, 'be-a-ca');
      await upTo(learner, 'certify-alice');
      await learner.follow('nobody-below', 2);
      await learner.run(
        signIntermediate(
          `basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign,cRLSign\\nnameConstraints=${critical}permitted;DNS:shop.localhost`,
        ),
      );
      await learner.run(
        'cat shop-leaf.crt intermediate.crt > shop.crt && cat alice-leaf.crt intermediate.crt > alice.crt',
      );
      t.deepEqual(
        await learner.outcome(),
        tasks.map((task) => `${task}: done`),
      );
    },
  );
}

withPeer('openssl', 'be-a-ca: wirelab’s own commands make what the hints make with openssl', async (t) => {
  const learner = await Learner.begin(t, 'be-a-ca');
  const wirelab = async (...words: string[]): Promise<void> => {
    const { exitCode, stderr } = await askWirelab(words, { cwd: learner.folder });
    t.is(exitCode, 0, `${words.join(' ')}: ${stderr}`);
  };
  await learner.run(
    'openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=Root of mine" -days 365 -keyout root.key -out root.crt',
  );
  await wirelab(
    'certs',
    'csr',
    '--new-key',
    'intermediate.key',
    '--subject',
    'CN=Middle',
    '--out',
    'intermediate.csr',
  );
  await wirelab(
    'certs',
    'sign',
    'intermediate.csr',
    '--ca',
    'root.crt',
    '--ca-key',
    'root.key',
    '--profile',
    'ca',
    '--out',
    'intermediate.crt',
  );
  await wirelab(
    'certs',
    'sign',
    'shop.csr',
    '--ca',
    'intermediate.crt',
    '--ca-key',
    'intermediate.key',
    '--profile',
    'server',
    '--out',
    'shop-leaf.crt',
  );
  await wirelab('certs', 'csr', '--new-key', 'alice.key', '--subject', 'CN=alice', '--out', 'alice.csr');
  await wirelab(
    'certs',
    'sign',
    'alice.csr',
    '--ca',
    'intermediate.crt',
    '--ca-key',
    'intermediate.key',
    '--profile',
    'client',
    '--out',
    'alice-leaf.crt',
  );
  await learner.run(
    'cat shop-leaf.crt intermediate.crt > shop.crt && cat alice-leaf.crt intermediate.crt > alice.crt',
  );
  t.deepEqual(
    (await learner.outcome()).slice(0, 3),
    tasks.slice(0, 3).map((task) => `${task}: done`),
  );
});

withPeer(
  'openssl',
  'be-a-ca: elliptic curves, DER turned into PEM and a request of another tool are as good',
  async (t) => {
    const learner = await Learner.begin(t, 'be-a-ca');
    const curve = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
    await learner.run(
      `openssl req -x509 ${curve} -subj "/CN=Root of mine" -days 365 -keyout root.key -out root.crt`,
    );
    // One command for request and signature, and the extensions named there.
    await learner.run(
      `openssl req -x509 ${curve} -subj "/CN=Middle" -CA root.crt -CAkey root.key -days 90 -addext basicConstraints=critical,CA:TRUE,pathlen:0 -keyout intermediate.key -out intermediate.crt`,
    );
    await learner.run(
      'printf "subjectAltName=DNS:shop.localhost\\nextendedKeyUsage=serverAuth" > shop.ext && openssl x509 -req -in shop.csr -CA intermediate.crt -CAkey intermediate.key -CAcreateserial -days 90 -extfile shop.ext -outform DER -out shop.der',
    );
    await learner.run(
      'openssl x509 -in shop.der -inform DER -text -out leaf.crt && cat leaf.crt intermediate.crt > shop.crt',
    );
    await learner.run(
      `openssl req -x509 -newkey ed25519 -nodes -subj "/CN=alice" -CA intermediate.crt -CAkey intermediate.key -days 90 -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=clientAuth -keyout alice.key -out leaf.crt && cat leaf.crt intermediate.crt > alice.crt`,
    );
    await learner.run(
      `openssl req -x509 ${curve} -subj "/CN=Mallory" -CA intermediate.crt -CAkey intermediate.key -days 90 -addext basicConstraints=critical,CA:TRUE -keyout mallory-ca.key -out mallory-ca.crt`,
    );
    await learner.run(
      'printf "subjectAltName=DNS:bank.localhost" > bank.ext && openssl x509 -req -in bank.csr -CA mallory-ca.crt -CAkey mallory-ca.key -CAcreateserial -days 90 -extfile bank.ext -out bank.crt',
    );
    t.deepEqual(
      await learner.outcome(),
      tasks.map((task) => `${task}: done`),
    );
  },
);

withPeer(
  'openssl',
  'be-a-ca: a certificate that is not the one in the folder is told by its subject and that file',
  async (t) => {
    const learner = await Learner.begin(t, 'be-a-ca');
    await upTo(learner, 'put-an-intermediate-between');
    await learner.run(signIntermediate('basicConstraints=critical,CA:TRUE'));
    const [, through] = await learner.check();
    t.is(
      through?.says.en,
      'the server sent 2 certificates: shop (issued by O=My CA,CN=My Intermediate CA), a certificate of O=My CA,CN=My Intermediate CA that is not the one in intermediate.crt (issued by O=My CA,CN=My Root CA). Needed: 2',
    );
    t.regex(
      through?.says.ko ?? '',
      /intermediate\.crt 파일에 있는 것이 아닌 O=My CA,CN=My Intermediate CA 인증서/,
    );
  },
);

withPeer('openssl', 'be-a-ca: a refusal for another reason has its card as well', async (t) => {
  const learner = await Learner.begin(t, 'be-a-ca');
  await upTo(learner, 'certify-alice');
  await learner.follow('nobody-below', 2);
  await learner.run(
    'openssl x509 -req -in bank.csr -CA mallory-ca.crt -CAkey mallory-ca.key -days 90 -CAcreateserial -out bank.crt',
  );
  const bank = (await learner.check()).at(-1);
  t.is(bank?.story?.refusal.refusal.reason, 'name_mismatch');
  t.is(bank?.story?.refusal.refusal.detail.expected, 'bank.localhost');
});

withPeer(
  ['openssl', 'curl'],
  'be-a-ca: doors open as their files come, at the same port, and no command wants the shop’s key',
  async (t) => {
    const learner = await Learner.begin(t, 'be-a-ca');
    await learner.follow('certify-the-shop');
    const held = await Held.start(t, learner);
    const curl = await held.curlAs('carol');
    // Each change restarts the listeners: a client may connect in between.
    const patiently = async (command: string): Promise<string> =>
      learner.run(`${command} --retry 9 --retry-all-errors`);
    t.true((await patiently(curl)).startsWith('HTTP/1.1 302'));
    await learner.follow('put-an-intermediate-between');
    await learner.follow('certify-alice');
    t.true((await patiently(await held.curlAs('alice'))).startsWith('HTTP/1.1 302'));
    // The last report on the shop's listener: its certificate has changed since, its address has not.
    const ways = held.events.flatMap((told) => (told.kind === 'open' ? told.ways : []));
    t.is(ways.findLast(({ to }) => to === 'shop')?.curl, curl);
    t.true((await patiently(curl)).startsWith('HTTP/1.1 302'));
    t.deepEqual(
      [...new Set(ways.map(({ client }) => client))].toSorted((one, other) => (one < other ? -1 : 1)),
      ['alice', 'carol'],
    );
  },
);

attemptTests(beACa);
