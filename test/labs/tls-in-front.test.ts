import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { withPeer } from '../helpers/peer.ts';
import { askWirelab } from '../helpers/wirelab.ts';
import { attemptTests } from './support/attempts.ts';
import { Held } from './support/holding.ts';
import { labTests, Learner } from './support/learner.ts';
import { tlsInFront } from './attempts/tls-in-front.ts';

/** As the hints have them. */
const selfSigned =
  'openssl req -x509 -newkey rsa:2048 -nodes -keyout front.key -out front.crt -days 30 -subj /CN=shop.localhost';
const request = 'openssl req -new -key front.key -out front.csr -subj /CN=shop.localhost';
const sign =
  'openssl x509 -req -in front.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile front.ext -out front.crt';

function setListener(learner: Learner, kind = 'tls', certificate = 'front'): void {
  learner.edit(
    'settings.yaml',
    'kind: plaintext\n    target',
    `kind: ${kind}\n    certificate: ${certificate}\n    target`,
  );
}

/** The whole of it, with what is to be different. */
async function issue(
  learner: Learner,
  { extensions = 'subjectAltName=DNS:shop.localhost', signing = sign } = {},
): Promise<void> {
  await learner.run(selfSigned);
  await learner.run(request);
  learner.write('front.ext', `${extensions}\n`);
  await learner.run(signing);
  setListener(learner);
}

const both = (outcome: string): readonly string[] => [
  `seal-the-wire: ${outcome}`,
  `prove-the-name: ${outcome}`,
];
/** Sealed, and the careful customer is not content. */
const sealedOnly = (outcome: string): readonly string[] => [
  'seal-the-wire: done',
  `prove-the-name: ${outcome}`,
];

labTests('tls-in-front', {
  peers: ['openssl'],
  solve: issue,
  unedited: both('open readable'),
  empty: both('open missing_file'),
  wrong: {
    'a certificate that is signed by itself': {
      async play(learner) {
        await learner.run(selfSigned);
        setListener(learner);
      },
      outcome: sealedOnly('open refused self_signed'),
    },
    'a certificate of a CA of the learner’s own making': {
      async play(learner) {
        await learner.run(
          'openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 30 -subj /CN=mine',
        );
        await issue(learner);
      },
      outcome: sealedOnly('open refused unknown_ca'),
    },
    'a name that stands in the CN alone': {
      play: async (learner) => issue(learner, { signing: sign.replace('-extfile front.ext ', '') }),
      outcome: sealedOnly('open refused name_mismatch'),
    },
    'another name': {
      play: async (learner) =>
        issue(learner, { extensions: 'subjectAltName=DNS:shop.example,DNS:localhost' }),
      outcome: sealedOnly('open refused name_mismatch'),
    },
    'the name written as an address': {
      play: async (learner) => issue(learner, { extensions: 'subjectAltName=IP:127.0.0.1' }),
      outcome: sealedOnly('open refused name_mismatch'),
    },
    'a certificate for clients': {
      play: async (learner) =>
        issue(learner, { extensions: 'subjectAltName=DNS:shop.localhost\nextendedKeyUsage=clientAuth' }),
      outcome: sealedOnly('open refused wrong_usage'),
    },
    'a certificate that has expired': {
      async play(learner) {
        // The flags for dates are younger than OpenSSL 3.4; `openssl ca` has always had them.
        await learner.run(selfSigned);
        await learner.run(request);
        learner.write('front.ext', 'subjectAltName=DNS:shop.localhost\n');
        learner.write(
          'ca.cnf',
          '[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n',
        );
        learner.write('index.txt', '');
        await learner.run(
          'openssl ca -batch -config ca.cnf -cert ca.crt -keyfile ca.key -in front.csr -out front.crt -extfile front.ext -startdate 20200101000000Z -enddate 20200201000000Z',
        );
        setListener(learner);
      },
      outcome: sealedOnly('open refused certificate_expired'),
    },
    'the key of the CA in the place of the door’s': {
      async play(learner) {
        await issue(learner);
        await learner.run('cp ca.key front.key');
      },
      outcome: both('open key_mismatch'),
    },
    'a new key after the certificate was issued': {
      async play(learner) {
        await issue(learner);
        await learner.run('openssl genrsa -out front.key 2048');
      },
      outcome: both('open key_mismatch'),
    },
    'a key behind a passphrase': {
      async play(learner) {
        await learner.run(selfSigned.replace('-nodes', '-passout pass:tiger'));
        setListener(learner);
      },
      outcome: both('open unreadable_file'),
    },
    'the request in the place of the certificate': {
      async play(learner) {
        await issue(learner);
        await learner.run('cp front.csr front.crt');
      },
      outcome: both('open unreadable_file'),
    },
    'certificate and key the wrong way round': {
      async play(learner) {
        await issue(learner);
        await learner.run('mv front.crt x && mv front.key front.crt && mv x front.key');
      },
      outcome: both('open unreadable_file'),
    },
    'a key that is too short': {
      async play(learner) {
        await learner.run(selfSigned.replace('rsa:2048', 'rsa:512'));
        setListener(learner);
      },
      outcome: both('open unreadable_file'),
    },
    'the CA’s own certificate in files of the door’s name': {
      async play(learner) {
        await learner.run('cp ca.crt front.crt && cp ca.key front.key');
        setListener(learner);
      },
      outcome: both('open unreadable_file'),
    },
    'the CA itself as the door': {
      play: (learner) => setListener(learner, 'tls', 'ca'),
      outcome: both('open unreadable_file'),
    },
    'records that say that all is done, and a lab that keeps no certificate where it could be copied': {
      async play(learner) {
        learner.write(
          '.wirelab/lab.json',
          JSON.stringify({
            ...(JSON.parse(learner.read('.wirelab/lab.json')) as object),
            done: ['seal-the-wire', 'prove-the-name'],
          }),
        );
        await learner.run('test -z "$(find .wirelab -name "*.crt" -o -name "*.key")"');
      },
      outcome: both('open readable'),
    },
    'no files yet': {
      play: (learner) => setListener(learner),
      outcome: both('open missing_file'),
    },
    'kind: tls, and no certificate': {
      play: (learner) =>
        learner.edit('settings.yaml', 'kind: plaintext\n    target', 'kind: tls\n    target'),
      outcome: both('open bad_settings'),
    },
    'a certificate, and still plaintext': {
      async play(learner) {
        await issue(learner);
        learner.edit('settings.yaml', 'kind: tls\n', 'kind: plaintext\n');
      },
      outcome: both('open readable'),
    },
    'passed through as it is': {
      play: (learner) =>
        learner.edit('settings.yaml', 'kind: plaintext\n    target', 'kind: passthrough\n    target'),
      outcome: both('open readable'),
    },
    'mutual TLS, where customers have no certificates': {
      async play(learner) {
        await issue(learner);
        learner.edit('settings.yaml', 'kind: tls\n', 'kind: mtls\n    clientAuthorities: [ca]\n');
      },
      outcome: both('open refused certificate_missing'),
    },
    'TLS towards the shop too, which speaks none': {
      async play(learner) {
        await issue(learner);
        learner.edit(
          'settings.yaml',
          'certificate: front\n',
          'certificate: front\n    towardsTarget: { security: tls, trust: [ca] }\n',
        );
      },
      outcome: both('open refused tls_on_plaintext_port'),
    },
    'the wires renamed, so that the inner one is looked at': {
      play: (learner) =>
        learner.edit('settings.yaml', '{ incoming: A, outgoing: B }', '{ incoming: B, outgoing: A }'),
      outcome: both('open readable'),
    },
    'a wire that nobody knows': {
      play: (learner) => learner.edit('settings.yaml', 'incoming: A', 'incoming: C'),
      outcome: both('open bad_settings'),
    },
    'a door of another name': {
      play: (learner) => learner.edit('settings.yaml', '  front:\n', '  back:\n'),
      outcome: both('open bad_settings'),
    },
    'a shop of the learner’s own': {
      play: (learner) =>
        learner.write(
          'settings.yaml',
          `${learner.read('settings.yaml')}servers:\n  shop: { kind: login-server, security: tls, certificate: front }\n`,
        ),
      outcome: both('open bad_settings'),
    },
  },
});

