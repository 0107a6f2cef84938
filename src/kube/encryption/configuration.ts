/**
 * Reads an EncryptionConfiguration (apiserver.config.k8s.io/v1) as kube-apiserver does with --encryption-provider-config,
 * and refuses what it refuses in its words (k8s.io/apiserver, apis/apiserver/validation and server/options/encryptionconfig).
 * Providers of KMS plugins are refused by name: nothing here speaks to one.
 */
import type { RandomBytes } from '../../core/clock.ts';
import { isJsonObject, listAt, objectAt, textAt } from '../objects/json.ts';
import type { Json, JsonObject } from '../objects/json.ts';
import { readMessages } from '../objects/schema/message.ts';
import { shapeObject, ShapeError } from '../objects/shape.ts';
import { aggregated, Encryption, identity, prefixTransformer } from './encryption.ts';
import type { PrefixedTransformer, Transformer } from './encryption.ts';
import { keyLengths, keyTransformer, providerNames } from './providers.ts';
import type { ProviderName } from './providers.ts';

/** Why a configuration is refused, in kube-apiserver's words. */
export class ConfigurationRefused extends Error {}

export const encryptionApiVersion = 'apiserver.config.k8s.io/v1';
export const encryptionKind = 'EncryptionConfiguration';

const schema = readMessages([
  `
Key
  1 name string
  2 secret string

AESConfiguration
  1 keys []Key

SecretboxConfiguration
  1 keys []Key

IdentityConfiguration

KMSConfiguration
  1 apiVersion string
  2 name string
  3 cachesize int32
  4 endpoint string
  5 timeout string

ProviderConfiguration
  1 aesgcm AESConfiguration
  2 aescbc AESConfiguration
  3 secretbox SecretboxConfiguration
  4 identity IdentityConfiguration
  5 kms KMSConfiguration

ResourceConfiguration
  1 resources []string
  2 providers []ProviderConfiguration

EncryptionConfiguration
  1 resources []ResourceConfiguration
`,
])(encryptionKind);

/** In the order of Go's struct: the name in YAML, its field, its type. */
const providerFields = [
  ['aesgcm', 'AESGCM', 'AESConfiguration'],
  ['aescbc', 'AESCBC', 'AESConfiguration'],
  ['secretbox', 'Secretbox', 'SecretboxConfiguration'],
  ['identity', 'Identity', 'IdentityConfiguration'],
  ['kms', 'KMS', 'KMSConfiguration'],
] as const;

/** @param document what the YAML of the file holds. @throws ConfigurationRefused */
export function readEncryption(document: Json, random: RandomBytes): Encryption {
  const configuration = shaped(document);
  const faults = faultsOf(configuration);
  const fault = aggregated(faults);
  if (fault !== undefined) throw new ConfigurationRefused(`error while parsing file: ${fault}`);
  return build(configuration, random);
}

