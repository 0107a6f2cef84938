/**
 * What a scenario file may say. It decides shapes and words; whether the names in it exist is `references.ts`'s, and what
 * a step or an expectation means is its row's in `steps/` and `expectations/`. The only file that loads the validator;
 * a warm start reads compiled JSON and never comes here.
 */
import { z } from 'zod';
import { expectationSchemas } from '../features/expectations.ts';
import { serverKindNames } from './server-kinds.ts';
import { stepSchemas } from '../features/steps.ts';
import { proxyKindNames } from '../proxy/kinds.ts';
import type { ProxyKindName } from '../proxy/kinds.ts';
import { tampers } from '../wire/tamper/tamper.ts';
import type { TamperName } from '../wire/tamper/tamper.ts';

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/);
const wireName = z.string().regex(/^[A-Za-z0-9]{1,8}$/);
const port = z.int().min(1).max(65535);
const localHost = z.string().regex(/^(?:[a-z0-9-]+\.)*localhost$/);
const localized = z.strictObject({ en: z.string().min(1), ko: z.string().min(1) });

/** In UTF-16 code units; a private key of RSA with 4096 bits has 3272 as PEM. */
const longestSecret = 4096;

const secret = z.strictObject({
  value: z
    .string()
    .min(6)
    .max(longestSecret)
    .describe(
      'Looked for on every wire, in every encoding. At least six characters: a shorter one is found by chance. At most 4096: every byte that goes by is compared with all its encodings.',
    ),
});

const account = z.strictObject({
  user: z.string().min(1).optional().describe('The user name; the account’s own name when left out.'),
  password: z.string().describe('The name of a secret.'),
  rrn: z.string().describe('The name of a secret: the (made-up) resident registration number.'),
});

/** What a listener or a client lets TLS agree on. */
const agreement = {
  groups: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)*$/)
    .optional()
    .describe('The groups of the key exchange as OpenSSL names them, the preferred one first: X25519:P-256.'),
  ciphers: z
    .string()
    .min(1)
    .optional()
    .describe(
      'For TLS 1.2, an OpenSSL cipher list: AES128-GCM-SHA256 for a static RSA key exchange. Node’s own when left out.',
    ),
  alpn: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('The application protocols (ALPN), the preferred one first.'),
};

const tlsVersion = z.enum(['1.0', '1.1', '1.2', '1.3']);

const site = z.strictObject({
  certificate: z.string().optional().describe('A row of the recipe; that of the server when left out.'),
  chain: z
    .array(z.string())
    .optional()
    .describe(
      'The rows that are sent behind the certificate, in this order; its intermediate CAs when left out.',
    ),
  offers: z
    .strictObject({
      oldest: tlsVersion.optional().describe('The oldest version of TLS that it speaks.'),
      newest: tlsVersion.optional().describe('The newest.'),
      ciphers: z.string().optional().describe('An OpenSSL cipher list.'),
      securityLevel: z
        .int()
        .min(0)
        .max(5)
        .optional()
        .describe('OpenSSL’s security level; 0 lets it use what is broken by now.'),
      dhGroup: z
        .enum(['modp2', 'modp14'])
        .optional()
        .describe('The Diffie-Hellman group of RFC 2409 (modp2, 1024 bits) or RFC 3526 (modp14, 2048 bits).'),
    })
    .optional()
    .describe(
      'Then it has a port of its own. Left out: what every TLS server of ours offers, at the server’s port, by the name that is asked for.',
    ),
});

