/** The configuration file of `wirelab proxy` as a JSON Schema, made from the table of options: for editors. */
import type { OptionRow, OptionTable } from '../command.ts';
import { notInFile, targetKeys } from './config.ts';
import type { TargetKey } from './config.ts';

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: ['string', 'number'] };
const oneOrMore = (of: Schema): Schema => ({ anyOf: [of, { type: 'array', items: of, minItems: 1 }] });

function schemaOf({ value, choices, many, help }: OptionRow): Schema {
  const description = help.en;
  if (value === undefined) return { type: 'boolean', description };
  // YAML reads 1.2 as a number.
  const one = choices
    ? { enum: [...choices, ...choices.filter((choice) => !Number.isNaN(Number(choice))).map(Number)] }
    : text;
  return { ...(many ? oneOrMore(one) : one), description };
}

const targetProperties: Readonly<Record<TargetKey, Schema>> = {
  'server-name': {
    ...oneOrMore({ type: 'string' }),
    description: 'the name that the client requests (SNI); *.example is any name of one label more',
  },
  connect: {
    ...oneOrMore({ type: 'string' }),
    description: 'mode connect: the host, with or without port, that the client requests a tunnel to',
  },
  target: { ...text, description: 'the address of the server' },
  'target-tls': {
    enum: ['off', 'tls', 'mtls'],
    description: 'security towards this server (default: as for the others)',
  },
  cert: {
    type: 'string',
    description: 'the certificate to present to clients that request this name (default: as for the others)',
  },
  key: { type: 'string', description: 'the private key of cert' },
  'target-cert': {
    type: 'string',
    description: 'the certificate to present to this server (default: as for the others)',
  },
  'target-key': { type: 'string', description: 'the private key of target-cert' },
  'target-cacert': {
    type: 'string',
    description: 'the CAs to trust for this server (default: as for the others)',
  },
  'override-server-name': { type: 'string', description: 'the server name to request and verify' },
};

export function proxyConfigJsonSchema(options: OptionTable): Schema {
  const properties = Object.fromEntries(
    Object.entries(options)
      .filter(([name]) => !notInFile.has(name))
      .map(([name, row]) => [name, schemaOf(row)]),
  );
  const targets = {
    type: 'array',
    description:
      'the servers, by what the client asks for; the first that fits is used, else the one of target',
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['target'],
      dependentRequired: {
        cert: ['key'],
        key: ['cert'],
        'target-cert': ['target-key'],
        'target-key': ['target-cert'],
      },
      properties: Object.fromEntries(targetKeys.map((key) => [key, targetProperties[key]])),
    },
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'wirelab proxy',
    description:
      'the options of wirelab proxy, in a file for --config; with targets alone, also for --targets',
    type: 'object',
    additionalProperties: false,
    properties: {
      ...properties,
      targets: { anyOf: [targets, { ...text, description: 'a file with targets' }] },
    },
  };
}
