/** Validates a pod's volumes (kube-apiserver, ValidateVolumes); rarer types are checked only for their shape. */
import { duplicate, forbiddenField, invalid, notSupported, required } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { listAt, objectAt, textAt, valueAt } from '../json.ts';
import { volumeSources } from '../schema.ts';
import { between, localPath, named, noBacksteps } from './rules.ts';

/** The valid volumes: mounts refer to these. */
export interface VolumeFindings {
  readonly names: ReadonlySet<string>;
  readonly faults: readonly FieldError[];
}

export function volumeFindings(pod: unknown, field = 'spec.volumes'): VolumeFindings {
  const names = new Set<string>();
  const faults: FieldError[] = [];
  for (const [index, volume] of listAt(pod, 'spec', 'volumes').entries()) {
    const at = `${field}[${index}]`;
    const name = textAt(volume, 'name');
    const found = [
      ...sourceFaults(volume, at),
      ...(name === '' ? [required(`${at}.name`)] : named(`${at}.name`, name, 'label')),
      ...(names.has(name) ? [duplicate(`${at}.name`, name)] : []),
    ];
    if (found.length === 0) names.add(name);
    faults.push(...found);
  }
  return { names, faults };
}

function sourceFaults(volume: unknown, at: string): FieldError[] {
  const given = volumeSources.filter((source) => valueAt(volume, source) !== undefined);
  const [first, ...more] = given;
  if (first === undefined) return [required(at, 'must specify a volume type')];
  return [
    ...(rules[first]?.(valueAt(volume, first), `${at}.${first}`) ?? []),
    ...more.map((source) => forbiddenField(`${at}.${source}`, 'may not specify more than 1 volume type')),
  ];
}

type Rule = (source: unknown, at: string) => FieldError[];

const mostMode = 0o777;
const modeFaults = (field: string, value: unknown): FieldError[] =>
  typeof value === 'number' && (value < 0 || value > mostMode)
    ? [invalid(field, value, 'must be a number between 0 and 0777 (octal), both inclusive')]
    : [];

function itemFaults(source: unknown, at: string): FieldError[] {
  return listAt(source, 'items').flatMap((item, index) => {
    const field = `${at}.items[${index}]`;
    const path = textAt(item, 'path');
    return [
      ...(textAt(item, 'key') === '' ? [required(`${field}.key`)] : []),
      ...(path === ''
        ? [required(`${field}.path`)]
        : [
            ...localPath(`${field}.path`, path),
            ...(path.startsWith('..') ? [invalid(`${field}.path`, path, "must not start with '..'")] : []),
          ]),
      ...modeFaults(`${field}.mode`, valueAt(item, 'mode')),
    ];
  });
}

const hostPathTypes = [
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

const keyed =
  (name: string): Rule =>
  (source, at) => [
    ...(textAt(source, name) === '' ? [required(`${at}.${name}`)] : []),
    ...modeFaults(`${at}.defaultMode`, valueAt(source, 'defaultMode')),
    ...itemFaults(source, at),
  ];

const leastExpiration = 600;
const mostExpiration = 2 ** 32;

function projectionFaults(source: unknown, at: string): FieldError[] {
  const faults = modeFaults(`${at}.defaultMode`, valueAt(source, 'defaultMode'));
  for (const [index, projection] of listAt(source, 'sources').entries()) {
    const field = `${at}.sources[${index}]`;
    const kinds = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken', 'clusterTrustBundle'].filter(
      (kind) => valueAt(projection, kind) !== undefined,
    );
    if (kinds.length > 1)
      faults.push(
        ...kinds
          .slice(1)
          .map((kind) => forbiddenField(`${field}.${kind}`, 'may not specify more than 1 volume type')),
      );
    for (const kind of ['secret', 'configMap']) {
      const own = valueAt(projection, kind);
      if (own !== undefined)
        faults.push(
          ...(textAt(own, 'name') === '' ? [required(`${field}.${kind}.name`)] : []),
          ...itemFaults(own, `${field}.${kind}`),
        );
    }
    const token = valueAt(projection, 'serviceAccountToken');
    if (token === undefined) continue;
    const seconds = valueAt(token, 'expirationSeconds');
    if (typeof seconds === 'number' && seconds < leastExpiration)
      faults.push(
        invalid(
          `${field}.serviceAccountToken.expirationSeconds`,
          seconds,
          'may not specify a duration less than 10 minutes',
        ),
      );
    if (typeof seconds === 'number' && seconds > mostExpiration)
      faults.push(
        invalid(
          `${field}.serviceAccountToken.expirationSeconds`,
          seconds,
          'may not specify a duration larger than 2^32 seconds',
        ),
      );
    if (textAt(token, 'path') === '') faults.push(required(`${field}.serviceAccountToken.path`));
  }
  return faults;
}

/** By kind of volume. */
const rules: Readonly<Record<string, Rule>> = {
  hostPath: (source, at) => {
    const path = textAt(source, 'path');
    if (path === '') return [required(`${at}.path`)];
    const type = textAt(source, 'type');
    return [
      ...noBacksteps(`${at}.path`, path),
      ...(type === '' || hostPathTypes.includes(type)
        ? []
        : [notSupported(`${at}.type`, type, hostPathTypes)]),
    ];
  },
  secret: keyed('secretName'),
  configMap: keyed('name'),
  persistentVolumeClaim: (source, at) =>
    textAt(source, 'claimName') === '' ? [required(`${at}.claimName`)] : [],
  nfs: (source, at) => [
    ...(textAt(source, 'server') === '' ? [required(`${at}.server`)] : []),
    ...(textAt(source, 'path') === ''
      ? [required(`${at}.path`)]
      : textAt(source, 'path').startsWith('/')
        ? []
        : [invalid(`${at}.path`, textAt(source, 'path'), 'must be an absolute path')]),
  ],
  csi: (source, at) => (textAt(source, 'driver') === '' ? [required(`${at}.driver`)] : []),
  iscsi: (source, at) => [
    ...(textAt(source, 'targetPortal') === '' ? [required(`${at}.targetPortal`)] : []),
    ...(textAt(source, 'iqn') === '' ? [required(`${at}.iqn`)] : []),
    ...between(`${at}.lun`, valueAt(source, 'lun'), 0, 255),
  ],
  projected: projectionFaults,
  downwardAPI: (source, at) => modeFaults(`${at}.defaultMode`, valueAt(source, 'defaultMode')),
  ephemeral: (source, at) =>
    Object.keys(objectAt(source, 'volumeClaimTemplate')).length === 0
      ? [required(`${at}.volumeClaimTemplate`)]
      : [],
};
