import { createHash, X509Certificate } from 'node:crypto';
import { labWorld } from '../../../src/labs/world.ts';
import { mainFile } from '../../helpers/wirelab.ts';
import { forgeRecords } from '../support/attempts.ts';
import type { Attempts, Bench, Play, WrongAttempt } from '../support/attempts.ts';
import type { Learner } from '../support/learner.ts';

const form = '--data username=alice --data rrn=900101-1234567 --data-urlencode password@-';

/** A command line of curl that sends the login. */
const curl = (rest: string): string => `curl --silent --show-error --include --max-time 5 ${form} ${rest}`;
const careless = curl('--insecure "https://$1:$2/login"');
const verifying = '--cacert ca.crt --resolve "bank.localhost:$2:$1" "https://bank.localhost:$2/login"';
/** The certificate that a site shows, over a connection of its own. */
const shown = 'openssl s_client -connect "$1:$2" -servername bank.localhost </dev/null 2>/dev/null';

/** The login by openssl. @param options what it verifies */
const openssl = (options: string): string =>
  [
    'body="username=alice&password=$(cat)&rrn=900101-1234567"',
    String.raw`printf 'POST /login HTTP/1.1\r\nHost: bank.localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' "${'${#body}'}" "$body" |`,
    `  openssl s_client -quiet -connect "$1:$2" -servername bank.localhost ${options}`,
  ].join('\n');

/** The login by wirelab. */
const wirelab = (options: string): string =>
  `'${process.execPath}' '${mainFile}' login "https://bank.localhost:$2" --resolve "bank.localhost:$2:$1" --password-stdin ${options}`;

/** The login by a program in Node.js, which looks at the key before it sends. */
const program = `import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';

const [host, port] = process.argv.slice(2);
const spki = (certificate) => createHash('sha256').update(certificate.publicKey.export({ type: 'spki', format: 'der' })).digest('hex');
const pin = spki(new X509Certificate(readFileSync('bank.crt')));
const body = new URLSearchParams({ username: 'alice', password: readFileSync(0, 'utf8'), rrn: '900101-1234567' }).toString();
const socket = connect({ host, port, servername: 'bank.localhost', ca: readFileSync('ca.crt') }, () => {
  if (spki(socket.getPeerX509Certificate()) !== pin) process.exit(1);
  socket.end(
    \`POST /login HTTP/1.1\\r\\nHost: bank.localhost\\r\\nContent-Type: application/x-www-form-urlencoded\\r\\nContent-Length: \${body.length}\\r\\nConnection: close\\r\\n\\r\\n\${body}\`,
  );
});
socket.on('error', () => process.exit(1)).resume();
`;

/** Looks at the certificate so many times, each over a connection of its own, before it sends without looking. */
const looking = (times: number): string =>
  `for look in ${Array.from({ length: times }, (_, index) => index).join(' ')}; do openssl s_client -connect "$1:$2" -servername bank.localhost -CAfile ca.crt -verify_return_error -verify_hostname bank.localhost </dev/null >/dev/null 2>&1 || exit 1; done\n${careless}`;

const pinKey = 'openssl x509 -in bank.crt -noout -pubkey > bank.pub';

const client =
  (text: string): Play<Bench> =>
  ({ learner }) =>
    learner.write('client.sh', `${text}\n`);

const wrong = (text: string, says: RegExp): WrongAttempt<Bench> => ({ play: client(text), says });

const right: Readonly<Record<string, Play<Bench>>> = {
  async 'curl, with all that it can check'({ learner }) {
    await learner.run(pinKey);
    learner.write('client.sh', `${curl(`--pinnedpubkey bank.pub ${verifying}`)}\n`);
  },
  async 'openssl s_client'({ learner }) {
    const hex = createHash('sha256')
      .update(new X509Certificate(learner.read('bank.crt')).publicKey.export({ type: 'spki', format: 'der' }))
      .digest('hex');
    learner.write(
      'client.sh',
      `${openssl(
        `-CAfile ca.crt -verify_return_error -verify_hostname bank.localhost -dane_tlsa_domain bank.localhost -dane_tlsa_rrdata "1 1 1 ${hex}"`,
      )}\n`,
    );
  },
  'wirelab’s own login': client(wirelab('--cacert ca.crt --pinnedpubkey bank.crt')),
  'a program of the learner’s'({ learner }) {
    learner.write('client.mjs', program);
    learner.write('client.sh', `exec '${process.execPath}' client.mjs "$1" "$2"\n`);
  },
};

