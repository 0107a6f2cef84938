/** Validates updates of pods (kube-apiserver, ValidatePodUpdate): what runs, runs; hardly anything can change. */
import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '../field-error.ts';
import { listAt, objectAt, withKeys } from '../json.ts';
import type { Place } from './place.ts';

export function podChanges(pod: Place, old: Place): FieldError[] {
  for (const kind of ['containers', 'initContainers']) {
    const containers = pod.at('spec', kind);
    if (containers.items.length !== old.at('spec', kind).items.length)
      return containers.forbiddenIf(true, 'pod updates may not add or remove containers');
  }
  const deadline = deadlineChanges(
    pod.at('spec', 'activeDeadlineSeconds'),
    old.at('spec', 'activeDeadlineSeconds'),
  );
  if (deadline.length > 0) return deadline;
  return [
    ...tolerationChanges(pod.at('spec', 'tolerations'), old.at('spec', 'tolerations')),
    ...gateChanges(pod.at('spec', 'schedulingGates'), old.at('spec', 'schedulingGates')),
    ...pod
      .at('spec')
      .forbiddenIf(
        !isDeepStrictEqual(fixedSpec(pod, old), fixedSpec(old, old)),
        'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
      ),
  ];
}

function deadlineChanges(deadline: Place, { value: before }: Place): FieldError[] {
  const { value } = deadline;
  if (typeof value === 'number' && typeof before === 'number' && value > before)
    return deadline.invalid('must be less than or equal to previous value');
  return deadline.invalidIf(
    value === undefined && before !== undefined,
    'must not update from a positive integer to nil value',
    null,
  );
}

function tolerationChanges(tolerations: Place, before: Place): FieldError[] {
  const untimed = (toleration: Place): string =>
    JSON.stringify(['key', 'operator', 'value', 'effect'].map((field) => toleration.at(field).text));
  const kept = new Set(tolerations.items.map(untimed));
  return tolerations.forbiddenIf(
    before.items.some((old) => !kept.has(untimed(old))),
    'existing toleration can not be modified except its tolerationSeconds',
  );
}

function gateChanges(gates: Place, before: Place): FieldError[] {
  const known = new Set(before.items.map((gate) => gate.at('name').text));
  return gates.items.flatMap((gate) => {
    const name = gate.at('name');
    return name.forbiddenIf(
      !known.has(name.text),
      `only deletion is allowed, but found new scheduling gate '${name.text}'`,
    );
  });
}

/** A pod's spec without what may change. */
function fixedSpec({ value: pod }: Place, old: Place): object {
  const spec = objectAt(pod, 'spec');
  const withoutImages = Object.fromEntries(
    ['containers', 'initContainers']
      .filter((field) => Object.hasOwn(spec, field))
      .map((field) => [
        field,
        listAt(spec, field).map((container) =>
          withKeys(objectAt({ container }, 'container'), { image: undefined, imagePullPolicy: undefined }),
        ),
      ]),
  );
  const before = old.at('spec', 'terminationGracePeriodSeconds').value;
  const isMended = typeof before === 'number' && before < 0 && spec['terminationGracePeriodSeconds'] === 1;
  return withKeys(
    { ...spec, ...withoutImages },
    {
      activeDeadlineSeconds: undefined,
      tolerations: undefined,
      schedulingGates: undefined,
      ...(isMended ? { terminationGracePeriodSeconds: before } : {}),
    },
  );
}