withPeer(
  ['openssl', 'curl'],
  'tls-in-front: a port that the learner has fixed is the lab’s while it is up, and a check needs none of it',
  async (t) => {
    const learner = await Learner.begin(t, 'tls-in-front');
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, 'close');
    await issue(learner);
    learner.edit('settings.yaml', 'target: shop', `port: ${port}\n    target: shop`);
    const held = await Held.start(t, learner);
    const command = await held.curlAs('customer');
    t.regex(command, new RegExp(`--cacert ca.crt .*https://shop.localhost:${port}/login$`));
    t.regex(await learner.run(command), /302 Found/);
    t.deepEqual(await learner.outcome(), ['seal-the-wire: done', 'prove-the-name: done']);

    // Saved again, it is another listener at the same port.
    const before = held.events.length;
    await learner.run(selfSigned);
    await held.until(({ kind }) => kind === 'open' || kind === 'renewed', before);
    t.is((await learner.run(`${command}; echo "curl $?"`)).trim(), 'curl 60');
    t.deepEqual(await learner.outcome(), sealedOnly('open refused self_signed'));
  },
);

withPeer('openssl', 'tls-in-front: wirelab’s own commands and another kind of key are as good', async (t) => {
  const learner = await Learner.begin(t, 'tls-in-front');
  for (const words of [
    'certs csr --new-key front.key --subject CN=shop --san DNS:shop.localhost --out front.csr',
    'certs sign front.csr --ca ca.crt --ca-key ca.key --profile server --out front.crt',
  ]) {
    const { exitCode, stderr } = await askWirelab(words.split(' '), { cwd: learner.folder });
    t.is(exitCode, 0, stderr);
  }
  setListener(learner);
  t.deepEqual(await learner.outcome(), ['seal-the-wire: done', 'prove-the-name: done']);
});

attemptTests(tlsInFront);
