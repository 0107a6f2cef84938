import { copyHidden, forgeRecords, keptFile, wirelab } from '../support/attempts.ts';
import type { Attempts, Bench, Play, WrongAttempt } from '../support/attempts.ts';

const curve = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
const ca = 'basicConstraints=critical,CA:TRUE';
const limited = `${ca},pathlen:0`;
const shopName = 'subjectAltName=DNS:shop.localhost';

const root = `openssl req -x509 ${curve} -subj "/CN=Root of mine" -days 365 -keyout root.key -out root.crt`;

/** A CA with a key of its own. */
const below = (name: string, by: string, constraints = ca): string =>
  `openssl req -x509 ${curve} -subj "/CN=${name}" -CA ${by}.crt -CAkey ${by}.key -days 90 -addext ${constraints} -keyout ${name}.key -out ${name}.crt`;

/** What a CA makes of a request. @param extensions with \n between */
const sign = (request: string, by: string, extensions: string, out = request): string =>
  `printf '${extensions}' > own.ext && openssl x509 -req -in ${request}.csr -CA ${by}.crt -CAkey ${by}.key -set_serial 0x$(openssl rand -hex 8) -days 90 -extfile own.ext -out ${out}.crt`;

const chained = (leaf: string, ...more: readonly string[]): string =>
  `cat ${[leaf, ...more].map((one) => `${one}.crt`).join(' ')} > all && mv all ${leaf}.crt`;

const person = (name: string, by: string, usage = 'clientAuth'): string =>
  `openssl req -x509 ${curve} -subj "/CN=${name}" -CA ${by}.crt -CAkey ${by}.key -days 90 -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=${usage} -keyout ${name}.key -out ${name}.crt`;

const shopOf = (by: string, extensions = `${shopName}\\nextendedKeyUsage=serverAuth`): string =>
  sign('shop', by, extensions);

const withIntermediate = [
  root,
  below('intermediate', 'root'),
  shopOf('intermediate'),
  chained('shop', 'intermediate'),
];
const withAlice = [...withIntermediate, person('alice', 'intermediate'), chained('alice', 'intermediate')];
const limitedAlice = [
  root,
  below('intermediate', 'root', limited),
  shopOf('intermediate'),
  chained('shop', 'intermediate'),
  person('alice', 'intermediate'),
  chained('alice', 'intermediate'),
];
const mallory = [
  below('mallory-ca', 'intermediate'),
  sign('bank', 'mallory-ca', 'subjectAltName=DNS:bank.localhost'),
];

const typed =
  (...lines: readonly string[]): Play<Bench> =>
  async ({ learner }) =>
    learner.run(lines.join(' && '));

const wrong = (says: RegExp, ...lines: readonly string[]): WrongAttempt<Bench> => ({
  play: typed(...lines),
  says,
});

const forged: WrongAttempt<Bench> = { play: ({ learner }) => forgeRecords(learner), says: /^missing_file / };

function hidden(...files: readonly string[]): WrongAttempt<Bench> {
  return { play: async ({ learner }) => copyHidden(learner, ...files), says: /^unreadable_file / };
}