const server = z.strictObject({
  kind: z.enum(serverKindNames),
  host: localHost.optional().describe('A name under .localhost; NAME.localhost when left out.'),
  port: port.optional().describe('A free port is taken when left out.'),
  security: z.enum(['plain', 'tls', 'mtls']).optional().describe('plain when left out.'),
  certificate: z.string().optional().describe('A row of the recipe.'),
  chain: z
    .array(z.string())
    .optional()
    .describe(
      'The rows that are sent behind the certificate, in this order; its intermediate CAs when left out.',
    ),
  sites: z.record(name, site).optional().describe('For login-sites: the sites by name; each is NAME.HOST.'),
  clientAuthorities: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('For mtls: the CAs that may vouch for a client.'),
  revocations: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('For mtls: the CAs whose revocation lists are looked at.'),
  accounts: z.array(z.string()).min(1).optional().describe('Who may log in; all accounts when left out.'),
  redirectSite: z
    .strictObject({
      hsts: z
        .strictObject({ maxAge: z.int().min(0), includeSubDomains: z.boolean().optional() })
        .optional()
        .describe('What its TLS door says in Strict-Transport-Security; nothing when left out.'),
      secureCookie: z
        .boolean()
        .optional()
        .describe('false: the session’s cookie goes over plain HTTP as well.'),
    })
    .optional()
    .describe('For redirect-site, whose plain door (port 80) sends everybody to the TLS door (port 443).'),
  pageSite: z
    .strictObject({
      padTo: z.int().min(1024).max(65_536).optional().describe('Every page is filled up to so many bytes.'),
    })
    .optional()
    .describe('For page-site, which has one page for each article, each of its own size.'),
  ...agreement,
  issuer: z
    .string()
    .optional()
    .describe('For certificate-authority: the CA of the recipe that signs what it issues.'),
  log: z.string().min(1).optional().describe('For impostor-kubelet: what it says is the log of any pod.'),
  etcd: z
    .strictObject({
      real: z.boolean().optional().describe('The real etcd, where it is installed; wirelab’s own otherwise.'),
    })
    .optional()
    .describe('For etcd.'),
  controlPlane: z
    .strictObject({
      controllerManager: z
        .strictObject({
          client: z.string().describe('Whose certificate it shows and whom it trusts.'),
          wire: wireName.describe('The name of its wire to the API server.'),
          issuer: z.string().describe('The CA whose key it signs with.'),
        })
        .optional()
        .describe('It approves what kubelets may have and signs what is approved. Left out: nobody signs.'),
      scheduler: z
        .strictObject({
          client: z.string().describe('Whose certificate it shows and whom it trusts.'),
          wire: wireName.describe('The name of its wire to the API server.'),
        })
        .optional()
        .describe('It gives pods a node. Left out: they stay Pending.'),
      kubelet: z
        .strictObject({
          client: z
            .string()
            .describe('Whose certificate or bootstrap token (token: ID.SECRET) it shows and whom it trusts.'),
          wire: wireName.describe('The name of its wire to the API server.'),
          absent: z
            .boolean()
            .optional()
            .describe('true: it is not there from the beginning; a step of kubectl lets it join.'),
          node: name.describe('The name of its node.'),
          reachedOver: wireName.describe('The name of the wire over which the API server comes to it.'),
          certificate: z.string().describe('What the API server shows there.'),
          verifiedBy: z
            .array(z.string())
            .min(1)
            .optional()
            .describe(
              'The CAs that may vouch for the kubelet’s server. Left out: nobody verifies it, as kubeadm leaves it.',
            ),
          serving: z
            .enum(['self-signed', 'requested'])
            .optional()
            .describe(
              'self-signed when left out; requested: it asks for its server’s certificate, and shows it when somebody has approved.',
            ),
        })
        .optional()
        .describe('A node of the cluster. Left out: there is none.'),
      kubeProxy: z
        .strictObject({
          client: z
            .string()
            .describe('Whom it trusts. It has no certificate but a token of its service account.'),
          wire: wireName.describe('The name of its wire to the API server.'),
          tokenFrom: z.string().describe('The client by whose right its token is asked for.'),
        })
        .optional()
        .describe('It watches services. Left out: nobody does.'),
      etcd: z
        .strictObject({
          server: z.string().describe('A server of the kind etcd.'),
          wire: wireName.describe('The name of the wire to it, which is tapped at the API server’s end.'),
          certificate: z
            .string()
            .optional()
            .describe('What the API server shows there; nothing when left out.'),
          trust: z.array(z.string()).min(1).optional().describe('The CAs that may vouch for the etcd.'),
          connectedDaysAgo: z
            .int()
            .min(1)
            .max(3650)
            .optional()
            .describe(
              'The connections that stand when the run begins were made so many days ago, by the clocks of both: what has expired since was good then. Not with the real etcd, whose clock is this machine’s.',
            ),
        })
        .optional()
        .describe('Where its objects are kept. Left out: in its memory.'),
      sharesWith: z.string().optional().describe('Another API server, whose objects this one has too.'),
    })
    .optional()
    .describe('For kube-apiserver.'),
});

