import { copyHidden, forgeRecords, keptFile, wirelab } from '../support/attempts.ts';
import type { Attempts, Bench } from '../support/attempts.ts';
import type { Learner } from '../support/learner.ts';

const curve = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
const selfSigned = `openssl req -x509 ${curve} -keyout front.key -out front.crt -days 30 -subj /CN=shop.localhost`;

function setListener(learner: Learner, kind = 'tls'): void {
  learner.edit(
    'settings.yaml',
    'kind: plaintext\n    target',
    `kind: ${kind}\n    certificate: front\n    target`,
  );
}

/** Key, certificate and listener; signed by the CA in the folder. */
async function issue(
  learner: Learner,
  extension = 'subjectAltName=DNS:shop.localhost',
  signer = '-CA ca.crt -CAkey ca.key',
): Promise<void> {
  await learner.run(
    `${selfSigned} ${signer} -addext basicConstraints=critical,CA:FALSE ${extension
      .split('\n')
      .map((one) => `-addext '${one}'`)
      .join(' ')}`,
  );
  setListener(learner);
}

/** Settings with two listeners, one behind the other. */
function listeners(front: string, inner: string): string {
  return `proxies:\n  front: { ${front} }\n  inner: { ${inner} }\n`;
}

export const tlsInFront: Attempts<Bench> = {
  lab: 'tls-in-front',
  peers: ['openssl'],
  begin: (learner) => ({ learner }),
  tasks: {
    'seal-the-wire': {
      wrong: {
        'records that say that all is done': {
          play: ({ learner }) => forgeRecords(learner),
          says: /^readable \|/,
        },
        'what lies hidden in the folder, as certificate and key': {
          async play({ learner }) {
            await copyHidden(learner, 'front.crt', 'front.key');
            setListener(learner);
          },
          says: /^unreadable_file .*front\.crt/,
        },
        'the CA of the lab’s own keeping, as the door’s certificate': {
          async play({ learner }) {
            await learner.run(
              `cp ${keptFile(learner, 'ca', 'crt')} front.crt && cp ${keptFile(learner, 'ca', 'key')} front.key`,
            );
            setListener(learner);
          },
          says: /^unreadable_file .*certificate of a CA/,
        },
        'a certificate that is a symbolic link to itself': {
          async play({ learner }) {
            await learner.run('ln -s front.crt front.crt && ln -s front.key front.key');
            setListener(learner);
          },
          says: /^unreadable_file .*front\.crt cannot be read.*ELOOP/,
        },
        'a key that is a named pipe': {
          async play({ learner }) {
            await learner.run(`${selfSigned} && rm front.key && mkfifo front.key`);
            setListener(learner);
          },
          says: /^unreadable_file .*front\.key is not a file/,
        },
        'plaintext to the customer, and TLS between two doors behind': {
          async play({ learner }) {
            await issue(learner);
            learner.write(
              'settings.yaml',
              listeners(
                'kind: plaintext, target: inner, wires: { incoming: C, outgoing: A }, towardsTarget: { security: tls, trust: [ca] }',
                'kind: tls, certificate: front, target: shop, wires: { incoming: D, outgoing: B }',
              ),
            );
          },
          says: /^not_met .*clients reach front on wire A/,
        },
        'the two wires named the other way round': {
          play: ({ learner }) =>
            learner.edit('settings.yaml', '{ incoming: A, outgoing: B }', '{ incoming: B, outgoing: A }'),
          says: /^readable /,
        },
        'passed through, to a shop that speaks no TLS': {
          play: ({ learner }) =>
            learner.edit('settings.yaml', 'kind: plaintext\n    target', 'kind: passthrough\n    target'),
          says: /^readable /,
        },
        'TLS, and the certificate of nobody': {
          play: ({ learner }) => setListener(learner),
          says: /^missing_file .*front\.crt/,
        },
        'customers’ certificates asked for, who have none': {
          async play({ learner }) {
            await issue(learner);
            learner.edit('settings.yaml', 'kind: tls\n', 'kind: mtls\n    clientAuthorities: [ca]\n');
          },
          says: /^refused certificate_missing /,
        },
      },
      right: {
        'an elliptic curve, signed by itself': async ({ learner }) => {
          await learner.run(selfSigned);
          setListener(learner);
        },
        'RSA, files of other names, settings in flow style': async ({ learner }) => {
          await learner.run(
            'openssl req -x509 -newkey rsa:2048 -nodes -keyout My.key -out My.crt -days 30 -subj /CN=anything',
          );
          learner.write(
            'settings.yaml',
            "proxies: {front: {kind: 'tls', target: shop, certificate: My, wires: {outgoing: B, incoming: A}}}\n",
          );
        },
        'wirelab’s own commands, and the files linked': async ({ learner }) => {
          await wirelab(
            learner,
            'certs csr --new-key own.key --subject CN=shop --san DNS:shop.localhost --out own.csr',
          );
          await wirelab(
            learner,
            'certs sign own.csr --ca ca.crt --ca-key ca.key --profile server --out own.crt',
          );
          await learner.run('ln -s own.crt front.crt && ln own.key front.key');
          setListener(learner);
        },
      },
    },
    'prove-the-name': {
      wrong: {
        'a key of 1024 bits, which the customer’s curl finds too weak': {
          async play({ learner }) {
            await learner.run(
              'openssl req -x509 -newkey rsa:1024 -nodes -keyout front.key -out front.crt -days 30 -subj /CN=shop -CA ca.crt -CAkey ca.key -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:shop.localhost',
            );
            setListener(learner);
          },
          says: /^refused weak_key /,
        },
        'a certificate of another name, for which customers are to ask': {
          async play({ learner }) {
            await issue(learner, 'subjectAltName=DNS:mallory.localhost');
            learner.edit('settings.yaml', 'target: shop', 'host: mallory.localhost\n    target: shop');
          },
          says: /^bad_settings .*clients ask for shop\.localhost at front/,
        },
        'records that say that all is done': {
          play: ({ learner }) => forgeRecords(learner),
          says: /^readable \|/,
        },
        'what lies hidden in the folder, as certificate and key': {
          async play({ learner }) {
            await copyHidden(learner, 'front.crt', 'front.key');
            setListener(learner);
          },
          says: /^unreadable_file .*front\.crt/,
        },
        'signed by itself, and the CA’s file replaced by it': {
          async play({ learner }) {
            await learner.run(
              `${selfSigned} -addext subjectAltName=DNS:shop.localhost && cp front.crt ca.crt`,
            );
            setListener(learner);
          },
          says: /^refused self_signed /,
        },
        'a CA of the learner’s own, of the same name': {
          async play({ learner }) {
            await learner.run(
              `openssl req -x509 ${curve} -keyout ca.key -out ca.crt -days 30 -subj "/O=Shop/CN=Shop Server CA"`,
            );
            await issue(learner);
          },
          says: /^refused unknown_ca /,
        },
        'the name in the CN alone': {
          play: async ({ learner }) => issue(learner, 'keyUsage=digitalSignature'),
          says: /^refused name_mismatch /,
        },
        'every name below localhost': {
          play: async ({ learner }) => issue(learner, 'subjectAltName=DNS:*.localhost'),
          says: /^refused name_mismatch /,
        },
        'a certificate for clients': {
          play: async ({ learner }) =>
            issue(learner, 'subjectAltName=DNS:shop.localhost\nextendedKeyUsage=clientAuth'),
          says: /^refused wrong_usage /,
        },
        'the right certificate, and plaintext to the customer': {
          async play({ learner }) {
            await issue(learner);
            learner.write(
              'settings.yaml',
              listeners(
                'kind: plaintext, target: inner, wires: { incoming: C, outgoing: A }, towardsTarget: { security: tls, trust: [ca] }',
                'kind: tls, certificate: front, target: shop, wires: { incoming: D, outgoing: B }',
              ),
            );
          },
          says: /^not_met .*clients reach front on wire A/,
        },
        'a CA below the CA that is not sent': {
          async play({ learner }) {
            await learner.run(
              `openssl req -x509 ${curve} -subj /CN=Middle -CA ca.crt -CAkey ca.key -days 30 -addext basicConstraints=critical,CA:TRUE -keyout middle.key -out middle.crt`,
            );
            await issue(learner, 'subjectAltName=DNS:shop.localhost', '-CA middle.crt -CAkey middle.key');
          },
          says: /^refused intermediate_missing /,
        },
      },
      right: {
        'wirelab’s own commands': async ({ learner }) => {
          await wirelab(
            learner,
            'certs csr --new-key front.key --subject CN=shop --san DNS:shop.localhost --out front.csr',
          );
          await wirelab(
            learner,
            'certs sign front.csr --ca ca.crt --ca-key ca.key --profile server --out front.crt',
          );
          setListener(learner);
        },
        'more names than one, and DER in the place of PEM': async ({ learner }) => {
          await issue(
            learner,
            'subjectAltName=DNS:www.localhost,DNS:shop.localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth',
          );
          await learner.run(
            'openssl x509 -in front.crt -outform DER -out front.der && mv front.der front.crt',
          );
        },
        'a CA below the CA, sent behind': async ({ learner }) => {
          await learner.run(
            `openssl req -x509 ${curve} -subj /CN=Middle -CA ca.crt -CAkey ca.key -days 30 -addext basicConstraints=critical,CA:TRUE -keyout middle.key -out middle.crt`,
          );
          await issue(learner, 'subjectAltName=DNS:shop.localhost', '-CA middle.crt -CAkey middle.key');
          await learner.run('cat middle.crt >> front.crt');
        },
      },
    },
  },
};
