import { askUp } from '../../../src/labs/hold/claim.ts';
import { forgeRecords, keptFile, whileItRuns, wirelab } from '../support/attempts.ts';
import type { Attempts, Play, WrongAttempt } from '../support/attempts.ts';
import { isUp, say } from '../support/cluster.ts';
import type { Working } from '../support/cluster.ts';

const hooks = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const wrong = (play: Play<Working>, says: RegExp): WrongAttempt<Working> => ({ play, says });

interface Configuration {
  readonly webhooks: readonly (Readonly<Record<string, unknown>> & { readonly clientConfig: object })[];
}

/** Writes the webhooks of a configuration anew. */
const changed =
  (name: string, change: (webhook: Configuration['webhooks'][number]) => object): Play<Working> =>
  async (working) => {
    const object = (await say(working, 'GET', `${hooks}/${name}`)) as unknown as Configuration;
    await say(working, 'PUT', `${hooks}/${name}`, { ...object, webhooks: object.webhooks.map(change) });
  };
const set = (name: string, fields: object): Play<Working> =>
  changed(name, (webhook) => ({ ...webhook, ...fields }));
const removed =
  (name: string): Play<Working> =>
  async (working) =>
    void (await say(working, 'DELETE', `${hooks}/${name}`));
const inTurn =
  (...plays: readonly Play<Working>[]): Play<Working> =>
  async (working) => {
    for (const play of plays) await play(working);
  };

/** The CA of a file in caBundle. */
const trusting =
  (name: string, file: string): Play<Working> =>
  async (working) => {
    const caBundle = Buffer.from(working.learner.read(file)).toString('base64');
    await changed(name, (webhook) => ({ ...webhook, clientConfig: { ...webhook.clientConfig, caBundle } }))(
      working,
    );
  };

/** Issues NAME.crt by hook-ca for a key that is there. */
const issued =
  (name: string, san: string, { subject = `/CN=${name}`, usage = 'serverAuth' } = {}): Play<Working> =>
  async ({ learner }) =>
    void (await learner.run(
      [
        `openssl req -new -key ${name}.key -subj '${subject}' -out ${name}.csr`,
        `printf '%s\\n' extendedKeyUsage=${usage} ${san === '' ? '' : `subjectAltName=${san}`} > ${name}.ext`,
        `openssl x509 -req -in ${name}.csr -CA hook-ca.crt -CAkey hook-ca.key -set_serial 0x$(openssl rand -hex 8) -days 30 -extfile ${name}.ext -out ${name}.crt`,
      ].join(' && '),
    ));
const named = issued('gate', 'DNS:gate.workshop.svc');
const renewed = issued('ledger', 'DNS:ledger.workshop.svc');
const ownCa: Play<Working> = async ({ learner }) =>
  void (await learner.run(
    [
      'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own-ca.key -subj "/CN=My CA" -days 30 -out own-ca.crt',
      'openssl req -new -key gate.key -subj /CN=gate -out gate.csr',
      "printf 'subjectAltName=DNS:gate.workshop.svc\\n' > gate.ext",
      'openssl x509 -req -in gate.csr -CA own-ca.crt -CAkey own-ca.key -set_serial 5 -days 9 -extfile gate.ext -out gate.crt',
    ].join(' && '),
  ));
const records = (says: RegExp): Readonly<Record<string, WrongAttempt<Working>>> => ({
  'records that say that all is done': wrong(({ learner }) => forgeRecords(learner), says),
});

/** To the port at which the lab's webhook listens. */
const byAddress =
  (name: string): Play<Working> =>
  async (working) => {
    const port = (await askUp(working.learner.folder))?.answer?.ports[name];
    await changed(name, (webhook) => {
      const { service: _service, ...config } = webhook.clientConfig as { readonly service?: object };
      return { ...webhook, clientConfig: { ...config, url: `https://127.0.0.1:${port}/validate` } };
    })(working);
  };