/** What is wrong at every task. */
const always: Readonly<Record<string, WrongAttempt<Bench>>> = {
  'records that say that all is done': {
    play: ({ learner }) => forgeRecords(learner),
    says: /^given_away \| the fake site no-tls has alice’s password: .* in the clear/,
  },
  'a client that never sends': wrong(
    'cat >/dev/null; echo HTTP/1.1 302 Found',
    /^no_login \| client\.sh did not connect to bank/,
  ),
  'an address that was noted': wrong(
    `[ "$2" = 443 ] && ${careless}`,
    /^no_login \| client\.sh did not connect to bank/,
  ),
  'a password of the learner’s own': wrong(
    `printf tiger-lily | ${curl(verifying)}`,
    /^(?:wrong_login \| bank denied the login|given_away \| (?:client\.sh sent a login|the fake site \S+ has alice’s rrn))/,
  ),
};

const givenBy = (site: string): RegExp => new RegExp(`^given_away \\| the fake site ${site} has alice’s`);

export const catchTheFakeSite: Attempts<Bench> = {
  lab: 'catch-the-fake-site',
  peers: ['curl', 'openssl'],
  begin: (learner) => ({ learner }),
  tasks: {
    'speak-tls': {
      wrong: {
        ...always,
        'TLS, and without it where there is none': wrong(
          `password=$(cat); send() { printf %s "$password" | ${curl('--insecure "$@"')}; }\nsend "https://$1:$2/login" || send "http://$1:$2/login"`,
          givenBy('no-tls'),
        ),
        'no TLS, and with it where that is all there is': wrong(
          `password=$(cat); send() { printf %s "$password" | ${curl('--insecure "$@"')}; }\nsend "http://$1:$2/login" || send "https://$1:$2/login"`,
          givenBy('no-tls'),
        ),
        'the password in Base64, in the clear': wrong(
          'curl --silent --max-time 5 --data "$(base64)" "http://$1:$2/login"',
          givenBy('no-tls'),
        ),
        'a program that goes on in the background': wrong(
          `(sleep 1; ${careless}) & exit 0`,
          /^no_login \| client\.sh did not connect to bank/,
        ),
        'a program that does not end': wrong(
          'sleep 60',
          /^not_met \| client\.sh did not end within 10 seconds/,
        ),
        'a file that is a named pipe': {
          play: async ({ learner }) => learner.run('rm client.sh && mkfifo client.sh'),
          says: /^unreadable_file \| client\.sh is not a file/,
        },
        'a mistake of the shell': wrong('if then', /^no_login \| .*exit code 2: .*[Ss]yntax error/),
      },
      right: { 'curl --insecure': client(careless), ...right },
    },
    'ask-who-vouches': {
      wrong: {
        ...always,
        'any certificate': wrong(careless, givenBy('self-signed')),
        'the CA given, and --insecure left in': wrong(
          curl('--insecure --cacert ca.crt "https://$1:$2/login"'),
          givenBy('self-signed'),
        ),
        'the name of the CA as text': wrong(
          `${shown} | openssl x509 -noout -issuer | grep -q 'Town CA' && ${careless}`,
          givenBy('other-ca'),
        ),
        'a certificate that is not signed by itself': wrong(
          `${shown} | openssl x509 -out got.crt && ! openssl verify -CAfile got.crt got.crt >/dev/null 2>&1 && ${careless}`,
          givenBy('other-ca'),
        ),
        'what the other side shows, trusted': wrong(
          `${shown} | openssl x509 -out got.crt; ${curl('--cacert got.crt "https://$1:$2/login"')}`,
          givenBy('self-signed'),
        ),
        'an error that is printed, and no more': wrong(openssl('-CAfile ca.crt'), givenBy('self-signed')),
        'a look at the certificate after the login was sent': wrong(
          `${careless}\n${shown} | openssl x509 | openssl verify -CAfile ca.crt`,
          givenBy('self-signed'),
        ),
        'the CAs of the machine': wrong(
          curl('"https://$1:$2/login"'),
          /^refused unknown_ca \| client\.sh did not log in at bank, .*exit code 60: curl: \(60\)/,
        ),
      },
      right: { 'the CA, and the address': client(curl('--cacert ca.crt "https://$1:$2/login"')), ...right },
    },
    'ask-for-the-name': {
      wrong: {
        ...always,
        'the address verified in the place of the name': wrong(
          curl('--cacert ca.crt "https://$1:$2/login"'),
          givenBy('address'),
        ),
        'the name to be found, and the address called': wrong(
          curl('--cacert ca.crt --resolve "bank.localhost:$2:$1" "https://$1:$2/login"'),
          givenBy('address'),
        ),
        'the CA without the name': wrong(
          openssl('-CAfile ca.crt -verify_return_error'),
          givenBy('other-name'),
        ),
        'the name without the CA': wrong(
          `${shown} | openssl x509 -noout -checkhost bank.localhost | grep -q 'does match' && ${careless}`,
          givenBy('self-signed'),
        ),
        'the name as text in a certificate of the CA': wrong(
          `${shown} | openssl x509 -out got.crt && openssl verify -CAfile ca.crt got.crt >/dev/null && openssl x509 -in got.crt -noout -subject | grep -q bank.localhost && ${careless}`,
          givenBy('other-name'),
        ),
        'everything verified on one connection, and sent over the next': wrong(
          `openssl s_client -connect "$1:$2" -servername bank.localhost -CAfile ca.crt -verify_return_error -verify_hostname bank.localhost </dev/null >/dev/null 2>&1 && ${careless}`,
          /^given_away \| the first connection led to bank, and a later one to self-signed: /,
        ),
        'everything verified on two connections, and sent over the third': wrong(
          looking(2),
          /^given_away \| the first 2 connections led to bank, and a later one to self-signed: /,
        ),
        'everything verified on five connections, and sent over the sixth': wrong(
          looking(5),
          /^given_away \| the first 5 connections led to bank, and a later one to self-signed: /,
        ),
        'the rrn alone, to whoever is there': wrong(
          `${curl('--insecure "https://$1:$2/"').replace(form, '--data rrn=900101-1234567')} </dev/null >/dev/null; ${curl(verifying)}`,
          /^given_away \| the fake site self-signed has alice’s rrn/,
        ),
        'a wrong password first, to see whether it is taken': wrong(
          `status=$(curl --silent --insecure --output got --write-out '%{http_code}' --data 'username=alice&password=decoy&rrn=000000-0000000' "https://$1:$2/login"); [ "$status" = 401 ] && ${careless}`,
          /^given_away \| client\.sh sent a login to the fake site self-signed, though not with the right password/,
        ),
        'a list of the certificates that Mallory has shown': {
          async play({ learner }) {
            const list = await fingerprints(learner, ['self-signed', 'other-ca', 'other-name', 'address']);
            learner.write(
              'client.sh',
              `case $(${shown} | openssl x509 -noout -fingerprint -sha256) in ${list.map((one) => `*${one}`).join('|')}) exit 1 ;; esac\n${careless}\n`,
            );
          },
          says: givenBy('self-signed'),
        },
      },
      right: { 'the CA and the name': client(curl(verifying)), ...right },
    },
    'know-the-key': {
      wrong: {
        ...always,
        'the CA and the name, without the key': wrong(curl(verifying), givenBy('stolen-ca-key')),
        'the whole certificate in the place of the key': {
          play: ({ learner }) =>
            learner.write('client.sh', `${curl(verifying.replace('ca.crt', 'bank.crt'))}\n`),
          says: /^refused unknown_ca \| client\.sh did not log in at bank-renewed/,
        },
        'the key of whoever is there': wrong(
          `${shown} | openssl x509 -noout -pubkey > got.pub; ${curl(`--pinnedpubkey got.pub ${verifying}`)}`,
          givenBy('stolen-ca-key'),
        ),
        'the hash of the certificate in the place of the key’s': {
          async play({ learner }) {
            const hash = createHash('sha256')
              .update(new X509Certificate(learner.read('bank.crt')).raw)
              .digest('base64');
            learner.write('client.sh', `${curl(`--pinnedpubkey 'sha256//${hash}' ${verifying}`)}\n`);
          },
          says: /^no_login \| client\.sh did not log in at bank, .*exit code 90: curl: \(90\)/,
        },
        'the key of the CA': {
          async play({ learner }) {
            await learner.run('openssl x509 -in ca.crt -noout -pubkey > bank.pub');
            learner.write('client.sh', `${curl(`--pinnedpubkey bank.pub ${verifying}`)}\n`);
          },
          says: /^no_login \| client\.sh did not log in at bank, .*exit code 90/,
        },
        'the key compared after the login was sent': {
          async play({ learner }) {
            await learner.run(pinKey);
            learner.write(
              'client.sh',
              `${curl(verifying)}\n${shown} | openssl x509 -noout -pubkey | cmp - bank.pub\n`,
            );
          },
          says: givenBy('stolen-ca-key'),
        },
        'the certificate that the CA will show, replaced by Mallory’s': {
          async play({ learner }) {
            const world = await labWorld(learner.lab, learner.folder);
            learner.write('bank.crt', world.certificate('stolen-ca-key'));
            await learner.run(pinKey);
            learner.write('client.sh', `${curl(`--pinnedpubkey bank.pub ${verifying}`)}\n`);
          },
          says: /^no_login \| client\.sh did not log in at bank, /,
        },
      },
      right: {
        ...right,
        async 'the key alone'({ learner }) {
          await learner.run(pinKey);
          learner.write('client.sh', `${curl('--insecure --pinnedpubkey bank.pub "https://$1:$2/login"')}\n`);
        },
      },
    },
  },
};

async function fingerprints(
  { lab, folder }: Pick<Learner, 'lab' | 'folder'>,
  rows: readonly string[],
): Promise<readonly string[]> {
  const world = await labWorld(lab, folder);
  return rows.map((row) => new X509Certificate(world.certificate(row)).fingerprint256);
}
