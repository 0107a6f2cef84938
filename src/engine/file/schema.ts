/**
 * The schema of a scenario file: shapes and keywords. `references.ts` checks that names are defined; a feature passes in
 * the schemas of its own steps, expectations and servers. The only file that loads the validator: a bundled scenario is
 * read as compiled JSON and never needs it.
 */
import { z } from 'zod';
import { namesOf } from '../extensions.ts';
import type {
  ClientSettings,
  ExpectationFacts,
  ExpectationName,
  SchemasOf,
  Sections,
  ServerKindName,
  ProxySettings,
  ServerSettings,
  StepFacts,
  StepName,
} from '../extensions.ts';
import { proxyKindNames } from '../../proxy/kinds.ts';
import type { ProxyKindName } from '../../proxy/kinds.ts';
import { pumpNames, pumps } from '../../proxy/pumps.ts';
import { stepViews } from './lesson.ts';
import { tampers } from '../../wire/tamper/tamper.ts';
import type { TamperName } from '../../wire/tamper/tamper.ts';

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
      'Searched for on every wire, in every encoding. At least six characters: shorter ones match by chance. At most 4096: every captured byte is compared with all its encodings.',
    ),
});

/**
 * Belongs to no single feature: several steps log in with an account, any kind of server may admit some of them, and every
 * field that names one is checked here. This section is required, unlike a feature's.
 */
const account = z.strictObject({
  user: z.string().min(1).optional().describe('The user name. Default: the account’s own name.'),
  password: z.string().describe('The name of a secret.'),
  rrn: z.string().describe('The name of a secret: the (made-up) resident registration number.'),
});

/** The negotiable TLS settings of a listener or a client. */
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
      'For TLS 1.2, an OpenSSL cipher list: AES128-GCM-SHA256 for a static RSA key exchange. Default: Node’s own list.',
    ),
  alpn: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('The application protocols (ALPN), the preferred one first.'),
};

const tlsVersions = z.array(z.enum(['1.3', '1.2'])).min(1);

/** What a listener alone decides. */
const accepting = {
  tls: tlsVersions
    .optional()
    .describe('The TLS versions that it accepts. Default: both, as far as the cipher list allows.'),
  ticketKeys: z
    .string()
    .regex(/^[0-9a-fA-F]{96}$/)
    .optional()
    .describe(
      'The keys with which it encrypts session tickets (RFC 5077): 48 bytes, as 96 hexadecimal digits in quotes. Default: random ones at each start.',
    ),
};

const admission = z
  .strictObject({
    all: z.boolean().optional(),
    commonNames: z.array(z.string()).min(1).optional(),
    organizationalUnits: z.array(z.string()).min(1).optional(),
    dnsNames: z.array(z.string()).min(1).optional(),
    uris: z.array(z.string()).min(1).optional(),
  })
  .describe('Which verified certificates are admitted: those that match any of the rules. Default: all.');

const towardsTarget = z.strictObject({
  security: z.enum(['plain', 'tls', 'mtls']),
  trust: z.array(z.string()).min(1).optional().describe('The CAs trusted for the target.'),
  verify: z.boolean().optional().describe('false: like curl -k.'),
  certificate: z
    .string()
    .optional()
    .describe('For mtls: the certificate that the proxy presents to its target.'),
});

const proxyFields = {
  kind: z.enum(proxyKindNames as [ProxyKindName, ...ProxyKindName[]]),
  pump: z
    .enum(pumpNames)
    .optional()
    .describe(
      `What forwards between the two wires. ${pumpNames.map((name) => `${name} ${pumps[name].about}`).join('; ')}. Default: http, where the kind allows it.`,
    ),
  host: localHost
    .optional()
    .describe('A name under .localhost. Default: the target’s, which it takes the place of.'),
  port: port.optional().describe('Default: a free port.'),
  target: z.string().describe('A server or another proxy.'),
  wires: z
    .strictObject({ incoming: wireName, outgoing: wireName })
    .describe('The names of the two wires that this proxy taps.'),
  certificate: z.string().optional().describe('For tls and mtls: a row of the recipe.'),
  clientAuthorities: z.array(z.string()).min(1).optional().describe('For mtls: the CAs trusted for clients.'),
  revocations: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('For mtls: the CAs whose revocation lists are checked.'),
  admit: admission.optional(),
  tamper: z
    .enum(Object.keys(tampers) as [TamperName, ...TamperName[]])
    .optional()
    .describe('For a byte pump: how an attacker on the path changes the client’s hello.'),
  groups: agreement.groups,
  ciphers: agreement.ciphers,
  ...accepting,
  towardsTarget: towardsTarget.optional().describe('How the second hop is secured. Default: plain.'),
  remoteUser: z
    .enum(['set', 'added'])
    .optional()
    .describe(
      'For mtls and http: the proxy sends the verified client’s identity to the target (X-Remote-User, X-Remote-Group): it replaces the client’s own headers or, as a misconfigured proxy does, follows them. What a client writes there is dropped when left out.',
    ),
};