export const beACa: Attempts<Bench> = {
  lab: 'be-a-ca',
  peers: ['openssl'],
  begin: (learner) => ({ learner }),
  tasks: {
    'certify-the-shop': {
      wrong: {
        'records that say that all is done': forged,
        'what lies hidden in the folder, as certificates': hidden('root.crt', 'shop.crt'),
        'what the lab keeps for the shop’s key, as root and as certificate': {
          play: async ({ learner }) =>
            learner.run(`cp ${keptFile(learner, 'shop-key', 'crt')} root.crt && cp root.crt shop.crt`),
          says: /^(?:unreadable_file|refused) /,
        },
        'a request of one’s own over the one that was given': wrong(
          /^key_mismatch .*shop\.csr is not the request that the lab gave .*lab reset certify-the-shop brings it back/,
          root,
          `openssl req -new ${curve} -keyout own.key -subj /CN=shop.localhost -out shop.csr`,
          shopOf('root'),
        ),
        'the shop’s own certificate handed to carol as the root': wrong(
          /^refused /,
          root,
          shopOf('root'),
          'cp shop.crt root.crt',
        ),
        'the name left out': wrong(
          /^refused name_mismatch /,
          root,
          shopOf('root', 'basicConstraints=CA:FALSE'),
        ),
        'another key than the shop’s': wrong(
          /^key_mismatch .*signing request/,
          root,
          `openssl req -x509 ${curve} -subj /CN=shop -CA root.crt -CAkey root.key -addext ${shopName} -keyout shop.key -out shop.crt`,
        ),
        'a root that is no CA': wrong(
          /^refused not_a_ca /,
          `${root} -addext basicConstraints=critical,CA:FALSE`,
          shopOf('root'),
        ),
        'the root made once more': wrong(
          /^refused (?:unknown_ca|bad_signature) /,
          root,
          shopOf('root'),
          root,
        ),
        'the request in the place of the certificate': wrong(
          /^unreadable_file .*signing request/,
          root,
          'cp shop.csr shop.crt',
        ),
        'for clients': wrong(
          /^refused wrong_usage /,
          root,
          shopOf('root', `${shopName}\\nextendedKeyUsage=clientAuth`),
        ),
      },
      right: {
        'wirelab signs, and more names are in it': async ({ learner }) => {
          await learner.run(root);
          await wirelab(
            learner,
            'certs sign shop.csr --ca root.crt --ca-key root.key --profile server --out shop.crt',
          );
        },
        'RSA, DER and no text': typed(
          'openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=R -keyout root.key -outform DER -out root.crt',
          'openssl x509 -in root.crt -out root.pem',
          'ln -s root.key root-pem.key',
          shopOf('root')
            .replace('-CA root.crt', '-CA root.pem')
            .replace(' -out shop.crt', ' -outform DER -out shop.crt'),
        ),
        'an intermediate at once': typed(...withIntermediate),
      },
    },
    'put-an-intermediate-between': {
      wrong: {
        'records that say that all is done': forged,
        'what lies hidden in the folder, as certificates': hidden('root.crt', 'shop.crt', 'intermediate.crt'),
        'the root’s key in a second certificate': wrong(
          /^not_met .*the same key/,
          root,
          'openssl req -x509 -key root.key -subj /CN=Middle -CA root.crt -CAkey root.key -days 90 -addext basicConstraints=critical,CA:TRUE -out intermediate.crt && cp root.key intermediate.key',
          shopOf('intermediate'),
          chained('shop', 'intermediate'),
        ),
        'the intermediate kept at home': wrong(
          /^refused intermediate_missing /,
          ...withIntermediate.slice(0, -1),
        ),
        'the root sent as well': wrong(
          /^not_met .*the server sent/,
          ...withIntermediate,
          chained('shop', 'root'),
        ),
        'signed by the root, and the intermediate sent along': wrong(
          /^not_met /,
          root,
          below('intermediate', 'root'),
          shopOf('root'),
          chained('shop', 'intermediate'),
        ),
        'two between': wrong(
          /^not_met /,
          root,
          below('middle', 'root'),
          below('intermediate', 'middle'),
          shopOf('intermediate'),
          chained('shop', 'intermediate', 'middle'),
        ),
        'an intermediate that signs itself, handed to carol as well': wrong(
          /^(?:not_met|refused) /,
          `openssl req -x509 ${curve} -subj /CN=Middle -keyout intermediate.key -out intermediate.crt`,
          'cp intermediate.crt root.crt',
          shopOf('intermediate'),
          chained('shop', 'intermediate'),
        ),
        'an intermediate that is no CA': wrong(
          /^refused not_a_ca /,
          root,
          below('intermediate', 'root', 'basicConstraints=critical,CA:FALSE'),
          shopOf('intermediate'),
          chained('shop', 'intermediate'),
        ),
        'one that has been issued anew, and the old one sent': wrong(
          /^not_met .*the server sent/,
          ...withIntermediate,
          'openssl req -x509 -key intermediate.key -subj /CN=intermediate -CA root.crt -CAkey root.key -days 30 -addext basicConstraints=critical,CA:TRUE -out intermediate.crt',
        ),
      },
      right: {
        'elliptic curves': typed(...withIntermediate),
        'wirelab’s own commands, and RSA for the root': async ({ learner }) => {
          await learner.run(
            'openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=R -keyout root.key -out root.crt',
          );
          await wirelab(
            learner,
            'certs csr --new-key intermediate.key --subject CN=Middle --out intermediate.csr',
          );
          await wirelab(
            learner,
            'certs sign intermediate.csr --ca root.crt --ca-key root.key --profile ca --out intermediate.crt',
          );
          await wirelab(
            learner,
            'certs sign shop.csr --ca intermediate.crt --ca-key intermediate.key --profile server --out leaf.crt',
          );
          await learner.run('cat leaf.crt intermediate.crt > shop.crt');
        },
      },
    },
    'certify-alice': {
      wrong: {
        'records that say that all is done': forged,
        'what lies hidden in the folder, as certificates': hidden(
          'root.crt',
          'shop.crt',
          'intermediate.crt',
          'alice.crt',
          'alice.key',
        ),
        'the shop’s certificate good for everything': wrong(
          /^admitted /,
          root,
          below('intermediate', 'root'),
          shopOf('intermediate', shopName),
          chained('shop', 'intermediate'),
          person('alice', 'intermediate'),
          chained('alice', 'intermediate'),
        ),
        'a key of alice’s that curl finds too weak': wrong(
          /^unreadable_file .*too weak.*alice\.crt/,
          ...withIntermediate,
          person('alice', 'intermediate').replace(curve, '-newkey rsa:1024 -nodes'),
          chained('alice', 'intermediate'),
        ),
        'alice’s certificate for servers': wrong(
          /^refused wrong_usage /,
          ...withIntermediate,
          person('alice', 'intermediate', 'serverAuth'),
          chained('alice', 'intermediate'),
        ),
        'the intermediate left out': wrong(
          /^refused intermediate_missing /,
          ...withIntermediate,
          person('alice', 'intermediate'),
        ),
        'signed by the root': wrong(/^not_met /, ...withIntermediate, person('alice', 'root')),
        'the intermediate’s key as alice’s': wrong(
          /^not_met .*the same key/,
          ...withIntermediate,
          'cp intermediate.key alice.key',
          'openssl req -x509 -key alice.key -subj /CN=alice -CA intermediate.crt -CAkey intermediate.key -days 9 -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=clientAuth -out alice.crt',
          chained('alice', 'intermediate'),
        ),
        'the intermediate itself as alice': wrong(
          /^(?:unreadable_file|refused|not_met) /,
          ...withIntermediate,
          'cp intermediate.crt alice.crt && cp intermediate.key alice.key',
        ),
        'signed by itself': wrong(
          /^refused self_signed /,
          ...withIntermediate,
          `openssl req -x509 ${curve} -subj /CN=alice -addext basicConstraints=critical,CA:FALSE -keyout alice.key -out alice.crt`,
        ),
      },
      right: {
        'elliptic curves': typed(...withAlice),
        'wirelab’s own commands': async ({ learner }) => {
          await learner.run(withIntermediate.join(' && '));
          await wirelab(learner, 'certs csr --new-key alice.key --subject CN=alice --out alice.csr');
          await wirelab(
            learner,
            'certs sign alice.csr --ca intermediate.crt --ca-key intermediate.key --profile client --out leaf.crt',
          );
          await learner.run('cat leaf.crt intermediate.crt > alice.crt');
        },
        'RSA for alice, and a usage that no one else has': typed(
          ...withIntermediate,
          person('alice', 'intermediate', 'clientAuth,emailProtection').replace(
            curve,
            '-newkey rsa:2048 -nodes',
          ),
          chained('alice', 'intermediate'),
        ),
      },
    },
    'nobody-below': {
      wrong: {
        'records that say that all is done': forged,
        'what lies hidden in the folder, as certificates': hidden(
          'root.crt',
          'shop.crt',
          'intermediate.crt',
          'mallory-ca.crt',
          'bank.crt',
        ),
        'no limit': wrong(/^admitted /, ...withAlice, ...mallory),
        'a limit of one, which is one too many': wrong(
          /^admitted /,
          root,
          below('intermediate', 'root', `${ca},pathlen:1`),
          shopOf('intermediate'),
          chained('shop', 'intermediate'),
          ...mallory,
        ),
        'mallory’s certificate is no CA’s': wrong(
          /^not_met /,
          ...withAlice,
          below('mallory-ca', 'intermediate', 'basicConstraints=critical,CA:FALSE'),
          mallory[1] ?? '',
        ),
        'the bank under another name': wrong(
          /^not_met name_mismatch /,
          ...withAlice,
          mallory[0] ?? '',
          sign('bank', 'mallory-ca', 'subjectAltName=DNS:bank.example'),
        ),
        'the bank without a name': wrong(
          /^not_met .*lacks the name bank\.localhost \(subjectAltName\)/,
          ...limitedAlice,
          mallory[0] ?? '',
          sign('bank', 'mallory-ca', 'keyUsage=digitalSignature'),
        ),
        'mallory’s CA is below another root': wrong(
          /^(?:not_met|refused) /,
          ...limitedAlice,
          root.replaceAll('root.', 'other.'),
          below('mallory-ca', 'other'),
          mallory[1] ?? '',
        ),
        'mallory limits himself': wrong(
          /^(?:not_met|admitted) /,
          ...withAlice,
          below('mallory-ca', 'intermediate', `${ca},pathlen:0`),
          mallory[1] ?? '',
        ),
        'a limit, and the shop left with a chain that is none': wrong(
          /^refused intermediate_missing /,
          ...limitedAlice,
          ...mallory,
          shopOf('intermediate'),
        ),
        'the intermediate’s key in mallory’s certificate': wrong(
          /^not_met .*the same key/,
          ...limitedAlice,
          'cp intermediate.key mallory-ca.key',
          `openssl req -x509 -key mallory-ca.key -subj /CN=mallory-ca -CA intermediate.crt -CAkey intermediate.key -days 9 -addext ${ca} -out mallory-ca.crt`,
          mallory[1] ?? '',
        ),
      },
      right: {
        'a limit from the first': typed(...limitedAlice, ...mallory),
        'a limit in the root': typed(
          `${root} -addext ${ca},pathlen:1`,
          below('intermediate', 'root'),
          shopOf('intermediate'),
          chained('shop', 'intermediate'),
          ...mallory,
        ),
        'a limit on names': typed(
          root,
          below(
            'intermediate',
            'root',
            `${ca} -addext 'nameConstraints=critical,permitted;DNS:shop.localhost'`,
          ),
          shopOf('intermediate'),
          chained('shop', 'intermediate'),
          ...mallory,
        ),
      },
    },
  },
};
