/** An EncryptionConfiguration: what it encrypts and reads, and what is refused in kube-apiserver's words. */
import { randomBytes } from 'node:crypto';
import test from 'ava';
import { parse } from 'yaml';
import { ConfigurationRefused, readEncryption } from '../../../src/kube/encryption/configuration.ts';
import type { Encryption, Opened } from '../../../src/kube/encryption/encryption.ts';
import type { Json } from '../../../src/kube/objects/json.ts';

const heading = 'apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n';
const key = (byte: number, length = 32): string => Buffer.alloc(length, byte).toString('base64');
const bound = Buffer.from('/registry/secrets/default/db');
const secrets = { group: '', plural: 'secrets' };

const read = (body: string): Encryption => readEncryption(parse(heading + body) as Json, randomBytes);
const rules = (resources: string, ...providers: string[]): string =>
  `resources:\n- resources: ${resources}\n  providers:\n${providers.map((one) => `  - ${one}\n`).join('')}`;
const keyed = (name: string, ...keys: (readonly [name: string, byte: number])[]): string =>
  `${name}: {keys: [${keys.map(([own, byte]) => `{name: ${own}, secret: ${key(byte)}}`).join(', ')}]}`;
const plain = 'identity: {}';

const value = Buffer.from('k8s\0hello');
const stored = (encryption: Encryption, row = secrets): Buffer =>
  Buffer.from(encryption.transformerOf(row).toStorage(value, bound));
const opened = (encryption: Encryption, bytes: Uint8Array): Opened =>
  encryption.transformerOf(secrets).fromStorage(bytes, bound);

test('the first provider writes, with its first key, behind the prefix of both', (t) => {
  for (const name of ['aescbc', 'aesgcm', 'secretbox']) {
    const written = stored(read(rules('[secrets]', keyed(name, ['key1', 1], ['key2', 2]), plain)));
    t.true(written.toString('latin1').startsWith(`k8s:enc:${name}:v1:key1:`));
    t.false(written.includes('hello'));
  }
  t.deepEqual(stored(read(rules('[secrets]', plain, keyed('aescbc', ['key1', 1])))), value);
});

test('every provider reads; what another than the first key of the first has written is stale', (t) => {
  const first = read(rules('[secrets]', keyed('aescbc', ['key1', 1]), plain));
  const rotated = read(rules('[secrets]', keyed('aescbc', ['key2', 2], ['key1', 1]), plain));
  const other = read(rules('[secrets]', keyed('secretbox', ['key1', 9]), keyed('aescbc', ['key1', 1])));
  const withdrawn = read(rules('[secrets]', plain, keyed('aescbc', ['key1', 1])));
  const written = stored(first);
  t.deepEqual(opened(first, written), { value, stale: false });
  for (const encryption of [rotated, other, withdrawn])
    t.deepEqual(opened(encryption, written), { value, stale: true });
  t.deepEqual(opened(first, value), { value, stale: true });
  t.deepEqual(opened(withdrawn, value), { value, stale: false });
});

test('two providers of one kind may have keys of one name', (t) => {
  const written = stored(read(rules('[secrets]', keyed('aesgcm', ['k', 1]))));
  const both = read(rules('[secrets]', keyed('aesgcm', ['k', 2]), keyed('aesgcm', ['k', 1])));
  t.deepEqual(opened(both, written), { value, stale: true });
});

test('without its key a value is refused in kube-apiserver’s words', (t) => {
  const written = stored(read(rules('[secrets]', keyed('aescbc', ['key1', 1]))));
  const why = (body: string): unknown => opened(read(body), written);
  t.deepEqual(why(rules('[secrets]', keyed('secretbox', ['key1', 1]))), {
    failure: 'no matching prefix found',
  });
  t.deepEqual(why(rules('[secrets]', keyed('secretbox', ['key1', 1]), plain)), {
    failure: 'no matching prefix found',
  });
  t.deepEqual(why(rules('[secrets]', keyed('aescbc', ['key2', 1]))), {
    failure: 'no matching key was found for the provided AES transformer',
  });
  t.deepEqual(why(rules('[configmaps]', keyed('aescbc', ['key1', 1]))), {
    failure: 'identity transformer tried to read encrypted data',
  });
  t.deepEqual(opened(read(rules('[secrets]', keyed('aescbc', ['key1', 1]))), value), {
    failure: 'no matching prefix found',
  });
  const box = stored(read(rules('[secrets]', keyed('secretbox', ['key1', 1]))));
  t.deepEqual(opened(read(rules('[secrets]', keyed('secretbox', ['key2', 1]))), box), {
    failure: 'no matching key was found for the provided Secretbox transformer',
  });
});