const admission = z
  .strictObject({
    all: z.boolean().optional(),
    commonNames: z.array(z.string()).min(1).optional(),
    organizationalUnits: z.array(z.string()).min(1).optional(),
    dnsNames: z.array(z.string()).min(1).optional(),
    uris: z.array(z.string()).min(1).optional(),
  })
  .describe(
    'Which of the certificates that verify are admitted; several rules are joined by or. All, when left out.',
  );

const towardsTarget = z.strictObject({
  security: z.enum(['plain', 'tls', 'mtls']),
  trust: z.array(z.string()).min(1).optional().describe('The CAs that may vouch for the target.'),
  verify: z.boolean().optional().describe('false: like curl -k.'),
  certificate: z.string().optional().describe('For mtls: what the proxy shows to its target.'),
});

const proxy = z.strictObject({
  kind: z.enum(proxyKindNames as [ProxyKindName, ...ProxyKindName[]]),
  pump: z
    .enum(['http', 'bytes', 'strip', 'connect'])
    .optional()
    .describe(
      'http when left out (bytes for passthrough, connect for connect); strip, for plaintext, takes out of answers whatever would lead the client to TLS.',
    ),
  host: localHost
    .optional()
    .describe('A name under .localhost; the target’s when left out, as it stands in for it.'),
  port: port.optional().describe('A free port is taken when left out.'),
  target: z.string().describe('A server or another proxy.'),
  wires: z
    .strictObject({ incoming: wireName, outgoing: wireName })
    .describe('The names of the two wires that this proxy taps.'),
  certificate: z.string().optional().describe('For tls and mtls: a row of the recipe.'),
  clientAuthorities: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('For mtls: the CAs that may vouch for a client.'),
  revocations: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('For mtls: the CAs whose revocation lists are looked at.'),
  admit: admission.optional(),
  tamper: z
    .enum(Object.keys(tampers) as [TamperName, ...TamperName[]])
    .optional()
    .describe('For a pump of bytes: what somebody in the middle does to what the client sends.'),
  towardsTarget: towardsTarget.optional().describe('How the second hop is secured; plain when left out.'),
  remoteUser: z
    .enum(['set', 'added'])
    .optional()
    .describe(
      'For mtls and http: it tells the target who the client is, by the certificate that it verified (X-Remote-User, X-Remote-Group): in place of what the client wrote there, or, as a proxy does that was set up wrongly, behind it. What a client writes there is dropped when left out.',
    ),
});

const client = z.strictObject({
  account: z
    .string()
    .optional()
    .describe('Whose login it sends; may be left out where there is one account.'),
  certificate: z.string().optional().describe('For mtls: the certificate that it presents. Left out: none.'),
  trust: z.array(z.string()).min(1).optional().describe('The CAs that may vouch for a server.'),
  revocations: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      'The CAs on whose revocation lists it looks a server up. None, when left out, as with curl and most programs.',
    ),
  verify: z.boolean().optional().describe('false: like curl -k.'),
  ignoresCommonName: z
    .boolean()
    .optional()
    .describe(
      'A name that stands only in the server’s CN is none, as browsers have it (RFC 9525); curl and OpenSSL fall back on it.',
    ),
  pin: z
    .string()
    .optional()
    .describe(
      'A row of the recipe: the server must show a certificate for that row’s public key, like curl --pinnedpubkey.',
    ),
  tls: z
    .array(z.enum(['1.3', '1.2']))
    .min(1)
    .optional()
    .describe('The versions of TLS that it speaks: a step tries it under no other. Both, when left out.'),
  tamper: z
    .enum(Object.keys(tampers) as [TamperName, ...TamperName[]])
    .optional()
    .describe(
      'What spoils its bytes on their way out: wrong-signature turns over one bit of its proof of the key, fallback-signal says that it came back with less.',
    ),
  token: z.string().min(1).optional().describe('For kubectl: a bearer token.'),
  key: z
    .string()
    .optional()
    .describe(
      'The row whose private key this client has; a certificate for it is made in a step that keeps it.',
    ),
  preloaded: z
    .array(localHost)
    .min(1)
    .optional()
    .describe('For a browser: the hosts of the HSTS preload list that it came with.'),
  securityLevel: z
    .int()
    .min(0)
    .max(5)
    .optional()
    .describe(
      'OpenSSL’s security level for this client; 0 lets it use keys that are too weak to be loaded otherwise.',
    ),
  ...agreement,
});