export const theWebhookNobodyTrusts: Attempts<Working> = {
  lab: 'the-webhook-nobody-trusts',
  peers: ['openssl'],
  ...whileItRuns(isUp),
  tasks: {
    'clear-the-way': {
      wrong: {
        ...records(/^unverified .*service "retired" not found/),
        'it fails open': wrong(
          set('retired', { failurePolicy: 'Ignore' }),
          /^not_met .*still has a webhook of the Service workshop\/retired/,
        ),
        'another namespace is selected': wrong(
          set('retired', {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
          }),
          /^not_met .*workshop\/retired/,
        ),
        'another operation': wrong(
          set('retired', {
            rules: [
              { apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['configmaps'] },
            ],
          }),
          /^not_met .*workshop\/retired/,
        ),
        'a Service of that name, behind which nothing is': wrong(
          async (working) =>
            say(working, 'POST', '/api/v1/namespaces/workshop/services', {
              metadata: { name: 'retired' },
              spec: { ports: [{ port: 443 }] },
            }),
          /^unverified .*dial tcp 10\.\d+\.\d+\.\d+:443: connect: connection refused/,
        ),
        'such a Service, and it fails open': wrong(async (working) => {
          await say(working, 'POST', '/api/v1/namespaces/workshop/services', {
            metadata: { name: 'retired' },
            spec: { ports: [{ port: 443 }] },
          });
          await set('retired', { failurePolicy: 'Ignore' })(working);
        }, /^not_met .*still calls the webhook notes\.retired\.example\.com, and in vain/),
        'the lab’s own webhook in its place, and it fails open': wrong(
          changed('retired', (webhook) => ({
            ...webhook,
            failurePolicy: 'Ignore',
            clientConfig: { ...webhook.clientConfig, service: { namespace: 'workshop', name: 'gate' } },
          })),
          /^not_met .*and in vain/,
        ),
        'the other CA': wrong(
          trusting('retired', 'hook-ca.crt'),
          /^unverified .*service "retired" not found/,
        ),
        'one second of patience': wrong(
          set('retired', { timeoutSeconds: 1 }),
          /^unverified .*timeout=1s": service "retired" not found/,
        ),
        'the wrong configuration removed': wrong(removed('gate'), /^unverified .*"retired" not found/),
        'the namespace removed': wrong(
          async (working) => say(working, 'DELETE', '/api/v1/namespaces/workshop'),
          /^refused .*(?:not found|being terminated)/,
        ),
        'the lab’s own webhook in its place, which does not know ConfigMaps': wrong(
          changed('retired', (webhook) => ({
            ...webhook,
            clientConfig: { ...webhook.clientConfig, service: { namespace: 'workshop', name: 'gate' } },
          })),
          /^unverified .*legacy Common Name/,
        ),
      },
      right: {
        'the configuration is removed': removed('retired'),
        'its webhook is taken out of it': async (working) => {
          const object = await say(working, 'GET', `${hooks}/retired`);
          await say(working, 'PUT', `${hooks}/retired`, { ...object, webhooks: [] });
        },
      },
    },
    'name-the-gate': {
      wrong: {
        ...records(/^unverified .*legacy Common Name/),
        'the name as CN once more': wrong(
          issued('gate', '', { subject: '/CN=gate.workshop.svc' }),
          /^unverified .*legacy Common Name/,
        ),
        'the Service’s name alone': wrong(
          issued('gate', 'DNS:gate'),
          /^unverified .*certificate is valid for gate, not gate\.workshop\.svc/,
        ),
        'with the namespace': wrong(
          issued('gate', 'DNS:gate.workshop'),
          /^unverified .*valid for gate\.workshop, not gate\.workshop\.svc/,
        ),
        'the cluster’s whole name': wrong(
          issued('gate', 'DNS:gate.workshop.svc.cluster.local'),
          /^unverified .*not gate\.workshop\.svc/,
        ),
        'in another namespace': wrong(
          issued('gate', 'DNS:gate.default.svc'),
          /^unverified .*valid for gate\.default\.svc/,
        ),
        'an address': wrong(
          issued('gate', 'IP:127.0.0.1'),
          /^unverified .*not valid for any names, but wanted to match gate\.workshop\.svc/,
        ),
        'for a client': wrong(
          issued('gate', 'DNS:gate.workshop.svc', { usage: 'clientAuth' }),
          /^unverified .*incompatible key usage/,
        ),
        'ledger’s': wrong(
          ({ learner }) => learner.run('cp ledger.crt gate.crt && cp ledger.key gate.key'),
          /^unverified .*has expired/,
        ),
        'for another key': wrong(async (working) => {
          await named(working);
          await working.learner.run(
            'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out gate.key',
          );
        }, /^key_mismatch .*gate\.crt/),
        'no file': wrong(({ learner }) => learner.remove('gate.crt'), /^missing_file .*gate\.crt/),
      },
      right: {
        'by hook-ca, with openssl': named,
        'by a CA of one’s own': ownCa,
        'self-signed': async ({ learner }) =>
          void (await learner.run(
            'openssl req -x509 -key gate.key -subj /CN=gate -addext subjectAltName=DNS:gate.workshop.svc -days 9 -out gate.crt',
          )),
        'a wildcard': issued('gate', 'DNS:*.workshop.svc'),
        'wirelab’s own command': async ({ learner }) =>
          wirelab(
            learner,
            'certs issue gate.workshop.svc --ca hook-ca.crt --ca-key hook-ca.key --out gate --force',
          ),
      },
    },
    'trust-the-gate': {
      wrong: {
        ...records(/^unverified .*legacy Common Name/),
        'the certificate alone': wrong(
          named,
          /^unverified .*signed by unknown authority \(possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "Webhook CA"\)/,
        ),
        'the CA alone': wrong(trusting('gate', 'hook-ca.crt'), /^unverified .*legacy Common Name/),
        'the cluster’s CA': wrong(
          inTurn(named, trusting('gate', 'ca.crt')),
          /^unverified .*signed by unknown authority$/,
        ),
        'another webhook’s certificate': wrong(
          inTurn(named, trusting('gate', 'ledger.crt')),
          /^unverified .*signed by unknown authority/,
        ),
        'a CA that one has made, and a certificate of hook-ca’s': wrong(
          inTurn(ownCa, named, trusting('gate', 'own-ca.crt')),
          /^unverified .*signed by unknown authority$/,
        ),
        'no CA': wrong(
          inTurn(
            named,
            changed('gate', (webhook) => {
              const { caBundle: _bundle, ...config } = webhook.clientConfig as { readonly caBundle?: string };
              return { ...webhook, clientConfig: config };
            }),
          ),
          /^unverified .*signed by unknown authority$/,
        ),
        'base64 of base64': wrong(async (working) => {
          await named(working);
          await working.learner.run('openssl base64 -A -in hook-ca.crt -out twice.txt');
          await trusting('gate', 'twice.txt')(working);
        }, /^unverified .*unable to parse bytes as PEM block/),
        'it fails open': wrong(
          set('gate', { failurePolicy: 'Ignore' }),
          /^admitted .*pods\/stray was let in/,
        ),
        'trusted, and it fails open': wrong(
          inTurn(named, trusting('gate', 'hook-ca.crt'), set('gate', { failurePolicy: 'Ignore' })),
          /^admitted .*failurePolicy: Fail.*failurePolicy: Ignore/,
        ),
        'no configuration': wrong(removed('gate'), /^admitted .*pods\/stray was let in/),
        'it is asked about nothing': wrong(set('gate', { rules: [] }), /^admitted .*pods\/stray was let in/),
        'only about what has the label': wrong(
          inTurn(
            named,
            trusting('gate', 'hook-ca.crt'),
            set('gate', { objectSelector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] } }),
          ),
          /^admitted .*pods\/stray was let in/,
        ),
        'by a URL, with a certificate for the Service': wrong(
          inTurn(named, trusting('gate', 'hook-ca.crt'), byAddress('gate')),
          /^unverified .*cannot validate certificate for 127\.0\.0\.1 because it doesn't contain any IP SANs/,
        ),
        'a port that the Service has not': wrong(
          inTurn(
            named,
            trusting('gate', 'hook-ca.crt'),
            changed('gate', (webhook) => ({
              ...webhook,
              clientConfig: {
                ...webhook.clientConfig,
                service: { namespace: 'workshop', name: 'gate', port: 8443 },
              },
            })),
          ),
          /^unverified .*no service port 8443 found/,
        ),
        'files that it cannot be run with': wrong(async (working) => {
          await trusting('gate', 'hook-ca.crt')(working);
          working.learner.write('gate.crt', 'no certificate');
        }, /^unverified .*connect: connection refused/),
        'ledger behind it': wrong(
          changed('gate', (webhook) => ({
            ...webhook,
            clientConfig: { ...webhook.clientConfig, service: { namespace: 'workshop', name: 'ledger' } },
          })),
          /^unverified .*has expired/,
        ),
      },
      right: {
        'hook-ca in the bundle': inTurn(named, trusting('gate', 'hook-ca.crt')),
        'a CA of one’s own': inTurn(ownCa, trusting('gate', 'own-ca.crt')),
        'the certificate itself in the bundle': inTurn(named, trusting('gate', 'gate.crt')),
        'by a URL, with an address in the certificate': inTurn(
          issued('gate', 'DNS:gate.workshop.svc,IP:127.0.0.1'),
          trusting('gate', 'hook-ca.crt'),
          byAddress('gate'),
        ),
        'both CAs in one bundle': async (working) => {
          const { learner } = working;
          await named(working);
          await learner.run(`cat ${keptFile(learner, 'hook-ca-before', 'crt')} hook-ca.crt > both.crt`);
          await trusting('gate', 'both.crt')(working);
        },
      },
    },
    'close-the-ledger': {
      wrong: {
        ...records(/^admitted .*secrets\/lost was let in/),
        'the policy alone': wrong(
          set('ledger', { failurePolicy: 'Fail' }),
          /^unverified .*secrets\/phrase cannot be created.*has expired/,
        ),
        'the certificate alone': wrong(renewed, /^admitted .*failurePolicy: Fail.*failurePolicy: Ignore/),
        'renewed for another name': wrong(
          inTurn(issued('ledger', 'DNS:ledger'), set('ledger', { failurePolicy: 'Fail' })),
          /^unverified .*valid for ledger, not ledger\.workshop\.svc/,
        ),
        'renewed for another name, and open': wrong(
          issued('ledger', 'DNS:ledger'),
          /^admitted .*secrets\/lost was let in/,
        ),
        'no configuration': wrong(removed('ledger'), /^admitted .*secrets\/lost was let in/),
        'gate’s certificate': wrong(
          ({ learner }) => learner.run('cp gate.crt ledger.crt && cp gate.key ledger.key'),
          /^admitted .*secrets\/lost was let in/,
        ),
        'closed, and asked about nothing': wrong(
          inTurn(renewed, set('ledger', { failurePolicy: 'Fail', rules: [] })),
          /^admitted .*secrets\/lost was let in/,
        ),
        'closed, with the cluster’s CA': wrong(
          inTurn(renewed, set('ledger', { failurePolicy: 'Fail' }), trusting('ledger', 'ca.crt')),
          /^unverified .*signed by unknown authority$/,
        ),
        'closed, and gone': wrong(async (working) => {
          await set('ledger', { failurePolicy: 'Fail' })(working);
          working.learner.remove('ledger.key');
        }, /^unverified .*connect: connection refused/),
      },
      right: {
        'renewed, and closed': inTurn(renewed, set('ledger', { failurePolicy: 'Fail' })),
        'self-signed, itself in the bundle, and closed': async (working) => {
          await working.learner.run(
            'openssl req -x509 -key ledger.key -subj /CN=ledger -addext subjectAltName=DNS:ledger.workshop.svc -days 9 -out ledger.crt',
          );
          await trusting('ledger', 'ledger.crt')(working);
          await set('ledger', { failurePolicy: 'Fail' })(working);
        },
      },
    },
  },
};