test('the narrowest rule applies: a resource, its group, everything', (t) => {
  const body = `${rules('[secrets, deployments.apps]', keyed('aescbc', ['one', 1]))}- resources: ["*.apps"]
  providers: [{${keyed('aescbc', ['two', 2])}}]
- resources: ["*."]
  providers: [{${keyed('aescbc', ['three', 3])}}]
- resources: ["*.*"]
  providers: [{${keyed('aescbc', ['four', 4])}}]
`;
  const encryption = read(body);
  const by = (group: string, plural: string): string | undefined =>
    /v1:(\w+):/.exec(stored(encryption, { group, plural }).toString('latin1'))?.[1];
  t.deepEqual(
    [
      by('', 'secrets'),
      by('apps', 'deployments'),
      by('apps', 'daemonsets'),
      by('', 'pods'),
      by('batch', 'jobs'),
    ],
    ['one', 'one', 'two', 'three', 'four'],
  );
  t.deepEqual(
    stored(read(rules('[secrets]', keyed('aescbc', ['k', 1]))), { group: '', plural: 'pods' }),
    value,
  );
});

const parsing = 'error while parsing file: ';
const provider = 'resources[0].providers[0]';
const noPointers =
  'apiserver.ProviderConfiguration{AESGCM:(*apiserver.AESConfiguration)(nil), AESCBC:(*apiserver.AESConfiguration)(nil), Secretbox:(*apiserver.SecretboxConfiguration)(nil), Identity:(*apiserver.IdentityConfiguration)(nil), KMS:(*apiserver.KMSConfiguration)(nil)}';