const wire = z.strictObject({
  seat: localized.optional().describe('The eavesdropper’s position: a few words for the drawing.'),
});

const show = z
  .strictObject({
    view: z.enum(stepViews),
    wires: z
      .array(wireName)
      .min(1)
      .max(2)
      .optional()
      .describe('The wires that it shows; two of them beside each other. Default: those of the step.'),
  })
  .describe(
    'What a screen shows once the step has run: its bytes, two wires beside each other, the handshake as a ladder, the chain of certificates, the sizes of sealed records, who gets in where, a refusal, the wires of a cluster, or text alone. Default: a refusal where there was one, else the bytes.',
  );

/** The schemas that features add. */
export interface FeatureSchemas {
  readonly steps: SchemasOf<Pick<StepFacts, StepName>>;
  readonly expectations: SchemasOf<Pick<ExpectationFacts, ExpectationName>>;
  readonly serverKinds: readonly ServerKindName[];
  readonly serverSettings: SchemasOf<ServerSettings>;
  readonly proxySettings: SchemasOf<ProxySettings>;
  readonly clientSettings: SchemasOf<ClientSettings>;
  readonly sections: SchemasOf<Sections>;
}

/** The schema of a whole scenario file. */
export function scenarioSchema(schemas: FeatureSchemas) {
  const proxy = z.strictObject({ ...proxyFields, ...shapeOf<ProxySettings>(schemas.proxySettings) });
  const server = z.strictObject({
    kind: z.enum(schemas.serverKinds),
    host: localHost.optional().describe('A name under .localhost. Default: NAME.localhost.'),
    port: port.optional().describe('Default: a free port.'),
    security: z.enum(['plain', 'tls', 'mtls']).optional().describe('Default: plain.'),
    certificate: z.string().optional().describe('A row of the recipe.'),
    chain: z
      .array(z.string())
      .optional()
      .describe('The rows sent after the certificate, in this order. Default: its intermediate CAs.'),
    clientAuthorities: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('For mtls: the CAs trusted for clients.'),
    revocations: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('For mtls: the CAs whose revocation lists are checked.'),
    accounts: z.array(z.string()).min(1).optional().describe('Who may log in. Default: all accounts.'),
    owner: z
      .string()
      .regex(/^[A-Z][a-z]{1,11}$/)
      .optional()
      .describe('Who runs it, where that is the point: drawn behind its name.'),
    ...agreement,
    ...accepting,
    ...shapeOf<ServerSettings>(schemas.serverSettings),
  });

  const client = z.strictObject({
    account: z
      .string()
      .optional()
      .describe('The account whose login it sends; optional if there is only one.'),
    certificate: z
      .string()
      .optional()
      .describe('For mtls: the certificate that it presents. Left out: none.'),
    trust: z.array(z.string()).min(1).optional().describe('The CAs trusted for servers.'),
    revocations: z
      .array(z.string())
      .min(1)
      .optional()
      .describe(
        'The CAs whose revocation lists it checks for servers. Default: none, as with curl and most programs.',
      ),
    verify: z.boolean().optional().describe('false: like curl -k.'),
    ignoresCommonName: z
      .boolean()
      .optional()
      .describe(
        'true: ignore a name that is only in the server’s CN, as browsers do (RFC 9525); curl and OpenSSL fall back to it.',
      ),
    pin: z
      .string()
      .optional()
      .describe(
        'A row of the recipe: the server must present a certificate for that row’s public key, like curl --pinnedpubkey.',
      ),
    tls: tlsVersions
      .optional()
      .describe('The TLS versions that it supports: steps use no other. Default: both.'),
    tamper: z
      .enum(Object.keys(tampers) as [TamperName, ...TamperName[]])
      .optional()
      .describe(
        'How its outgoing bytes are altered: wrong-signature flips one bit of its CertificateVerify signature, fallback-signal sends TLS_FALLBACK_SCSV.',
      ),
    key: z
      .string()
      .optional()
      .describe(
        'The row whose private key this client has; a step with keeps stores the certificate issued for it.',
      ),
    securityLevel: z
      .int()
      .min(0)
      .max(5)
      .optional()
      .describe(
        'OpenSSL’s security level for this client; 0 allows keys that are otherwise too weak to load.',
      ),
    ...agreement,
    ...shapeOf<ClientSettings>(schemas.clientSettings),
  });

  const expectation = z
    .strictObject({
      id: name.optional().describe('Needed where a step has two expectations of one kind.'),
      for: z
        .array(z.string())
        .min(1)
        .optional()
        .describe('For a step with several clients or sites: those that it applies to. Default: all.'),
      ...shapeOf<Pick<ExpectationFacts, ExpectationName>>(schemas.expectations),
    })
    .superRefine((value, context) => exactlyOne(value, namesOf(schemas.expectations), context))
    .meta({ exactlyOne: namesOf(schemas.expectations) });

  const step = z
    .strictObject({
      id: name,
      ...shapeOf<Pick<StepFacts, StepName>>(schemas.steps),
      show: show.optional(),
      expect: z
        .array(expectation)
        .optional()
        .describe('What must be true of this step, each proven from captured bytes and reports.'),
    })
    .superRefine((value, context) => exactlyOne(value, namesOf(schemas.steps), context))
    .meta({ exactlyOne: namesOf(schemas.steps) });

  const scenario = z.strictObject({
    certificates: z
      .string()
      .optional()
      .describe('A recipe: NAME.yaml in this folder or in certs/recipes. Default: no certificates.'),
    secrets: z.record(name, secret).describe('Values that no third party may read.'),
    accounts: z.record(name, account).describe('Who can log in, and with which secrets.'),
    servers: z.record(name, server),
    proxies: z.record(name, proxy).optional(),
    clients: z.record(name, client),
    wires: z.record(wireName, wire).optional().describe('What the drawing says about a wire.'),
    ...shapeOf<Sections>(schemas.sections),
    steps: z.array(step).min(1).describe('In the order in which they run.'),
    short: z
      .array(
        z.union([
          z.string(),
          z.strictObject({
            id: z.string(),
            asks: z
              .literal(false)
              .describe('In the short version it follows without a pause, and without its question.'),
          }),
        ]),
      )
      .min(1)
      .optional()
      .describe(
        'The steps of the short version (--short), by their ids or those that they expand to: at most twelve stops from the introduction to the verdict.',
      ),
    expect: z.array(expectation).optional().describe('What must be true of the whole run.'),
    picture: z
      .string()
      .optional()
      .describe(
        'The step whose outcome stands for the scenario in a gallery. Default: by its headline and view, a leak before a refusal, what is drawn before what is text.',
      ),
    stepTimeoutMs: z
      .int()
      .min(100)
      .max(600_000)
      .optional()
      .describe('Milliseconds after which an unfinished step has timed out. Default: 30000.'),
  });
  return scenario;
}

export type ScenarioSchema = ReturnType<typeof scenarioSchema>;

/** As `shapeOf` returns them: each field may be undefined. */
type Shape<T> = { -readonly [K in keyof T]: z.ZodOptional<z.ZodType<T[K]>> };

/** The fields that features add to an object; any other field is rejected as unknown. */
function shapeOf<T extends object>(schemas: SchemasOf<T>): Shape<T> {
  const shape: Partial<Shape<T>> = {};
  for (const name of namesOf(schemas)) {
    const schema = schemas[name];
    if (schema) shape[name] = schema(z).optional();
  }
  return shape as Shape<T>;
}

/** Exactly one of the kinds' keywords must be present: it decides what the entry is. */
function exactlyOne(
  value: object,
  kinds: readonly string[],
  context: { addIssue(issue: { code: 'custom'; params: object }): void },
): void {
  const present = Object.keys(value).filter((key) => kinds.includes(key));
  if (present.length !== 1) context.addIssue({ code: 'custom', params: { exactlyOneOf: kinds, present } });
}

/** The JSON Schema for editors, committed as schemas/scenario.schema.json. */
export function scenarioJsonSchema(schemas: FeatureSchemas): object {
  const schema = z.toJSONSchema(scenarioSchema(schemas), {
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