const wire = z.strictObject({
  seat: localized.optional().describe('Where the eavesdropper sits: a few words for the drawing.'),
});

const expectation = z
  .strictObject({
    id: name.optional().describe('Needed where a step has two expectations of one kind.'),
    for: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('Of a step that tries several clients or sites: those that it is about. All, when left out.'),
    visible: expectationSchemas.visible(z).optional(),
    sealed: expectationSchemas.sealed(z).optional(),
    handshake: expectationSchemas.handshake(z).optional(),
    agreed: expectationSchemas.agreed(z).optional(),
    failed: expectationSchemas.failed(z).optional(),
    readAtEnd: expectationSchemas.readAtEnd(z).optional(),
    admitted: expectationSchemas.admitted(z).optional(),
    refused: expectationSchemas.refused(z).optional(),
    loginSent: expectationSchemas.loginSent(z).optional(),
    unreached: expectationSchemas.unreached(z).optional(),
    servedAfterRevocation: expectationSchemas.servedAfterRevocation(z).optional(),
    sessionNotResumed: expectationSchemas.sessionNotResumed(z).optional(),
    eavesdropper: expectationSchemas.eavesdropper(z).optional(),
    passwordLength: expectationSchemas.passwordLength(z).optional(),
    predicted: expectationSchemas.predicted(z).optional(),
    chain: expectationSchemas.chain(z).optional(),
    trusts: expectationSchemas.trusts(z).optional(),
    visited: expectationSchemas.visited(z).optional(),
    clearRequest: expectationSchemas.clearRequest(z).optional(),
    noClearRequest: expectationSchemas.noClearRequest(z).optional(),
    cookieVisible: expectationSchemas.cookieVisible(z).optional(),
    cookieWithheld: expectationSchemas.cookieWithheld(z).optional(),
    stripped: expectationSchemas.stripped(z).optional(),
    pageSizes: expectationSchemas.pageSizes(z).optional(),
    pagesGuessed: expectationSchemas.pagesGuessed(z).optional(),
    pagesHidden: expectationSchemas.pagesHidden(z).optional(),
    longestLook: expectationSchemas.longestLook(z).optional(),
    keysNeverOnWire: expectationSchemas.keysNeverOnWire(z).optional(),
    issued: expectationSchemas.issued(z).optional(),
    notIssued: expectationSchemas.notIssued(z).optional(),
    decided: expectationSchemas.decided(z).optional(),
    challenge: expectationSchemas.challenge(z).optional(),
    installed: expectationSchemas.installed(z).optional(),
    overheard: expectationSchemas.overheard(z).optional(),
    opened: expectationSchemas.opened(z).optional(),
    keyExchange: expectationSchemas.keyExchange(z).optional(),
    publicKey: expectationSchemas.publicKey(z).optional(),
    keyReaders: expectationSchemas.keyReaders(z).optional(),
    ledTo: expectationSchemas.ledTo(z).optional(),
    taken: expectationSchemas.taken(z).optional(),
    kept: expectationSchemas.kept(z).optional(),
    threePackets: expectationSchemas.threePackets(z).optional(),
    known: expectationSchemas.known(z).optional(),
    answered: expectationSchemas.answered(z).optional(),
    unauthorized: expectationSchemas.unauthorized(z).optional(),
    unasked: expectationSchemas.unasked(z).optional(),
    says: expectationSchemas.says(z).optional(),
    shows: expectationSchemas.shows(z).optional(),
    rejected: expectationSchemas.rejected(z).optional(),
    holds: expectationSchemas.holds(z).optional(),
    lasts: expectationSchemas.lasts(z).optional(),
    presents: expectationSchemas.presents(z).optional(),
    vouched: expectationSchemas.vouched(z).optional(),
    tunnelled: expectationSchemas.tunnelled(z).optional(),
    alerted: expectationSchemas.alerted(z).optional(),
    turnedAway: expectationSchemas.turnedAway(z).optional(),
    lit: expectationSchemas.lit(z).optional(),
  })
  .superRefine((value, context) => exactlyOne(value, Object.keys(expectationSchemas), context))
  .meta({ exactlyOne: Object.keys(expectationSchemas) });

