import { copyHidden, forgeRecords, keptFile, wirelab } from '../support/attempts.ts';
import type { Attempts, Bench, Play, WrongAttempt } from '../support/attempts.ts';
import type { Learner } from '../support/learner.ts';

const typed =
  (line: string): Play<Bench> =>
  async ({ learner }) =>
    learner.run(line);

const wrong = (line: string, says: RegExp): WrongAttempt<Bench> => ({ play: typed(line), says });

/** With the CA's key, for the key of a site. */
function issued(door: string, names = `DNS:${door}.localhost`, more = ''): string {
  return `openssl req -x509 -key ${door}.key -subj "/CN=${door}.localhost" -CA ca.crt -CAkey ca.key -days 30 -addext basicConstraints=critical,CA:FALSE ${names === '' ? '' : `-addext subjectAltName=${names}`} ${more} -out ${door}.crt`;
}

const selfSigned = (door: string): string =>
  `openssl req -x509 -key ${door}.key -subj "/CN=${door}.localhost" -days 30 -addext subjectAltName=DNS:${door}.localhost -out ${door}.crt`;

function forged(says: RegExp): WrongAttempt<Bench> {
  return { play: ({ learner }) => forgeRecords(learner), says };
}

function hidden(door: string): WrongAttempt<Bench> {
  return {
    play: async ({ learner }) => copyHidden(learner, `${door}.crt`, `${door}.key`),
    says: new RegExp(`^unreadable_file .*${door}\\.`),
  };
}

/** A valid certificate and key of another site of the lab. */
function ofAnother(door: string, row: string, says: RegExp): WrongAttempt<Bench> {
  return {
    play: async ({ learner }) =>
      learner.run(
        `cp ${keptFile(learner, row, 'crt')} ${door}.crt && cp ${keptFile(learner, row, 'key')} ${door}.key`,
      ),
    says,
  };
}

const setting =
  (from: string | RegExp, to: string): Play<Bench> =>
  ({ learner }) =>
    learner.edit('settings.yaml', from, to);

const twoListeners =
  (front: string, inner: string): Play<Bench> =>
  ({ learner }) =>
    learner.write('settings.yaml', `proxies:\n  office: { ${front} }\n  inner: { ${inner} }\n`);

async function renewed(learner: Learner): Promise<void> {
  await wirelab(
    learner,
    'certs csr --new-key new.key --subject CN=tickets.localhost --san DNS:tickets.localhost --out new.csr',
  );
  await wirelab(learner, 'certs sign new.csr --ca ca.crt --ca-key ca.key --profile server --out new.crt');
  await learner.run('mv new.crt tickets.crt && mv new.key tickets.key');
}

