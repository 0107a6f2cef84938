/**
 * What a scenario file may say. It decides shapes and words; whether the names in it exist is `references.ts`'s, and what
 * a step, an expectation or a server says of itself is its feature's, whose schemas come in as an argument. The only file
 * that loads the validator; a warm start reads compiled JSON and never comes here.
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
  ServerSettings,
  StepFacts,
  StepName,
} from '../extensions.ts';
import { proxyKindNames, pumpNames } from '../../proxy/kinds.ts';
import type { ProxyKindName } from '../../proxy/kinds.ts';
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
      'Looked for on every wire, in every encoding. At least six characters: a shorter one is found by chance. At most 4096: every byte that goes by is compared with all its encodings.',
    ),
});

/**
 * No single feature’s: several steps log in with one, a server of any kind may admit some of them, and every field that names
 * one is checked here. A feature’s sections may be left out; this one may not.
 */
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
    .enum(pumpNames)
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

const wire = z.strictObject({
  seat: localized.optional().describe('Where the eavesdropper sits: a few words for the drawing.'),
});

/** The schemas that features bring along. */
export interface FeatureSchemas {
  readonly steps: SchemasOf<Pick<StepFacts, StepName>>;
  readonly expectations: SchemasOf<Pick<ExpectationFacts, ExpectationName>>;
  readonly serverKinds: readonly ServerKindName[];
  readonly serverSettings: SchemasOf<ServerSettings>;
  readonly clientSettings: SchemasOf<ClientSettings>;
  readonly sections: SchemasOf<Sections>;
}

/** The schema of a whole scenario file. */
export function scenarioSchema(schemas: FeatureSchemas) {
  const server = z.strictObject({
    kind: z.enum(schemas.serverKinds),
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
    ...agreement,
    ...shapeOf<ServerSettings>(schemas.serverSettings),
  });

  const client = z.strictObject({
    account: z
      .string()
      .optional()
      .describe('Whose login it sends; may be left out where there is one account.'),
    certificate: z
      .string()
      .optional()
      .describe('For mtls: the certificate that it presents. Left out: none.'),
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
    key: z
      .string()
      .optional()
      .describe(
        'The row whose private key this client has; a certificate for it is made in a step that keeps it.',
      ),
    securityLevel: z
      .int()
      .min(0)
      .max(5)
      .optional()
      .describe(
        'OpenSSL’s security level for this client; 0 lets it use keys that are too weak to be loaded otherwise.',
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
        .describe(
          'Of a step that tries several clients or sites: those that it is about. All, when left out.',
        ),
      ...shapeOf<Pick<ExpectationFacts, ExpectationName>>(schemas.expectations),
    })
    .superRefine((value, context) => exactlyOne(value, namesOf(schemas.expectations), context))
    .meta({ exactlyOne: namesOf(schemas.expectations) });

  const step = z
    .strictObject({
      id: name,
      ...shapeOf<Pick<StepFacts, StepName>>(schemas.steps),
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
      .describe('A recipe: NAME.yaml beside this file or in certs/recipes. Left out: no certificates.'),
    secrets: z.record(name, secret).describe('What must not be read by a third party.'),
    accounts: z.record(name, account).describe('Who can log in, and with which secrets.'),
    servers: z.record(name, server),
    proxies: z.record(name, proxy).optional(),
    clients: z.record(name, client),
    wires: z.record(wireName, wire).optional().describe('What the drawing says about a wire.'),
    ...shapeOf<Sections>(schemas.sections),
    steps: z.array(step).min(1).describe('In the order in which they run.'),
    expect: z.array(expectation).optional().describe('What must be true of the whole run.'),
    stepTimeoutMs: z
      .int()
      .min(100)
      .max(600_000)
      .optional()
      .describe('Milliseconds after which an unfinished step counts as hanging; 30000 when left out.'),
  });
  return scenario;
}

export type ScenarioSchema = ReturnType<typeof scenarioSchema>;

/** What `shapeOf` gives: each field may be left out. */
type Shape<T> = { -readonly [K in keyof T]: z.ZodOptional<z.ZodType<T[K]>> };

/** The fields that features add to an object; a field that none of them brings is refused like any unknown one. */
function shapeOf<T extends object>(schemas: SchemasOf<T>): Shape<T> {
  const shape: Partial<Shape<T>> = {};
  for (const name of namesOf(schemas)) {
    const schema = schemas[name];
    if (schema) shape[name] = schema(z).optional();
  }
  return shape as Shape<T>;
}

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