/** From validation_encryption.go, config.go and their tests. */
const refused: readonly (readonly [body: string, words: string])[] = [
  ['resources: []', `${parsing}resources: Required value: at least one resources is required`],
  ['', `${parsing}resources: Required value: at least one resources is required`],
  [
    rules('[]', plain),
    `${parsing}resources[0].resources: Required value: at least one resources[0].resources is required`,
  ],
  [
    'resources: [{resources: [secrets]}]',
    `${parsing}resources[0].providers: Required value: at least one resources[0].providers is required`,
  ],
  [
    rules('[secrets]', '{}'),
    `${parsing}${provider}: Invalid value: ${noPointers}: provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity`,
  ],
  [
    rules('[secrets]', 'aescbc: {keys: []}'),
    `${parsing}${provider}.aescbc.keys: Required value: at least one keys is required`,
  ],
  [
    rules('[secrets]', 'aescbc: {}'),
    `${parsing}${provider}.aescbc.keys: Required value: at least one keys is required`,
  ],
  [
    rules('[secrets]', 'aesgcm: {keys: [{name: a, secret: YWJj}]}'),
    `${parsing}${provider}.aesgcm.keys[0].secret: Invalid value: "REDACTED": secret is not of the expected length, got 3, expected one of [16 24 32]`,
  ],
  [
    rules('[secrets]', `secretbox: {keys: [{name: a, secret: ${key(1, 16)}}]}`),
    `${parsing}${provider}.secretbox.keys[0].secret: Invalid value: "REDACTED": secret is not of the expected length, got 16, expected one of [32]`,
  ],
  [
    rules('[secrets]', 'aescbc: {keys: [{name: a, secret: "tiger lily"}]}'),
    `${parsing}${provider}.aescbc.keys[0].secret: Invalid value: "REDACTED": secrets must be base64 encoded`,
  ],
  [
    rules('[secrets]', 'aescbc: {keys: [{}]}'),
    `${parsing}[${provider}.aescbc.keys[0].name: Required value: name is a mandatory field for a key, ${provider}.aescbc.keys[0].secret: Required value: secret is a mandatory field for a key]`,
  ],
  [
    rules('["*"]', plain),
    `${parsing}resources[0].resources[0]: Invalid value: "*": use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources`,
  ],
  [
    rules('[Secrets]', plain),
    `${parsing}resources[0].resources[0]: Invalid value: "Secrets": resource name should not contain capital letters`,
  ],
  [
    rules('[events.events.k8s.io]', plain),
    `${parsing}resources[0].resources[0]: Invalid value: "events.events.k8s.io": '*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file`,
  ],
  [
    rules('["*.extensions"]', plain),
    `${parsing}resources[0].resources[0]: Invalid value: "*.extensions": 'extensions' group has been removed and cannot be used for encryption`,
  ],
  [
    rules('["secrets.*"]', plain),
    `${parsing}resources[0].resources[0]: Invalid value: "secrets.*": encrypting the same resource across groups is not supported`,
  ],
  [
    rules('[apiserveripinfo]', plain),
    `${parsing}resources[0].resources[0]: Invalid value: "apiserveripinfo": resources which do not have REST API/s cannot be encrypted`,
  ],
  [
    rules('[secrets, secrets]', plain),
    `${parsing}resources[0].resources: Invalid value: []string{"secrets", "secrets"}: the same resource cannot be specified multiple times`,
  ],
  [
    rules('[secrets, "*."]', plain),
    `${parsing}resources[0].resources: Invalid value: []string{"secrets", "*."}: using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked`,
  ],
  [
    rules('["*.*", jobs.batch]', plain),
    `${parsing}resources[0].resources: Invalid value: []string{"*.*", "jobs.batch"}: using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked`,
  ],
  [
    `${rules('["*."]', plain)}- resources: [secrets]\n  providers: [{${plain}}]\n`,
    'error while building transformers: resource "secrets" is masked by earlier rule "*."',
  ],
  [
    `${rules('["*.*"]', plain)}- resources: [jobs.batch]\n  providers: [{${plain}}]\n`,
    'error while building transformers: resource "jobs.batch" is masked by earlier rule "*.*"',
  ],
  [rules('[secrets]', 'aescbd: {}'), `${parsing}strict decoding error: unknown field "${provider}.aescbd"`],
  [
    rules('secrets', plain),
    `${parsing}json: cannot unmarshal string into Go struct field ResourceConfiguration.resources.resources of type []string`,
  ],
  [
    rules('[secrets]', 'kms: {apiVersion: v2, name: vault, endpoint: unix:///run/kms.sock}'),
    'error while building transformers: the provider kms needs a KMS plugin, and none can be used here',
  ],
];

for (const [index, [body, words]] of refused.entries())
  test(`refused, ${index + 1}: ${words.slice(0, 150)}`, (t) => {
    t.is(t.throws(() => read(body), { instanceOf: ConfigurationRefused })?.message, words);
  });

test('several providers in one element are refused, and no secret is ever told', (t) => {
  const body = rules('[secrets]', `${keyed('aescbc', ['k', 1])}\n    identity: {}`);
  const message = t.throws(() => read(body), { instanceOf: ConfigurationRefused })?.message ?? '';
  t.regex(
    message,
    /more than one provider specified in a single element, should split into different list elements$/,
  );
  t.false(message.includes(key(1)));
});

test('another kind or version is refused', (t) => {
  for (const [text, words] of [
    [
      'kind: EncryptionConfig\napiVersion: v1',
      'no kind "EncryptionConfig" is registered for version "v1" in scheme',
    ],
    [
      'kind: EncryptionConfiguration\napiVersion: apiserver.config.k8s.io/v2',
      'no kind "EncryptionConfiguration" is registered for version "apiserver.config.k8s.io/v2" in scheme',
    ],
    ['resources: []', "Object 'Kind' is missing in 'REDACTED'"],
    ['[]', "couldn't get version/kind; json parse error: it is no object"],
  ] as const)
    t.is(
      t.throws(() => readEncryption(parse(text) as Json, randomBytes), { instanceOf: ConfigurationRefused })
        ?.message,
      parsing + words,
    );
});