function shaped(document: Json): JsonObject {
  const refuse = (why: string): never => {
    throw new ConfigurationRefused(`error while parsing file: ${why}`);
  };
  if (!isJsonObject(document)) return refuse("couldn't get version/kind; json parse error: it is no object");
  const [apiVersion, kind] = [textAt(document, 'apiVersion'), textAt(document, 'kind')];
  // Upstream quotes the whole file here, with its keys.
  if (kind === '') return refuse("Object 'Kind' is missing in 'REDACTED'");
  if (apiVersion !== encryptionApiVersion || kind !== encryptionKind)
    return refuse(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme`,
    );
  try {
    const { object, unknown } = shapeObject(document, schema);
    if (unknown.length > 0)
      return refuse(
        `strict decoding error: ${unknown.map((path) => `unknown field "${withoutSecret(path)}"`).join(', ')}`,
      );
    return object;
  } catch (error) {
    if (error instanceof ShapeError) return refuse(error.message);
    throw error;
  }
}

/** Without the blank behind the colon, `secret:AAAA` is the name of a field: what is longer than any name is not shown. */
const withoutSecret = (path: string): string =>
  path.replace(/(\.providers\[\d+\]\.).*/s, (below) => below.replaceAll(/[^.[\]]{13,}/g, 'REDACTED'));

const at = (path: string, index: number): string => `${path}[${index}]`;
const invalid = (path: string, value: string, why: string): string =>
  `${path}: Invalid value: ${value}: ${why}`;
const required = (path: string, why: string): string => `${path}: Required value: ${why}`;

function faultsOf(configuration: JsonObject): string[] {
  const rules = listAt(configuration, 'resources');
  if (rules.length === 0) return [required('resources', 'at least one resources is required')];
  return rules.flatMap((rule, index) => {
    const [resources, providers] = ['resources', 'providers'].map(
      (name) => `${at('resources', index)}.${name}`,
    ) as [string, string];
    const named = listAt(rule, 'resources').map(String);
    const given = listAt(rule, 'providers');
    return [
      ...(named.length === 0 ? [required(resources, `at least one ${resources} is required`)] : []),
      ...overlaps(named, resources),
      ...named.flatMap((name, n) => nameFault(name, at(resources, n)) ?? []),
      ...(given.length === 0 ? [required(providers, `at least one ${providers} is required`)] : []),
      ...given.flatMap((provider, n) => providerFaults(provider, at(providers, n))),
    ];
  });
}

/** `secrets` and `secrets.` are one; what follows the first dot is the group. */
function parsed(resource: string): { readonly plural: string; readonly group: string } {
  const dot = resource.indexOf('.');
  return dot < 0
    ? { plural: resource, group: '' }
    : { plural: resource.slice(0, dot), group: resource.slice(dot + 1) };
}

function ruleOf(resource: string): string {
  const { plural, group } = parsed(resource);
  return `${plural}.${group}`;
}

function overlaps(names: readonly string[], path: string): string[] {
  const rules = names.map(parsed);
  const pairs = rules.flatMap((one, index) =>
    rules.filter((_, n) => n !== index).map((other) => [one, other] as const),
  );
  const isSame = ([one, other]: (typeof pairs)[number]): boolean =>
    one.group === other.group && one.plural === other.plural;
  const overlapping = ([one, other]: (typeof pairs)[number]): boolean =>
    (one.group === '*' && one.plural === '*') ||
    (one.group === other.group && (one.plural === '*' || other.plural === '*'));
  const value = `[]string{${names.map((name) => JSON.stringify(name)).join(', ')}}`;
  const duplicate = pairs.find(isSame);
  return [
    ...(duplicate ? [invalid(path, value, 'the same resource cannot be specified multiple times')] : []),
    // The first pair of equals counts as a duplicate alone.
    ...(pairs.some((pair) => pair !== duplicate && overlapping(pair))
      ? [
          invalid(
            path,
            value,
            "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked",
          ),
        ]
      : []),
  ];
}

/** Names of what is stored, but is no resource. */
const internal: readonly string[] = ['apiserveripinfo', 'serviceipallocations', 'servicenodeportallocations'];

function nameFault(name: string, path: string): string | undefined {
  const { plural, group } = parsed(name);
  const why =
    name.toLowerCase() !== name
      ? 'resource name should not contain capital letters'
      : name === '*'
        ? "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources"
        : internal.includes(name)
          ? 'resources which do not have REST API/s cannot be encrypted'
          : group === 'events.k8s.io'
            ? "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file"
            : group === 'extensions'
              ? "'extensions' group has been removed and cannot be used for encryption"
              : group === '*' && plural !== '*'
                ? 'encrypting the same resource across groups is not supported'
                : undefined;
  return why === undefined ? undefined : invalid(path, JSON.stringify(name), why);
}

function providerFaults(provider: unknown, path: string): string[] {
  const found = providerFields.filter(([name]) => isJsonObject(objectOrNone(provider, name)));
  const value = `apiserver.ProviderConfiguration{${providerFields
    .map(
      ([name, go, type]) =>
        `${go}:(*apiserver.${type})(${found.some(([one]) => one === name) ? '0x…' : 'nil'})`,
    )
    .join(', ')}}`;
  if (found.length === 0)
    return [
      invalid(
        path,
        value,
        'provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity',
      ),
    ];
  const many =
    found.length > 1
      ? [
          invalid(
            path,
            value,
            'more than one provider specified in a single element, should split into different list elements',
          ),
        ]
      : [];
  const keyed = providerNames.find((name) => objectOrNone(provider, name) !== undefined);
  return [...many, ...(keyed ? keyFaults(objectAt(provider, keyed), keyed, `${path}.${keyed}.keys`) : [])];
}

function objectOrNone(value: unknown, name: string): JsonObject | undefined {
  const one = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return isJsonObject(one) ? one : undefined;
}

function keyFaults(provider: JsonObject, name: ProviderName, path: string): string[] {
  const keys = listAt(provider, 'keys');
  if (keys.length === 0) return [required(path, 'at least one keys is required')];
  return keys.flatMap((key, index) => {
    const where = at(path, index);
    const secret = textAt(key, 'secret');
    return [
      ...(textAt(key, 'name') === ''
        ? [required(`${where}.name`, 'name is a mandatory field for a key')]
        : []),
      ...(secret === ''
        ? [required(`${where}.secret`, 'secret is a mandatory field for a key')]
        : secretFault(secret, keyLengths[name], `${where}.secret`)),
    ];
  });
}

/** Never with the secret itself. */
function secretFault(secret: string, lengths: readonly number[], path: string): string[] {
  const bytes = decoded(secret);
  if (!bytes) return [invalid(path, '"REDACTED"', 'secrets must be base64 encoded')];
  if (lengths.includes(bytes.length)) return [];
  return [
    invalid(
      path,
      '"REDACTED"',
      `secret is not of the expected length, got ${bytes.length}, expected one of [${lengths.join(' ')}]`,
    ),
  ];
}

/** Go's base64.StdEncoding: padded, and line breaks are passed over. */
function decoded(secret: string): Buffer | undefined {
  const text = secret.replaceAll(/[\r\n]/g, '');
  return /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(text)
    ? Buffer.from(text, 'base64')
    : undefined;
}

function build(configuration: JsonObject, random: RandomBytes): Encryption {
  const providers = new Map<string, PrefixedTransformer[]>();
  for (const rule of listAt(configuration, 'resources')) {
    const transformers = listAt(rule, 'providers').map((provider) => transformerOf(provider, random));
    for (const name of listAt(rule, 'resources').map(String)) {
      const own = ruleOf(name);
      const masks = [`*.${parsed(name).group}`, '*.*'].find((one) => providers.has(one));
      if (masks !== undefined)
        throw new ConfigurationRefused(
          `error while building transformers: resource ${JSON.stringify(inYaml(own))} is masked by earlier rule ${JSON.stringify(inYaml(masks))}`,
        );
      providers.set(own, [...(providers.get(own) ?? []), ...transformers]);
    }
  }
  const rules = new Map<string, Transformer>();
  for (const [name, [first, ...others]] of providers)
    if (first) rules.set(name, prefixTransformer([first, ...others], 'no matching prefix found'));
  return new Encryption(rules);
}

/** `secrets.` is written `secrets`; `*.` stays. */
function inYaml(rule: string): string {
  return rule.endsWith('.') && rule !== '*.' ? rule.slice(0, -1) : rule;
}

const providerWords = { aescbc: 'AES', aesgcm: 'AES', secretbox: 'Secretbox' } as const;

function transformerOf(provider: unknown, random: RandomBytes): PrefixedTransformer {
  if (objectOrNone(provider, 'kms'))
    throw new ConfigurationRefused(
      'error while building transformers: the provider kms needs a KMS plugin, and none can be used here',
    );
  const name = providerNames.find((one) => objectOrNone(provider, one) !== undefined);
  if (!name) return { prefix: '', transformer: identity };
  const [first, ...others] = listAt(provider, name, 'keys').map((key) => ({
    prefix: `${textAt(key, 'name')}:`,
    transformer: keyTransformer(name, decoded(textAt(key, 'secret')) ?? Buffer.alloc(0), random),
  }));
  if (!first) throw new Error(`${name} without a key was not refused`);
  return {
    prefix: `k8s:enc:${name}:v1:`,
    transformer: prefixTransformer(
      [first, ...others],
      `no matching key was found for the provided ${providerWords[name]} transformer`,
    ),
  };
}