const step = z
  .strictObject({
    id: name,
    login: stepSchemas.login(z).optional(),
    enrol: stepSchemas.enrol(z).optional(),
    trustStore: stepSchemas.trustStore(z).optional(),
    toyLogin: stepSchemas.toyLogin(z).optional(),
    theft: stepSchemas.theft(z).optional(),
    keyFile: stepSchemas.keyFile(z).optional(),
    visit: stepSchemas.visit(z).optional(),
    lookUp: stepSchemas.lookUp(z).optional(),
    connect: stepSchemas.connect(z).optional(),
    kubectl: stepSchemas.kubectl(z).optional(),
    etcdctl: stepSchemas.etcdctl(z).optional(),
    handSign: stepSchemas.handSign(z).optional(),
    papers: stepSchemas.papers(z).optional(),
    renew: stepSchemas.renew(z).optional(),
    restart: stepSchemas.restart(z).optional(),
    expect: z
      .array(expectation)
      .optional()
      .describe('What must be true of this step, each proven from captured bytes and reports.'),
  })
  .superRefine((value, context) => exactlyOne(value, Object.keys(stepSchemas), context))
  .meta({ exactlyOne: Object.keys(stepSchemas) });

const scenario = z.strictObject({
  certificates: z
    .string()
    .optional()
    .describe('A recipe: NAME.yaml beside this file or in certs/recipes. Left out: no certificates.'),
  secrets: z.record(name, secret).describe('What must not be read by a third party.'),
  accounts: z.record(name, account).describe('Who can log in, and with which secrets.'),
  servers: z.record(name, server),
  proxies: z.record(name, proxy).optional(),
  clients: z.record(name, client),
  wires: z.record(wireName, wire).optional().describe('What the drawing says about a wire.'),
  manifests: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}\.yaml$/),
      z.union([
        z.strictObject({ object: z.record(z.string(), z.unknown()) }),
        z.strictObject({
          request: z.strictObject({
            name: z.string(),
            client: z.string().describe('Whose key (key: ROW) the request is for.'),
            subject: z.string().min(1).describe('O=…,CN=…'),
            names: z.array(z.string()).optional().describe('DNS:…, IP:…'),
            signerName: z.string(),
            usages: z.array(z.string()).min(1),
            expirationSeconds: z.int().optional(),
          }),
        }),
      ]),
    )
    .optional()
    .describe(
      'Files that kubectl is given (-f NAME): an object as it stands, or a CertificateSigningRequest for a client’s key.',
    ),
  steps: z.array(step).min(1).describe('In the order in which they run.'),
  expect: z.array(expectation).optional().describe('What must be true of the whole run.'),
  stepTimeoutMs: z
    .int()
    .min(100)
    .max(600_000)
    .optional()
    .describe('Milliseconds after which an unfinished step counts as hanging; 30000 when left out.'),
});

export const scenarioSchema = scenario;
export type ScenarioSchema = typeof scenario;

/** Exactly one of the kinds' words must be there: the word says what the entry is. */
function exactlyOne(
  value: object,
  kinds: readonly string[],
  context: { addIssue(issue: { code: 'custom'; params: object }): void },
): void {
  const present = Object.keys(value).filter((key) => kinds.includes(key));
  if (present.length !== 1) context.addIssue({ code: 'custom', params: { exactlyOneOf: kinds, present } });
}

/** The JSON Schema for editors, committed as schemas/scenario.schema.json. */
export function scenarioJsonSchema(): object {
  const schema = z.toJSONSchema(scenario, {
    io: 'input',
    override: ({ jsonSchema }) => {
      const kinds = jsonSchema['exactlyOne'];
      if (!Array.isArray(kinds)) return;
      delete jsonSchema['exactlyOne'];
      jsonSchema.oneOf = kinds.map((kind) => ({ required: [String(kind)] }));
    },
  });
  return { title: 'A wirelab scenario', ...schema };
}
