/** Validates a pod's volumes (kube-apiserver, ValidateVolumes); rarer types are checked only for their shape. */
import type { Dictionary } from '../../../core/dictionary.ts';
import type { FieldError } from '../field-error.ts';
import { volumeSources } from '../schema.ts';
import type { Place } from './place.ts';
import { between, localPath, noBacksteps, numberFault, oneOfOrNone, requiredName } from './rules.ts';

/** The valid volumes: mounts refer to these. */
export interface VolumeFindings {
  readonly names: ReadonlySet<string>;
  readonly faults: readonly FieldError[];
}

export function volumeFindings(volumes: Place): VolumeFindings {
  const names = new Set<string>();
  const faults: FieldError[] = [];
  for (const volume of volumes.items) {
    const name = volume.at('name');
    const found = [
      ...sourceFaults(volume),
      ...requiredName(name, 'label'),
      ...name.duplicateIf(names.has(name.text)),
    ];
    if (found.length === 0) names.add(name.text);
    faults.push(...found);
  }
  return { names, faults };
}

const moreThanOne = 'may not specify more than 1 volume type';

function sourceFaults(volume: Place): FieldError[] {
  const [first, ...more] = volumeSources.filter((source) => volume.at(source).isSet);
  if (first === undefined) return volume.required('must specify a volume type');
  return [
    ...(rules[first]?.(volume.at(first)) ?? []),
    ...more.flatMap((source) => volume.at(source).forbidden(moreThanOne)),
  ];
}

type Rule = (source: Place) => FieldError[];

const modeFaults: Rule = (mode) =>
  numberFault(
    mode,
    (value) => value < 0 || value > 0o777,
    'must be a number between 0 and 0777 (octal), both inclusive',
  );

function itemFaults(source: Place): FieldError[] {
  return source.at('items').items.flatMap((item) => {
    const path = item.at('path');
    return [
      ...item.at('key').requiredText(),
      ...path.requiredText(),
      ...localPath(path),
      ...path.invalidIf(path.text.startsWith('..'), "must not start with '..'"),
      ...modeFaults(item.at('mode')),
    ];
  });
}

const keyed =
  (name: string): Rule =>
  (source) => [
    ...source.at(name).requiredText(),
    ...modeFaults(source.at('defaultMode')),
    ...itemFaults(source),
  ];

const leastExpiration = 600;
const mostExpiration = 2 ** 32;

const projections = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken', 'clusterTrustBundle'];

function projectionFaults(source: Place): FieldError[] {
  return [
    ...modeFaults(source.at('defaultMode')),
    ...source.at('sources').items.flatMap((projection) => [
      ...projections
        .filter((kind) => projection.at(kind).isSet)
        .slice(1)
        .flatMap((kind) => projection.at(kind).forbidden(moreThanOne)),
      ...['secret', 'configMap']
        .map((kind) => projection.at(kind))
        .filter(({ isSet }) => isSet)
        .flatMap((own) => [...own.at('name').requiredText(), ...itemFaults(own)]),
      ...tokenFaults(projection.at('serviceAccountToken')),
    ]),
  ];
}

function tokenFaults(token: Place): FieldError[] {
  if (!token.isSet) return [];
  const seconds = token.at('expirationSeconds');
  return [
    ...numberFault(
      seconds,
      (value) => value < leastExpiration,
      'may not specify a duration less than 10 minutes',
    ),
    ...numberFault(
      seconds,
      (value) => value > mostExpiration,
      'may not specify a duration larger than 2^32 seconds',
    ),
    ...token.at('path').requiredText(),
  ];
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

/** By kind of volume. */
const rules: Dictionary<Rule> = {
  hostPath: (source) => {
    const path = source.at('path');
    return path.text === ''
      ? path.required()
      : [...noBacksteps(path), ...oneOfOrNone(source.at('type'), hostPathTypes)];
  },
  secret: keyed('secretName'),
  configMap: keyed('name'),
  persistentVolumeClaim: (source) => source.at('claimName').requiredText(),
  nfs: (source) => {
    const path = source.at('path');
    return [
      ...source.at('server').requiredText(),
      ...path.requiredText(),
      ...path.invalidIf(path.text !== '' && !path.text.startsWith('/'), 'must be an absolute path'),
    ];
  },
  csi: (source) => source.at('driver').requiredText(),
  iscsi: (source) => [
    ...source.at('targetPortal').requiredText(),
    ...source.at('iqn').requiredText(),
    ...between(source.at('lun'), 0, 255),
  ],
  projected: projectionFaults,
  downwardAPI: (source) => modeFaults(source.at('defaultMode')),
  ephemeral: (source) => {
    const template = source.at('volumeClaimTemplate');
    return template.requiredIf(template.members.length === 0);
  },
};
