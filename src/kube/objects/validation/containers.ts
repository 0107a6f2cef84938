/**
 * Validates a pod's containers (the containers part of kube-apiserver's ValidatePodSpec): regular, init and ephemeral
 * ones, in kube-apiserver's order and words. `environment.ts` has their variables, `handlers.ts` probes and hooks,
 * `resources.ts` amounts, `security.ts` contexts.
 */
import type { FieldError } from '../field-error.ts';
import { environmentFaults, environmentSourceFaults } from './environment.ts';
import { runningFaults, runningSettings } from './handlers.ts';
import type { Place } from './place.ts';
import { resourceFaults } from './resources.ts';
import {
  localPath,
  oneOf,
  oneOfOrNone,
  portName,
  portNumber,
  protocols,
  repetition,
  requiredName,
} from './rules.ts';
import { containerSecurityFaults } from './security.ts';

/** @param volumes the names of the pod's sound volumes. */
export function containerFaults(pod: Place, volumes: ReadonlySet<string>): FieldError[] {
  const regular = pod.at('spec', 'containers');
  const names = new Set<string>();
  const isRepeated = repetition();
  const nameFaults = (container: Place): FieldError[] => {
    const name = container.at('name');
    names.add(name.text);
    return name.duplicateIf(isRepeated(name.text));
  };
  const commonFaults = (container: Place): FieldError[] => ownFaults(container, pod, volumes);
  return [
    ...regular.requiredIf(regular.items.length === 0),
    ...regular.items.flatMap((container) => [
      ...commonFaults(container),
      ...nameFaults(container),
      ...runningFaults(container, pod),
      ...container.at('restartPolicy').forbidden('may not be set for non-init containers'),
    ]),
    ...hostPortFaults(regular.items),
    ...pod.at('spec', 'initContainers').items.flatMap((container) => {
      const policy = container.at('restartPolicy');
      return [
        ...commonFaults(container),
        ...oneOfOrNone(policy, ['Always']),
        ...nameFaults(container),
        // Each is compared with itself alone, and named as the first.
        ...hostPortFaults([container.as('spec.initContainers[0]')]),
        ...(policy.text === 'Always'
          ? runningFaults(container, pod)
          : ['lifecycle', ...runningSettings].flatMap((field) =>
              container
                .at(field)
                .forbidden('may not be set for init containers without restartPolicy=Always'),
            )),
      ];
    }),
    ...ephemeralFaults(pod.at('spec', 'ephemeralContainers'), new Set(names), (container) => [
      ...commonFaults(container),
      ...nameFaults(container),
    ]),
  ];
}

const notInEphemeral = ['ports', ...runningSettings, 'lifecycle', 'resizePolicy', 'restartPolicy'];

/** @param targets the names of the pod's other containers. */
function ephemeralFaults(
  containers: Place,
  targets: ReadonlySet<string>,
  commonFaults: (container: Place) => FieldError[],
): FieldError[] {
  return containers.items.flatMap((container) => {
    const target = container.at('targetContainerName');
    return [
      ...commonFaults(container),
      ...target.notFoundIf(target.text !== '' && !targets.has(target.text)),
      ...notInEphemeral.flatMap((field) =>
        container.at(field).forbidden('cannot be set for an Ephemeral Container'),
      ),
    ];
  });
}

/** What is wrong with a container of any sort by itself. */
function ownFaults(container: Place, pod: Place, volumes: ReadonlySet<string>): FieldError[] {
  const image = container.at('image');
  return [
    ...requiredName(container.at('name'), 'label'),
    ...image.requiredText(),
    ...oneOf(container.at('terminationMessagePolicy'), ['File', 'FallbackToLogsOnError']),
    ...portFaults(container.at('ports')),
    ...environmentFaults(container.at('env')),
    ...environmentSourceFaults(container.at('envFrom')),
    ...mountFaults(container.at('volumeMounts'), volumes),
    ...mountedFaults(container.at('volumeDevices'), 'devicePath', volumes),
    ...oneOf(container.at('imagePullPolicy'), ['Always', 'IfNotPresent', 'Never']),
    ...resourceFaults(container.at('resources')),
    ...containerSecurityFaults(container.at('securityContext')),
    ...image.invalidIf(image.text.trim() !== image.text, 'must not have leading or trailing whitespace'),
    ...hostNetworkFaults(container, pod),
  ];
}

function portFaults(ports: Place): FieldError[] {
  const isRepeated = repetition();
  return ports.items.flatMap((port) => {
    const name = port.at('name');
    const nameFaults = name.text === '' ? [] : portName(name);
    const isTaken = isRepeated(name.text) && nameFaults.length === 0;
    const number = port.at('containerPort').or(0);
    const hostPort = port.at('hostPort').or(0);
    return [
      ...nameFaults,
      ...name.duplicateIf(isTaken),
      ...(number.value === 0 ? number.required() : portNumber(number)),
      ...(hostPort.value === 0 ? [] : portNumber(hostPort)),
      ...oneOf(port.at('protocol'), protocols),
    ];
  });
}

function hostPortFaults(containers: readonly Place[]): FieldError[] {
  const isRepeated = repetition();
  return containers
    .flatMap((container) => container.at('ports').items)
    .flatMap((port) => {
      const hostPort = port.at('hostPort').or(0);
      const key = `${port.at('protocol').text}/${port.at('hostIP').text}/${String(hostPort.value)}`;
      return hostPort.value === 0 ? [] : hostPort.duplicateIf(isRepeated(key), key);
    });
}

function hostNetworkFaults(container: Place, pod: Place): FieldError[] {
  if (pod.at('spec', 'hostNetwork').value !== true) return [];
  return container.at('ports').items.flatMap((port) => {
    const hostPort = port.at('hostPort').or(0);
    return hostPort.invalidIf(
      hostPort.value !== port.at('containerPort').or(0).value,
      'must match `containerPort` when `hostNetwork` is true',
    );
  });
}

/** Volumes and devices in a container: each of a volume of the pod, at a place of its own. */
function mountedFaults(
  mounts: Place,
  pathField: string,
  volumes: ReadonlySet<string>,
  otherFaults: (mount: Place) => FieldError[] = () => [],
): FieldError[] {
  const paths = new Set<string>();
  return mounts.items.flatMap((mount) => {
    const name = mount.at('name');
    const path = mount.at(pathField);
    const isTaken = paths.has(path.text);
    paths.add(path.text);
    return [
      ...name.requiredText(),
      ...name.notFoundIf(!volumes.has(name.text)),
      ...path.requiredText(),
      ...path.invalidIf(isTaken, 'must be unique'),
      ...otherFaults(mount),
    ];
  });
}

function mountFaults(mounts: Place, volumes: ReadonlySet<string>): FieldError[] {
  return mountedFaults(mounts, 'mountPath', volumes, (mount) => {
    // kube-apiserver names these without the index.
    const [subPath, subPathExpr, propagation] = ['subPath', 'subPathExpr', 'mountPropagation'].map((field) =>
      mount.at(field).as(`${mounts.path}.${field}`),
    ) as [Place, Place, Place];
    return [
      ...localPath(subPath),
      ...mount
        .at('subPathExpr')
        .invalidIf(
          subPath.text !== '' && subPathExpr.text !== '',
          'subPathExpr and subPath are mutually exclusive',
        ),
      ...localPath(subPathExpr),
      ...oneOfOrNone(propagation, ['Bidirectional', 'HostToContainer', 'None']),
    ];
  });
}