export const mendFive: Attempts<Bench> = {
  lab: 'mend-five',
  peers: ['openssl'],
  begin: (learner) => ({ learner }),
  tasks: {
    tickets: {
      wrong: {
        'records that say that all is done': forged(/^refused certificate_expired /),
        'what lies hidden in the folder, as certificate and key': hidden('tickets'),
        'the file server’s certificate and key, as the lab keeps them': ofAnother(
          'tickets',
          'files',
          /^refused name_mismatch /,
        ),
        'signed by itself, and the CA’s file replaced by it': wrong(
          `${selfSigned('tickets')} && cp tickets.crt ca.crt`,
          /^refused self_signed /,
        ),
        'signed once more, with the dates of before': wrong(
          'openssl x509 -in tickets.crt -CA ca.crt -CAkey ca.key -CAcreateserial -preserve_dates -out again.crt && mv again.crt tickets.crt',
          /^refused certificate_expired /,
        ),
        'for clients': wrong(
          issued('tickets', undefined, '-addext extendedKeyUsage=clientAuth'),
          /^refused wrong_usage /,
        ),
        'without the name': wrong(issued('tickets', ''), /^refused name_mismatch /),
        'for another key': wrong(
          `cp tickets.key kept.key && cp mail.key tickets.key && ${issued('tickets')} && mv kept.key tickets.key`,
          /^key_mismatch /,
        ),
        'a link to itself': wrong(
          'rm tickets.crt && ln -s tickets.crt tickets.crt',
          /^unreadable_file .*tickets\.crt cannot be read/,
        ),
      },
      right: {
        'wirelab’s own commands, and a new key': async ({ learner }) => renewed(learner),
        'the old request and more names, the old certificate behind it in another file': typed(
          `cp tickets.crt old.crt && ${issued('tickets', 'DNS:www.localhost,DNS:tickets.localhost,IP:127.0.0.1')}`,
        ),
        'by the branch, whose certificate is sent as well': async ({ learner }) =>
          learner.run(
            `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Branch -CA ca.crt -CAkey ca.key -days 30 -addext basicConstraints=critical,CA:TRUE -keyout own.key -out own.crt && ${issued('tickets').replace('-CA ca.crt -CAkey ca.key', '-CA own.crt -CAkey own.key')} && cat own.crt >> tickets.crt`,
          ),
      },
    },
    mail: {
      wrong: {
        'records that say that all is done': forged(/^refused name_mismatch /),
        'what lies hidden in the folder, as certificate and key': hidden('mail'),
        'the file server’s certificate and key, as the lab keeps them': ofAnother(
          'mail',
          'files',
          /^refused name_mismatch /,
        ),
        'the new name as the common name alone': wrong(issued('mail', ''), /^refused name_mismatch /),
        'every name below localhost': wrong(issued('mail', 'DNS:*.localhost'), /^refused name_mismatch /),
        'a name that only begins with it': wrong(
          issued('mail', 'DNS:mail.localhost.example'),
          /^refused name_mismatch /,
        ),
        'by nobody’s CA': wrong(selfSigned('mail'), /^refused self_signed /),
        'a named pipe': wrong('rm mail.crt && mkfifo mail.crt', /^unreadable_file .*not a file/),
      },
      right: {
        'the old name and the new one, in DER': typed(
          `${issued('mail', 'DNS:post.localhost,DNS:mail.localhost')} && openssl x509 -in mail.crt -outform DER -out mail.der && mv mail.der mail.crt`,
        ),
        'wirelab’s own command, for the old key': async ({ learner }) => {
          await learner.run(
            'openssl req -new -key mail.key -subj /CN=mail -addext subjectAltName=DNS:mail.localhost -out mail.csr && rm mail.crt',
          );
          await wirelab(
            learner,
            'certs sign mail.csr --ca ca.crt --ca-key ca.key --profile server --out mail.crt',
          );
        },
        'RSA, and a hard link': typed(
          'rm mail.key mail.crt && openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -CA ca.crt -CAkey ca.key -days 30 -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:mail.localhost -keyout rsa.key -out rsa.crt && ln rsa.crt mail.crt && ln -s rsa.key mail.key',
        ),
      },
    },
    blog: {
      wrong: {
        'records that say that all is done': forged(/^refused intermediate_missing /),
        'what lies hidden in the folder, as certificate and key': hidden('blog'),
        'issued anew by the root': wrong(issued('blog'), /^not_met /),
        'issued anew by the branch, whose key the lab keeps': {
          play: async ({ learner }) =>
            learner.run(
              `${issued('blog').replace('-CA ca.crt -CAkey ca.key', `-CA branch-ca.crt -CAkey ${keptFile(learner, 'branch-ca', 'key')}`)} && cat branch-ca.crt >> blog.crt`,
            ),
          says: /^not_met .*this is not the certificate that the folder started with|^not_met .*the server sent/,
        },
        'the root in the place of the branch': wrong(
          'cat ca.crt >> blog.crt',
          /^refused intermediate_missing /,
        ),
        'the root as well': wrong('cat branch-ca.crt ca.crt >> blog.crt', /^not_met .*the server sent/),
        'the branch twice': wrong(
          'cat branch-ca.crt branch-ca.crt >> blog.crt',
          /^not_met .*the server sent/,
        ),
        'the branch in front': wrong(
          'cat branch-ca.crt blog.crt > both && mv both blog.crt',
          /^key_mismatch .*first certificate/,
        ),
        'the CA’s file made longer instead of the blog’s': wrong(
          'cat branch-ca.crt >> ca.crt',
          /^refused intermediate_missing /,
        ),
      },
      right: {
        'with text between, through a link': typed(
          '(openssl x509 -in blog.crt -text; openssl x509 -in branch-ca.crt -text) > both.crt && rm blog.crt && ln -s both.crt blog.crt',
        ),
        'the chain that the lab keeps is what one would make oneself': async ({ learner }) =>
          learner.run(`cp ${keptFile(learner, 'blog', 'chain.crt')} blog.crt`),
        'a key in PKCS #1 or SEC 1, and carriage returns': typed(
          "cat branch-ca.crt >> blog.crt && sed -i.bak 's/$/\\r/' blog.crt && openssl pkey -in blog.key -traditional -out own.key && mv own.key blog.key",
        ),
      },
    },
    files: {
      wrong: {
        'records that say that all is done': forged(/^key_mismatch /),
        'what lies hidden in the folder, as certificate and key': hidden('files'),
        'the mail server’s certificate and key, as the lab keeps them': ofAnother(
          'files',
          'mail',
          /^refused name_mismatch /,
        ),
        'signed by itself, for the old key': wrong(selfSigned('files'), /^refused self_signed /),
        'the new key behind a passphrase': wrong(
          'openssl pkey -in files-new.key -aes256 -passout pass:tiger-lily -out files.key',
          /^unreadable_file .*files\.key/,
        ),
        'the public half of the new key': wrong(
          'openssl pkey -in files-new.key -pubout -out files.key',
          /^unreadable_file .*public key/,
        ),
        'a third key': wrong(
          'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out files.key',
          /^key_mismatch /,
        ),
        'a link to where the new key once was': wrong(
          'rm files.key && ln -s files-moved.key files.key',
          /^missing_file .*files\.key/,
        ),
      },
      right: {
        'the key linked': typed('ln -sf files-new.key files.key'),
        'a certificate for the old key': typed(issued('files')),
        'the key that fits, in DER': typed('openssl pkey -in files-new.key -outform DER -out files.key'),
      },
    },
    office: {
      wrong: {
        'records that say that all is done': forged(/^refused unknown_ca /),
        'what lies hidden in the folder, as certificate and key': hidden('office'),
        'another name, for which clients are to ask': {
          play: setting('target: desk', 'host: localhost\n    target: desk'),
          says: /^bad_settings .*clients ask for office\.localhost at office/,
        },
        'the branch’s certificate, whose key the lab keeps, as the door’s': {
          play: setting('certificate: office', 'certificate: branch-ca'),
          says: /^bad_settings .*the lab keeps the key of this certificate to itself/,
        },
        'both CAs': { play: setting('[visitors-ca]', '[staff-ca, visitors-ca]'), says: /^admitted / },
        'nobody asked for a certificate': {
          play: setting(/kind: mtls\n([^]*)    clientAuthorities.*\n/, 'kind: tls\n$1'),
          says: /^admitted /,
        },
        'the staff’s CA behind the visitors’, in one file': wrong(
          'cat staff-ca.crt >> visitors-ca.crt',
          /^admitted /,
        ),
        'a link from the one CA to the other': {
          play: typed(
            'ln -sf visitors-ca.crt staff-ca.crt && sed -i.bak "s/.visitors-ca./[staff-ca]/" settings.yaml',
          ),
          says: /^refused unknown_ca /,
        },
        'a door before it that shows alice’s certificate for everybody': {
          play: twoListeners(
            'kind: tls, certificate: office, target: inner, wires: { incoming: E, outgoing: F }, towardsTarget: { security: mtls, trust: [ca], certificate: alice }',
            'kind: mtls, certificate: office, clientAuthorities: [staff-ca], target: desk, wires: { incoming: G, outgoing: H }',
          ),
          says: /^(?:admitted|refused) /,
        },
        'passed on as it is, to a door behind that asks in its place': {
          play: twoListeners(
            'kind: passthrough, target: inner, wires: { incoming: E, outgoing: F }',
            'kind: mtls, certificate: office, clientAuthorities: [staff-ca], target: desk, wires: { incoming: G, outgoing: H }',
          ),
          says: /^not_met .*no rejection on wire E/,
        },
        'alice’s certificate made anew by the visitors’ CA, as the lab keeps it': {
          play: async ({ learner }) =>
            learner.run(
              `openssl req -x509 -key alice.key -subj /CN=alice -CA visitors-ca.crt -CAkey ${keptFile(learner, 'visitors-ca', 'key')} -days 9 -out alice.crt`,
            ),
          says: /^refused unknown_ca /,
        },
      },
      right: {
        'a block list, and another file': async ({ learner }) => {
          await learner.run('cp staff-ca.crt staff.crt');
          learner.edit(
            'settings.yaml',
            'clientAuthorities: [visitors-ca]',
            'clientAuthorities:\n      - staff',
          );
        },
        'a new certificate of the office’s, besides': async ({ learner }) => {
          await learner.run(issued('office'));
          learner.edit('settings.yaml', '[visitors-ca]', '[staff-ca]');
        },
      },
    },
  },
};
